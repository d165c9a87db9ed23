"""Opening hours, promises and elapsed time: named cases, then any moment of 2026 to 2030.

The second half asks a watcher who shares no code with the module and looks at the clock every minute.
Moments are compared in UTC, because Python calls both 1:30s of an autumn Sunday equal.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.office.hours import NeverOpen, Schedule

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
ZERO = timedelta(0)


class Hours(NamedTuple):
    weekday: int
    opens_at: time
    closes_at: time


class Closure(NamedTuple):
    first_day: date
    last_day: date
    opens_at: time | None = None
    closes_at: time | None = None


class Shutdown(NamedTuple):
    closed_from: datetime
    closed_until: datetime


def ny(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=NEW_YORK, fold=fold)


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def closed_on(first: date, last: date | None = None, **part_of_day: time) -> Closure:
    return Closure(first, last or first, **part_of_day)


def weekday_hours(opens_at: time = time(8, 30), closes_at: time = time(17)) -> list[Hours]:
    return [Hours(weekday, opens_at, closes_at) for weekday in range(5)]


def office(*closures: Closure, shutdowns: tuple[Shutdown, ...] = ()) -> Schedule:
    """Monday to Friday, 8:30 to 5, less what is given."""
    return Schedule(weekday_hours(), closures, shutdowns)


def sundays(*hours: tuple[time, time]) -> Schedule:
    """Open on Sundays, when the clocks change, and on no other day."""
    return Schedule([Hours(6, *times) for times in hours])


# The edges of a day


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [
        (time(8, 29, 59), False),
        (time(8, 29, 59, 999999), False),
        (time(8, 30), True),
        (time(16, 59, 59), True),
        (time(16, 59, 59, 999999), True),
        (time(17), False),
    ],
)
def test_the_office_is_open_from_the_second_it_opens_until_the_second_it_closes(clock, is_open):
    assert office().is_open(datetime.combine(date(2026, 11, 24), clock, NEW_YORK)) is is_open


def test_a_moment_means_the_same_in_every_zone():
    tokyo = ny(2026, 11, 24, 8, 30).astimezone(ZoneInfo("Asia/Tokyo"))
    assert office().is_open(tokyo)
    assert not office().is_open(tokyo - TICK)
    assert office().next_opening(tokyo - HOUR) == ny(2026, 11, 24, 8, 30)
    assert office().working_time(tokyo, ny(2026, 11, 24, 9)) == 30 * MINUTE


def test_every_moment_returned_reads_as_new_york_time():
    moment = datetime(2026, 11, 24, 15, tzinfo=UTC)
    ((opens, closes),) = office().opening_spans(date(2026, 11, 24))
    answers = [
        opens,
        closes,
        office().closes(moment),
        office().next_opening(moment),
        office().reply_by(moment),
    ]
    assert {answer.tzinfo for answer in answers} == {NEW_YORK}


def test_a_split_day_closes_for_lunch():
    tuesdays = Schedule([Hours(1, time(13), time(17)), Hours(1, time(8, 30), time(12))])
    assert tuesdays.opening_spans(date(2026, 11, 24)) == [
        (ny(2026, 11, 24, 8, 30), ny(2026, 11, 24, 12)),
        (ny(2026, 11, 24, 13), ny(2026, 11, 24, 17)),
    ]
    assert tuesdays.closes(ny(2026, 11, 24, 9)) == ny(2026, 11, 24, 12)
    assert tuesdays.next_opening(ny(2026, 11, 24, 12)) == ny(2026, 11, 24, 13)
    assert tuesdays.reply_by(ny(2026, 11, 23, 9)) == ny(2026, 11, 24, 17)


@pytest.mark.parametrize("second_row", [(time(12), time(17)), (time(11), time(17)), (time(9), time(17))])
def test_hours_that_touch_or_overlap_are_one_opening(second_row):
    schedule = Schedule([Hours(1, time(8, 30), time(12)), Hours(1, *second_row), Hours(1, time(9), time(10))])
    assert schedule.opening_spans(date(2026, 11, 24)) == [(ny(2026, 11, 24, 8, 30), ny(2026, 11, 24, 17))]


def test_hours_that_close_before_they_open_open_nothing():
    assert Schedule([Hours(1, time(17), time(8, 30))]).opening_spans(date(2026, 11, 24)) == []


def test_closing_time_is_known_while_open_and_refused_while_closed():
    assert office().closes(ny(2026, 11, 24, 8, 30)) == ny(2026, 11, 24, 17)
    with pytest.raises(ValueError, match="closed at"):
        office().closes(ny(2026, 11, 24, 17))


@pytest.mark.parametrize(
    "ask",
    [
        lambda naive: office().is_open(naive),
        lambda naive: office().closes(naive),
        lambda naive: office().next_opening(naive),
        lambda naive: office().reply_by(naive),
        lambda naive: office().working_time(naive, ny(2026, 11, 24, 10)),
        lambda naive: office().working_time(ny(2026, 11, 24, 8), naive),
        lambda naive: office(shutdowns=(Shutdown(naive, ny(2026, 11, 24, 10)),)),
        lambda naive: office(shutdowns=(Shutdown(ny(2026, 11, 24, 8), naive),)),
    ],
)
def test_a_moment_without_a_time_zone_is_refused(ask):
    with pytest.raises(ValueError, match="needs a time zone"):
        ask(datetime(2026, 11, 24, 9))


# The next opening and the promise


def test_while_open_the_next_opening_is_now():
    now = ny(2026, 11, 24, 11, 7, 3)
    assert office().next_opening(utc(now)) == now


def test_at_closing_time_the_next_opening_is_the_next_morning():
    assert office().next_opening(ny(2026, 11, 24, 17)) == ny(2026, 11, 25, 8, 30)


def test_on_friday_evening_the_next_opening_is_monday_morning():
    assert office().next_opening(ny(2026, 11, 20, 18)) == ny(2026, 11, 23, 8, 30)


def test_request_sent_on_tuesday_at_20_30_is_promised_the_close_of_wednesday():
    tuesday_evening = ny(2026, 11, 24, 20, 30)
    assert utc(tuesday_evening).date() == date(2026, 11, 25)
    assert office().reply_by(tuesday_evening) == ny(2026, 11, 25, 17)
    assert office().reply_by(utc(tuesday_evening)) == ny(2026, 11, 25, 17)


def test_request_sent_before_opening_is_promised_the_close_of_the_day_after():
    assert office().reply_by(ny(2026, 11, 24, 0, 0)) == ny(2026, 11, 25, 17)


def test_request_sent_friday_evening_is_promised_a_reply_on_monday():
    assert office().reply_by(ny(2026, 11, 20, 18)) == ny(2026, 11, 23, 17)


def test_request_sent_on_sunday_is_promised_a_reply_on_monday():
    assert office().reply_by(ny(2026, 11, 22, 12)) == ny(2026, 11, 23, 17)


def test_promise_of_three_working_days_steps_over_the_weekend():
    assert office().reply_by(ny(2026, 11, 19, 12), working_days=3) == ny(2026, 11, 24, 17)


@pytest.mark.parametrize("working_days", [0, -1])
def test_promise_of_less_than_one_working_day_is_refused(working_days):
    with pytest.raises(ValueError, match="at least one working day"):
        office().reply_by(ny(2026, 11, 24, 12), working_days)


def test_request_before_thanksgiving_weekend_is_promised_a_reply_on_monday():
    schedule = office(closed_on(date(2026, 11, 26), date(2026, 11, 27)))
    assert schedule.reply_by(ny(2026, 11, 25, 11)) == ny(2026, 11, 30, 17)
    assert schedule.next_opening(ny(2026, 11, 25, 17)) == ny(2026, 11, 30, 8, 30)
    assert schedule.working_time(ny(2026, 11, 25, 16), ny(2026, 11, 30, 9)) == HOUR + 30 * MINUTE


def test_promise_over_new_year_is_kept_in_the_new_year():
    schedule = office(closed_on(date(2027, 1, 1)))
    assert schedule.reply_by(ny(2026, 12, 31, 9)) == ny(2027, 1, 4, 17)
    assert schedule.next_opening(ny(2026, 12, 31, 23, 59, 59)) == ny(2027, 1, 4, 8, 30)
    assert schedule.working_time(ny(2026, 12, 31, 16), ny(2027, 1, 4, 9, 30)) == 2 * HOUR


def test_leap_day_is_a_working_day():
    assert office().reply_by(ny(2028, 2, 28, 9)) == ny(2028, 2, 29, 17)
    assert office().reply_by(ny(2028, 2, 29, 9)) == ny(2028, 3, 1, 17)
    assert office().working_time(ny(2028, 2, 28, 17), ny(2028, 3, 1, 8, 30)) == 8 * HOUR + 30 * MINUTE


# Closures and shutdowns


def test_new_years_eve_closes_early():
    schedule = office(closed_on(date(2026, 12, 31), closes_at=time(13)))
    assert schedule.is_open(ny(2026, 12, 31, 12, 59, 59))
    assert not schedule.is_open(ny(2026, 12, 31, 13))
    assert schedule.closes(ny(2026, 12, 31, 9)) == ny(2026, 12, 31, 13)
    assert schedule.reply_by(ny(2026, 12, 30, 9)) == ny(2026, 12, 31, 13)


def test_late_opening_opens_late():
    schedule = office(closed_on(date(2026, 11, 24), opens_at=time(11)))
    assert not schedule.is_open(ny(2026, 11, 24, 10, 59, 59))
    assert schedule.is_open(ny(2026, 11, 24, 11))
    assert schedule.next_opening(ny(2026, 11, 24, 8, 30)) == ny(2026, 11, 24, 11)


def test_closure_with_two_times_is_open_only_between_them():
    schedule = office(closed_on(date(2026, 11, 24), opens_at=time(10), closes_at=time(14)))
    assert schedule.opening_spans(date(2026, 11, 24)) == [(ny(2026, 11, 24, 10), ny(2026, 11, 24, 14))]


def test_closure_counts_on_its_first_and_last_day_and_on_no_other():
    schedule = office(closed_on(date(2026, 11, 24), date(2026, 11, 25)))
    days = [date(2026, 11, day) for day in (23, 24, 25, 26)]
    assert [bool(schedule.opening_spans(day)) for day in days] == [True, False, False, True]


def test_a_closure_never_opens_the_office_earlier_later_or_on_a_free_day():
    generous = closed_on(date(2026, 11, 20), date(2026, 11, 21), opens_at=time(7), closes_at=time(20))
    assert office(generous).opening_spans(date(2026, 11, 20)) == office().opening_spans(date(2026, 11, 20))
    assert office(generous).opening_spans(date(2026, 11, 21)) == []


def test_of_overlapping_closures_the_latest_opening_and_the_earliest_closing_count():
    day = date(2026, 11, 24)
    schedule = office(
        closed_on(day, opens_at=time(10)),
        closed_on(day, opens_at=time(11)),
        closed_on(day, opens_at=time(9), closes_at=time(16)),
        closed_on(day, closes_at=time(15)),
    )
    assert schedule.opening_spans(day) == [(ny(2026, 11, 24, 11), ny(2026, 11, 24, 15))]


@pytest.mark.parametrize("position", [0, 1])
def test_of_overlapping_closures_one_for_the_whole_day_wins(position):
    day = date(2026, 11, 24)
    closures = [closed_on(day, opens_at=time(10))]
    closures.insert(position, closed_on(day))
    assert office(*closures).opening_spans(day) == []


def test_late_opening_after_closing_time_makes_no_working_day():
    schedule = office(closed_on(date(2026, 11, 24), opens_at=time(17)))
    assert schedule.opening_spans(date(2026, 11, 24)) == []
    assert schedule.reply_by(ny(2026, 11, 23, 9)) == ny(2026, 11, 25, 17)


def test_shutdown_in_the_middle_of_the_day_cuts_the_opening_in_two():
    snow = Shutdown(ny(2026, 11, 24, 11, 15), utc(ny(2026, 11, 24, 14)))
    schedule = office(shutdowns=(snow,))
    assert schedule.opening_spans(date(2026, 11, 24)) == [
        (ny(2026, 11, 24, 8, 30), ny(2026, 11, 24, 11, 15)),
        (ny(2026, 11, 24, 14), ny(2026, 11, 24, 17)),
    ]
    assert not schedule.is_open(ny(2026, 11, 24, 11, 15))
    assert schedule.closes(ny(2026, 11, 24, 9)) == ny(2026, 11, 24, 11, 15)
    assert schedule.next_opening(ny(2026, 11, 24, 12)) == ny(2026, 11, 24, 14)
    assert schedule.working_time(ny(2026, 11, 24, 11), ny(2026, 11, 24, 14, 30)) == 45 * MINUTE
    assert schedule.reply_by(ny(2026, 11, 23, 9)) == ny(2026, 11, 24, 17)


def test_shutdown_from_noon_until_the_next_day_moves_the_promise_to_noon():
    schedule = office(shutdowns=(Shutdown(ny(2026, 11, 24, 12), ny(2026, 11, 25, 10)),))
    assert schedule.reply_by(ny(2026, 11, 23, 9)) == ny(2026, 11, 24, 12)
    assert schedule.next_opening(ny(2026, 11, 24, 12)) == ny(2026, 11, 25, 10)


@pytest.mark.parametrize("until", [ny(2026, 11, 24, 12), ny(2026, 11, 24, 10), ny(2026, 11, 23, 10)])
def test_shutdown_that_ends_before_it_lasts_changes_nothing(until):
    schedule = office(shutdowns=(Shutdown(ny(2026, 11, 24, 12), until),))
    assert schedule.opening_spans(date(2026, 11, 24)) == office().opening_spans(date(2026, 11, 24))


def test_closed_days_are_those_the_weekly_hours_would_open():
    schedule = office(
        closed_on(date(2026, 11, 26), date(2026, 11, 29)),
        closed_on(date(2026, 11, 30), opens_at=time(10)),
        shutdowns=(Shutdown(ny(2026, 12, 1, 0), ny(2026, 12, 2, 9)),),
    )
    thanksgiving, black_friday, snow_day = date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 1)
    assert schedule.closed_days(date(2026, 11, 1), date(2026, 12, 31)) == [
        thanksgiving,
        black_friday,
        snow_day,
    ]
    assert schedule.closed_days(thanksgiving, black_friday) == [thanksgiving, black_friday]
    assert schedule.closed_days(black_friday, thanksgiving) == []


# The Sundays on which the clocks change

SPRING_SUNDAYS = [date(2026, 3, 8), date(2027, 3, 14)]
AUTUMN_SUNDAYS = [date(2026, 11, 1), date(2027, 11, 7)]


@pytest.mark.parametrize(
    ("sunday", "open_for"),
    [*((day, 2 * HOUR) for day in SPRING_SUNDAYS), *((day, 4 * HOUR) for day in AUTUMN_SUNDAYS)],
)
def test_one_to_four_lasts_as_long_as_a_stopwatch_says_when_the_clocks_change(sunday, open_for):
    schedule = sundays((time(1), time(4)))
    ((opens, closes),) = schedule.opening_spans(sunday)
    assert (opens.time(), closes.time()) == (time(1), time(4))
    assert utc(closes) - utc(opens) == open_for
    assert schedule.working_time(opens, closes) == open_for
    assert schedule.working_time(opens - 3 * DAY, closes + 3 * DAY) == open_for
    assert not schedule.is_open(utc(opens) - TICK)
    assert schedule.is_open(utc(closes) - TICK)
    assert not schedule.is_open(closes)
    assert schedule.reply_by(opens - DAY) == closes


@pytest.mark.parametrize("sunday", SPRING_SUNDAYS + AUTUMN_SUNDAYS)
def test_weekdays_around_a_clock_change_keep_their_clock_times(sunday):
    friday, monday = sunday - 2 * DAY, sunday + DAY
    friday_16, monday_8_30 = ny(friday.year, friday.month, friday.day, 16), ny(*monday.timetuple()[:3], 8, 30)
    assert office().next_opening(friday_16 + 2 * HOUR) == monday_8_30
    assert office().reply_by(friday_16).time() == time(17)
    assert office().working_time(friday_16, monday_8_30 + HOUR) == 2 * HOUR


@pytest.mark.parametrize("sunday", SPRING_SUNDAYS)
def test_a_time_that_spring_skips_is_the_end_of_the_skip(sunday):
    three = ny(sunday.year, sunday.month, sunday.day, 3)
    ((opens, _),) = sundays((time(2, 30), time(4))).opening_spans(sunday)
    ((_, closes),) = sundays((time(1), time(2, 30))).opening_spans(sunday)
    assert utc(opens) == utc(closes) == utc(three)
    assert (opens.time(), closes.time()) == (time(3), time(3))
    assert sundays((time(2, 30), time(3, 15))).working_time(three - DAY, three + DAY) == 15 * MINUTE


@pytest.mark.parametrize("sunday", SPRING_SUNDAYS)
def test_an_opening_that_spring_skips_makes_no_working_day(sunday):
    schedule = sundays((time(2), time(3)))
    assert schedule.opening_spans(sunday) == []
    assert schedule.reply_by(ny(*sunday.timetuple()[:3], 0) - DAY).date() == sunday + 7 * DAY
    assert schedule.closed_days(sunday, sunday) == []


@pytest.mark.parametrize("sunday", SPRING_SUNDAYS)
def test_openings_either_side_of_the_skip_are_one(sunday):
    schedule = sundays((time(1), time(2, 10)), (time(2, 50), time(4)))
    assert len(schedule.opening_spans(sunday)) == 1
    assert len(schedule.opening_spans(sunday + 7 * DAY)) == 2


@pytest.mark.parametrize("sunday", AUTUMN_SUNDAYS)
def test_an_office_that_closed_at_1_30_stays_closed_when_1_15_comes_again(sunday):
    schedule = sundays((time(1), time(1, 30)))
    when = sunday.timetuple()[:3]
    assert schedule.is_open(ny(*when, 1, 15))
    assert not schedule.is_open(ny(*when, 1, 15, fold=1))
    assert utc(schedule.closes(ny(*when, 1, 15))) == utc(ny(*when, 1, 30))
    assert schedule.next_opening(ny(*when, 1, 15, fold=1)).date() == sunday + 7 * DAY


@pytest.mark.parametrize("sunday", AUTUMN_SUNDAYS)
def test_an_office_that_opens_at_1_30_opens_the_first_time_and_stays_open(sunday):
    schedule = sundays((time(1, 30), time(3)))
    when = sunday.timetuple()[:3]
    assert utc(schedule.next_opening(ny(*when, 1))) == utc(ny(*when, 1, 30))
    assert schedule.is_open(ny(*when, 1, 15, fold=1))
    assert schedule.working_time(ny(*when, 0), ny(*when, 12)) == 2 * HOUR + 30 * MINUTE


@pytest.mark.parametrize("sunday", AUTUMN_SUNDAYS)
def test_the_second_1_15_is_an_hour_after_the_first(sunday):
    schedule = sundays((time(1), time(4)))
    first, second = ny(*sunday.timetuple()[:3], 1, 15), ny(*sunday.timetuple()[:3], 1, 15, fold=1)
    assert schedule.working_time(first, second) == HOUR
    assert schedule.working_time(second, first) == ZERO
    assert schedule.next_opening(utc(second)).fold == 1
    assert utc(schedule.next_opening(second)) == utc(second)


@pytest.mark.parametrize("sunday", AUTUMN_SUNDAYS)
def test_a_shutdown_can_end_in_the_hour_that_comes_twice(sunday):
    when = sunday.timetuple()[:3]
    snow = Shutdown(ny(*when, 1, 50), ny(*when, 1, 10, fold=1))
    schedule = Schedule([Hours(6, time(1), time(4))], shutdowns=[snow])
    assert utc(schedule.next_opening(ny(*when, 1, 55))) == utc(ny(*when, 1, 10, fold=1))
    assert schedule.working_time(ny(*when, 1), ny(*when, 4)) == 3 * HOUR + 40 * MINUTE


# An office that hardly ever opens


@pytest.mark.parametrize("schedule", [Schedule([]), office(closed_on(date(2026, 1, 1), date(2028, 1, 1)))])
def test_an_office_that_does_not_open_for_400_days_never_does(schedule):
    now = ny(2026, 11, 24, 12)
    assert not schedule.is_open(now)
    assert schedule.working_time(now, now + 90 * DAY) == ZERO
    with pytest.raises(NeverOpen):
        schedule.next_opening(now)
    with pytest.raises(NeverOpen):
        schedule.reply_by(now)


def test_an_opening_400_days_ahead_is_still_found():
    today = date(2026, 7, 1)
    daily = [Hours(weekday, time(8, 30), time(17)) for weekday in range(7)]
    now, morning = ny(2026, 7, 1, 7), ny(2027, 8, 5, 8, 30)
    in_time = Schedule(daily, [closed_on(today, today + 399 * DAY)])
    assert in_time.next_opening(now) == morning
    assert in_time.reply_by(now).date() == morning.date()

    too_late = Schedule(daily, [closed_on(today, today + 400 * DAY)])
    for question in (too_late.next_opening, too_late.reply_by):
        with pytest.raises(NeverOpen):
            question(now)


def test_a_promise_may_take_longer_than_400_days_when_the_office_opens_now_and_then():
    mondays = Schedule([Hours(0, time(9), time(17))])
    assert mondays.reply_by(ny(2026, 11, 23, 12), working_days=60) == ny(2028, 1, 17, 17)


# Any moment, any rows: what somebody who watches the clock in New York would say


class Rows(NamedTuple):
    hours: list[Hours]
    closures: list[Closure]
    shutdowns: list[Shutdown]


def watcher_says_open(rows: Rows, at: datetime) -> bool:
    local = at.astimezone(NEW_YORK)
    today = local.date()
    # When 1:00 to 2:00 comes the second time, the clock has shown all of it before.
    shown = time(1, 59, 59, 999999) if local.fold else local.time()
    return (
        any(row.weekday == today.weekday() and row.opens_at <= shown < row.closes_at for row in rows.hours)
        and not any(
            row.first_day <= today <= row.last_day
            and (
                (row.opens_at is None and row.closes_at is None)
                or (row.opens_at is not None and shown < row.opens_at)
                or (row.closes_at is not None and shown >= row.closes_at)
            )
            for row in rows.closures
        )
        and not any(row.closed_from <= at < row.closed_until for row in rows.shutdowns)
    )


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE


def watched_spans(rows: Rows, day: date) -> list[tuple[datetime, datetime]]:
    """The day's openings in UTC, as runs of open minutes."""
    midnight, next_midnight = (datetime.combine(date_, time(0), NEW_YORK) for date_ in (day, day + DAY))
    spans: list[tuple[datetime, datetime]] = []
    for minute in minutes(utc(midnight), utc(next_midnight)):
        if not watcher_says_open(rows, minute):
            continue
        if spans and spans[-1][1] == minute:
            spans[-1] = (spans[-1][0], minute + MINUTE)
        else:
            spans.append((minute, minute + MINUTE))
    return spans


