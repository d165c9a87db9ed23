"""A patient's request, and everything that happened to it."""

import secrets
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from appointments.privacy.encryption import EncryptedTextField
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

    def untold(self):
        """Staff have not been told: each such inquiry is itself the queued notice."""
        return self.filter(staff_notice=None).exclude(status=Inquiry.Status.SUSPECTED)

    def past_promise(self, now):
        """Open, uncontacted, and the promised moment is over."""
        return self.open().filter(reply_by__lt=now, contacted_at=None)


class Inquiry(models.Model):
    """One consultation request. What the patient wrote is never edited; what happens to it is an event."""

    class Status(models.TextChoices):
        NEW = "new", "New"
        IN_PROGRESS = "in_progress", "In progress"
        WAITING = "waiting", "Waiting for patient"
        VISIT_CONFIRMED = "visit_confirmed", "Visit confirmed"
        CLOSED = "closed", "Closed"
        SUSPECTED = "suspected", "Suspected spam"

    class Channel(models.TextChoices):
        CALL = "call", "Phone call"
        EMAIL = "email", "Email"
        RELAY = "relay", "Relay service"

    # From each status to those that staff may choose next.
    MOVES = {
        Status.NEW: [
            Status.IN_PROGRESS,
            Status.WAITING,
            Status.VISIT_CONFIRMED,
            Status.CLOSED,
            Status.SUSPECTED,
        ],
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

    name = models.CharField(max_length=200)
    reach_by = models.CharField(max_length=10, choices=Channel)
    email = models.EmailField(blank=True)
    phone = PhoneNumberField(blank=True, max_length=64)
    topic = models.ForeignKey(Condition, null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries")
    message = EncryptedTextField(blank=True)
    consent_version = models.CharField(max_length=20)

    received_at = models.DateTimeField(default=timezone.now)
    reply_by = models.DateTimeField(
        "promised reply by", null=True, help_text="Empty only when no opening hours were known at the time."
    )
    repeat_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repeats")
    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    staff_notice = models.ForeignKey(
        "StaffNotice", null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries"
    )
    opened_at = models.DateTimeField("first opened by a person", null=True, blank=True)
    contacted_at = models.DateTimeField("patient contacted", null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["reply_by", "received_at"]
        verbose_name = "request"
        indexes = [
            models.Index(fields=["status", "reply_by"], name="inquiry_queue"),
            models.Index(fields=["received_at"], condition=Q(staff_notice=None), name="inquiry_untold"),
        ]
        constraints = [
            # A second press of the button finds the first row instead of making another.
            models.UniqueConstraint(fields=["form_key", "answers_digest"], name="same_form_same_answers_once"),
            models.CheckConstraint(condition=~Q(name=""), name="inquiry_has_a_name"),
            models.CheckConstraint(condition=~Q(email="") | ~Q(phone=""), name="inquiry_can_be_answered"),
            models.CheckConstraint(
                condition=Q(reply_by=None) | Q(reply_by__gt=models.F("received_at")),
                name="promise_after_receipt",
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def next_statuses(self) -> list["Inquiry.Status"]:
        return self.MOVES[self.Status(self.status)]

    @transaction.atomic
    def change_status(self, status: str, *, by) -> None:
        """Move to a legal next status and write the event. Raises ValidationError for any other move."""
        row = Inquiry.objects.select_for_update().get(pk=self.pk)
        if status not in row.next_statuses:
            raise ValidationError(
                f"A request that is “{row.get_status_display()}” cannot become “{self.Status(status).label}”."
            )
        self.status = row.status = status
        row.save(update_fields=["status"])
        self.events.create(kind=InquiryEvent.Kind.STATUS, by=by, status=status)

    @transaction.atomic
    def add_note(self, text: str, *, by) -> None:
        """Keep a colleague's note, encrypted."""
        self.events.create(kind=InquiryEvent.Kind.NOTE, by=by, note=text)

    @transaction.atomic
    def log_contact(self, *, by) -> None:
        """The patient was reached: the promise is kept, if in time."""
        now = timezone.now()
        Inquiry.objects.filter(pk=self.pk, contacted_at=None).update(contacted_at=now)
        self.contacted_at = self.contacted_at or now
        self.events.create(kind=InquiryEvent.Kind.CONTACT, by=by, at=now)

    @transaction.atomic
    def mark_opened(self, *, by) -> None:
        """A person opened it for the first time. Later openings change nothing."""
        now = timezone.now()
        if Inquiry.objects.filter(pk=self.pk, opened_at=None).update(opened_at=now):
            self.opened_at = now
            self.events.create(kind=InquiryEvent.Kind.OPENED, by=by, at=now)


class InquiryEvent(models.Model):
    """What happened to a request. Rows are added, never changed."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "Saved"
        OPENED = "opened", "Opened by a person"
        STATUS = "status", "Status changed"
        NOTE = "note", "Note"
        CONTACT = "contact", "Patient contacted"

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    status = models.CharField(max_length=20, choices=Inquiry.Status, blank=True)
    note = EncryptedTextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = "event"

    def __str__(self):
        return self.get_kind_display()

    def save(self, *args, **kwargs):
        """Refuse to rewrite history."""
        if self.pk:
            raise TypeError("An event is added once and never changed.")
        super().save(*args, **kwargs)
