"""Mails to patients: discreet, plain, at most one an event, with a link that opens, and never silently lost."""

import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from unittest.mock import patch

import pytest
from django.conf import settings as site_settings
from django.core import mail as django_mail
from django.urls import reverse
from django.utils import timezone

from appointments.background import pump
from appointments.mail import outbox
from appointments.models import Closure, Inquiry, Office, OutgoingMail, owed_mail
from appointments.requests import handling, spam, visits
from appointments.requests.promises import move_open_promises
from conditions.models import Page, Symptom
from tests.conftest import NEW_YORK
from tests.factories import make_condition, valid_request_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

Kind = OutgoingMail.Kind
PATIENT = "zq-91@patient.example"
TYPED = {
    "name": "Zebulon Quince",
    "for_whom": "child",
    "contact_name": "Ysolde Quince",
    "email": PATIENT,
    "phone": "(212) 555-0142",
    "topic": "hemifacial-spasm",
    "began": "year",
    "language": "Spanish",
    "message": "Xylophone rings in my ear forty-seven-eleven",
}
TYPED_WORDS = ["Zebulon", "Quince", "Ysolde", "zq-91", "patient.example", "5550142", "555-0142", "spasm", "Spanish"]
TYPED_WORDS += ["Xylophone", "rings", "forty-seven-eleven", "child", "12 months"]
PRACTICE = ["New York Facial Paralysis", "facial", "paralysis", "NYFP", "FACE"]
VISIT_AT = datetime(2026, 12, 9, 14, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def _office(office, settings):
    """Monday to Friday, 8:30 to 5; mail stays in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def inquiry(at, client) -> Inquiry:
    """A request that came through the form on Tuesday at 10 AM, every field filled in. No mail has left yet."""
    make_condition("hemifacial-spasm", name="Hemifacial spasm")
    at(2026, 12, 1, 9, 59)
    data = valid_request_data(**TYPED)
    at(2026, 12, 1, 10, 0)
    client.post(reverse("ask"), data)
    client.post(reverse("ask"), data)
    return Inquiry.objects.get()


# How each kind of mail comes to be owed. Each is done twice, as two presses or two pumps would.


def receive(inquiry, at, staff):
    """The form was sent, twice."""


def move(inquiry, at, staff):
    Closure.objects.create(first_day=date(2026, 12, 2), last_day=date(2026, 12, 2))
    move_open_promises(by=staff)
    move_open_promises(by=staff)


def miss(inquiry, at, staff):
    at(2026, 12, 2, 17, 1)
    pump.promises.watch()
    pump.promises.watch()


def confirm(inquiry, at, staff, starts_at=VISIT_AT, place="Room 7"):
    for _ in range(2):
        visits.agree(Inquiry.objects.get(), starts_at=starts_at, minutes=30, place=place, by=staff)


def change(inquiry, at, staff):
    confirm(inquiry, at, staff)
    outbox.deliver_due()
    confirm(inquiry, at, staff, VISIT_AT + timedelta(hours=1))


def cancel(inquiry, at, staff):
    confirm(inquiry, at, staff)
    outbox.deliver_due()
    visits.cancel(Inquiry.objects.get(), by=staff)
    visits.cancel(Inquiry.objects.get(), by=staff)


def remind(inquiry, at, staff):
    confirm(inquiry, at, staff)
    at(2026, 12, 7, 10, 0)


EVENTS = {
    Kind.PATIENT_RECEIVED: receive,
    Kind.PATIENT_PROMISE_MOVED: move,
    Kind.PATIENT_PROMISE_MISSED: miss,
    Kind.PATIENT_VISIT_CONFIRMED: confirm,
    Kind.PATIENT_VISIT_CHANGED: change,
    Kind.PATIENT_VISIT_CANCELLED: cancel,
    Kind.PATIENT_VISIT_REMINDER: remind,
}
every_kind = pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)


@pytest.fixture
def owe(inquiry, at, staff):
    """Bring about the event of one kind and return its row."""

    def owe(kind) -> OutgoingMail:
        EVENTS[kind](inquiry, at, staff)
        return OutgoingMail.objects.waiting().get(kind=kind, inquiry=inquiry)

    return owe


@pytest.fixture
def sent(owe):
    """Bring about the event of one kind and return the mail as it travels."""

    def sent(kind):
        row = owe(kind)
        pump.turn()
        (message,) = messages_of(row)
        return message

    return sent


def messages_of(row) -> list:
    """Each time this row's mail was handed over, parsed from its bytes."""
    wanted = f"<{row.pk}@"
    travelled = [message.message().as_bytes() for message in django_mail.outbox]
    parsed = [message_from_bytes(content, policy=policy.default) for content in travelled]
    return [message for message in parsed if message["Message-ID"].startswith(wanted)]


def first_lines(message) -> str:
    """What a lock screen shows: the sender, the subject and the first three lines with words."""
    lines = [line for line in text_of(message).splitlines() if line.strip()]
    return "\n".join([message["From"], message["Subject"], *lines[:3]])


def test_every_kind_of_mail_to_patients_is_tested_here():
    assert set(EVENTS) == {kind for kind in Kind if kind.startswith("patient_")}


# Discreet


def text_of(message) -> str:
    """The words of a mail, and of the calendar file beside them."""
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(part.get_content() for part in parts)


@every_kind
def test_a_mail_to_a_patient_is_plain_text_with_at_most_a_calendar_file(sent, kind):
    message = sent(kind)
    parts = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert parts in (["text/plain"], ["text/plain", "text/calendar"])
    assert not re.search(r"</?[a-z]+[ >]|&[a-z]+;|&#", text_of(message))


@every_kind
def test_no_mail_to_a_patient_holds_a_word_or_number_that_was_typed(sent, kind):
    message = sent(kind)
    assert message["To"] == PATIENT
    del message["To"]
    text = (message.as_string() + text_of(message)).lower()
    assert [word for word in TYPED_WORDS if word.lower() in text] == []


@every_kind
def test_sender_subject_and_first_lines_name_no_practice(sent, kind):
    text = first_lines(sent(kind)).lower()
    assert [word for word in PRACTICE if word.lower() in text] == []


@every_kind
def test_no_mail_to_a_patient_names_a_condition_a_treatment_or_a_symptom(sent, kind, pages):
    names = {page.name.lower() for page in Page.objects.all()}
    names |= {symptom.short.lower() for symptom in Symptom.objects.all()}
    assert len(names) > 20
    words = {"palsy", "synkinesis", "botox", "nerve", "facial", "paralysis", "surgery", "eyelid", "spasm", "stroke"}
    text = (lambda message: message["Subject"] + text_of(message))(sent(kind)).lower()
    assert [name for name in names | words if re.search(rf"\b{re.escape(name)}\b", text)] == []


@every_kind
def test_the_subject_is_the_reference_and_nothing_else(sent, kind, inquiry):
    assert sent(kind)["Subject"] == f"Your request {inquiry.reference}"


@every_kind
def test_the_sender_is_the_neutral_one_of_the_settings(sent, kind, settings):
    settings.DEFAULT_FROM_EMAIL = "Suite 501 office <desk@neutral.example>"
    assert sent(kind)["From"] == "Suite 501 office <desk@neutral.example>"


@every_kind
def test_a_mail_says_that_a_program_sent_it(sent, kind):
    message = sent(kind)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert "This mail was sent by a program." in text_of(message)


@pytest.mark.parametrize("address", ["", "desk@clinic.example"])
@every_kind
def test_answers_go_to_the_office_if_it_has_an_address(sent, kind, address):
    Office.objects.update(email=address)
    assert sent(kind)["Reply-To"] == (address or None)


@every_kind
def test_every_time_a_mail_prints_says_that_it_is_new_york_time(sent, kind):
    body = sent(kind).get_body(("plain",)).get_content()
    assert len(re.findall(r"\d:\d\d [AP]M", body)) == body.count("New York time")


@every_kind
def test_the_link_opens_the_private_page(sent, kind, client, inquiry):
    body = sent(kind).get_body(("plain",)).get_content()
    (link,) = re.findall(r"https?://\S+", body)
    assert link.startswith(f"{site_settings.SITE_URL}/my-request/")
    page = client.get(link.removeprefix(site_settings.SITE_URL))
    assert page.status_code == 200
    assert inquiry.reference in page.content.decode()


def test_the_received_page_shows_how_the_mail_will_look(sent, client, at):
    message = sent(Kind.PATIENT_RECEIVED)
    at(2026, 12, 1, 9, 0)
    data = valid_request_data(**TYPED)
    at(2026, 12, 1, 9, 5)
    page = client.post(reverse("ask"), data, follow=True)
    second = Inquiry.objects.latest("pk")
    shown = page.content.decode().split('class="mail"')[1].split("</dl>")[0]
    assert message["From"].replace("<", "&lt;").replace(">", "&gt;") in shown
    assert f"Your request {second.reference}" in shown
    assert f"one link, which begins with {site_settings.SITE_URL}" in shown


# At most one an event


@every_kind
def test_an_event_that_happens_twice_owes_one_mail(owe, kind):
    row = owe(kind)
    pump.turn()
    pump.turn()
    assert OutgoingMail.objects.filter(kind=kind).count() == 1
    assert len(messages_of(row)) == 1


@every_kind
def test_a_second_pump_that_turns_while_a_mail_is_on_its_way_sends_no_other(owe, kind, monkeypatch):
    row = owe(kind)
    send = django_mail.EmailMessage.send

    def send_while_another_pump_turns(message, **kwargs):
        pump.turn()
        return send(message, **kwargs)

    monkeypatch.setattr(django_mail.EmailMessage, "send", send_while_another_pump_turns)
    pump.turn()
    assert len(messages_of(row)) == 1


def test_the_outbox_owes_one_mail_for_one_occasion_however_often_it_is_asked(inquiry):
    first, again = (owed_mail.queue(Kind.PATIENT_PROMISE_MISSED, inquiry=inquiry, occasion="1") for _ in range(2))
    assert first == again
    assert owed_mail.queue(Kind.PATIENT_PROMISE_MISSED, inquiry=inquiry, occasion="2") != first


def test_a_rescued_request_gets_the_received_mail_once(inquiry, staff):
    handling.change_status(inquiry, Inquiry.Status.SUSPECTED, by=staff)
    inquiry.mails.all().delete()
    spam.rescue(inquiry, by=staff)
    pump.turn()
    pump.turn()
    assert [message.to for message in django_mail.outbox].count([PATIENT]) == 1


@every_kind
def test_a_patient_who_gave_no_address_is_owed_no_mail(inquiry, at, staff, kind):
    Inquiry.objects.update(email="")
    OutgoingMail.objects.all().delete()
    inquiry.refresh_from_db()
    EVENTS[kind](inquiry, at, staff)
    pump.turn()
    assert not OutgoingMail.objects.filter(inquiry=inquiry).exists()


# Too late to be of use

TOO_LATE = {
    Kind.PATIENT_RECEIVED: (2026, 12, 2, 17, 0),
    Kind.PATIENT_PROMISE_MOVED: (2026, 12, 3, 17, 0),
    Kind.PATIENT_PROMISE_MISSED: (2026, 12, 5, 17, 1),
    Kind.PATIENT_VISIT_CONFIRMED: (2026, 12, 9, 14, 0),
    Kind.PATIENT_VISIT_CHANGED: (2026, 12, 9, 15, 0),
    Kind.PATIENT_VISIT_CANCELLED: (2026, 12, 9, 14, 0),
    Kind.PATIENT_VISIT_REMINDER: (2026, 12, 9, 14, 0),
}
every_kind_that_ends = pytest.mark.parametrize(
    ("kind", "moment"), TOO_LATE.items(), ids=[kind.name for kind in TOO_LATE]
)


@every_kind_that_ends
def test_a_mail_waits_for_the_mail_server_as_long_as_it_is_of_use(owe, kind, moment, at):
    row = owe(kind)
    with patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError):
        pump.turn()
    last_second = datetime(*moment, tzinfo=NEW_YORK) - timedelta(seconds=1)
    at(*last_second.timetuple()[:6])
    pump.turn()
    assert len(messages_of(row)) == 1


@every_kind_that_ends
def test_a_mail_that_would_come_too_late_is_given_up_and_becomes_a_task_that_status_names(
    owe, kind, moment, at, client, staff
):
    row = owe(kind)
    OutgoingMail.objects.exclude(pk=row.pk).delete()
    with patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError):
        pump.turn()
    at(*moment)
    pump.turn()
    pump.turn()
    row.refresh_from_db()
    assert messages_of(row) == []
    assert row.refused_at == timezone.now()
    status = client.get(reverse("status")).json()  # when it alarms is test_health's story
    assert status["refused_mails"] == 1
    assert "A mail was given up: a person must act." in status["problems"]
    client.force_login(staff)
    tasks = client.get(reverse("admin:appointments_outgoingmail_changelist"), {"state": "refused"}).content.decode()
    assert "too late to be of use: reach the patient another way" in tasks


def test_a_reminder_is_given_up_rather_than_sent_after_the_visit(owe, at):
    row = owe(Kind.PATIENT_VISIT_REMINDER)
    at(2026, 12, 9, 14, 0)
    pump.turn()
    assert messages_of(row) == []
