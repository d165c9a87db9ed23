"""Spam is filed, not dropped: the sender sees the same, staff decide, and nobody is refused for sharing an address."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from appointments.background import pump
from appointments.models import Inquiry, OpeningHours, OutgoingMail, RecentPost
from appointments.privacy import form_key, link_token
from appointments.requests import handling, spam
from tests.conftest import NEW_YORK
from tests.desk import press_save
from tests.factories import make_inquiry, valid_request_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

HOSPITAL = "203.0.113.77"
MOST = spam.HARD_LIMIT[1]
ADVERTISING = "Rank on Google with our SEO: https://a.example https://b.example https://c.example"


@pytest.fixture(autouse=True)
def _office(office, at):
    """Every story begins at the practice's office on a Tuesday morning, and waits for what it does not tell."""
    at(2026, 12, 1, 10, 0)


def read_first(seconds=60) -> str:
    """The key of a form that somebody has read for so long."""
    key = form_key.issue()
    data = form_key.signing.loads(key, salt=form_key.SALT)
    return form_key.signing.dumps(data | {"at": data["at"] - seconds}, salt=form_key.SALT)


def send(client, address="192.0.2.1", headers=None, **answers):
    """Send a request that was read first, from an address."""
    data = valid_request_data(**{"key": read_first()} | answers)
    return client.post(reverse("ask"), data, REMOTE_ADDR=address, headers=headers or {})


def send_spam(client, **answers) -> Inquiry:
    answer = send(client, trap="x", message=ADVERTISING, **answers)
    inquiry = Inquiry.objects.order_by("pk").last()
    assert (answer.status_code, inquiry.status) == (302, "suspected")
    return inquiry


def earlier_posts(count: int, *, ago: timedelta, address=HOSPITAL, rf=None) -> None:
    """So many requests came from an address, so long ago."""
    sender = spam.sender_of(rf.get("/", REMOTE_ADDR=address))
    RecentPost.objects.bulk_create(RecentPost(sender=sender, at=timezone.now() - ago) for _ in range(count))


def mailed_to(address: str) -> list:
    return [message for message in mail.outbox if address in message.to]


# Each sign


@pytest.mark.parametrize(
    ("answers", "sign"),
    [
        ({"trap": "x"}, "hidden field filled in"),
        ({"key": ""}, "sent within seconds"),
        ({"message": "See https://a.example"}, "a link"),
        ({"message": "https://a.example www.b.example [url=c]"}, "several links"),
        ({"name": "www.a.example"}, "a link as a name"),
        ({"message": "Best casino"}, "words of advertising"),
    ],
)
def test_each_sign_is_seen(monkeypatch, client, answers, sign):
    monkeypatch.setattr(spam, "ENOUGH", 1)
    if "key" in answers:
        answers = {"key": form_key.issue()}
    send(client, **answers)
    assert sign in Inquiry.objects.get().suspicion.split(", ")


def test_a_plain_request_has_no_sign(monkeypatch, client):
    monkeypatch.setattr(spam, "ENOUGH", 1)
    send(client, message="My eye closes when I smile. My surgeon was Dr. O.")
    assert Inquiry.objects.get().suspicion == ""


@pytest.mark.parametrize(
    ("count", "ago", "sign"),
    [
        (12, timedelta(minutes=59), "many requests from one address"),
        (40, timedelta(minutes=9), "a flood from one address"),
    ],
)
def test_the_rate_of_an_address_is_a_sign(monkeypatch, client, rf, count, ago, sign):
    monkeypatch.setattr(spam, "ENOUGH", 1)
    earlier_posts(count, ago=ago, rf=rf)
    send(client, address=HOSPITAL)
    assert sign in Inquiry.objects.get().suspicion.split(", ")


@pytest.mark.parametrize(
    ("count", "ago", "sign"),
    [
        (11, timedelta(minutes=59), "many requests from one address"),
        (12, timedelta(minutes=61), "many requests from one address"),
        (39, timedelta(minutes=9), "a flood from one address"),
        (40, timedelta(minutes=11), "a flood from one address"),
    ],
)
def test_fewer_or_older_requests_of_an_address_are_no_sign(monkeypatch, client, rf, count, ago, sign):
    monkeypatch.setattr(spam, "ENOUGH", 1)
    earlier_posts(count, ago=ago, rf=rf)
    send(client, address=HOSPITAL)
    assert sign not in Inquiry.objects.get().suspicion.split(", ")


@pytest.mark.parametrize(
    "answers",
    [
        {"trap": "Maria Okafor"},
        {"message": "See https://a.example"},
        {"message": ADVERTISING.partition(":")[2]},
        {"message": "I work in SEO"},
    ],
)
def test_one_innocent_sign_alone_never_suffices(client, answers):
    send(client, **answers)
    assert Inquiry.objects.get().status == "new"


