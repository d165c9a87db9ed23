"""The calendar file as three programs read it that did not write it, and as RFC 5546 and 6047 have it."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import vobject
from django.core import mail as django_mail
from icalendar import Calendar

from appointments.background import pump
from appointments.mail.calendar_file import calendar_file
from appointments.models import Inquiry, Office, Visit
from appointments.requests import visits
from tests.conftest import NEW_YORK
from tests.everything import ICAL_JS, IN_CI
from tests.factories import make_inquiry

SPRING = [(2026, 3, 8), (2027, 3, 14), (2028, 3, 12), (2029, 3, 11), (2030, 3, 10)]
AUTUMN = [(2026, 11, 1), (2027, 11, 7), (2028, 11, 5), (2029, 11, 4), (2030, 11, 3)]


def new_york(*moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=NEW_YORK, fold=fold)


MOMENTS = [
    *(new_york(*day, hour, 30) for day in SPRING for hour in (1, 3)),
    *(new_york(*day, 1, 30, fold=fold) for day in AUTUMN for fold in (0, 1)),
    *(new_york(year, month, 1, 9) for year in range(2026, 2031) for month in (1, 7)),
    *(new_york(year, 12, 31, 23, 55) for year in range(2026, 2031)),
    *(new_york(year, 6, 21, 8, 30) for year in range(2026, 2030)),
    new_york(2028, 2, 29, 16, 45),
]


def in_words(visit: Visit) -> str:
    return calendar_file(visit, Office())


@pytest.fixture
def files() -> list[str]:
    """One file for each moment: a visit of 45 minutes."""
    inquiry = Inquiry(reference="K7M4-2QX9")
    return [
        in_words(Visit(inquiry=inquiry, starts_at=moment, minutes=45, sequence=3, changed_at=moment))
        for moment in MOMENTS
    ]


def agreed() -> list[tuple[float, float]]:
    """When each visit begins and ends, in seconds of UTC."""
    return [(at.timestamp(), at.timestamp() + 45 * 60) for at in MOMENTS]


def test_forty_moments_are_tried_and_both_halves_past_one_of_an_autumn_night_differ():
    assert len(MOMENTS) == len({at.astimezone(UTC) for at in MOMENTS}) == 40
    first, second = (new_york(2026, 11, 1, 1, 30, fold=fold).astimezone(UTC) for fold in (0, 1))
    assert second - first == timedelta(hours=1)


def test_icalendar_reads_the_moment_that_was_agreed(files):
    events = [Calendar.from_ical(text).walk("VEVENT")[0] for text in files]
    assert [(one["dtstart"].dt.timestamp(), one["dtend"].dt.timestamp()) for one in events] == agreed()


def test_vobject_reads_the_moment_that_was_agreed(files):
    events = [vobject.readOne(text).vevent for text in files]
    assert [(one.dtstart.value.timestamp(), one.dtend.value.timestamp()) for one in events] == agreed()


def read_by_ical_js(files: list[str]) -> list[dict]:
    if not ICAL_JS.exists():
        assert not IN_CI, "ical.js is missing: `make test` installs it where npm is at hand"
        pytest.skip("ical.js is not installed: `make test` installs it where npm is at hand")
    script = Path(__file__).with_name("read_calendar.mjs")
    command = ["node", str(script), str(ICAL_JS)]
    elsewhere = os.environ | {"TZ": "Asia/Tokyo"}  # a reader's own clock must not matter
    done = subprocess.run(command, input=json.dumps(files), env=elsewhere, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_ical_js_reads_the_moment_that_was_agreed(files):
    read = read_by_ical_js(files)
    assert [(one["starts"], one["ends"]) for one in read] == agreed()
    assert {(one["method"], one["uid"], one["sequence"]) for one in read} == {("PUBLISH", "visit-K7M4-2QX9", 3)}


# As it travels

VISIT_AT = new_york(2026, 12, 9, 14)


@pytest.fixture
def inquiry(office, at, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = '"Suite 501, office" <office@example.org>'
    at(2026, 12, 1, 10, 0)
    return make_inquiry()


def agree(inquiry, starts_at=VISIT_AT, **fields):
    visits.agree(inquiry, starts_at=starts_at, minutes=30, by=None, **fields)


def travelled():
    """The last mail's calendar part, as its bytes say, and the calendar in it."""
    pump.turn()
    message = message_from_bytes(django_mail.outbox[-1].message().as_bytes(), policy=policy.default)
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return part, Calendar.from_ical(part.get_content())


