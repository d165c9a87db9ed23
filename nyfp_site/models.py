from django.db import models


class GivenPermission(models.Model):
    """A permission that was given to a kind of staff once, and so is never given again: staff_groups.py."""

    kind = models.CharField(max_length=150)
    permission = models.CharField(max_length=200, help_text="app.codename")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "permission"], name="permission_given_once_a_kind")]

    def __str__(self):
        return f"{self.kind}: {self.permission}"
