"""When the office is open: pure arithmetic over rows, with no database and no clock of its own.

New York's calendar and clock decide. A clock time in a row means the first moment of its day at which
the clock shows that time or a later one: a time that spring skips is the end of the skip, a time that
autumn repeats is its first coming.

Python compares and subtracts aware datetimes of one zone by their wall time, an hour wrong when the
clocks change. So all arithmetic here is in UTC and only results are New York time; a caller who goes
on to subtract or sort results does that in UTC too.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
END_OF_SKIP = time(3)  # in spring New York's clock jumps from 2:00 to 3:00
LONGEST_WAIT = timedelta(days=400)  # a year off and some: who waits longer waits for a mistake in the rows
ONE_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


class Hours(Protocol):
    """One opening on a weekday, numbered as by `date.weekday()`. A day may have several."""

    weekday: int
    opens_at: time
    closes_at: time


class Closure(Protocol):
    """Days, first and last included, that are closed: wholly, or before `opens_at` and from `closes_at`."""

    first_day: date
    last_day: date
    opens_at: time | None
    closes_at: time | None


class Shutdown(Protocol):
    """A stretch of real time cut out of the opening hours, such as a snow day."""

    closed_from: datetime
    closed_until: datetime


def midnight(day: date) -> datetime:
    """When this day begins in New York."""
    return datetime.combine(day, time(), tzinfo=NEW_YORK)


class NeverOpen(Exception):
    """400 days pass without an opening."""


class Schedule:
    """Weekly hours less every closure and every shutdown; neither ever adds opening time.

    Moments may be in any zone but must have one: naive ones raise ValueError. Spans are half-open,
    so the office is open at the second it opens and closed at the second it closes.
    """

    def __init__(
        self, hours: Iterable[Hours], closures: Iterable[Closure] = (), shutdowns: Iterable[Shutdown] = ()
    ) -> None:
        self._hours = list(hours)
        self._closures = list(closures)
        self._shutdowns = [(_utc(row.closed_from), _utc(row.closed_until)) for row in shutdowns]
        self._known: dict[date, list[Span]] = {}  # one schedule is asked about the same days again and again

    def opening_spans(self, day: date) -> list[Span]:
        """Return when the day opens and closes, in order; spans that touch or overlap are one."""
        return [(_new_york(opens), _new_york(closes)) for opens, closes in self._spans(day)]

    def is_open(self, at: datetime) -> bool:
        """Tell whether the office is open at this moment."""
        return self._span_at(at) is not None

    def closes(self, at: datetime) -> datetime:
        """Return when the opening that holds this moment ends. ValueError if the office is closed."""
        span = self._span_at(at)
        if span is None:
            raise ValueError(f"The office is closed at {at.isoformat()}.")
        return _new_york(span[1])

    def next_opening(self, after: datetime) -> datetime:
        """Return `after` itself while the office is open, else when it next opens, or raise NeverOpen."""
        after = _utc(after)
        coming = (span for _, spans in self._open_days(_day(after)) for span in spans)
        return next(_new_york(max(opens, after)) for opens, closes in coming if after < closes)

    def reply_by(self, received_at: datetime, working_days: int = 1) -> datetime:
        """Return the close of the n-th working day after the day of receipt, or raise NeverOpen.

        A working day is a day with any opening time.
        """
        if working_days < 1:
            raise ValueError(f"A reply takes at least one working day, not {working_days}.")
        received_on = _day(_utc(received_at))
        later = (spans for day, spans in self._open_days(received_on) if day > received_on)
        _, closes = next(islice(later, working_days - 1, None))[-1]
        return _new_york(closes)

    def working_time(self, a: datetime, b: datetime) -> timedelta:
        """Return how long the office is open from `a` until `b`, as a stopwatch would; zero if b is first."""
        a, b = _utc(a), _utc(b)
        spans = (span for day in _days(_day(a), _day(b)) for span in self._spans(day))
        lengths = (min(closes, b) - max(opens, a) for opens, closes in spans)
        return sum((length for length in lengths if length > timedelta()), timedelta())

    def closed_days(self, first: date, last: date) -> list[date]:
        """Return the days, both ends included, that the weekly hours open and that stay closed all day."""
        weekly = Schedule(self._hours)
        return [day for day in _days(first, last) if weekly._spans(day) and not self._spans(day)]

    def _open_days(self, day: date) -> Iterator[tuple[date, list[Span]]]:
        """Yield each day that opens, from `day` on, with its spans in UTC. Ends only by raising NeverOpen."""
        last_open = day
        while day - last_open <= LONGEST_WAIT:
            if spans := self._spans(day):
                yield day, spans
                last_open = day
            day += ONE_DAY
        raise NeverOpen(f"The office does not open in the {LONGEST_WAIT.days} days after {last_open}.")

    def _span_at(self, at: datetime) -> Span | None:
        at = _utc(at)
        return next((span for span in self._spans(_day(at)) if span[0] <= at < span[1]), None)

    def _spans(self, day: date) -> list[Span]:
        """Return the opening spans of the day in UTC, worked out once."""
        if day not in self._known:
            self._known[day] = self._worked_out(day)
        return self._known[day]

    def _worked_out(self, day: date) -> list[Span]:
        hours = [row for row in self._hours if row.weekday == day.weekday()]
        closures = [row for row in self._closures if row.first_day <= day <= row.last_day]
        if any(row.opens_at is None and row.closes_at is None for row in closures):
            return []
        earliest = max((row.opens_at for row in closures if row.opens_at is not None), default=time.min)
        latest = min((row.closes_at for row in closures if row.closes_at is not None), default=time.max)
        spans = [
            (_first_moment(day, max(row.opens_at, earliest)), _first_moment(day, min(row.closes_at, latest)))
            for row in hours
        ]
        for shutdown in self._shutdowns:
            spans = list(_cut(spans, *shutdown))
        return _merged(spans)


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"A moment needs a time zone: {moment.isoformat()} has none.")
    return moment.astimezone(UTC)


def _new_york(moment: datetime) -> datetime:
    return moment.astimezone(NEW_YORK)


def _day(moment: datetime) -> date:
    return _new_york(moment).date()


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * ONE_DAY for n in range((last - first).days + 1))


def _first_moment(day: date, clock: time) -> datetime:
    """Return the first moment of the day, in UTC, at which the clock shows this time or a later one."""
    moment = datetime.combine(day, clock, NEW_YORK).astimezone(UTC)
    skipped = _new_york(moment).time() != clock
    return _first_moment(day, END_OF_SKIP) if skipped else moment


def _cut(spans: Iterable[Span], closed_from: datetime, closed_until: datetime) -> Iterator[Span]:
    """Yield what is left of the spans before and after a shutdown."""
    for start, end in spans:
        for piece in ((start, min(end, closed_from)), (max(start, closed_until), end)):
            if piece[0] < piece[1]:
                yield piece


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order: what touches or overlaps joined, what ends before it starts dropped."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
