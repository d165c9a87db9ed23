"""Mail that is owed: who hears, when, and what happens when a mail server has trouble."""

import smtplib
import time as time_module
from datetime import date, time, timedelta
from unittest.mock import patch

import pytest
from django.core import mail as django_mail
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from appointments.background import pump
from appointments.mail import outbox
from appointments.models import (
    Closure,
    Heartbeat,
    Inquiry,
    Mailbox,
    Office,
    OpeningHours,
    OutgoingMail,
    StaffNotice,
    owed_mail,
)
from tests.factories import make_inquiry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

SEND = "django.core.mail.EmailMessage.send"


@pytest.fixture(autouse=True)
def _office(office, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sent():
    return django_mail.outbox


def test_staff_are_told_at_once_while_the_office_is_open(at):
    at(2026, 12, 1, 10, 0)
    inquiry = make_inquiry()
    pump.turn()
    assert [message.to for message in sent()] == [["desk@example.org"]]
    assert inquiry.reference in sent()[0].body


@pytest.mark.parametrize(
    "moment",
    [
        (2026, 12, 1, 20, 30),  # in UTC it is tomorrow
        (2026, 12, 1, 8, 29, 59),
        (2026, 12, 1, 17, 0, 0),
        (2026, 12, 5, 12, 0),  # Saturday
        (2026, 11, 1, 12, 0),  # the Sunday on which clocks go back
        (2027, 3, 14, 12, 0),  # and the one on which they go forward
    ],
)
def test_nothing_is_mailed_to_staff_outside_office_hours(at, moment):
    at(*moment)
    make_inquiry()
    pump.turn()
    assert not sent()
    assert Inquiry.objects.untold().count() == 1


@pytest.mark.parametrize("moment", [(2026, 12, 1, 8, 30, 0), (2026, 12, 1, 16, 59, 59)])
def test_the_first_and_the_last_second_of_the_day_are_office_hours(at, moment):
    at(*moment)
    make_inquiry()
    pump.turn()
    assert len(sent()) == 1


def test_requests_of_a_long_weekend_come_in_one_mail_at_the_next_opening(at):
    Closure.objects.create(first_day=date(2026, 11, 26), last_day=date(2026, 11, 27))
    received = []
    for moment in [(2026, 11, 25, 18, 0), (2026, 11, 27, 10, 0), (2026, 11, 29, 23, 59)]:
        at(*moment)
        received.append(make_inquiry())
        pump.turn()
    assert not sent()
    at(2026, 11, 30, 8, 30)
    pump.turn()
    assert len(sent()) == 1
    assert all(inquiry.reference in sent()[0].body for inquiry in received)


def test_on_new_years_eve_mail_stops_at_the_early_close(at):
    Closure.objects.create(first_day=date(2026, 12, 31), last_day=date(2026, 12, 31), closes_at=time(13))
    at(2026, 12, 31, 13, 0)
    make_inquiry()
    pump.turn()
    assert not sent()


def test_a_mail_that_failed_at_the_end_of_the_day_waits_for_the_next_opening(at):
    at(2026, 12, 4, 16, 59, 50)
    make_inquiry()
    with patch(SEND, side_effect=ConnectionRefusedError):
        pump.turn()
    at(2026, 12, 4, 17, 5)
    pump.turn()
    assert not sent()
    at(2026, 12, 7, 8, 30)
    pump.turn()
    assert len(sent()) == 1


def test_the_notice_holds_references_and_times_and_nothing_of_the_patient(at):
    at(2026, 12, 1, 10, 0)
    make_inquiry(name="Zebulon Quince", email="zq@patient.example", phone="+12125550142", message="Xylophone in my ear")
    pump.turn()
    text = sent()[0].message().as_string()
    for secret in ("Zebulon", "Quince", "zq@", "patient.example", "5550142", "555-0142", "Xylophone"):
        assert secret not in text
    assert "http://127.0.0.1:8000/admin/appointments/inquiry/" in text
    assert "New York time" in text
    assert sent()[0].extra_headers["Auto-Submitted"] == "auto-generated"
    assert "facial" not in (sent()[0].subject + sent()[0].from_email).lower()


def test_each_mailbox_gets_a_mail_of_its_own(at):
    at(2026, 12, 1, 10, 0)
    Mailbox.objects.create(email="second@example.org")
    Mailbox.objects.create(email="away@example.org", is_active=False)
    make_inquiry()
    pump.turn()
    assert sorted(message.to for message in sent()) == [["desk@example.org"], ["second@example.org"]]


def test_a_refused_mailbox_does_not_hide_behind_anothers_success(at):
    at(2026, 12, 1, 10, 0)
    Mailbox.objects.create(email="refused@example.org")
    make_inquiry()

    def send(message, **kwargs):
        if message.to == ["refused@example.org"]:
            raise smtplib.SMTPRecipientsRefused({"refused@example.org": (550, b"no such user")})

    with patch(SEND, autospec=True, side_effect=send):
        pump.turn()
    states = {mail.mailbox: mail.state for mail in OutgoingMail.objects.all()}
    assert states == {"desk@example.org": "sent", "refused@example.org": "given up"}


def test_a_refused_mail_is_not_tried_again_until_a_person_asks(at, client, staff):
    at(2026, 12, 1, 10, 0)
    client.force_login(staff)
    make_inquiry()
    with patch(SEND, side_effect=smtplib.SMTPDataError(554, b"no")) as send:
        pump.turn()
        pump.turn()
    assert send.call_count == 1
    row = OutgoingMail.objects.get()
    client.post("/admin/appointments/outgoingmail/", {"action": "send_again", "_selected_action": [str(row.pk)]})
    pump.turn()
    assert len(sent()) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPConnectError(554, b"busy"),
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPRecipientsRefused({"desk@example.org": (450, b"greylisted")}),
        ValueError("a message that cannot be made"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_trouble_that_may_pass_is_waited_out(at, trouble):
    clock = at(2026, 12, 1, 10, 0)
    make_inquiry()
    waits = []
    with patch(SEND, side_effect=trouble):
        for _ in range(9):
            pump.turn()
            row = OutgoingMail.objects.get()
            assert row.refused_at is None
            waits.append((row.due_at - timezone.now()).total_seconds())
            clock.shift(timedelta(seconds=waits[-1]) if waits[-1] < 3600 else timedelta(seconds=1))
    assert waits[:4] == [30, 60, 120, 240]
    assert max(waits) <= 3600
    OutgoingMail.objects.update(due_at=timezone.now())
    pump.turn()
    assert len(sent()) == 1


def test_a_mail_that_cannot_be_made_does_not_stop_those_behind_it(at):
    at(2026, 12, 1, 10, 0)
    Mailbox.objects.create(email="second@example.org")
    make_inquiry()
    outcomes = iter([ValueError("broken"), 1])
    with patch(
        SEND, side_effect=lambda **kwargs: (_ for _ in ()).throw(o) if isinstance(o := next(outcomes), Exception) else o
    ):
        pump.turn()
    assert OutgoingMail.objects.filter(sent_at__isnull=False).count() == 1


def test_a_leased_mail_is_left_to_its_holder_until_the_lease_lapses(at):
    clock = at(2026, 12, 1, 10, 0)
    make_inquiry()
    owed_mail.gather()
    held = outbox.lease_next()
    assert outbox.lease_next() is None
    clock.shift(outbox.LEASE + timedelta(seconds=1))
    again = outbox.lease_next()
    assert again.pk == held.pk
    assert again.lease != held.lease


def test_who_lost_the_lease_cannot_mark_the_mail(at):
    clock = at(2026, 12, 1, 10, 0)
    make_inquiry()
    owed_mail.gather()
    held = outbox.lease_next()
    clock.shift(outbox.LEASE + timedelta(seconds=1))
    outbox.lease_next()
    outbox.send(held)
    assert OutgoingMail.objects.get().sent_at is None


@pytest.mark.django_db(transaction=True)  # it drops broken connections, so a test's own transaction with them
def test_a_mail_that_was_accepted_is_marked_when_the_database_is_back(at):
    at(2026, 12, 1, 10, 0)
    make_inquiry()
    owed_mail.gather()
    leased = outbox.lease_next()
    troubles, update = [OperationalError("the database is away"), OperationalError("still")], QuerySet.update

    def update_when_it_is_back(rows, **fields):
        if troubles:
            raise troubles.pop()
        return update(rows, **fields)

    with patch.object(outbox, "MARK_PAUSE", 0), patch.object(QuerySet, "update", update_when_it_is_back):
        outbox.send(leased)
    assert OutgoingMail.objects.exclude(sent_at=None).exists()


def test_a_repeat_carries_the_same_message_id(at):
    at(2026, 12, 1, 10, 0)
    make_inquiry()
    pump.turn()
    OutgoingMail.objects.update(sent_at=None)
    pump.turn()
    first, second = (message.extra_headers["Message-ID"] for message in sent())
    assert first == second


def test_mail_of_a_newer_release_is_left_alone(at):
    at(2026, 12, 1, 10, 0)
    notice = StaffNotice.objects.create()
    OutgoingMail.objects.create(kind="of_tomorrow", notice=notice, mailbox="desk@example.org")
    pump.turn()
    assert not sent()
    assert OutgoingMail.objects.get().attempts == 0


def test_staff_get_at_most_one_notice_a_minute(at):
    clock = at(2026, 12, 1, 10, 0)
    for _ in range(10):
        make_inquiry()
        pump.turn()
        clock.shift(timedelta(seconds=5))
    assert len(sent()) == 1
    clock.shift(timedelta(seconds=15))
    pump.turn()
    assert len(sent()) == 2
    assert not Inquiry.objects.untold().exists()


def test_a_notice_of_an_hour_that_comes_again_does_not_keep_staff_from_hearing(at):
    at(2026, 12, 1, 11, 0)
    make_inquiry()
    pump.turn()
    at(2026, 12, 1, 10, 0)  # the clock was an hour fast
    make_inquiry()
    pump.turn()
    assert len(sent()) == 2


def test_a_staff_mail_made_just_before_the_clock_was_set_back_leaves_at_once(at):
    at(2026, 12, 1, 11, 0)
    make_inquiry()
    owed_mail.gather()
    at(2026, 12, 1, 10, 0)
    outbox.deliver_due()
    assert len(sent()) == 1


def test_staff_hear_before_the_patients_whose_mail_has_waited_longer(at):
    at(2026, 12, 1, 10, 0)
    earlier = make_inquiry()
    owed_mail.queue(OutgoingMail.Kind.PATIENT_RECEIVED, inquiry=earlier)
    at(2026, 12, 1, 10, 1)
    pump.turn()
    assert [message.to for message in sent()] == [["desk@example.org"], ["maria@example.com"]]


def test_suspected_spam_is_not_announced_as_a_request(at):
    at(2026, 12, 1, 10, 0)
    make_inquiry(status=Inquiry.Status.SUSPECTED)
    pump.turn()
    assert not StaffNotice.objects.exists()


def test_without_a_mailbox_requests_keep_waiting_to_be_told(at):
    at(2026, 12, 1, 10, 0)
    Mailbox.objects.all().delete()
    make_inquiry()
    pump.turn()
    assert Inquiry.objects.untold().count() == 1
    Mailbox.objects.create(email="late@example.org")
    pump.turn()
    assert len(sent()) == 1


def test_hours_that_staff_edit_decide_at_once(at):
    at(2026, 12, 5, 10, 0)  # Saturday
    make_inquiry()
    OpeningHours.objects.create(weekday=5, opens_at=time(9), closes_at=time(12))
    pump.turn()
    assert len(sent()) == 1


def test_a_turn_shows_that_the_pump_lives(at):
    moment = at(2026, 12, 6, 3, 0)
    pump.turn()
    assert Heartbeat.objects.get(name="pump").at == timezone.now()
    assert moment


def test_the_pump_survives_a_turn_that_fails():
    with patch("appointments.background.pump.turn", side_effect=RuntimeError), patch.object(pump, "PAUSE", 0.01):
        thread = pump.Pump()
        thread.start()
        thread._stop.wait(0.1)
        assert thread._thread.is_alive()
        thread.stop(5)
        assert not thread._thread.is_alive()


def test_a_turn_that_has_lasted_long_leaves_the_rest_to_the_next_which_gathers_first():
    turns = []

    def turn_with_no_end_of_mail(should_stop):
        turns.append("began")
        while not should_stop():
            time_module.sleep(0.001)

    with (
        patch("appointments.background.pump.turn", turn_with_no_end_of_mail),
        patch.multiple(pump, PAUSE=0.01, LONGEST_TURN=0.01),
    ):
        thread = pump.Pump()
        thread.start()
        time_module.sleep(0.5)
        thread.stop(5)
    assert len(turns) > 1


def test_the_office_row_is_made_once_and_never_changed_by_a_second_set_up():
    from django.core.management import call_command

    Office.objects.update(street="Elsewhere 1")
    OpeningHours.objects.filter(weekday=4).delete()
    call_command("set_up_office")
    assert Office.objects.get().street == "Elsewhere 1"
    assert OpeningHours.objects.count() == 4


def test_trouble_with_the_promises_does_not_keep_mail_from_leaving(at):
    at(2026, 12, 1, 10, 0)
    make_inquiry()
    with patch("appointments.requests.promises.watch", side_effect=RuntimeError):
        pump.turn()
    assert len(sent()) == 1


@pytest.mark.parametrize("address", ["josé@example.com", "maria@אa.com", "maria@exa\u200bmple..com"])
def test_a_mail_to_an_address_that_no_mail_reaches_becomes_a_task_at_once(address):
    inquiry = make_inquiry(email=address)
    mail = owed_mail.queue(OutgoingMail.Kind.PATIENT_RECEIVED, inquiry=inquiry)
    assert outbox.deliver_due() == 0
    mail.refresh_from_db()
    assert (mail.refused_at is not None, mail.attempts) == (True, 1)
    assert mail.last_error == "no mail reaches this address"
