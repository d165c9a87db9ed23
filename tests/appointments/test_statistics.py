"""How well promises are kept, how soon people get a reply, how many ask."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest

from appointments.models import Closure, Inquiry, OpeningHours
from appointments.office.hours import Schedule
from nyfp_site.today import charts
from nyfp_site.today.statistics import mondays, replies, weeks, weeks_in_words
from tests.conftest import NEW_YORK

HOURS = [OpeningHours(weekday=n, opens_at=time(8, 30), closes_at=time(17)) for n in range(5)]


def november(day: int, *clock: int) -> datetime:
    return datetime(2026, 11, day, *clock, tzinfo=NEW_YORK)


MONDAY_NOON, TUESDAYS_CLOSE, NOW = november(16, 12), november(17, 17), november(30, 12)


@dataclass
class Asked:
    """Received on Monday, November 16, at noon; promised for the next day's close."""

    received_at: datetime = MONDAY_NOON
    reply_by: datetime = TUESDAYS_CLOSE
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""


def found(*rows, closures=()):
    return replies(rows, Schedule(HOURS, closures), NOW)


def test_a_reply_in_the_last_second_keeps_the_promise_and_one_a_second_later_does_not():
    in_time, late = Asked(contacted_at=november(17, 17)), Asked(contacted_at=november(17, 17, 0, 1))
    assert (found(in_time).kept, found(late).kept) == (1, 0)
    assert found(in_time, late).promised == 2


def test_a_promise_that_ended_unanswered_counts_as_not_kept():
    result = found(Asked())
    assert (result.promised, result.kept, result.answered) == (1, 0, 0)


def test_a_promise_that_still_runs_unanswered_does_not_count():
    assert found(Asked(reply_by=NOW + timedelta(seconds=1))).promised == 0


def test_a_reply_counts_before_its_promise_has_ended():
    result = found(Asked(reply_by=NOW + timedelta(days=1), contacted_at=november(16, 13)))
    assert (result.promised, result.kept) == (1, 1)


@pytest.mark.parametrize("outcome", [Inquiry.Outcome.WITHDRAWN, Inquiry.Outcome.DUPLICATE])
def test_nothing_is_owed_to_who_withdrew_or_asked_twice_before_the_promise_ended(outcome):
    assert found(Asked(outcome=outcome, closed_at=november(17, 16, 59))).promised == 0


def test_who_withdraws_after_a_broken_promise_was_let_down_all_the_same():
    result = found(Asked(outcome=Inquiry.Outcome.WITHDRAWN, closed_at=november(17, 17, 0, 1)))
    assert (result.promised, result.kept) == (1, 0)


def test_closing_without_a_reply_does_not_hide_a_broken_promise():
    assert found(Asked(outcome=Inquiry.Outcome.ELSEWHERE, closed_at=november(16, 13))).promised == 1


def test_a_hundred_percent_means_every_promise():
    kept, broken = Asked(contacted_at=november(16, 13)), Asked()
    assert found(*[kept] * 299, broken).percent_kept == 99
    assert found(*[kept] * 300).percent_kept == 100


def test_fewer_than_five_replies_make_no_percentage():
    kept, broken = Asked(contacted_at=november(16, 13)), Asked()
    assert found(*[kept] * 4, broken).percent_kept is None
    assert found(*[kept] * 5).percent_kept == 100


def test_the_time_to_the_first_reply_counts_office_hours_only():
    over_the_weekend = Asked(received_at=november(20, 16), contacted_at=november(23, 9))
    assert found(over_the_weekend).median_time == timedelta(hours=1, minutes=30)


def test_days_that_were_closed_then_do_not_count_as_waiting_now():
    thanksgiving = Closure(first_day=date(2026, 11, 26), last_day=date(2026, 11, 27))
    row = Asked(received_at=november(25, 16), contacted_at=november(30, 9))
    assert found(row, closures=[thanksgiving]).median_time == timedelta(hours=1, minutes=30)


def test_the_median_is_not_moved_by_one_long_wait():
    waits = [Asked(contacted_at=november(16, 12, minutes)) for minutes in (10, 20, 30)]
    slow = Asked(contacted_at=november(27, 12))
    assert found(*waits, slow).median_time == timedelta(minutes=25)


def test_without_a_reply_there_is_no_median():
    assert found(Asked()).median_time is None


@pytest.mark.parametrize("today", [date(2026, 11, 30), date(2026, 12, 6)])
def test_twelve_weeks_end_with_the_one_we_are_in(today):
    days = mondays(today)
    assert len(days) == 12
    assert (days[0], days[-1]) == (date(2026, 9, 14), date(2026, 11, 30))


def test_a_week_in_which_nobody_asked_is_shown():
    rows = weeks({date(2026, 11, 23): 4}, date(2026, 12, 1))
    assert [row.requests for row in rows] == [0] * 10 + [4, 0]
    assert [row.is_running for row in rows] == [False] * 11 + [True]


def test_the_words_say_what_the_picture_shows():
    words = weeks_in_words(
        weeks({date(2026, 10, 5): 9, date(2026, 11, 23): 4, date(2026, 11, 30): 1}, date(2026, 12, 1))
    )
    assert "1 so far this week, 4 last week; the most were 9, in the week of October 5." in words
    assert weeks_in_words(weeks({}, date(2026, 12, 1))) == "No request came in the last 12 weeks."


def test_a_bar_is_as_tall_as_its_number_and_the_fullest_week_is_the_tallest():
    rows = weeks({date(2026, 11, 23): 8, date(2026, 11, 30): 2}, date(2026, 12, 1))
    *_, last, this = charts.bars(rows)
    assert last.height == charts.TALLEST
    assert this.height == charts.TALLEST / 4
    assert this.y + this.height == last.y + last.height == charts.FLOOR


def test_bars_stay_inside_the_picture_and_apart():
    bars = charts.bars(weeks({}, date(2026, 12, 1)))
    edges = [edge for bar in bars for edge in (bar.x, bar.x + bar.width)]
    assert edges == sorted(edges)
    assert (edges[0] > 0, edges[-1] < 100) == (True, True)
    assert {bar.height for bar in bars} == {0}


@pytest.mark.parametrize(
    ("today", "names"),
    [
        (date(2026, 12, 1), "Sep - - Oct - - - Nov - - - -"),
        (date(2026, 12, 12), "Sep - Oct - - - Nov - - - - Dec"),
        (date(2026, 12, 15), "- Oct - - - Nov - - - - Dec -"),  # September's single week has no room for its name
    ],
)
def test_a_month_is_named_below_its_first_week(today, names):
    shown = [bar.month or "-" for bar in charts.bars(weeks({}, today))]
    assert " ".join(shown) == names
