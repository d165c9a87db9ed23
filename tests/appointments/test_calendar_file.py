"""The calendar file of a visit, and what speaks against a time."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core import mail as django_mail
from django.utils import timezone
from icalendar import Calendar

from appointments.mail import outbox
from appointments.models import Closure, Visit
from appointments.requests import visits
from tests.conftest import NEW_YORK
from tests.desk import press_save
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db

MONDAY_TEN = datetime(2026, 12, 7, 10, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def _office(office, settings, at):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    at(2026, 12, 1, 10, 0)


def agree(inquiry, starts_at=MONDAY_TEN, minutes=30):
    visits.agree(inquiry, starts_at=starts_at, minutes=minutes, by=None)


def last_calendar() -> Calendar:
    outbox.deliver_due()
    name, content, kind = django_mail.outbox[-1].attachments[0]
    calendar = Calendar.from_ical(content)
    assert (name, kind) == ("appointment.ics", f"text/calendar; method={calendar['method']}")
    return calendar


def event_of(calendar):
    return calendar.walk("VEVENT")[0]


def test_a_confirmed_visit_comes_with_a_calendar_file_in_times_that_every_program_reads_alike():
    agree(make_inquiry())
    calendar = last_calendar()
    event = event_of(calendar)
    assert calendar["method"] == "PUBLISH"
    assert event["dtstart"].to_ical() == b"20261207T150000Z"
    assert event["dtend"].to_ical() == b"20261207T153000Z"
    assert event["dtstart"].dt == MONDAY_TEN
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=30)


def test_its_title_and_text_tell_nothing_about_a_face_or_a_name():
    agree(make_inquiry(name="Zebulon", message="Xylophone"))
    text = last_calendar().to_ical().decode().lower()
    for secret in ("facial", "paralysis", "nyfp", "zebulon", "xylophone", "maria@"):
        assert secret not in text


def test_a_change_keeps_the_uid_and_raises_the_sequence():
    inquiry = make_inquiry()
    agree(inquiry)
    first = event_of(last_calendar())
    agree(inquiry, MONDAY_TEN + timedelta(hours=1))
    second = event_of(last_calendar())
    assert second["uid"] == first["uid"]
    assert second["sequence"] > first["sequence"]


def test_a_cancelled_visit_takes_its_entry_back_and_a_new_time_brings_it_again():
    inquiry = make_inquiry()
    agree(inquiry)
    first = event_of(last_calendar())
    visits.cancel(inquiry, by=None)
    calendar = last_calendar()
    assert calendar["method"] == "CANCEL"
    assert event_of(calendar)["status"] == "CANCELLED"
    assert event_of(calendar)["sequence"] > first["sequence"]
    agree(inquiry, MONDAY_TEN + timedelta(days=1))
    again = event_of(last_calendar())
    assert again["uid"] == first["uid"]
    assert again["sequence"] > event_of(calendar)["sequence"]


@pytest.mark.parametrize("day", [(2027, 3, 15), (2027, 11, 8)])
def test_the_hour_is_right_on_both_sides_of_a_clock_change(day):
    starts_at = datetime(*day, 9, 30, tzinfo=NEW_YORK)
    agree(make_inquiry(), starts_at)
    assert event_of(last_calendar())["dtstart"].dt.astimezone(NEW_YORK) == starts_at


def test_a_place_however_long_and_in_any_script_comes_back_whole_from_short_lines():
    place = "Räume 7 und 8, „Hof“; hinten links, درب دوم, 東棟 " * 3
    visits.agree(make_inquiry(), starts_at=MONDAY_TEN, minutes=30, place=place[:160], by=None)
    outbox.deliver_due()
    content = django_mail.outbox[-1].attachments[0].content
    assert "\r\n" in content
    assert max(len(line.encode()) for line in content.split("\r\n")) <= 75
    assert event_of(Calendar.from_ical(content))["location"] == place[:160]


def test_a_file_that_cannot_be_made_does_not_keep_the_words_back():
    agree(make_inquiry())
    with patch("appointments.mail.emails.calendar_file", side_effect=ValueError):
        outbox.deliver_due()
    assert "10:00 AM, Monday, December 7, New York time" in django_mail.outbox[-1].body
    assert not django_mail.outbox[-1].attachments


def test_a_time_within_office_hours_with_no_other_visit_meets_no_objection():
    assert visits.objections(make_inquiry(), starts_at=MONDAY_TEN, minutes=30) == []


@pytest.mark.parametrize(("hour", "minute"), [(8, 15), (16, 45), (20, 30)])
def test_a_time_outside_office_hours_meets_an_objection(hour, minute):
    starts_at = MONDAY_TEN.replace(hour=hour, minute=minute)
    found = visits.objections(make_inquiry(), starts_at=starts_at, minutes=30)
    assert found == ["The office is not open all that time."]


def test_a_closure_is_outside_office_hours():
    Closure.objects.create(first_day=date(2026, 12, 7), last_day=date(2026, 12, 7))
    assert visits.objections(make_inquiry(), starts_at=MONDAY_TEN, minutes=30)


@pytest.mark.parametrize(
    ("offset", "minutes", "overlaps"),
    [(-30, 30, False), (-30, 31, True), (0, 30, True), (29, 30, True), (30, 30, False), (-240, 480, True)],
)
def test_only_a_visit_that_overlaps_meets_an_objection(offset, minutes, overlaps):
    other = make_inquiry()
    agree(other)
    starts_at = MONDAY_TEN + timedelta(minutes=offset)
    found = visits.objections(make_inquiry(), starts_at=starts_at, minutes=minutes)
    assert any(other.reference in words for words in found) == overlaps


def test_a_cancelled_visit_and_ones_own_earlier_time_are_no_objection():
    inquiry, cancelled = make_inquiry(), make_inquiry()
    agree(cancelled)
    visits.cancel(cancelled, by=None)
    agree(inquiry)
    assert visits.objections(inquiry, starts_at=MONDAY_TEN + timedelta(minutes=10), minutes=30) == []


def test_staff_are_warned_and_may_keep_the_time_with_a_tick(client, staff):
    client.force_login(staff)
    inquiry = make_inquiry()
    saturday = {"visit_at_0": "2026-12-05", "visit_at_1": "10:00", "visit_minutes": "30"}
    page = press_save(client, inquiry, **saturday).content.decode()
    assert "The office is not open all that time. Tick the box to keep the time." in page
    assert not Visit.objects.exists()
    press_save(client, inquiry, **saturday, visit_anyway="on")
    assert timezone.localtime(Visit.objects.get().starts_at).hour == 10


def test_a_closed_request_gets_no_visit_but_a_sentence(client, staff):
    client.force_login(staff)
    inquiry = make_inquiry(status="closed")
    monday = {"visit_at_0": "2026-12-07", "visit_at_1": "10:00", "visit_minutes": "30"}
    page = press_save(client, inquiry, **monday).content.decode()
    assert '<ul class="errorlist" id="id_visit_at_error"><li>Reopen or rescue the request first.' in page
