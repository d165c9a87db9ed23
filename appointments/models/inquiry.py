"""A patient's request, and what may be done with it."""

import secrets
import uuid

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from appointments.privacy.encryption import EncryptedTextField
from appointments.urgency import may_tell_of_a_stroke
from conditions.models import Condition

# No I, L, O, U, 0 or 1: a reference is read aloud, sometimes by someone whose speech is hard to follow.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MESSAGE_LIMIT = 5_000  # characters


def new_reference() -> str:
    """Eight random characters in two groups: K7M4-2QX9."""
    letters = [secrets.choice(REFERENCE_LETTERS) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


class InquiryQuerySet(models.QuerySet):
    def open(self):
        """Work to do."""
        return self.exclude(status__in=[Inquiry.Status.CLOSED, Inquiry.Status.SUSPECTED])

    def unanswered(self):
        """Nobody has reached the patient, and the promise still counts; suspected ones too."""
        return self.filter(contacted_at=None).exclude(status=Inquiry.Status.CLOSED)

    def untold(self):
        """Staff have not been told: each such inquiry is itself the queued notice."""
        return self.filter(staff_notice=None).exclude(status=Inquiry.Status.SUSPECTED)

    def past_promise(self, now):
        """Open, uncontacted, and the promised moment is over."""
        return self.open().unanswered().filter(reply_by__lt=now)

    def in_order_of_work(self):
        """New onset first, then the earliest promise; what has no promise cannot wait either."""
        return self.order_by(F("is_new_onset").desc(), F("reply_by").asc(nulls_first=True), "received_at")


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
    is_other_topic = models.BooleanField("about something else", default=False)
    began = models.CharField("when it started", max_length=10, choices=Began, blank=True)
    message = EncryptedTextField(blank=True)
    days = models.JSONField("days that suit", default=list, blank=True, help_text="0 Monday to 6 Sunday")
    time_of_day = models.CharField(max_length=10, choices=TimeOfDay, default=TimeOfDay.ANY)
    consent_version = models.CharField(max_length=20)

    # What we made of it when it came
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
    staff_notice = models.ForeignKey(
        "StaffNotice", null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries"
    )
    escalation = models.ForeignKey(
        "StaffNotice", null=True, blank=True, on_delete=models.SET_NULL, related_name="escalated"
    )
    opened_at = models.DateTimeField("first opened by a person", null=True, blank=True)
    contacted_at = models.DateTimeField("patient contacted", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["reply_by", "received_at"]
        verbose_name = "request"
        indexes = [
            models.Index(fields=["status", "reply_by"], name="inquiry_queue"),
            models.Index(fields=["received_at"], condition=Q(staff_notice=None), name="inquiry_untold"),
            models.Index(fields=["received_at"], name="inquiry_received"),
            models.Index(fields=["reply_by"], condition=Q(contacted_at=None), name="inquiry_unanswered"),
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
        ]

    def __str__(self):
        return self.reference

    @property
    def next_statuses(self) -> list["Inquiry.Status"]:
        return self.MOVES[self.Status(self.status)]

    @property
    def is_suspected(self) -> bool:
        return self.status == self.Status.SUSPECTED

    @transaction.atomic
    def change_status(self, status: str, *, by, outcome: str = "") -> None:
        """Move to a legal next status and write the event.

        Closing needs an outcome. Raises ValidationError for any other move.
        """
        row = self._locked()
        if status not in row.next_statuses:
            raise ValidationError(
                f"A request that is “{row.get_status_display()}” cannot become “{self.Status(status).label}”."
            )
        closes = status == self.Status.CLOSED
        if closes != bool(outcome):
            raise ValidationError("Choose an outcome when you close a request, and only then.")
        self._update(row, status=status, outcome=outcome, closed_at=timezone.now() if closes else None)
        self.write_event("status", by=by, status=status)

    @transaction.atomic
    def add_note(self, text: str, *, by) -> None:
        """Keep a colleague's note, encrypted."""
        self.write_event("note", by=by, note=text)

    @transaction.atomic
    def log_contact(self, *, by) -> None:
        """The patient was reached: the promise is kept, if in time."""
        row = self._locked()
        self._update(row, contacted_at=row.contacted_at or timezone.now())
        self.write_event("contact", by=by)

    @transaction.atomic
    def mark_opened(self, *, by) -> None:
        """A person opened it for the first time. Later openings change nothing."""
        row = self._locked()
        if row.opened_at is None:
            self._update(row, opened_at=timezone.now())
            self.write_event("opened", by=by)

    @transaction.atomic
    def move_promise(self, reply_by, *, by) -> None:
        """Promise another moment, openly: an event says so. The caller tells the patient."""
        self._update(self._locked(), reply_by=reply_by, escalation=None)
        self.write_event("promise_moved", by=by)

    @transaction.atomic
    def take_patient_note(self, text: str) -> None:
        """What a patient adds through the private page, encrypted. It is the staff's turn again.

        Words that may tell of a stroke move the request to the front.
        """
        row = self._locked()
        turn = self.Status.IN_PROGRESS if row.status == self.Status.WAITING else row.status
        self._update(row, status=turn, is_new_onset=row.is_new_onset or may_tell_of_a_stroke(text))
        self.write_event("patient_note", note=text)

    @transaction.atomic
    def change_channel(self, channel: str) -> None:
        """The patient would rather be reached another way. Raises ValidationError without the means for it."""
        row = self._locked()
        if not (row.email if channel == self.Channel.EMAIL else row.phone):
            raise ValidationError("We have no number or address for that way.")
        self._update(row, reach_by=channel)
        self.write_event("channel_changed")

    @transaction.atomic
    def withdraw(self) -> None:
        """The patient asks us to stop: no more mail, no visit. A second time changes nothing."""
        row = self._locked()
        if row.status == self.Status.CLOSED:
            return
        now = timezone.now()
        self._update(row, status=self.Status.CLOSED, outcome=self.Outcome.WITHDRAWN, closed_at=now)
        self.mails.waiting().delete()
        self._meta.get_field("visit").related_model.objects.filter(inquiry=self).update(cancelled_at=now)
        self.write_event("withdrawn", status=self.Status.CLOSED)

    def write_event(self, kind: str, **fields):
        """Add one line to what happened."""
        return self.events.create(kind=kind, **fields)

    def _locked(self) -> "Inquiry":
        """The row as it is now, held until the transaction ends."""
        return Inquiry.objects.select_for_update().get(pk=self.pk)

    def _update(self, row: "Inquiry", **fields) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
            setattr(row, name, value)
        row.save(update_fields=list(fields))
