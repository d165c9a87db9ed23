"""A visit that was agreed with a patient: what we told them. The practice keeps its calendar elsewhere."""

from django.db import models
from django.db.models import Q

from appointments.models.inquiry import Inquiry
from appointments.models.office import FAR_FUTURE


class VisitQuerySet(models.QuerySet):
    def standing(self):
        """Agreed, and not cancelled."""
        return self.filter(cancelled_at=None)


class Visit(models.Model):
    """The agreed time. Each change raises `sequence`, so that a mail about an older time is never sent."""

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="visit")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField("length in minutes", default=30)
    place = models.CharField(max_length=160, blank=True, help_text="Empty: our office.")
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["starts_at"], name="visit_starts")]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=480), name="visit_has_a_sensible_length"),
            models.CheckConstraint(condition=Q(starts_at__lt=FAR_FUTURE), name="visit_in_our_time"),
        ]

    def __str__(self):
        return f"Visit of {self.inquiry}"

    @property
    def stands(self) -> bool:
        """Agreed, and not cancelled."""
        return self.cancelled_at is None
