"""How well promises are kept, how soon people get a reply, how many ask: plain arithmetic over rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Protocol

from appointments.models import Inquiry
from appointments.office.hours import Schedule

PROMISE_DAYS = 30
WEEKS = 12
FEWEST_FOR_A_SHARE = 5  # replies; a percentage of fewer says nothing
# A promise to somebody who withdrew, or who asked twice, is owed no longer.
LET_GO = {Inquiry.Outcome.WITHDRAWN, Inquiry.Outcome.DUPLICATE}


class Asked(Protocol):
    """A request that was promised a reply. Suspected ones and spam are not among the rows."""

    received_at: datetime
    reply_by: datetime
    contacted_at: datetime | None
    closed_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class Replies:
    """What became of the promises that ended, or that a reply ended early."""

    promised: int
    kept: int
    answered: int
    median_time: timedelta | None  # of office time, to the first reply; None without one

    @property
    def percent_kept(self) -> int | None:
        """Rounded down, so that 100% means all of them; None while there are too few to tell."""
        return 100 * self.kept // self.promised if self.answered >= FEWEST_FOR_A_SHARE else None


def replies(rows: Iterable[Asked], schedule: Schedule, now: datetime) -> Replies:
    """How these requests fared so far."""
    rows = [row for row in rows if counts(row, now)]
    answered = [(row, row.contacted_at) for row in rows if row.contacted_at]
    times = [schedule.working_time(row.received_at, contacted_at) for row, contacted_at in answered]
    return Replies(
        promised=len(rows),
        kept=sum(contacted_at <= row.reply_by for row, contacted_at in answered),
        answered=len(answered),
        median_time=median(times) if times else None,  # type: ignore[type-var]  # times can be halved and added, too
    )


def counts(row: Asked, now: datetime) -> bool:
    """Whether a promise can be judged: it was answered, or its moment passed while a reply was still owed."""
    if row.contacted_at:
        return True
    owed_until = row.closed_at if row.closed_at and row.outcome in LET_GO else now
    return row.reply_by <= owed_until


def mondays(today: date) -> list[date]:
    """The first days of the last twelve weeks, this week's last."""
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=ago) for ago in reversed(range(WEEKS))]


@dataclass(frozen=True)
class Week:
    monday: date
    requests: int
    is_running: bool


def weeks(requests: Mapping[date, int], today: date) -> list[Week]:
    """The last twelve weeks by their Mondays, those without a request too."""
    days = mondays(today)
    return [Week(monday, requests.get(monday, 0), monday == days[-1]) for monday in days]


def weeks_in_words(weeks: list[Week]) -> str:
    """What a picture of these weeks shows."""
    *_, last, this = weeks
    if not any(week.requests for week in weeks):
        return f"No request came in the last {len(weeks)} weeks."
    most = max(weeks, key=lambda week: week.requests)
    return (
        f"Requests in each of the last {len(weeks)} weeks: {this.requests} so far this week, "
        f"{last.requests} last week; the most were {most.requests}, in the week of {most.monday:%B %-d}."
    )
