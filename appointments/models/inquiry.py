"""A patient's request, and what may be done with it."""

import re
import secrets
import uuid
from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace, Upper
from django.db.models.lookups import Exact
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from appointments.models.office import WEEKDAYS
from appointments.privacy.encryption import EncryptedTextField
from conditions.models import Condition

# No I, L, O, U, 0 or 1: a reference is read aloud, sometimes by someone whose speech is hard to follow.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MESSAGE_LIMIT = 5_000  # characters
# Why a request is suspected for its address alone: what a flood and a hospital have in common
MANY, FLOODING = "many requests from one address", "a flood from one address"
BY_RATE = [MANY, FLOODING, f"{MANY}, {FLOODING}"]
CANARY = "canary: a test by the site itself"  # the suspicion under which the site files its own tests


def new_reference() -> str:
    """Eight random characters in two groups: K7M4-2QX9."""
    letters = [secrets.choice(REFERENCE_LETTERS) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def digits_of(field: str) -> Replace:
    """The digits of a telephone column, as the database counts them: RFC 3966, or as a patient typed it."""
    digits = F(field)
    for sign in ("tel:", ";ext=", "+", "-", "(", ")", ".", "/", " "):
        digits = Replace(digits, Value(sign), Value(""))
    return digits


class InquiryQuerySet(models.QuerySet):
    def open(self):
        """Work to do."""
        return self.filter(status__in=Inquiry.OPEN)

    def suspected(self):
        """Filed as spam, and nobody has looked yet. The site's own tests are not counted."""
        return self.filter(status=Inquiry.Status.SUSPECTED).exclude(suspicion=CANARY)

    def genuine(self):
        """Neither suspected nor closed as spam."""
        return self.exclude(Q(status=Inquiry.Status.SUSPECTED) | Q(outcome=Inquiry.Outcome.SPAM))

    def unowned(self):
        """Open, and nobody has taken it."""
        return self.open().filter(owner=None)

    def follow_up_due(self, today: date):
        """Open, and somebody meant to come back to it by this New York date."""
        return self.open().filter(follow_up_on__lte=today)

    def with_visit_between(self, begins: datetime, ends: datetime):
        """An agreed visit begins in this span, half-open."""
        return self.filter(visit__cancelled_at=None, visit__starts_at__gte=begins, visit__starts_at__lt=ends)

    def unanswered(self):
        """Nobody has reached the patient, and the promise still counts; suspected ones too."""
        return self.filter(contacted_at=None).exclude(status=Inquiry.Status.CLOSED)

    def untold(self):
        """Staff have not been told: each such inquiry is itself the queued notice. Of spam nobody is told.

        Whom only the number of posts from their address makes suspected may be a patient, so staff are told.
        """
        by_rate = Q(status=Inquiry.Status.SUSPECTED, suspicion__in=BY_RATE)
        is_spam = Q(status=Inquiry.Status.SUSPECTED) | Q(outcome=Inquiry.Outcome.SPAM)
        return self.filter(by_rate | ~is_spam, staff_notice=None)

    def past_promise(self, now):
        """Open, uncontacted, and the promised moment is over."""
        return self.open().unanswered().filter(reply_by__lt=now)

    def with_news_from_patient(self):
        """The patient wrote, chose another way or withdrew, and no colleague has acted since; closed ones too."""
        return self.filter(patient_wrote_at__isnull=False)

    def in_order_of_work(self):
        """Whom nobody has answered first: new onset, then the earliest promise; none at all cannot wait either."""
        return self.order_by(*Inquiry.ORDER_OF_WORK)

    def found_by(self, words: str):
        """What a person at the desk may mean: a reference, a telephone number in any format, a name, an e-mail.

        A reference may lack its hyphen. Of a number any four digits in a row are enough, with or without the
        leading 1. Of several words each must be found.
        """
        if reference := as_reference(words):
            found = self.filter(reference=reference)
            if found.exists():
                return found
        digits = re.sub(r"\D", "", words)
        if len(digits) >= FEWEST_DIGITS and not re.sub(r"(?i)ext|tel|x|[\d\s()+./:;=-]", "", words):
            return self.filter(phone_digits__contains=digits.removeprefix("1") if len(digits) > 10 else digits)
        for word in words.split():
            self = self.filter(Q(name__icontains=word) | Q(contact_name__icontains=word) | Q(email__icontains=word))
        return self

    def same_person(self, inquiry: "Inquiry"):
        """Other requests that give the same number or the same e-mail address, latest first. A hint, no proof."""
        same = Q(pk__in=[inquiry.repeat_of_id, inquiry.duplicate_of_id]) | Q(repeat_of=inquiry)
        if inquiry.phone:
            same |= Q(phone=inquiry.phone)
        if inquiry.email:
            same |= Q(Exact(Upper("email"), Upper(Value(inquiry.email))))  # as its index has it; __iexact finds none
        return self.filter(same).exclude(pk=inquiry.pk).order_by("-received_at")


FEWEST_DIGITS = 4  # of a telephone number, to search by


def as_reference(words: str) -> str:
    """The reference somebody typed or read aloud, in its one form; empty when it is none."""
    letters = re.sub(r"[\s-]", "", words).upper()
    is_one = len(letters) == 8 and set(letters) <= set(REFERENCE_LETTERS)
    return f"{letters[:4]}-{letters[4:]}" if is_one else ""


class Inquiry(models.Model):
    """One consultation request. What the patient wrote is never edited by staff; what happens to it is an event."""

    class Status(models.TextChoices):
        NEW = "new", "New"
        IN_PROGRESS = "in_progress", "In progress"
        WAITING = "waiting", "Waiting for patient"
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
    OPEN = (Status.NEW, Status.IN_PROGRESS, Status.WAITING, Status.VISIT_CONFIRMED)

    # From each status to those that staff may choose next.
    MOVES = {
        Status.NEW: [Status.IN_PROGRESS, Status.WAITING, Status.VISIT_CONFIRMED, Status.CLOSED, Status.SUSPECTED],
        Status.IN_PROGRESS: [Status.WAITING, Status.VISIT_CONFIRMED, Status.CLOSED],
        Status.WAITING: [Status.IN_PROGRESS, Status.VISIT_CONFIRMED, Status.CLOSED],
        Status.VISIT_CONFIRMED: [Status.IN_PROGRESS, Status.WAITING, Status.CLOSED],
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
    message = EncryptedTextField(blank=True)
    days = models.JSONField("days that suit", default=list, blank=True, help_text="0 Monday to 6 Sunday")
    time_of_day = models.CharField(max_length=10, choices=TimeOfDay, default=TimeOfDay.ANY)
    consent_version = models.CharField(max_length=20)
    phone_digits = models.GeneratedField(
        expression=digits_of("phone"), output_field=models.CharField(max_length=64), db_persist=True
    )

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
            models.Index(Upper("email"), name="inquiry_email"),
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
    def about(self) -> str:
        """What the patient chose, in the words it had then."""
        return self.topic_name or str(self.topic or ("something else" if self.is_other_topic else "not sure"))

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

    def objection_to(self, contact: str) -> str:
        """Why this way of contact cannot have been, in words for staff; empty when it can."""
        if not self.is_open:
            return "Reopen or rescue the request first."
        if contact in (self.Contact.NO_ANSWER, self.Contact.LEFT_MESSAGE, self.Contact.TEXT_SENT) and not self.phone:
            return "This patient gave no telephone number."
        if contact == self.Contact.LEFT_MESSAGE and not self.may_leave_voicemail:
            return "This patient did not allow voicemail. Log “No answer”, and reach them another way."
        if contact == self.Contact.EMAIL_SENT and not self.email:
            return "This patient gave no e-mail address."
        return ""

    def write_event(self, kind: str, **fields):
        """Add one line to what happened. What a colleague does settles the patient's news; to look is not enough."""
        if fields.get("by") and kind != "opened":
            Inquiry.objects.filter(pk=self.pk).with_news_from_patient().update(patient_wrote_at=None)
        return self.events.create(kind=kind, **fields)

    def locked(self) -> "Inquiry":
        """The row as it is now, held until the transaction ends."""
        return Inquiry.objects.select_for_update().get(pk=self.pk)

    def update_locked(self, row: "Inquiry", **fields) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
            setattr(row, name, value)
        row.save(update_fields=list(fields))
