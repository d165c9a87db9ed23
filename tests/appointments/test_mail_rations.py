"""Mail cannot be aimed: typing an address mails nobody without limit, and staff are not flooded."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from appointments.background import health, pump
from appointments.mail import outbox
from appointments.models import Inquiry, OutgoingMail, StaffNotice, owed_mail
from appointments.privacy.mail_target import one_mailbox, target_of
from appointments.requests import receive, spam
from tests.factories import make_inquiry, valid_request_data

pytestmark = pytest.mark.django_db

Kind = OutgoingMail.Kind
SPELLINGS = [
    "maria.okafor@gmail.com",
    "MariaOkafor@gmail.com",
    "maria.okafor+a@gmail.com",
    "m.a.r.i.a.okafor@googlemail.com",
]


def ask(email: str, number: int = 0, **changes) -> Inquiry:
    """A request as the form saves it, each from a form of its own."""
    now = timezone.now()
    answers = {
        "for_whom": "me",
        "name": f"Patient {number}",
        "contact_name": "",
        "reach_by": "email",
        "email": email,
        "phone": "",
        "topic": None,
        "began": "",
        "message": f"Question {number}",
    }
    fields = {"form_key": uuid4(), "received_at": now, "reply_by": now + timedelta(days=3)} | changes
    return receive.receive(answers=answers, **fields)


def test_spellings_of_one_mailbox_are_one():
    assert {one_mailbox(email) for email in SPELLINGS} == {"mariaokafor@gmail.com"}
    assert one_mailbox("A.B+c@Example.org") == "a.b@example.org"
    assert one_mailbox("+@example.org") == "+@example.org"
    assert "maria" not in target_of("maria@example.org")


def test_one_mailbox_gets_at_most_three_receipts_a_day_however_it_is_spelt(office, at):
    at(2026, 12, 1, 10, 0)
    for number in range(12):
        ask(SPELLINGS[number % 4], number)
    outbox.deliver_due()
    assert len(mail.outbox) == 3
    assert Inquiry.objects.count() == 12
    ask("somebody.else@gmail.com")
    outbox.deliver_due()
    assert len(mail.outbox) == 4
    at(2026, 12, 2, 10, 1)
    ask(SPELLINGS[0], 99)
    outbox.deliver_due()
    assert len(mail.outbox) == 5


def test_what_is_more_than_an_hours_ration_waits_and_staff_see_it(office, at):
    at(2026, 12, 1, 10, 0)
    for number in range(owed_mail.RECEIPTS_AN_HOUR + 7):
        ask(f"patient{number}@example.com", number)
    outbox.deliver_due()
    assert len(mail.outbox) <= owed_mail.RECEIPTS_AN_HOUR + 1
    sent = OutgoingMail.objects.filter(kind=Kind.PATIENT_RECEIVED, sent_at__isnull=False).count()
    assert sent == owed_mail.RECEIPTS_AN_HOUR
    (words,) = [words for words in health.report()["problems"] if "Receipts" in words]
    assert "7 in all" in words
    at(2026, 12, 1, 11, 1)
    outbox.deliver_due()
    assert not OutgoingMail.objects.waiting().rationed().exists()
    assert not [words for words in health.report()["problems"] if "Receipts" in words]


def test_mail_that_staff_or_a_promise_cause_is_never_held(office, staff, at):
    at(2026, 12, 1, 10, 0)
    for number in range(owed_mail.RECEIPTS_AN_HOUR + 1):
        ask(f"patient{number}@example.com", number)
    outbox.deliver_due()
    typed_in = ask("caller@example.com", taken_by=staff)
    promised = make_inquiry(email="late@example.com")
    owed_mail.queue(Kind.PATIENT_PROMISE_MISSED, inquiry=promised, occasion="now")
    rescued = make_inquiry(email="rescued@example.com", status="suspected", suspicion="a link")
    spam.rescue(rescued, by=staff)
    before = len(mail.outbox)
    outbox.deliver_due()
    to = {address for message in mail.outbox[before:] for address in message.to}
    assert to >= {typed_in.email, promised.email, rescued.email}


def test_one_form_sent_with_ever_other_answers_is_a_sign(client, office):
    data = valid_request_data()
    for number in range(12):
        client.post("/request/", data | {"name": f"Somebody {number}", "email": f"victim{number}@example.com"})
    rows = list(Inquiry.objects.order_by("pk").values_list("status", flat=True))
    assert rows[:5] == ["new"] * 5
    assert rows[-1] == "suspected"
    assert "one form sent with" in Inquiry.objects.order_by("-pk").first().suspicion


# A flood


def flood(at, *, count: int, minutes: int, patients_every: int) -> dict:
    """So many requests, each from an address of its own, evenly over so many minutes; the pump turns each minute.

    Some are real patients. What staff were mailed and when, and what became of the patients' receipts.
    """
    number, notices = 0, []
    for minute in range(minutes):
        at(2026, 12, 1, 10 + minute // 60, minute % 60)
        for _ in range(count // minutes):
            who = "patient" if number % patients_every == 0 else "flooder"
            ask(f"{who}{number}@example.com", number)
            number += 1
        known = StaffNotice.objects.count()
        pump.turn()
        notices += [minute] * (StaffNotice.objects.count() - known)
    staff = sum(message.to == ["desk@example.org"] for message in mail.outbox)
    return {"notices": notices, "mails": mail.outbox, "staff": staff}


def test_in_a_flood_staff_are_mailed_at_growing_intervals_and_every_request_is_kept(office, at):
    happened = flood(at, count=2000, minutes=100, patients_every=500)
    assert Inquiry.objects.count() == 2000
    gaps = [later - earlier for earlier, later in pairwise(happened["notices"])]
    assert gaps == sorted(gaps)
    assert happened["staff"] <= 9
    assert max(gaps) >= 15
    for message in happened["mails"]:
        if message.to == ["desk@example.org"]:
            assert message.body.count("received") <= 21
    assert "more: very many requests" in [m for m in happened["mails"] if m.to == ["desk@example.org"]][-1].body
    receipts = len(happened["mails"]) - happened["staff"]
    assert receipts <= 2 * owed_mail.RECEIPTS_AN_HOUR


def test_when_the_flood_is_over_staff_hear_within_the_minute_again(office, at):
    flood(at, count=900, minutes=30, patients_every=100)
    at(2026, 12, 1, 13, 0)
    pump.turn()
    at(2026, 12, 1, 13, 30)
    ask("real@example.com", 5000)
    before = len(mail.outbox)
    at(2026, 12, 1, 13, 31)
    pump.turn()
    assert any(message.to == ["desk@example.org"] for message in mail.outbox[before:])
