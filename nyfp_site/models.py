from datetime import timedelta
from hashlib import sha256

from django.db import models
from django.utils import timezone


class GivenPermission(models.Model):
    """A permission that was given to a kind of staff once, and so is never given again: staff_groups.py."""

    kind = models.CharField(max_length=150)
    permission = models.CharField(max_length=200, help_text="app.codename")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "permission"], name="permission_given_once_a_kind")]

    def __str__(self):
        return f"{self.kind}: {self.permission}"


class UsedSeal(models.Model):
    """The fingerprint of a seal that was opened, so that it opens once: kept_words.py."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"{self.at:%H:%M}"

    @classmethod
    def use(cls, sealed: str) -> bool:
        """Whether this is the first time."""
        now = timezone.now()
        cls.objects.filter(at__lt=now - timedelta(days=2)).delete()
        _, is_first = cls.objects.get_or_create(fingerprint=sha256(sealed.encode()).hexdigest(), defaults={"at": now})
        return is_first
