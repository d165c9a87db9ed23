"""A mail says what changed against what the patient was last told, whatever happened to the row meanwhile."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.core import mail as django_mail

from appointments.background import pump
from appointments.mail import emails, outbox
from appointments.models import Inquiry, OutgoingMail, Visit
from appointments.requests import handling, promises, visits
from tests.conftest import NEW_YORK
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2026, 12, 9, 14, tzinfo=NEW_YORK)
FRIDAY = datetime(2026, 12, 11, 9, tzinfo=NEW_YORK)
CONFIRMED = "this is the time we agreed on"
REVOKED = "the time we agreed on no longer holds"


@pytest.fixture
def clock(at):
    return at(2026, 12, 1, 10, 0)


@pytest.fixture
def inquiry(office, settings, clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return make_inquiry(staff_notice=None, contacted_at=None)


def agree(inquiry, starts_at=WEDNESDAY, minutes=30, place="Room 7"):
    visits.agree(Inquiry.objects.get(pk=inquiry.pk), starts_at=starts_at, minutes=minutes, place=place, by=None)


def cancel(inquiry):
    visits.cancel(Inquiry.objects.get(pk=inquiry.pk), by=None)


def heard() -> list[str]:
    """What left since the last look, to the patient."""
    pump.turn()
    bodies = [message.body for message in django_mail.outbox if message.to == ["maria@example.com"]]
    django_mail.outbox.clear()
    return bodies


def first_line(body: str) -> str:
    return body.splitlines()[0].partition(": ")[2]


def server_is_away():
    return patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"starts_at": FRIDAY}, "the time has changed. This is what holds now."),
        ({"minutes": 60}, "the length has changed. This is what holds now."),
        ({"place": ""}, "the place has changed. This is what holds now."),
        ({"starts_at": FRIDAY, "place": "Room 8"}, "the time and the place have changed. This is what holds now."),
        (
            {"starts_at": FRIDAY, "minutes": 60, "place": "Room 8"},
            "the time, the length and the place have changed. This is what holds now.",
        ),
    ],
)
def test_a_change_names_what_changed_and_nothing_else(inquiry, change, words):
    agree(inquiry)
    heard()
    agree(inquiry, **change)
    (body,) = heard()
    assert first_line(body) == words


def test_what_was_agreed_and_cancelled_before_a_mail_left_is_not_mentioned(inquiry):
    agree(inquiry)
    cancel(inquiry)
    assert heard() == []


def test_a_time_changed_before_the_first_mail_left_is_told_as_the_first(inquiry):
    agree(inquiry)
    agree(inquiry, FRIDAY)
    agree(inquiry, FRIDAY, place="Room 8")
    (body,) = heard()
    assert first_line(body) == f"{CONFIRMED}."
    assert "9:00 AM, Friday" in body


def test_of_two_changes_the_mail_names_the_difference_from_what_was_told_not_from_the_one_between(inquiry):
    agree(inquiry)
    heard()
    agree(inquiry, FRIDAY)
    agree(inquiry, WEDNESDAY, place="Room 8")
    (body,) = heard()
    assert first_line(body) == "the place has changed. This is what holds now."


def test_what_was_changed_back_before_a_mail_left_needs_none_and_is_still_reminded(inquiry, at):
    agree(inquiry)
    heard()
    agree(inquiry, FRIDAY)
    agree(inquiry, WEDNESDAY)
    assert heard() == []
    at(2026, 12, 7, 10, 0)
    (body,) = heard()
    assert first_line(body) == "a reminder of the time we agreed on."


def test_a_cancellation_names_the_time_that_was_told_in_words_and_in_the_calendar(inquiry):
    agree(inquiry)
    heard()
    agree(inquiry, FRIDAY)
    cancel(inquiry)
    pump.turn()
    message = django_mail.outbox[-1]
    assert REVOKED in message.body
    assert "2:00 PM, Wednesday, December 9" in message.body
    assert "Friday" not in message.body
    assert "DTSTART:20261209T190000Z" in message.attachments[0].content


def test_what_was_cancelled_and_agreed_again_before_a_mail_left_needs_none(inquiry):
    agree(inquiry)
    heard()
    cancel(inquiry)
    agree(inquiry)
    assert heard() == []


def test_a_time_agreed_after_a_cancellation_that_was_told_is_confirmed_though_it_is_the_same(inquiry):
    agree(inquiry)
    heard()
    cancel(inquiry)
    assert REVOKED in heard()[0]
    agree(inquiry)
    assert first_line(heard()[0]) == f"{CONFIRMED}."


def test_what_a_withdrawn_request_had_been_told_counts_no_more(inquiry, staff):
    agree(inquiry)
    heard()
    handling.withdraw(Inquiry.objects.get())
    handling.change_status(Inquiry.objects.get(), Inquiry.Status.IN_PROGRESS, by=staff)
    agree(inquiry)
    assert first_line(heard()[0]) == f"{CONFIRMED}."


def test_a_visit_that_is_over_is_no_time_that_could_change(inquiry, at):
    agree(inquiry)
    heard()
    at(2026, 12, 10, 10, 0)
    agree(inquiry, FRIDAY)
    assert first_line(heard()[0]) == f"{CONFIRMED}."
    agree(inquiry, FRIDAY + timedelta(days=7))
    cancel(inquiry)
    (body,) = heard()
    assert "Friday, December 11" in body
    assert "December 18" not in body


# Where nobody knows what arrived


def test_a_mail_that_was_tried_may_have_arrived_so_a_cancellation_is_told(inquiry, clock):
    agree(inquiry)
    with server_is_away():
        heard()
    cancel(inquiry)
    (body,) = heard()
    assert REVOKED in body
    assert "2:00 PM, Wednesday, December 9" in body


def test_a_change_after_a_mail_that_was_tried_claims_no_difference_and_its_cancellation_names_both(inquiry, clock):
    agree(inquiry)
    heard()
    agree(inquiry, FRIDAY)
    with server_is_away():
        heard()
    agree(inquiry, FRIDAY + timedelta(hours=1))
    (mail,) = OutgoingMail.objects.waiting().exclude(kind=OutgoingMail.Kind.PATIENT_VISIT_REMINDER)
    assert first_line(emails.render(mail).body) == f"{CONFIRMED}."
    cancel(inquiry)
    (body,) = heard()
    assert "2:00 PM, Wednesday, December 9" in body
    assert "10:00 AM, Friday, December 11" in body


def test_a_mail_accepted_while_a_colleague_changed_the_time_is_not_taken_for_the_new_time(inquiry, monkeypatch):
    agree(inquiry)
    send = django_mail.EmailMessage.send

    def send_while_a_colleague_cancels(message, **kwargs):
        if message.to == ["maria@example.com"]:
            monkeypatch.setattr(django_mail.EmailMessage, "send", send)
            cancel(inquiry)
        return send(message, **kwargs)

    monkeypatch.setattr(django_mail.EmailMessage, "send", send_while_a_colleague_cancels)
    first, second = heard()
    assert first_line(first) == f"{CONFIRMED}."
    assert REVOKED in second


def test_a_refused_mail_was_told_by_a_colleague_so_a_cancellation_is_mailed_too(inquiry):
    agree(inquiry)
    OutgoingMail.objects.filter(kind=OutgoingMail.Kind.PATIENT_VISIT_CONFIRMED).update(
        attempts=1, refused_at=datetime(2026, 12, 1, 10, tzinfo=NEW_YORK)
    )
    cancel(inquiry)
    assert REVOKED in heard()[0]


def test_only_what_a_mail_server_accepted_counts_as_told(inquiry):
    agree(inquiry)
    with server_is_away():
        heard()
    assert Visit.objects.get().told is None
    OutgoingMail.objects.update(due_at=datetime(2026, 12, 1, tzinfo=NEW_YORK))
    outbox.deliver_due()
    assert Visit.objects.get().told == (WEDNESDAY, 30, "Room 7")


# Promises: the same thought


def test_an_apology_that_has_not_left_is_not_sent_once_we_have_replied(inquiry, clock, at, staff):
    Inquiry.objects.update(reply_by=datetime(2026, 12, 2, 17, tzinfo=NEW_YORK))
    at(2026, 12, 2, 17, 1)
    promises.watch()
    handling.log_contact(Inquiry.objects.get(), by=staff)
    assert [body for body in heard() if "We have not, and we are sorry" in body] == []


def test_an_unanswered_call_takes_no_apology_back(inquiry, at, staff):
    Inquiry.objects.update(reply_by=datetime(2026, 12, 2, 17, tzinfo=NEW_YORK), phone="+12125550142")
    at(2026, 12, 2, 17, 1)
    promises.watch()
    handling.log_contact(Inquiry.objects.get(), Inquiry.Contact.NO_ANSWER, by=staff)
    assert len([body for body in heard() if "We have not, and we are sorry" in body]) == 1