CLOCK_CHANGES = [
    datetime(year, month, day, hour, tzinfo=UTC)
    for month, hour, days in ((3, 7, (8, 14, 12, 11, 10)), (11, 6, (1, 7, 5, 4, 3)))
    for year, day in zip(range(2026, 2031), days, strict=True)
]


def durations(first_hour: int, last_hour: int) -> st.SearchStrategy[timedelta]:
    """Whole minutes, spread evenly; hypothesis favours the small ones of a wide range of integers."""
    return st.builds(
        lambda hours, minutes: hours * HOUR + minutes * MINUTE,
        st.integers(first_hour, last_hour),
        st.integers(0, 59),
    )


any_minute = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
near_a_clock_change = st.builds(datetime.__add__, st.sampled_from(CLOCK_CHANGES), durations(-24, 12))
moments = any_minute | near_a_clock_change
clock_times = st.one_of(
    st.sampled_from([time(0), time(1), time(1, 30), time(2), time(2, 30), time(3), time(8, 30), time(17)]),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)
hours = st.builds(
    lambda weekday, times: Hours(weekday, min(times), max(times)),
    st.just(6) | st.integers(0, 6),  # Sundays often, because the clocks change then
    st.lists(clock_times, min_size=2, max_size=2, unique=True),
)


@st.composite
def situations(draw) -> tuple[Rows, datetime]:
    """A moment, weekly hours with any number of rows a day, and closures and shutdowns around the moment."""
    at = draw(moments)
    closures = st.builds(
        lambda start, length, opens_at, closes_at: Closure(
            at.date() + start * DAY, at.date() + (start + length) * DAY, opens_at, closes_at
        ),
        st.integers(-2, 5),
        st.integers(0, 3),
        st.none() | clock_times,
        st.none() | clock_times,
    )
    shutdowns = st.builds(
        lambda start, length: Shutdown(at + start, at + start + length),
        durations(-24, 48),
        durations(0, 32),
    )
    rows = Rows(
        draw(st.lists(hours, min_size=1, max_size=10)),
        draw(st.lists(closures, max_size=3)),
        draw(st.lists(shutdowns, max_size=2)),
    )
    return rows, at


