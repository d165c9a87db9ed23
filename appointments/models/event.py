"""What happened to a request, line by line."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from appointments.models.inquiry import Inquiry
from appointments.privacy.encryption import EncryptedTextField, SealingQuerySet


class InquiryEvent(models.Model):
    """What happened to a request. Rows are added, never changed."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "Saved"
        OPENED = "opened", "Opened by a person"
        STATUS = "status", "Status changed"
        NOTE = "note", "Note"
        ASSIGNED = "assigned", "Owner"
        FOLLOW_UP = "follow_up", "Follow up"
        CONTACT = Inquiry.Contact.REACHED.value, "Patient reached"
        SPOKE = Inquiry.Contact.SPOKE.value, "Spoke with the patient"
        NO_ANSWER = Inquiry.Contact.NO_ANSWER.value, "Called, no answer"
        LEFT_MESSAGE = Inquiry.Contact.LEFT_MESSAGE.value, "Left a message, as allowed"
        TEXT_SENT = Inquiry.Contact.TEXT_SENT.value, "Text sent"
        EMAIL_SENT = Inquiry.Contact.EMAIL_SENT.value, "Email sent"
        RESCUED = "rescued", "Rescued from suspected spam"
        ESCALATED = "escalated", "Staff reminded: the promise ends soon"
        PROMISE_MISSED = "promise_missed", "The promised moment passed"
        PROMISE_MOVED = "promise_moved", "Another moment was promised"
        PATIENT_NOTE = "patient_note", "The patient added a note"
        CHANNEL_CHANGED = "channel_changed", "The patient chose another way to be reached"
        WITHDRAWN = "withdrawn", "Withdrawn by the patient"
        VISIT = "visit", "Visit"
        LINK_RENEWED = "link_renewed", "The old private link was switched off"

    row_key = models.UUIDField(  # tells rows apart before they have a number: the note is bound to it
        default=uuid.uuid4, unique=True, editable=False
    )
    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    status = models.CharField(max_length=20, choices=Inquiry.Status, blank=True)
    note = EncryptedTextField(blank=True, bound_to=("row_key", "inquiry_id"))

    objects = SealingQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        verbose_name = "event"
        indexes = [models.Index(fields=["kind", "at"], name="event_of_day")]

    def __str__(self):
        return self.get_kind_display()

    def save(self, *args, **kwargs):
        """Refuse to rewrite history."""
        if self.pk:
            raise TypeError("An event is added once and never changed.")
        super().save(*args, **kwargs)
