"""A patient's request: its answers, its rules, and what may not be done with it."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from appointments.models.inquiry_queryset import InquiryQuerySet
from appointments.models.normal_columns import NormalForm, WithNormalForms
from appointments.models.normal_form import LONGEST_EMAIL, LONGEST_NAME, normal_email, normal_name
from appointments.models.office import WEEKDAYS
from appointments.models.reference import new_reference
from appointments.privacy.encryption import EncryptedTextField
from conditions.models import Condition

MESSAGE_LIMIT = 5_000  # characters


def digits_of(field: str) -> Replace:
    """The digits of a telephone column, as the database counts them: RFC 3966, or as a patient typed it."""
    digits = F(field)
    for sign in ("tel:", ";ext=", "+", "-", "(", ")", ".", "/", " "):
        digits = Replace(digits, Value(sign), Value(""))
    return digits


class Inquiry(WithNormalForms):
    """One consultation request. What the patient wrote is never edited by staff; what happens to it is an event."""

    class Status(models.TextChoices):
        NEW = "new", "New"
        IN_PROGRESS = "in_progress", "In progress"
        WAITING_FOR_PATIENT = "waiting", "Waiting for patient"
        VISIT_CONFIRMED = "visit_confirmed", "Visit confirmed"
        CLOSED = "closed", "Closed"
        SUSPECTED = "suspected", "Suspected spam"

    class Outcome(models.TextChoices):
        SEEN = "seen", "Visit took place"
        ANSWERED = "answered", "Question answered"
        ELSEWHERE = "elsewhere", "Sent to another service"
        UNREACHED = "unreached", "Could not be reached"
        WITHDRAWN = "withdrawn", "Withdrawn by the patient"
        DUPLICATE = "duplicate", "Duplicate of another request"
        SPAM = "spam", "Spam"

    class ForWhom(models.TextChoices):
        ME = "me", "Me"
        CHILD = "child", "My child"
        OTHER = "other", "Someone else"

    class Channel(models.TextChoices):
        CALL = "call", "Phone call"
        TEXT = "text", "Text message"
        EMAIL = "email", "Email"
        RELAY = "relay", "Relay service"

    class Began(models.TextChoices):
        DAYS = "days", "In the last 3 days"
        MONTHS = "months", "In the last 3 months"
        YEAR = "year", "3 to 12 months ago"
        YEARS = "years", "More than a year ago"
        BIRTH = "birth", "From birth"
        UNSURE = "unsure", "I am not sure"

    class TimeOfDay(models.TextChoices):
        ANY = "any", "Any time"
        MORNING = "morning", "Morning"
        AFTERNOON = "afternoon", "Afternoon"

    class CameBy(models.TextChoices):
        WEB = "web", "Website"
        PHONE = "phone", "Telephone"
        FAX = "fax", "Fax"

    class Contact(models.TextChoices):
        REACHED = "contact", "Reached"
        SPOKE = "spoke", "Spoke"
        NO_ANSWER = "no_answer", "No answer"
        LEFT_MESSAGE = "left_message", "Left message"
        TEXT_SENT = "text_sent", "Text sent"
        EMAIL_SENT = "email_sent", "Email sent"

    # Our first reply, of whatever kind, keeps the promise. An unanswered call is none.
    REPLIES = (Contact.REACHED, Contact.SPOKE, Contact.LEFT_MESSAGE, Contact.TEXT_SENT, Contact.EMAIL_SENT)
    SILENT = (Outcome.WITHDRAWN, Outcome.SPAM)  # whoever is closed like this hears no more of us
    OPEN = (Status.NEW, Status.IN_PROGRESS, Status.WAITING_FOR_PATIENT, Status.VISIT_CONFIRMED)

    # From each status to those that staff may choose next.
    MOVES = {
        Status.NEW: [
            Status.IN_PROGRESS,
            Status.WAITING_FOR_PATIENT,
            Status.VISIT_CONFIRMED,
            Status.CLOSED,
            Status.SUSPECTED,
        ],
        Status.IN_PROGRESS: [Status.WAITING_FOR_PATIENT, Status.VISIT_CONFIRMED, Status.CLOSED],
        Status.WAITING_FOR_PATIENT: [Status.IN_PROGRESS, Status.VISIT_CONFIRMED, Status.CLOSED],
        Status.VISIT_CONFIRMED: [Status.IN_PROGRESS, Status.WAITING_FOR_PATIENT, Status.CLOSED],
        Status.CLOSED: [Status.IN_PROGRESS],
        Status.SUSPECTED: [Status.NEW, Status.CLOSED],
    }

    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)
    form_key = models.UUIDField(editable=False, default=uuid.uuid4)
    answers_digest = models.CharField(max_length=64, editable=False)
    link_version = models.PositiveIntegerField(default=1, editable=False)

    # What the patient answered
    for_whom = models.CharField(max_length=10, choices=ForWhom, default=ForWhom.ME)
    name = models.CharField(max_length=200)
    contact_name = models.CharField("who may be contacted", max_length=200, blank=True)
    reach_by = models.CharField(max_length=10, choices=Channel)
    email = models.EmailField(blank=True)
    phone = PhoneNumberField(blank=True, max_length=64)
    # "cell", a second number: what else was typed
    phone_note = EncryptedTextField("beside the number", blank=True, bound_to=("reference",))
    may_leave_voicemail = models.BooleanField(default=False)
    may_say_who_calls = models.BooleanField(default=False)
    speaking_is_hard = models.BooleanField(default=False)
    language = models.CharField(max_length=60, default="English")
    wants_interpreter = models.BooleanField(default=False)
    topic = models.ForeignKey(Condition, null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries")
    topic_name = models.CharField(
        max_length=120, blank=True, editable=False, help_text="As it was called then: pages are edited and removed."
    )
    is_other_topic = models.BooleanField("about something else", default=False)
    began = models.CharField("when it started", max_length=10, choices=Began, blank=True)
    message = EncryptedTextField(blank=True, bound_to=("reference",))
    days = models.JSONField("days that suit", default=list, blank=True, help_text="0 Monday to 6 Sunday")
    time_of_day = models.CharField(max_length=10, choices=TimeOfDay, default=TimeOfDay.ANY)
    consent_version = models.CharField(max_length=20)
    phone_digits = models.GeneratedField(
        expression=digits_of("phone"), output_field=models.CharField(max_length=64), db_persist=True
    )
    name_normal = NormalForm(of="name", make=normal_name, max_length=LONGEST_NAME)
    contact_name_normal = NormalForm(of="contact_name", make=normal_name, max_length=LONGEST_NAME)
    email_normal = NormalForm(of="email", make=normal_email, max_length=LONGEST_EMAIL)

    # What we made of it when it came
    came_by = models.CharField("came by", max_length=10, choices=CameBy, default=CameBy.WEB)
    received_at = models.DateTimeField(default=timezone.now)
    reply_by = models.DateTimeField(
        "promised reply by", null=True, help_text="Empty only when no opening hours were known at the time."
    )
    is_new_onset = models.BooleanField("new onset", default=False)
    repeat_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repeats")
    suspicion = models.CharField("why suspected", max_length=200, blank=True)

    # What became of it
    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="duplicates"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries"
    )
    follow_up_on = models.DateField("follow up on", null=True, blank=True, help_text="New York date")
    staff_notice = models.ForeignKey(
        "StaffNotice", null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries"
    )
    escalation = models.ForeignKey(
        "StaffNotice", null=True, blank=True, on_delete=models.SET_NULL, related_name="escalated"
    )
    opened_at = models.DateTimeField("first opened by a person", null=True, blank=True)
    contacted_at = models.DateTimeField("patient contacted", null=True, blank=True)
    patient_wrote_at = models.DateTimeField(
        "news from the patient", null=True, blank=True, help_text="Until a colleague acts on it."
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    # After those nobody has answered, those answered longest ago.
    ORDER_OF_WORK = (
        F("contacted_at").asc(nulls_first=True),
        F("is_new_onset").desc(),
        F("reply_by").asc(nulls_first=True),
        "received_at",
    )

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["reply_by", "received_at"]
        verbose_name = "request"
        permissions = [("export_inquiry", "Can export requests as a file")]
        indexes = [
            models.Index(fields=["status", "reply_by"], name="inquiry_queue"),
            models.Index(fields=["status", "closed_at"], name="inquiry_closed"),
            models.Index(fields=["received_at"], condition=Q(staff_notice=None), name="inquiry_untold"),
            models.Index(fields=["received_at"], name="inquiry_received"),
            models.Index(fields=["reply_by"], condition=Q(contacted_at=None), name="inquiry_unanswered"),
            models.Index(fields=["email_normal"], name="inquiry_email"),
            models.Index(fields=["name_normal"], name="inquiry_name"),
            models.Index(
                fields=["patient_wrote_at"], condition=Q(patient_wrote_at__isnull=False), name="inquiry_patient_wrote"
            ),
            models.Index(fields=["phone"], name="inquiry_phone"),
        ]
        constraints = [
            # A second press of the button finds the first row instead of making another.
            models.UniqueConstraint(fields=["form_key", "answers_digest"], name="same_form_same_answers_once"),
            models.CheckConstraint(condition=~Q(name=""), name="inquiry_has_a_name"),
            models.CheckConstraint(condition=~Q(email="") | ~Q(phone=""), name="inquiry_can_be_answered"),
            models.CheckConstraint(
                condition=Q(reply_by=None) | Q(reply_by__gt=F("received_at")), name="promise_after_receipt"
            ),
            models.CheckConstraint(
                condition=(Q(status="closed") & ~Q(outcome="") & Q(closed_at__isnull=False))
                | (~Q(status="closed") & Q(outcome="", closed_at=None)),
                name="closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | Q(outcome="duplicate") & ~Q(duplicate_of=F("id")),
                name="duplicate_of_another",
            ),
            models.CheckConstraint(
                condition=Q(follow_up_on=None) | ~Q(status__in=["closed", "suspected"]),
                name="followed_up_while_open",
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def next_statuses(self) -> list["Inquiry.Status"]:
        return self.MOVES[self.Status(self.status)]

    @property
    def is_suspected(self) -> bool:
        return self.status == self.Status.SUSPECTED

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def suits(self) -> str:
        """The days and time that suit the patient, in words."""
        days = ", ".join(WEEKDAYS[number] for number in self.days) or "any day"
        return f"{days}; {self.get_time_of_day_display().lower()}"

    @property
    def cautions(self) -> list[str]:
        """What must not be done or said when reaching this patient, in words."""
        cautions = []
        if self.phone and not self.may_leave_voicemail:
            cautions.append("Do not leave a voicemail.")
        if self.phone and not self.may_say_who_calls:
            cautions.append("Do not say who we are.")
        if self.speaking_is_hard:
            cautions.append("Speaking is hard: ask yes or no questions.")
        if self.wants_interpreter:
            cautions.append(f"Interpreter: {self.language}.")
        return cautions

    @property
    def agreed_visit(self):
        """The visit that stands; None when none was agreed, or it was cancelled."""
        visit = getattr(self, "visit", None)
        return visit if visit and visit.stands else None

    # Objections: why something cannot be, in words for staff; empty when it can. Deeds raise them, forms show them.

    @property
    def objection_to_reaching_out(self) -> str:
        return "" if self.is_open else "Reopen or rescue the request first."

    def objection_to_contact(self, contact: str) -> str:
        """Whether somebody can have been reached in this way."""
        if self.objection_to_reaching_out:
            return self.objection_to_reaching_out
        if contact in (self.Contact.NO_ANSWER, self.Contact.LEFT_MESSAGE, self.Contact.TEXT_SENT) and not self.phone:
            return "This patient gave no telephone number."
        if contact == self.Contact.LEFT_MESSAGE and not self.may_leave_voicemail:
            return "This patient did not allow voicemail. Log “No answer”, and reach them another way."
        if contact == self.Contact.EMAIL_SENT and not self.email:
            return "This patient gave no e-mail address."
        return ""

    def objections_to_status(
        self, status: str | None, *, outcome: str = "", duplicate_of: "Inquiry | None" = None
    ) -> dict[str, str]:
        """Whether it can move by a legal step, None for no step; closes with an outcome, a duplicate with its first.

        Each objection stands under what is wrong: status, outcome or duplicate_of.
        """
        objections = {}
        if status is not None and status not in self.next_statuses:
            wanted = dict(self.Status.choices).get(status, status)
            objections["status"] = f"A request that is “{self.get_status_display()}” cannot become “{wanted}”."
        if (status == self.Status.CLOSED) != bool(outcome):
            objections["outcome"] = "Choose an outcome when you close a request, and only then."
        if (outcome == self.Outcome.DUPLICATE) != bool(duplicate_of):
            objections["duplicate_of"] = "Say which request this is a duplicate of, and only then."
        elif duplicate_of and duplicate_of.pk == self.pk:
            objections["duplicate_of"] = "A request cannot be a duplicate of itself."
        elif duplicate_of and duplicate_of.duplicate_of_id == self.pk:
            objections["duplicate_of"] = f"{duplicate_of} is a duplicate of this one already."
        return objections

    def objection_to_follow_up(self, on: date | None, *, status: str | None = None) -> str:
        """Whether somebody can come back to it on this New York date, in the status that it has then."""
        if on and (status or self.status) not in self.OPEN:
            return "Only an open request can be followed up."
        if on and on < timezone.localdate():
            return "Choose today or a day to come."
        return ""

    def write_event(self, kind: str, **fields):
        """Add one line to what happened. What a colleague does settles the patient's news; to look is not enough."""
        if fields.get("by") and kind != self.events.model.Kind.OPENED:
            Inquiry.objects.filter(pk=self.pk).with_news_from_patient().update(patient_wrote_at=None)
        return self.events.create(kind=kind, **fields)
