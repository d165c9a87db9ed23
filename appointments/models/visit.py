"""A visit that was agreed with a patient: what we told them. The practice keeps its calendar elsewhere."""

from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils import timezone

from appointments.models.inquiry import Inquiry
from appointments.models.office import FAR_FUTURE


class Agreement(NamedTuple):
    """When, how long and where."""

    starts_at: datetime
    minutes: int
    place: str


class VisitQuerySet(models.QuerySet):
    def standing(self):
        """Agreed, and not cancelled."""
        return self.filter(cancelled_at=None)


class Visit(models.Model):
    """The agreed time. Each change raises `sequence`, so that a mail about an older time is never sent.

    Beside it stands what the patient was last told by mail: a mail says what changed against that.
    """

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="visit")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField("length in minutes", default=30)
    place = models.CharField(max_length=160, blank=True, help_text="Empty: our office.")
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    told_starts_at = models.DateTimeField(null=True, editable=False)  # empty: nothing they were told holds
    told_minutes = models.PositiveSmallIntegerField(null=True, editable=False)
    told_place = models.CharField(max_length=160, blank=True, editable=False)
    may_have_heard = models.BooleanField(default=False, editable=False)  # a mail was tried; nobody knows how it ended

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["starts_at"], name="visit_starts")]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=480), name="visit_has_a_sensible_length"),
            models.CheckConstraint(condition=Q(starts_at__lt=FAR_FUTURE), name="visit_in_our_time"),
            models.CheckConstraint(
                condition=Q(told_starts_at=None, told_minutes=None)
                | Q(told_starts_at__isnull=False, told_minutes__isnull=False),
                name="visit_told_whole_or_not_at_all",
            ),
        ]

    def __str__(self):
        return f"Visit of {self.inquiry}"

    @property
    def stands(self) -> bool:
        """Agreed, and not cancelled."""
        return self.cancelled_at is None

    @property
    def agreed(self) -> Agreement:
        return Agreement(self.starts_at, self.minutes, self.place)

    @property
    def told(self) -> Agreement | None:
        """What the patient was last told and still counts on; None when there is nothing to come."""
        if self.told_starts_at is None or self.told_starts_at <= timezone.now():
            return None
        return Agreement(self.told_starts_at, self.told_minutes, self.told_place)

    @property
    def is_known(self) -> bool:
        """Whether a mail could tell the patient nothing new."""
        return self.told == self.agreed and not self.may_have_heard

    @property
    def changes(self) -> list[str]:
        """What differs from what they were told, in words; nothing where we do not know what they heard."""
        if self.may_have_heard or not self.told:
            return []
        names = {"starts_at": "time", "minutes": "length", "place": "place"}
        return [name for field, name in names.items() if getattr(self.told, field) != getattr(self.agreed, field)]

    @property
    def counted_on(self) -> list[datetime]:
        """The moments to come at which the patient may mean to visit us, if all they know is our mail."""
        moments = {self.told.starts_at} if self.told else set()
        if self.may_have_heard and self.starts_at > timezone.now():
            moments.add(self.starts_at)
        return sorted(moments)