@pytest.mark.django_db
def test_the_part_and_the_calendar_in_it_name_the_same_method(inquiry):
    agree(inquiry)
    part, calendar = travelled()
    assert (part.get_param("method"), part.get_param("charset"), calendar["method"]) == ("PUBLISH", "utf-8", "PUBLISH")
    agree(inquiry, VISIT_AT + timedelta(hours=1))
    part, calendar = travelled()
    assert (part.get_param("method"), calendar["method"]) == ("PUBLISH", "PUBLISH")
    visits.cancel(inquiry, by=None)
    part, calendar = travelled()
    assert (part.get_param("method"), calendar["method"]) == ("CANCEL", "CANCEL")
    assert part.get_filename() == "appointment.ics"


@pytest.mark.django_db
def test_an_organizer_and_no_attendee_as_a_published_entry_and_its_cancellation_need(inquiry):
    agree(inquiry)
    _, published = travelled()
    visits.cancel(inquiry, by=None)
    _, cancelled = travelled()
    for calendar in (published, cancelled):
        (event,) = calendar.walk("VEVENT")
        assert event["organizer"] == "mailto:office@example.org"
        assert event["organizer"].params["cn"] == "Suite 501, office"
        assert "attendee" not in event


@pytest.mark.django_db
def test_uid_stays_sequence_rises_and_the_stamps_say_when(inquiry, at):
    agree(inquiry)
    events = [travelled()[1].walk("VEVENT")[0]]
    at(2026, 12, 2, 11, 0)
    agree(inquiry, VISIT_AT + timedelta(hours=1))
    at(2026, 12, 2, 11, 7)
    events.append(travelled()[1].walk("VEVENT")[0])
    visits.cancel(inquiry, by=None)
    events.append(travelled()[1].walk("VEVENT")[0])
    assert len({event["uid"] for event in events}) == 1
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert events[1]["last-modified"].dt == new_york(2026, 12, 2, 11, 0)
    assert events[1]["dtstamp"].dt == new_york(2026, 12, 2, 11, 7)


@pytest.mark.django_db
def test_a_site_that_moves_to_another_address_keeps_its_entries_names(inquiry, settings):
    agree(inquiry)
    before = travelled()[1].walk("VEVENT")[0]["uid"]
    settings.SITE_URL = "https://elsewhere.example"
    agree(inquiry, VISIT_AT + timedelta(hours=1))
    assert travelled()[1].walk("VEVENT")[0]["uid"] == before


@pytest.mark.django_db
def test_whoever_looks_from_another_zone_reads_new_yorks_clock_in_words(inquiry):
    agree(inquiry)
    assert travelled()[1].walk("VEVENT")[0]["description"] == "2:00 PM, Wednesday, December 9, New York time"


@pytest.mark.django_db
def test_a_mail_about_another_or_no_time_says_what_to_do_with_the_entry_that_was_saved(inquiry):
    agree(inquiry)
    pump.turn()
    assert "delete" not in django_mail.outbox[-1].body
    agree(inquiry, VISIT_AT + timedelta(hours=1))
    pump.turn()
    assert "If you saved the earlier time in a calendar, delete that entry" in django_mail.outbox[-1].body
    visits.cancel(inquiry, by=None)
    pump.turn()
    assert "If you saved it in a calendar, delete that entry" in django_mail.outbox[-1].body
