"""Mail that is owed: a row says what happened, the words are rendered when it is sent."""

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from appointments.models.event import InquiryEvent
from appointments.models.inquiry import Inquiry
from appointments.models.office import Mailbox


class StaffNotice(models.Model):
    """One mail's worth of requests. They point to it; it goes to each mailbox as a row of its own."""

    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return f"Notice of {timezone.localtime(self.created_at):%B %-d, %Y, %-I:%M %p}"


class OutgoingMailQuerySet(models.QuerySet):
    def waiting(self):
        """Owed, and neither accepted nor given up. A suspected request owes no mail until a person rescues it."""
        return self.filter(sent_at=None, refused_at=None).exclude(inquiry__status=Inquiry.Status.SUSPECTED)

    def rationed(self):
        """What a visitor's post alone causes: anybody may type any address, so nobody is mailed without limit."""
        return self.exclude(target="")

    def refused(self):
        """A mail server said no for good, or it came too late. A person must act."""
        return self.filter(refused_at__isnull=False, sent_at=None)

    def unsettled(self):
        """Given up, and still a person's task.

        A mail to a patient is settled when they were reached since, or their request is closed; a mail to staff
        when its mailbox is no longer told.
        """
        reached = InquiryEvent.objects.filter(
            inquiry=OuterRef("inquiry"), kind__in=Inquiry.REPLIES, at__gt=OuterRef("refused_at")
        )
        to_patients = Q(inquiry__isnull=False) & ~Q(inquiry__status=Inquiry.Status.CLOSED) & ~Exists(reached)
        to_staff = Q(mailbox__in=Mailbox.objects.filter(is_active=True).values("email"))
        return self.refused().filter(to_patients | to_staff)


class OutgoingMail(models.Model):
    """One mail to one address. outbox.deliver_due sends it; see there for the rules.

    A patient's address is read from the inquiry when the mail is sent: it has one home.
    """

    class Kind(models.TextChoices):
        STAFF_NEW_REQUESTS = "staff_new_requests", "new requests, to staff"
        STAFF_ESCALATION = "staff_escalation", "promises that end soon, to staff"
        STAFF_OPENING = "staff_opening", "the day's counts, to staff"
        STAFF_REVIEW = "staff_review", "pages due for review, to staff"
        STAFF_TEST = "staff_test", "test of the mail, to staff"
        PATIENT_RECEIVED = "patient_received", "we have your request, to the patient"
        PATIENT_PROMISE_MOVED = "patient_promise_moved", "another moment promised, to the patient"
        PATIENT_PROMISE_MISSED = "patient_promise_missed", "promise missed, to the patient"
        PATIENT_VISIT_CONFIRMED = "patient_visit_confirmed", "visit confirmed, to the patient"
        PATIENT_VISIT_CHANGED = "patient_visit_changed", "visit changed, to the patient"
        PATIENT_VISIT_CANCELLED = "patient_visit_cancelled", "visit cancelled, to the patient"
        PATIENT_VISIT_REMINDER = "patient_visit_reminder", "reminder of a visit, to the patient"

    STAFF_KINDS = {Kind.STAFF_NEW_REQUESTS, Kind.STAFF_ESCALATION, Kind.STAFF_OPENING, Kind.STAFF_REVIEW}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, choices=Kind)
    notice = models.ForeignKey(StaffNotice, null=True, on_delete=models.CASCADE, related_name="mails")
    mailbox = models.EmailField("staff mailbox", blank=True)
    inquiry = models.ForeignKey(Inquiry, null=True, on_delete=models.CASCADE, related_name="mails")
    target = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text="Keyed hash of the mailbox, where a visitor's post alone causes the mail: such mail is rationed.",
    )
    occasion = models.CharField(max_length=40, blank=True, help_text="Tells two events of one kind apart.")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    not_after = models.DateTimeField(null=True, help_text="Later than this it would only confuse.")
    attempts = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField("given up", null=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "mail"
        verbose_name_plural = "mail"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, refused_at=None), name="mail_waiting"),
            models.Index(fields=["refused_at"], condition=Q(refused_at__isnull=False), name="mail_given_up"),
            models.Index(fields=["created_at"], name="mail_latest"),
            models.Index(fields=["target", "created_at"], condition=~Q(target=""), name="mail_of_target"),
            models.Index(fields=["sent_at"], condition=~Q(target=""), name="mail_rationed"),
            models.Index(fields=["mailbox", "sent_at"], name="mail_of_mailbox"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notice", "mailbox"], name="notice_once_a_mailbox"),
            models.UniqueConstraint(fields=["inquiry", "kind", "occasion"], name="one_mail_an_event"),
            models.CheckConstraint(
                condition=Q(notice__isnull=False, inquiry=None) | Q(notice=None, inquiry__isnull=False, mailbox=""),
                name="mail_to_staff_or_to_a_patient",
            ),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(refused_at=None), name="mail_sent_or_refused"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.mailbox or self.inquiry}"

    @property
    def state(self) -> str:
        """In words, for staff."""
        if self.sent_at:
            return "sent"
        if self.refused_at:
            return "given up"
        return "waiting" if not self.attempts else f"trying again, {self.attempts} so far"


class Heartbeat(models.Model):
    """When a background task last turned. Its silence is an alarm in /status."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.name