@pytest.mark.parametrize("answers", [{"trap": "autofilled"}, {"message": "See https://a.example"}, {"key": ""}])
def test_an_innocent_sign_from_a_shared_address_does_not_suffice_either(client, rf, answers):
    earlier_posts(20, ago=timedelta(minutes=30), rf=rf)
    if "key" in answers:
        answers = {"key": form_key.issue()}
    send(client, address=HOSPITAL, **answers)
    assert Inquiry.objects.get().status == "new"


@pytest.mark.parametrize(
    "answers",
    [
        {"trap": "x", "key": "now"},
        {"trap": "x", "message": ADVERTISING},
        {"name": "www.a.example"},
        {"key": "now", "message": ADVERTISING},
    ],
)
def test_signs_that_people_do_not_show_together_file_a_request_as_suspected(client, answers):
    if "key" in answers:
        answers = answers | {"key": form_key.issue()}
    send(client, **answers)
    assert Inquiry.objects.get().status == "suspected"


def test_every_sign_at_once_still_fits_into_its_column(client, rf, monkeypatch):
    for window in ("BUSY", "FLOOD"):
        monkeypatch.setattr(spam, window, (timedelta(hours=1), 0))
    send(client, key=form_key.issue(), trap="x", name="www.a.example", message=ADVERTISING)
    inquiry = Inquiry.objects.get()
    inquiry.full_clean(exclude=["answers_digest", "topic"])
    assert inquiry.suspicion.count(", ") == 7


# What a suspected request gets


def test_a_suspected_request_is_stored_with_every_word(client):
    inquiry = send_spam(client, name="Ng")
    assert (inquiry.name, inquiry.message, inquiry.email) == ("Ng", ADVERTISING, "maria@example.com")
    assert [event.kind for event in inquiry.events.all()] == ["received"]


def test_a_suspected_request_gets_the_same_page_and_the_same_promise(client):
    send(client, name="Plain")
    suspected = send_spam(client, name="Plain")
    plain = Inquiry.objects.get(status="new")
    assert suspected.reply_by == plain.reply_by == datetime(2026, 12, 2, 17, tzinfo=NEW_YORK)
    pages = []
    for inquiry in (plain, suspected):
        page = client.get(reverse("received", args=[link_token.make("received", inquiry)])).content.decode()
        for private in (link_token.make("private", inquiry), inquiry.reference):
            page = page.replace(private, "")
        pages.append(page)
    assert pages[0] == pages[1]


def test_a_suspected_request_sends_no_mail_to_the_typed_address_and_is_not_announced(client, at):
    inquiry = send_spam(client)
    for moment in ((2026, 12, 1, 10, 1), (2026, 12, 2, 14, 0)):
        at(*moment)
        pump.turn()
    assert mail.outbox == []
    inquiry.refresh_from_db()
    assert inquiry.staff_notice is None


def test_a_suspected_request_is_escalated_like_any_other_but_its_address_hears_nothing_when_the_moment_passes(
    client, at
):
    inquiry = send_spam(client)
    at(2026, 12, 2, 15, 30)
    pump.turn()
    assert [(message.to, inquiry.reference in message.body) for message in mail.outbox] == [
        (["desk@example.org"], True)
    ]
    at(2026, 12, 2, 17, 1)
    pump.turn()
    assert len(mail.outbox) == 1


def test_spam_that_a_person_closed_is_announced_to_nobody(client, staff):
    inquiry = send_spam(client)
    handling.change_status(inquiry, "closed", by=staff, outcome="spam")
    pump.turn()
    assert mail.outbox == []


# Rescue


def rescue_by_action(client, inquiry):
    client.post("/admin/appointments/inquiry/?view=suspected", {"action": "rescue", "_selected_action": [inquiry.pk]})


def rescue_by_form(client, inquiry):
    press_save(client, inquiry, status="new")


@pytest.mark.parametrize("rescue", [rescue_by_action, rescue_by_form])
def test_rescue_sends_the_normal_mails_and_keeps_a_promise_that_still_holds(client, staff, at, rescue):
    inquiry = send_spam(client)
    promised = inquiry.reply_by
    at(2026, 12, 1, 15, 0)
    client.force_login(staff)
    rescue(client, inquiry)
    pump.turn()
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.reply_by) == ("new", promised)
    assert sorted(message.to[0] for message in mail.outbox) == ["desk@example.org", "maria@example.com"]
    assert all(inquiry.reference in message.body for message in mail.outbox)
    assert [event.kind for event in inquiry.events.all()] == ["received", "status", "rescued"]
    assert {event.by for event in inquiry.events.exclude(kind="received")} == {staff}


def test_rescue_after_the_moment_has_passed_promises_a_new_one_openly(client, staff, at):
    inquiry = send_spam(client)
    at(2026, 12, 3, 11, 0)
    spam.rescue(inquiry, by=staff)
    inquiry.refresh_from_db()
    assert inquiry.reply_by == datetime(2026, 12, 4, 17, tzinfo=NEW_YORK)
    assert inquiry.events.filter(kind="promise_moved", by=staff).count() == 1
    pump.turn()
    (to_patient,) = mailed_to("maria@example.com")
    assert "by 5:00 PM, Friday, December 4, New York time" in to_patient.body