any_situation = settings(deadline=None, max_examples=60)


@any_situation
@given(situations(), st.timedeltas(-5 * DAY, 5 * DAY))
def test_is_open_whenever_the_watcher_says_so(situation, offset):
    rows, at = situation
    schedule = Schedule(*rows)
    edges = [edge for span in schedule.opening_spans(at.astimezone(NEW_YORK).date()) for edge in span]
    for moment in [at, at + offset, *map(utc, edges), *(utc(edge) - TICK for edge in edges)]:
        assert schedule.is_open(moment) == watcher_says_open(rows, moment), moment


@any_situation
@given(situations())
def test_opening_spans_are_the_openings_the_watcher_sees(situation):
    rows, at = situation
    day = at.astimezone(NEW_YORK).date()
    spans = Schedule(*rows).opening_spans(day)
    assert [(utc(opens), utc(closes)) for opens, closes in spans] == watched_spans(rows, day)


@any_situation
@given(situations())
def test_next_opening_is_open_and_no_open_minute_lies_before_it(situation):
    rows, at = situation
    opening = utc(Schedule(*rows).next_opening(at))
    assert opening >= at
    assert watcher_says_open(rows, opening)
    assert not any(watcher_says_open(rows, minute) for minute in minutes(at, opening))


@any_situation
@given(situations())
def test_closing_time_ends_an_unbroken_opening(situation):
    rows, at = situation
    schedule = Schedule(*rows)
    if not watcher_says_open(rows, at):
        with pytest.raises(ValueError, match="closed at"):
            schedule.closes(at)
        at = utc(schedule.next_opening(at))
    closing = utc(schedule.closes(at))
    assert closing > at
    assert all(watcher_says_open(rows, minute) for minute in minutes(at, closing))
    assert not watcher_says_open(rows, closing)


