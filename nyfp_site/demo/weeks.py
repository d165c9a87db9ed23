"""Weeks that pass in seconds: stories go on when it is time, and the mail pump turns between them as in life."""

import heapq
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from appointments.background import pump
from appointments.models import Access, InquiryEvent, Office, OutgoingMail, StaffNotice

# A story does something and yields the moment at which it goes on.
Story = Generator[datetime, None, None]
TURN = timedelta(hours=2)  # from half past midnight, so that one is at half past eight: then the office opens
# Moments that a model's default writes: the default holds the real clock's function, whatever the clock is here.
WRITTEN_BY_DEFAULT = (
    (InquiryEvent, "at"),
    (OutgoingMail, "created_at"),
    (OutgoingMail, "due_at"),
    (StaffNotice, "created_at"),
    (Access, "at"),
)


@contextmanager
def it_is(moment: datetime) -> Iterator[None]:
    """What is done here happens at that moment. Only for a process that does nothing else meanwhile."""
    real = timezone.now
    began = real()
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real
    for model, field in WRITTEN_BY_DEFAULT:
        model._base_manager.filter(**{f"{field}__range": (began, real())}).update(**{field: moment})


class Weeks:
    """The time from one moment to another. Stories that are not over at its end are what waits today."""

    def __init__(self, begins: datetime, ends: datetime):
        self._now, self._ends = begins, ends
        self._coming: list[tuple[datetime, int, Story]] = []
        self._numbers = count()

    def add(self, at: datetime, story: Story) -> None:
        """Somebody's story begins at this moment."""
        heapq.heappush(self._coming, (at, next(self._numbers), story))

    def pass_by(self) -> None:
        """Live through them, in order."""
        while self._coming and self._coming[0][0] <= self._ends:
            at, _, story = heapq.heappop(self._coming)
            self._pumps_turn_until(at)
            with it_is(at):
                goes_on_at = next(story, None)
            with it_is(at):  # once more, when all that the deed wrote has its moment
                pump.turn()
            if goes_on_at:
                self.add(max(goes_on_at, at), story)
        self._pumps_turn_until(self._ends)

    def _pumps_turn_until(self, moment: datetime) -> None:
        while self._now + TURN <= moment:
            self._now += TURN
            with it_is(self._now):
                pump.turn()


def later(**delta: float) -> datetime:
    """So much later, at any hour: what a patient does."""
    return timezone.now() + timedelta(**delta)


def at_work(**delta: float) -> datetime:
    """So much later, or when the office opens next: what a colleague does."""
    return Office.schedule().next_opening(later(**delta))
