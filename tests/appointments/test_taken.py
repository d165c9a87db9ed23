"""Requests that came by telephone or fax: the same questions, promise and ledger."""

from datetime import datetime

import pytest
from django.utils import timezone

from appointments.background import pump
from appointments.models import Inquiry, OutgoingMail
from appointments.requests import ledger
from tests.conftest import NEW_YORK
from tests.factories import make_condition, valid_request_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

ADD = "/admin/appointments/inquiry/add/"


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


@pytest.fixture
def clock(at):
    at(2026, 12, 2, 10, 0)  # Wednesday
    return at


@pytest.fixture
def desk(clock, staff_client):
    return staff_client


def taken(**changes) -> dict:
    """What a colleague types in, in order."""
    told = {"came_by": "phone", "received_at_0": "2026-12-02", "received_at_1": "09:55"}
    return valid_request_data(reach_by="call", phone="(212) 434-4050", trap=None, email="") | told | changes


def words_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_call_becomes_a_request_with_the_same_promise_and_ledger(desk, staff):
    topic = make_condition("synkinesis")
    response = desk.post(ADD, taken(topic="synkinesis", message="Her eye closes."), follow=True)
    inquiry = Inquiry.objects.get()
    assert (inquiry.came_by, inquiry.status, inquiry.topic, inquiry.message) == (
        "phone",
        "new",
        topic,
        "Her eye closes.",
    )
    assert inquiry.received_at == datetime(2026, 12, 2, 9, 55, tzinfo=NEW_YORK)
    assert inquiry.reply_by == datetime(2026, 12, 3, 17, tzinfo=NEW_YORK)
    assert inquiry.opened_at == timezone.now()
    assert inquiry.consent_version == "2026-11 spoken"
    assert [(event.kind, event.by) for event in inquiry.events.all()] == [("received", staff), ("opened", staff)]
    words = words_of(response)
    assert (
        f"Saved as {inquiry.reference}. We promised a reply by 5:00 PM, Thursday, December 3, New York time." in words
    )
    assert "What the patient told us" in words
    day = ledger.day_ledger(timezone.localdate())
    assert (day.saved, day.waiting, day.is_balanced) == (1, 1, True)


def test_a_fax_of_last_night_is_promised_from_when_it_came(desk):
    desk.post(ADD, taken(came_by="fax", received_at_0="2026-12-01", received_at_1="20:30"))
    inquiry = Inquiry.objects.get()
    assert (inquiry.came_by, inquiry.reply_by) == ("fax", datetime(2026, 12, 2, 17, tzinfo=NEW_YORK))


def test_colleagues_hear_of_it_and_the_caller_gets_the_usual_mail(desk, mailoutbox):
    desk.post(ADD, taken(email="maria@example.com"))
    pump.turn()
    inquiry = Inquiry.objects.get()
    assert sorted(message.to[0] for message in mailoutbox) == ["desk@example.org", "maria@example.com"]
    assert all(inquiry.reference in message.body for message in mailoutbox)


def test_two_presses_save_one_request(desk):
    data = taken()
    pages = {desk.post(ADD, data).url for _ in range(2)}
    assert Inquiry.objects.count() == len(pages) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter the name of the person this is for"),
        ({"phone": ""}, "Enter a phone number we can call"),
        ({"consent": ""}, "Tick the box"),
        ({"came_by": ""}, "Choose how it came"),
        ({"came_by": "web"}, "Select a valid choice"),
        ({"received_at_0": "", "received_at_1": ""}, "Enter when it came"),
        ({"received_at_0": "2026-12-02", "received_at_1": "10:01"}, "This is in the future. Enter when it came."),
        ({"for_whom": "child"}, "Enter the name of the person we may contact"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(desk, changes, sentence):
    words = words_of(desk.post(ADD, taken(message="Her eye closes.") | changes))
    assert sentence in words
    assert "Nothing is saved yet." in words
    assert "Her eye closes." in words
    assert not Inquiry.objects.exists()


def test_a_new_onset_by_telephone_stands_first(desk):
    desk.post(ADD, taken(began="days"))
    assert Inquiry.objects.get().is_new_onset


def test_the_page_asks_about_today_first(desk):
    words = words_of(desk.get(ADD))
    assert "Tell them to call 911 now, even if it gets better." in words
    assert words.index("911") < words.index("Name of the patient")


def test_what_staff_type_in_is_never_suspected_however_fast(desk):
    for number in range(3):
        desk.post(ADD, taken(message=f"http://a.example http://b.example {number} http://c.example"))
    assert set(Inquiry.objects.values_list("status", flat=True)) == {"new"}


def test_typing_in_needs_the_permission_to_add(client, django_user_model):
    colleague = django_user_model.objects.create_user("looker", is_staff=True)
    client.force_login(colleague)
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, taken()).status_code == 403
    assert not Inquiry.objects.exists()


def test_a_request_of_the_website_says_so(desk, client):
    client.logout()
    client.post("/request/", valid_request_data())
    inquiry = Inquiry.objects.get()
    assert (inquiry.came_by, inquiry.consent_version) == ("web", "2026-11")


@pytest.mark.parametrize("day", ["0206-11-20", "0001-01-02", "2026-09-30"])
def test_a_day_long_ago_is_a_slip(desk, day):
    assert "This is more than two months ago. Check the date." in words_of(desk.post(ADD, taken(received_at_0=day)))
    assert not Inquiry.objects.exists()


def test_a_fax_typed_in_days_later_is_promised_a_moment_that_can_be_kept(desk, staff, clock, mailoutbox):
    clock(2026, 12, 10, 10, 0)
    desk.force_login(staff)
    desk.post(ADD, taken(came_by="fax", received_at_0="2026-12-04", email="maria@example.com"))
    inquiry = Inquiry.objects.get()
    assert inquiry.received_at == datetime(2026, 12, 4, 9, 55, tzinfo=NEW_YORK)
    assert inquiry.reply_by == datetime(2026, 12, 11, 17, tzinfo=NEW_YORK)
    pump.turn()
    assert [message.to for message in mailoutbox].count(["maria@example.com"]) == 1
    assert not OutgoingMail.objects.unsettled().exists()
