"""What pages say about the office at this moment, in words. Every time of day is New York's."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from appointments.models import Closure, Inquiry, Office, OpeningHours, PracticeNotice, Shutdown
from appointments.models.office import WEEKDAYS
from appointments.office.hours import NeverOpen, Schedule
from appointments.office.words import NOON, clock, day, noon_or_clock


@dataclass
class OfficeNow:
    """The office, its hours and closures, at one moment."""

    office: Office
    at: datetime
    hours: list[OpeningHours] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    shutdowns: list[Shutdown] = field(default_factory=list)
    practice_notices: list[PracticeNotice] = field(default_factory=list)

    @classmethod
    def read(cls) -> "OfficeNow":
        """Five queries, whatever the number of rows."""
        today = timezone.localdate()
        return cls(
            office=Office.objects.current(),
            at=timezone.localtime(),
            hours=list(OpeningHours.objects.all()),
            closures=list(Closure.objects.filter(last_day__gte=today)),
            shutdowns=list(Shutdown.objects.filter(closed_until__gt=timezone.now())),
            practice_notices=list(PracticeNotice.objects.exclude(text="").defer("text")),
        )

    @classmethod
    def without_database(cls) -> "OfficeNow":
        """The practice's facts alone, for pages that must work when the database does not."""
        return cls(office=Office(), at=timezone.localtime())

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.hours, self.closures, self.shutdowns)

    @property
    def is_open(self) -> bool:
        return self.schedule.is_open(self.at)

    @property
    def state(self) -> str:
        """Whether we are open, in a word or two. Empty when no hours are known."""
        if self.is_open:
            return "Open now"
        return "Closed" if self.changes else ""

    @property
    def changes(self) -> str:
        """When that changes, to follow the state; empty when never. No page outlives midnight, so "today" is true."""
        if self.is_open:
            return f", until {clock(self.schedule.closes(self.at))} New York time"
        try:
            opens = self.schedule.next_opening(self.at)
        except NeverOpen:
            return ""
        when = "today" if opens.date() == self.at.date() else day(opens)
        return f". Opens {when}, {clock(opens)} New York time"

    @property
    def line(self) -> str:
        """Both in one line."""
        return f"{self.state}{self.changes}"

    @property
    def shutdown(self) -> Shutdown | None:
        """The snow day we are in, for the banner."""
        return next((row for row in self.shutdowns if row.closed_from <= self.at < row.closed_until), None)

    @property
    def open_weekdays(self) -> list[tuple[int, str]]:
        """The days of an ordinary week on which the office opens, as choices of a form."""
        return [(weekday, WEEKDAYS[weekday]) for weekday in sorted({row.weekday for row in self.hours})]

    @property
    def parts_of_day(self) -> list[tuple[str, str]]:
        """Morning and afternoon as the opening hours really have them, as choices of a form."""
        parts = [(Inquiry.TimeOfDay.ANY, "Any time")]
        if not self.hours:
            return parts
        first, last = min(row.opens_at for row in self.hours), max(row.closes_at for row in self.hours)
        if first < NOON:
            parts.append((Inquiry.TimeOfDay.MORNING, f"Morning, {clock(first)} to {noon_or_clock(min(last, NOON))}"))
        if last > NOON:
            parts.append(
                (Inquiry.TimeOfDay.AFTERNOON, f"Afternoon, {noon_or_clock(max(first, NOON))} to {clock(last)}")
            )
        return parts

    @property
    def weekly(self) -> list[str]:
        """The ordinary week in few lines: Monday to Friday, 8:30 AM to 5:00 PM, New York time."""
        days = [
            (
                weekday,
                [f"{clock(row.opens_at)} to {clock(row.closes_at)}" for row in self.hours if row.weekday == weekday],
            )
            for weekday in range(7)
        ]
        lines = []
        for times, group in groupby(days, key=lambda pair: pair[1]):
            names = [WEEKDAYS[weekday] for weekday, _ in group]
            if times:
                span = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
                lines.append(f"{span}, {' and '.join(times)}, New York time")
        return lines

    @property
    def coming_days(self) -> list[dict]:
        """Today and the six days after it, by their real opening times."""
        today = self.at.date()
        rows = []
        for ahead in range(7):
            date_ = today + timedelta(days=ahead)
            spans = self.schedule.opening_spans(date_)
            reasons = [row.reason for row in self.closures if row.first_day <= date_ <= row.last_day and row.reason]
            rows.append(
                {
                    "date": date_,
                    "name": day(date_),
                    "is_today": ahead == 0,
                    "hours": " and ".join(f"{clock(a)} to {clock(b)}" for a, b in spans) or "Closed",
                    "reason": ", ".join(reasons),
                }
            )
        return rows

    def reply_by(self, received_at: datetime) -> datetime | None:
        """The promise for a request received now; None when no opening is known."""
        try:
            return self.schedule.reply_by(received_at, self.office.reply_working_days)
        except NeverOpen:
            return None

    def closed_until(self, moment: datetime) -> list[str]:
        """Days on which we would open but do not, between now and a promised moment: they explain its date."""
        return [day(date_) for date_ in self.schedule.closed_days(self.at.date(), timezone.localtime(moment).date())]
