"""Patient words stay in the database: one story with a marked value in every field, and every place they may not be."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from appointments.background import pump
from appointments.models import Closure, Inquiry, Mailbox, OutgoingMail, owed_mail
from appointments.privacy import link_token
from appointments.requests import handling, promises, visits
from tests.conftest import NEW_YORK
from tests.factories import make_condition, valid_request_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

TYPED = {
    "name": "Zebulon",
    "contact_name": "Wilhelmina",
    "email": "quillfeather@patient.example",
    "phone": "+1 212 555 0187",
    "message": "Xylophone",
}
TRAP, NOTE, STAFF_NOTE = "Trapezoid", "Vexatious", "Ukulele"
ADDRESS, BROWSER = "203.0.113.77", "Marigold/1.0"
MARKS = ["zebulon", "wilhelmina", "quillfeather", "patient.example", "xylophone", "trapezoid", "vexatious", "ukulele"]
MARKS += [ADDRESS, "marigold"]
DIGITS = "2125550187"
# Of the inquiry; they are searched, so they are clear.
ITS_OWN_COLUMNS = {"name", "contact_name", "email", "phone", "phone_digits"}
ITS_OWN_COLUMNS |= {"name_normal", "contact_name_normal", "email_normal"}


def marks_in(text: str | bytes) -> list[str]:
    """Which of the patient's marked values a text holds, however it is spelled."""
    text = (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).lower()
    digits = [DIGITS] if DIGITS[3:] in re.sub(r"[\s().+-]|%20|%2b", "", text) else []
    return [mark for mark in MARKS if mark in text] + digits


def rows_of_every_table() -> dict[str, list[dict]]:
    """The whole database as it lies on the disk."""
    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            names = [column[0] for column in cursor.description]
            tables[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return tables


@dataclass
class Story:
    """What came of asking: every kind of mail, every address, every page, every line of the log."""

    mails: list[bytes] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    addresses: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    log: Callable[[], str] = str


@pytest.fixture
def story(office, staff, at, printed) -> Story:
    """A patient asks and adds a note; promises are missed and moved; a visit is agreed, changed and cancelled."""
    story = Story(log=printed)
    visitor = Client(REMOTE_ADDR=ADDRESS, headers={"User-Agent": BROWSER, "Referer": f"http://{ADDRESS}/"})
    make_condition("synkinesis")
    Mailbox.objects.create(email="deputy@example.org")

    def visit(address: str, data: dict | None = None):
        answer = visitor.get(address) if data is None else visitor.post(address, data)
        story.addresses += [address, answer.get("Location", "")]
        story.pages[address] = answer.content.decode()
        return answer

    def ask(**answers) -> Inquiry:
        data = valid_request_data(for_whom="child", topic="synkinesis", began="days", **(TYPED | answers))
        answer = visit(reverse("ask"), data)
        assert answer.status_code == 302
        visit(answer.url)
        return Inquiry.objects.order_by("pk").last()

    def private(inquiry, **data):
        address = reverse("my_request", args=[link_token.make("private", inquiry)])
        answer = visit(address, data)
        visit(answer.url)
        return address

    at(2026, 12, 1, 10, 0)  # Tuesday
    first = ask()
    ask(trap=TRAP, message="Xylophone https://a.example https://b.example https://c.example")
    pump.turn()
    at(2026, 12, 2, 15, 30)
    pump.turn()  # staff are reminded
    at(2026, 12, 2, 17, 1)
    pump.turn()  # the promise is missed
    private(first, action="note", **{"add-note": NOTE})
    private(first, action="channel", **{"change-reach_by": "call"})
    handling.add_note(first, STAFF_NOTE, by=staff)

    at(2026, 12, 4, 10, 0)
    second = ask()
    Closure.objects.create(first_day=date(2026, 12, 7), last_day=date(2026, 12, 7))
    promises.move_open_promises(by=staff)
    pump.turn()
    visits.agree(second, starts_at=datetime(2026, 12, 15, 14, tzinfo=NEW_YORK), minutes=30, by=staff)
    pump.turn()
    visits.agree(second, starts_at=datetime(2026, 12, 16, 14, tzinfo=NEW_YORK), minutes=30, by=staff)
    pump.turn()
    at(2026, 12, 14, 10, 1)
    pump.turn()  # the reminder
    visits.cancel(second, by=staff)
    pump.turn()
    private(first, action="withdraw")
    for kind in (OutgoingMail.Kind.STAFF_OPENING, OutgoingMail.Kind.STAFF_REVIEW, OutgoingMail.Kind.STAFF_TEST):
        owed_mail.announce(kind)
    pump.turn()

    story.mails = [message.message().as_bytes() for message in mail.outbox]
    story.kinds = set(OutgoingMail.objects.exclude(sent_at=None).values_list("kind", flat=True))
    return story


def as_read(message: bytes) -> str:
    """A mail's headers and words, decoded."""
    parsed = message_from_bytes(message, policy=policy.default)
    parts = [part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in parsed.items()), *parts])


