"""Who posts, without who they are."""

from django.db import models


class RecentPost(models.Model):
    """One post of the request form, under a keyed hash of the sender's address. Kept for a day."""

    sender = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sender", "at"], name="recent_post_by_sender")]

    def __str__(self):
        return f"{self.at:%H:%M}"