@any_situation
@given(situations(), st.integers(1, 3))
def test_promise_is_the_close_of_the_nth_working_day_after_the_day_of_receipt(situation, working_days):
    rows, received_at = situation
    day = received_at.astimezone(NEW_YORK).date()
    wanted = working_days
    while wanted:
        day += DAY
        spans = watched_spans(rows, day)
        wanted -= bool(spans)
    assert utc(Schedule(*rows).reply_by(received_at, working_days)) == spans[-1][1]


@any_situation
@given(situations(), durations(-8, 96))
def test_working_time_is_the_number_of_open_minutes(situation, length):
    rows, at = situation
    counted = sum(watcher_says_open(rows, minute) for minute in minutes(at, at + length))
    assert Schedule(*rows).working_time(at, at + length) == counted * MINUTE


@any_situation
@given(situations(), st.lists(st.timedeltas(-9 * DAY, 9 * DAY), min_size=3, max_size=3))
def test_working_time_adds_up_and_is_never_negative(situation, offsets):
    rows, at = situation
    a, b, c = sorted(at + offset for offset in offsets)
    working_time = Schedule(*rows).working_time
    assert working_time(a, b) + working_time(b, c) == working_time(a, c)
    assert working_time(c, a) == ZERO <= working_time(a, c) <= c - a


@any_situation
@given(situations())
def test_closed_days_would_open_by_the_weekly_hours_and_do_not(situation):
    rows, at = situation
    weekly = Rows(rows.hours, [], [])
    day = at.astimezone(NEW_YORK).date()
    stays_closed = bool(watched_spans(weekly, day)) and not watched_spans(rows, day)
    assert Schedule(*rows).closed_days(day, day) == [day] * stays_closed