def test_no_word_of_a_patient_is_in_any_kind_of_mail(story):
    assert story.kinds == set(OutgoingMail.Kind.values), "the story must lead to every kind of mail"
    to_the_patient = f"To: {TYPED['email']}"  # the envelope's address, the one place where it must be
    for message in story.mails:
        assert marks_in(as_read(message).replace(to_the_patient, "", 1)) == []
        assert marks_in(message.replace(to_the_patient.encode(), b"", 1)) == []


def test_no_word_of_a_patient_is_in_any_address_or_redirect(story):
    assert len([address for address in story.addresses if address]) > 15
    assert marks_in("\n".join(story.addresses)) == []


def test_no_word_of_a_patient_is_in_the_log(story):
    assert '"route": "my_request"' in story.log()
    assert marks_in(story.log()) == []


def test_no_word_of_a_patient_is_in_a_cache(story):
    for cache in caches.all(initialized_only=False):
        kept = getattr(cache, "_cache", None)
        assert kept is not None, "look into this kind of cache too"
        assert marks_in(repr(dict(kept))) == []


def test_no_word_of_a_patient_is_clear_in_any_column_but_the_inquirys_own(story):
    tables = rows_of_every_table()
    assert len(tables["appointments_inquiry"]) == 3
    found = {
        (table, column)
        for table, rows in tables.items()
        for row in rows
        for column, value in row.items()
        if marks_in(str(value))
    }
    assert found == {("appointments_inquiry", column) for column in ITS_OWN_COLUMNS}


def test_no_page_after_sending_shows_a_word_of_a_patient(story):
    assert len(story.pages) >= 6
    assert {address: marks for address, page in story.pages.items() if (marks := marks_in(page))} == {}


# Error pages


def test_no_error_page_repeats_a_word_of_a_patient(office, client, monkeypatch, printed):
    client.raise_request_exception = False
    data = valid_request_data(**TYPED)
    too_many = data | {f"field{number}": "Zebulon" for number in range(1001)}
    answers = {
        400: client.post(f"{reverse('ask')}?name=Zebulon", too_many),
        403: client.post(reverse("ask"), data, headers={"Sec-Fetch-Site": "cross-site"}),
        404: client.get("/my-request/Zebulon/", {"name": "Zebulon"}),
    }

    def fail(error):
        def choke(**answers):
            raise error(f"could not save {answers['answers']}")

        return choke

    monkeypatch.setattr("appointments.patient.views.receive", fail(RuntimeError))
    answers[500] = client.post(reverse("ask"), data)
    monkeypatch.setattr("appointments.patient.views.OfficeNow.read", lambda: fail(OperationalError)(answers=TYPED))
    answers[503] = client.get(reverse("ask"), {"topic": "Zebulon"})
    for status, answer in answers.items():
        page = answer.content.decode()
        assert answer.status_code == status
        assert "911" in page, status
        assert marks_in(page) == [], status
        assert marks_in(str(answer.headers)) == [], status
    assert "RuntimeError" in printed()
    assert "OperationalError" in printed()
    assert marks_in(printed()) == []


@pytest.mark.parametrize("trouble", [429, 503, 200])
def test_the_form_shown_again_gives_the_answers_to_their_sender_alone(office, client, monkeypatch, printed, trouble):
    if trouble == 429:
        monkeypatch.setattr("appointments.requests.spam.HARD_LIMIT", (promises.WARNING, 0))
    if trouble == 503:

        def choke(**answers):
            raise OperationalError(f"could not save {answers['answers']}")

        monkeypatch.setattr("appointments.patient.views.receive", choke)
    answer = client.post(reverse("ask"), valid_request_data(**TYPED, consent=None if trouble == 200 else "on"))
    assert answer.status_code == trouble
    assert set(marks_in(answer.content)) >= {"zebulon", "wilhelmina", "xylophone"}
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert marks_in(printed()) == []
    for rows in rows_of_every_table().values():
        assert marks_in(str(rows)) == []
    assert marks_in(Client().get(reverse("ask")).content) == []


# A scanner


def test_a_scanner_that_opens_every_link_of_every_mail_changes_nothing(story):
    links = {link for message in story.mails for link in re.findall(r"https?://\S+", as_read(message))}
    assert {link.split("/")[3] for link in links} == {"my-request", "admin"}
    before = rows_of_every_table()
    scanner = Client(headers={"User-Agent": "MailScanner/1.0"})
    for link in links:
        path = link.removeprefix("http://127.0.0.1:8000")
        for look in (scanner.get, scanner.head):
            look(path)
            assert look(path, follow=True).status_code == 200
    assert rows_of_every_table() == before