def test_a_rescued_request_whose_new_moment_nears_is_escalated_again(client, staff, at):
    inquiry = send_spam(client)
    at(2026, 12, 2, 15, 30)
    pump.turn()
    at(2026, 12, 3, 11, 0)
    spam.rescue(inquiry, by=staff)
    at(2026, 12, 4, 15, 30)
    pump.turn()
    assert inquiry.events.filter(kind="escalated").count() == 2


def test_rescue_works_while_no_opening_hours_are_known(client, staff):
    inquiry = send_spam(client)
    OpeningHours.objects.all().delete()
    Inquiry.objects.update(reply_by=None)
    inquiry.refresh_from_db()
    spam.rescue(inquiry, by=staff)
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.reply_by) == ("new", None)
    assert OutgoingMail.objects.filter(inquiry=inquiry, kind="patient_received").exists()


def test_only_what_is_suspected_can_be_rescued(staff):
    inquiry = make_inquiry()
    with pytest.raises(ValidationError):
        spam.rescue(inquiry, by=staff)
    assert not OutgoingMail.objects.exists()


# One address, many people


def test_thirty_people_in_an_hour_behind_one_hospital_address_are_all_ordinary_requests(client, at):
    for minute in range(0, 60, 2):
        at(2026, 12, 1, 10, minute)
        send(client, address=HOSPITAL, name=f"Patient {minute}", email=f"patient{minute}@example.com")
    assert Inquiry.objects.filter(status="new", suspicion="").count() == 30
    pump.turn()
    assert sum(len(mailed_to(f"patient{minute}@example.com")) for minute in range(0, 60, 2)) == 30


def test_above_the_flood_rate_requests_are_still_saved_as_suspected(client, rf):
    earlier_posts(45, ago=timedelta(minutes=5), rf=rf)
    send(client, address=HOSPITAL)
    assert Inquiry.objects.get().suspicion == "many requests from one address, a flood from one address"


def test_above_the_hard_limit_nothing_is_saved_and_the_page_says_so_and_keeps_the_answers(client, rf):
    earlier_posts(MOST, ago=timedelta(seconds=30), rf=rf)
    answer = send(client, address=HOSPITAL, name="Ngozi", message="Words to keep", days=["2"])
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (429, "120")
    for said in (
        "We could not save your request",
        "Nothing was saved",
        "(212) 434-4050",
        "711",
        "Call <a",
        "Words to keep",
        'value="Ngozi"',
        'name="days" value="2" id="id_days_2" checked',
    ):
        assert said in page
    assert "<title>Error: " in page
    assert not Inquiry.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert RecentPost.objects.count() == MOST


def test_the_page_above_the_hard_limit_can_be_sent_two_minutes_later(client, rf, at):
    earlier_posts(MOST, ago=timedelta(seconds=30), rf=rf)
    form = send(client, address=HOSPITAL).context["form"]
    at(2026, 12, 1, 10, 2)
    send(client, address=HOSPITAL, key=form["key"].value())
    assert Inquiry.objects.count() == 1


def test_the_hard_limit_of_one_address_is_nobody_elses(client, rf):
    earlier_posts(MOST, ago=timedelta(seconds=30), rf=rf)
    send(client, address="192.0.2.9")
    assert Inquiry.objects.get().status == "new"


# Whose address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, " , ", "192.0.2.1"),
    ],
)
def test_a_forwarded_address_is_believed_only_from_as_many_proxies_as_we_run(rf, settings, proxies, forwarded, address):
    settings.TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})
    assert spam.client_address(request) == address


def test_a_made_up_forwarded_address_does_not_escape_the_hard_limit(client, rf):
    earlier_posts(MOST, ago=timedelta(seconds=30), rf=rf)
    answer = send(client, address=HOSPITAL, headers={"X-Forwarded-For": "198.51.100.9"})
    assert answer.status_code == 429


def test_the_hash_of_an_address_is_kept_for_a_day_and_then_forgotten(client, at):
    send(client, address=HOSPITAL)
    at(2026, 12, 2, 9, 59)
    pump.turn()
    assert RecentPost.objects.count() == 1
    at(2026, 12, 2, 10, 1)
    pump.turn()
    assert RecentPost.objects.count() == 0


def test_the_hash_tells_nothing_without_our_key(rf, settings):
    request = rf.get("/", REMOTE_ADDR=HOSPITAL)
    ours = spam.sender_of(request)
    settings.SECRET_KEY = "another-key"
    assert spam.sender_of(request) != ours


def test_the_address_itself_is_stored_nowhere(client, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    send(client, address="192.0.2.201", headers={"X-Forwarded-For": HOSPITAL})
    pump.turn()
    stored = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            stored += str(cursor.fetchall())
    assert Inquiry.objects.get().reference in stored
    assert HOSPITAL not in stored
    assert "192.0.2.201" not in stored
