"""Staff at the practice desk."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Closure, Inquiry, InquiryEvent, Mailbox, OpeningHours, Visit
from appointments.requests import handling
from appointments.requests.queue_views import VIEWS
from tests.desk import desk_url, press_save
from tests.factories import make_condition, make_inquiry, told_notice

pytestmark = pytest.mark.django_db

QUEUE = "/admin/appointments/inquiry/"


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


def in_order(page: str, *texts: str) -> bool:
    places = [page.index(text) for text in texts]
    return places == sorted(places)


def test_the_queue_asks_a_visitor_to_sign_in(client):
    assert client.get(QUEUE).status_code == 302


def test_the_queue_shows_open_requests_earliest_promise_first(staff_client):
    now = timezone.now()
    late = make_inquiry(received_at=now - timedelta(days=9), reply_by=now - timedelta(days=7))
    soon = make_inquiry(reply_by=now + timedelta(hours=1))
    later = make_inquiry(received_at=now - timedelta(days=1), reply_by=now + timedelta(days=3))
    closed = make_inquiry(status=Inquiry.Status.CLOSED)
    suspected = make_inquiry(status=Inquiry.Status.SUSPECTED)
    page = staff_client.get(QUEUE).content.decode()
    assert in_order(page, late.reference, soon.reference, later.reference)
    assert closed.reference not in page
    assert suspected.reference not in page
    assert page.count("clock--late") == 1


@pytest.mark.parametrize(("view", "status"), [("closed", "closed"), ("suspected", "suspected")])
def test_closed_and_suspected_requests_have_views_of_their_own(staff_client, view, status):
    wanted, other = make_inquiry(status=status), make_inquiry()
    page = staff_client.get(QUEUE, {"view": view}).content.decode()
    assert wanted.reference in page
    assert other.reference not in page


def test_waiting_time_counts_office_hours_only(at, client, staff):
    at(2026, 12, 4, 16, 0)
    make_inquiry()
    at(2026, 12, 7, 9, 5)  # an hour on Friday, 35 minutes on Monday
    client.force_login(staff)
    assert "1 h 35 min" in client.get(QUEUE).content.decode()


def requests_of_each_kind(owner) -> Inquiry:
    """One for each view of the queue. The first is open, told of, and has a visit this week."""
    now, started = timezone.now(), Inquiry.objects.count()
    first = make_inquiry(
        owner=owner,
        contacted_at=now,
        follow_up_on=timezone.localdate(),
        topic=make_condition(f"palsy-{started}"),
        staff_notice=told_notice(sent_at=now),
    )
    Visit.objects.create(inquiry=first, starts_at=now)
    make_inquiry(received_at=now - timedelta(days=9), reply_by=now - timedelta(days=7), owner=None)
    make_inquiry(status=Inquiry.Status.SUSPECTED)
    make_inquiry(status=Inquiry.Status.CLOSED, owner=owner)
    return first


@pytest.mark.parametrize("page", ["/admin/", "one request", *(f"{QUEUE}?view={view}" for view in VIEWS)])
def test_a_page_takes_as_many_queries_for_many_requests_as_for_one(
    staff_client, staff, django_user_model, django_assert_num_queries, page
):
    first = requests_of_each_kind(staff)
    address = desk_url(first) if page == "one request" else page
    staff_client.post(f"{QUEUE}find/", {"words": "Maria"})
    staff_client.get(address)  # opened for the first time, which is written down once
    with CaptureQueriesContext(connection) as for_one:
        staff_client.get(address)
    for number in range(4):
        requests_of_each_kind(django_user_model.objects.create_superuser(f"colleague-{number}"))
        handling.add_note(first, "She called again.", by=staff)
    requests_of_each_kind(staff)
    with django_assert_num_queries(len(for_one)):
        assert staff_client.get(address).status_code == 200


def test_the_queue_says_which_requests_staff_were_told_of(staff_client):
    make_inquiry(staff_notice=told_notice(sent_at=timezone.now()))
    make_inquiry(staff_notice=told_notice())
    make_inquiry()
    page = staff_client.get(QUEUE).content.decode()
    assert page.count('<li class="done">staff told</li>') == 1
    assert page.count("staff told: not yet") == 2


def test_opening_a_request_is_written_down_once(staff_client, staff):
    inquiry = make_inquiry()
    staff_client.get(desk_url(inquiry))
    staff_client.get(desk_url(inquiry))
    inquiry.refresh_from_db()
    assert inquiry.opened_at
    assert inquiry.events.filter(kind=InquiryEvent.Kind.OPENED, by=staff).count() == 1


def test_what_the_patient_wrote_is_shown_and_cannot_be_edited(staff_client):
    inquiry = make_inquiry(message="My eye <closes>", topic=make_condition("synkinesis"))
    page = staff_client.get(desk_url(inquiry)).content.decode()
    assert "My eye &lt;closes&gt;" in page
    assert "Synkinesis" in page
    press_save(staff_client, inquiry, message="changed", name="changed")
    inquiry.refresh_from_db()
    assert inquiry.message == "My eye <closes>"
    assert inquiry.name == "Maria Okafor"


def test_staff_change_the_status_add_a_note_and_log_a_contact(staff_client, staff):
    inquiry = make_inquiry(phone="+12125550142")
    press_save(staff_client, inquiry, status="waiting", note="Left-handed", contact="spoke")
    inquiry.refresh_from_db()
    assert inquiry.status == Inquiry.Status.WAITING_FOR_PATIENT
    assert inquiry.contacted_at
    assert [(event.kind, event.by) for event in inquiry.events.exclude(kind="received")] == [
        ("note", staff),
        ("status", staff),
        ("spoke", staff),
        ("assigned", staff),
    ]
    assert "Left-handed" in staff_client.get(desk_url(inquiry)).content.decode()


@pytest.mark.parametrize(
    ("now", "wanted"),
    [("new", "new"), ("closed", "waiting"), ("suspected", "in_progress"), ("in_progress", "suspected")],
)
def test_a_status_moves_by_legal_steps_only(now, wanted, staff):
    inquiry = make_inquiry(status=now)
    with pytest.raises(ValidationError):
        handling.change_status(inquiry, wanted, by=staff)
    inquiry.refresh_from_db()
    assert inquiry.status == now


def test_a_stale_page_cannot_make_an_illegal_move(staff):
    inquiry = make_inquiry()
    stale = Inquiry.objects.get(pk=inquiry.pk)
    handling.change_status(inquiry, "closed", by=staff, outcome="answered")
    with pytest.raises(ValidationError):
        handling.change_status(stale, "waiting", by=staff)


def test_an_event_is_never_rewritten():
    event = make_inquiry().events.get()
    event.kind = InquiryEvent.Kind.NOTE
    with pytest.raises(TypeError):
        event.save()


def test_nobody_can_delete_a_request_in_the_admin(staff_client):
    inquiry = make_inquiry()
    assert staff_client.post(f"/admin/appointments/inquiry/{inquiry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in staff_client.get(QUEUE).content.decode()


def test_the_note_never_reaches_djangos_own_log(staff_client):
    from django.contrib.admin.models import LogEntry

    inquiry = make_inquiry()
    press_save(staff_client, inquiry, note="Private words")
    assert not LogEntry.objects.exists()


def test_hours_closures_and_mailboxes_are_edited_and_the_site_follows(at, client, staff):
    at(2026, 12, 5, 10, 0)  # Saturday
    client.force_login(staff)
    visitor = Client()
    assert "Closed. Opens Monday, December 7, 8:30 AM" in visitor.get("/visit/").content.decode()
    client.post("/admin/appointments/openinghours/add/", {"weekday": 5, "opens_at": "09:00", "closes_at": "12:00"})
    assert "Open now, until 12:00 PM" in visitor.get("/visit/").content.decode()
    client.post(
        "/admin/appointments/closure/add/",
        {"first_day": "2026-12-05", "last_day": "2026-12-07", "opens_at": "", "closes_at": "", "reason": "Snow"},
    )
    assert "Closed. Opens Tuesday, December 8, 8:30 AM" in visitor.get("/visit/").content.decode()
    client.post("/admin/appointments/mailbox/add/", {"email": "new@example.org", "is_active": "on"})
    assert Mailbox.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize(
    ("url", "data", "sentence"),
    [
        (
            "/admin/appointments/closure/add/",
            {"first_day": "2026-12-05", "last_day": "2026-12-04"},
            "The last day must not be before the first day.",
        ),
        (
            "/admin/appointments/openinghours/add/",
            {"weekday": 5, "opens_at": "12:00", "closes_at": "09:00"},
            "The office must open before it closes.",
        ),
        (
            "/admin/appointments/mailbox/add/",
            {"email": "DESK@example.org", "is_active": "on"},
            "This mailbox is already on the list.",
        ),
    ],
)
def test_an_impossible_entry_is_explained_to_staff(staff_client, url, data, sentence):
    assert sentence in staff_client.post(url, data).content.decode()


def test_a_late_opening_and_an_early_close_are_said_in_words():
    day = date(2026, 12, 24)
    assert Closure(first_day=day, last_day=day, closes_at=time(13)).in_words() == "closes at 1:00 PM"
    assert Closure(first_day=day, last_day=day, opens_at=time(10)).in_words() == "opens at 10:00 AM"


def test_hours_are_listed_in_the_order_of_the_week():
    assert [row.weekday for row in OpeningHours.objects.all()] == [0, 1, 2, 3, 4]


def test_a_note_that_may_tell_of_a_stroke_moves_the_request_to_the_front(staff_client):
    now = timezone.now()
    first = make_inquiry(reply_by=now + timedelta(hours=1))
    second = make_inquiry(reply_by=now + timedelta(days=2))
    handling.take_patient_note(second, "Since this morning my left arm is numb")
    page = staff_client.get(QUEUE).content.decode()
    assert in_order(page, second.reference, first.reference)
    assert "New onset" in page


def test_something_else_is_told_from_not_being_sure(client, staff):
    from tests.factories import valid_request_data

    client.post("/request/", valid_request_data(topic="else"))
    client.force_login(staff)
    assert "something else" in client.get(desk_url(Inquiry.objects.get())).content.decode()
