"""Who posts, without who they are; and who looked at a request."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from appointments.models.inquiry import Inquiry


class RecentPost(models.Model):
    """One post of the request form, under a keyed hash of the sender's address. Kept for a day."""

    sender = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sender", "at"], name="recent_post_by_sender")]

    def __str__(self):
        return f"{self.at:%H:%M}"


class Access(models.Model):
    """Somebody looked. Rows are added, never changed, and outlive the request and the account."""

    class Action(models.TextChoices):
        LISTED = "listed", "List shown"
        OPENED = "opened", "Request opened"
        PRINTED = "printed", "Call sheet printed"
        EXPORTED = "exported", "Exported as a file"

    action = models.CharField(max_length=10, choices=Action)
    inquiry = models.ForeignKey(Inquiry, null=True, on_delete=models.SET_NULL, related_name="accesses")
    reference = models.CharField(max_length=9, blank=True, help_text="Empty for a list.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    username = models.CharField(max_length=150)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "access"
        verbose_name_plural = "who looked"
        indexes = [
            models.Index(fields=["inquiry", "at"], name="access_of_inquiry"),
            models.Index(fields=["at"], name="access_latest"),
        ]

    def __str__(self):
        return f"{self.get_action_display()}: {self.reference}" if self.reference else self.get_action_display()

    def save(self, *args, **kwargs):
        """Refuse to rewrite history."""
        if self.pk:
            raise TypeError("An access is written once and never changed.")
        super().save(*args, **kwargs)

    @classmethod
    def write(cls, action: str, inquiries, *, by) -> None:
        """One line for each request that was shown; one in all for a list, where none is named."""
        cls.objects.bulk_create(
            cls(
                action=action,
                inquiry=inquiry,
                reference=inquiry.reference if inquiry else "",
                by=by,
                username=by.get_username(),
            )
            for inquiry in inquiries or [None]
        )
