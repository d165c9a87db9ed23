"""The private page of one request: GET shows, POST acts, and it tells whoever looks nothing about health."""

from datetime import datetime, timedelta

import pytest
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, Office, OutgoingMail, Visit
from appointments.patient.views import inquiry_of
from appointments.privacy import link_token
from appointments.requests import handling
from tests.conftest import NEW_YORK
from tests.factories import make_condition, make_inquiry, valid_request_data

pytestmark = pytest.mark.django_db

PATIENT = {
    "name": "Zebulon Quist",
    "contact_name": "Wilhelmina",
    "email": "zebulon@patient.example",
    "phone": "+1 212 555 0187",
    "message": "Xylophone words",
}


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


@pytest.fixture
def inquiry(at):
    """Somebody asked on Tuesday morning and may be reached by e-mail or telephone."""
    at(2026, 12, 1, 10, 0)
    promised = datetime(2026, 12, 2, 17, tzinfo=NEW_YORK)
    return make_inquiry(**PATIENT, reply_by=promised, topic=make_condition("synkinesis"), began="days")


def url_of(inquiry, purpose="private", name="my_request") -> str:
    return reverse(name, args=[link_token.make(purpose, inquiry)])


def page_of(client, inquiry) -> str:
    return client.get(url_of(inquiry)).content.decode()


def act(client, inquiry, action, **answers):
    return client.post(url_of(inquiry), {"action": action} | answers)


def events(inquiry) -> list[str]:
    return [event.kind for event in inquiry.events.all()]


def state(inquiry) -> list:
    """Everything stored about one request."""
    return [
        list(rows.values())
        for rows in (
            Inquiry.objects.filter(pk=inquiry.pk),
            InquiryEvent.objects.order_by("pk"),
            OutgoingMail.objects.order_by("pk"),
            Visit.objects.order_by("pk"),
        )
    ]


def closed(inquiry, **ago) -> Inquiry:
    """The request was closed so long ago."""
    inquiry.status, inquiry.outcome = Inquiry.Status.CLOSED, Inquiry.Outcome.ANSWERED
    inquiry.closed_at = timezone.now() - timedelta(**ago)
    inquiry.save()
    return inquiry


# What it shows


def test_it_shows_status_reference_and_promise(client, inquiry):
    page = page_of(client, inquiry)
    for words in (
        inquiry.reference,
        "Saved</b> 10:00 AM, Tuesday, December 1, New York time",
        "We reply to you by email</b> By 5:00 PM, Wednesday, December 2, New York time",
    ):
        assert words in page


def test_it_shows_the_confirmed_time(client, inquiry):
    Visit.objects.create(inquiry=inquiry, starts_at=datetime(2026, 12, 9, 14, 30, tzinfo=NEW_YORK), minutes=45)
    page = page_of(client, inquiry)
    assert "We agreed on a time</b> 2:30 PM, Wednesday, December 9, New York time" in page
    assert "45 minutes, 110 East 40 Street, Suite 501." in page


def test_a_cancelled_time_is_no_longer_shown(client, inquiry):
    starts_at = datetime(2026, 12, 9, 14, 30, tzinfo=NEW_YORK)
    Visit.objects.create(inquiry=inquiry, starts_at=starts_at, cancelled_at=timezone.now())
    assert "December 9" not in page_of(client, inquiry)


def test_it_shows_that_a_person_has_read_it(client, inquiry, staff):
    assert "Read by a person" not in page_of(client, inquiry)
    handling.mark_opened(inquiry, by=staff)
    assert "Read by a person" in page_of(client, inquiry)


def test_it_shows_that_we_wait_for_the_patient(client, inquiry, staff):
    handling.change_status(inquiry, Inquiry.Status.WAITING_FOR_PATIENT, by=staff)
    assert "We wait to hear from you" in page_of(client, inquiry)


def test_it_admits_that_a_promise_was_missed(client, inquiry, at):
    at(2026, 12, 2, 17, 1)
    page = page_of(client, inquiry)
    assert "We promised it by 5:00 PM, Wednesday, December 2, New York time. We are late" in page


def test_it_names_no_moment_when_none_was_promised(client, inquiry):
    Inquiry.objects.update(reply_by=None)
    assert "When the office opens" in page_of(client, inquiry)


def test_a_closed_request_offers_nothing_to_press(client, inquiry):
    page = page_of(client, closed(inquiry, days=1))
    assert "Closed</b>" in page
    assert 'method="post"' not in page
    assert 'href="/request/">send a new request' in page


@pytest.mark.parametrize("is_closed", [False, True])
def test_it_tells_nothing_of_health_name_number_or_words(client, inquiry, staff, is_closed):
    handling.take_patient_note(inquiry, "Vexatious note")
    handling.add_note(inquiry, "Staff think so", by=staff)
    if is_closed:
        closed(inquiry, days=1)
    page = page_of(client, inquiry).partition("<main")[2].partition("</main>")[0].lower()
    assert inquiry.reference.lower() in page
    for private in (
        "zebulon",
        "quist",
        "wilhelmina",
        "patient.example",
        "0187",
        "xylophone",
        "vexatious",
        "staff think",
        "synkinesis",
        "palsy",
        "3 days",
        "stroke",
        "onset",
    ):
        assert private not in page


# Looking changes nothing


def test_opening_it_changes_nothing(client, inquiry):
    before = state(inquiry)
    for query in ({}, {"saved": "withdraw"}, {"action": "withdraw"}):
        client.get(url_of(inquiry), query)
        client.head(url_of(inquiry), query)
    assert state(inquiry) == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client, inquiry, method):
    assert getattr(client, method)(url_of(inquiry)).status_code == 405


@pytest.mark.parametrize("saved", ["note", "withdraw", "withdrawn", "x"])
def test_a_link_cannot_make_the_page_say_what_is_not_so(client, inquiry, saved):
    page = client.get(url_of(inquiry), {"saved": saved}).content.decode()
    assert "is withdrawn" not in page
    handling.withdraw(inquiry)
    page = client.get(url_of(inquiry), {"saved": saved}).content.decode()
    assert "note is saved" not in page


# A note


def test_a_note_is_kept_encrypted_and_confirmed_but_not_shown(client, inquiry):
    answer = act(client, inquiry, "note", **{"add-note": "It is\r\nworse"})
    page = client.get(answer.url).content.decode()
    assert answer.status_code == 302
    assert inquiry.events.get(kind="patient_note").note == "It is\nworse"
    assert "Your note is saved. We read it with your request." in page
    assert "worse" not in page


def test_an_empty_note_gets_a_sentence_and_saves_nothing(client, inquiry):
    page = act(client, inquiry, "note", **{"add-note": " "}).content.decode()
    assert page.count("Write your note first") == 2, "once in the summary, once beside the field"
    assert '<a href="#id_add-note">' in page
    assert 'id="id_add-note"' in page
    assert "<title>Error: " in page
    assert events(inquiry) == ["received"]


def test_a_note_that_is_too_long_stays_in_the_form(client, inquiry):
    page = act(client, inquiry, "note", **{"add-note": "x" * 5003}).content.decode()
    assert "Shorten your note by 3 characters." in page
    assert "x" * 5003 in page
    assert events(inquiry) == ["received"]


def test_a_note_of_a_waiting_patient_puts_the_request_back_to_work(client, inquiry, staff):
    handling.change_status(inquiry, Inquiry.Status.WAITING_FOR_PATIENT, by=staff)
    act(client, inquiry, "note", **{"add-note": "Tuesday is fine"})
    inquiry.refresh_from_db()
    assert inquiry.status == Inquiry.Status.IN_PROGRESS


def test_a_note_leaves_any_other_status_alone(client, inquiry):
    act(client, inquiry, "note", **{"add-note": "Tuesday is fine"})
    inquiry.refresh_from_db()
    assert inquiry.status == Inquiry.Status.NEW


def test_a_note_on_a_closed_request_is_not_taken_for_saved_and_stays_on_the_page(client, inquiry):
    page = act(client, closed(inquiry, days=1), "note", **{"add-note": "Precious words"}).content.decode()
    assert "Nothing was saved: this request is closed." in page
    assert "Precious words" in page
    assert events(inquiry) == ["received"]


def test_twenty_changes_a_day_are_taken_and_the_next_stays_in_the_form(client, inquiry, at):
    for number in range(19):
        assert act(client, inquiry, "note", **{"add-note": f"Note {number}"}).status_code == 302
    assert act(client, inquiry, "channel", **{"change-reach_by": "call"}).status_code == 302
    answer = act(client, inquiry, "note", **{"add-note": "One too many"})
    page = answer.content.decode()
    assert "Nothing was saved: there were very many changes today." in page
    assert "One too many" in page
    assert act(client, inquiry, "channel", **{"change-reach_by": "email"}).status_code == 200
    assert inquiry.events.exclude(kind="received").count() == 20
    at(2026, 12, 2, 10, 1)
    assert act(client, inquiry, "note", **{"add-note": "A new day"}).status_code == 302


def test_one_patients_many_notes_do_not_use_up_anothers(client, inquiry):
    for number in range(20):
        act(client, inquiry, "note", **{"add-note": f"Note {number}"})
    assert act(client, make_inquiry(), "note", **{"add-note": "Mine"}).status_code == 302


# How to be reached


def test_the_channel_is_changed_and_confirmed(client, inquiry):
    answer = act(client, inquiry, "channel", **{"change-reach_by": "relay"})
    inquiry.refresh_from_db()
    assert inquiry.reach_by == "relay"
    assert "Saved. We reach you by relay service." in client.get(answer.url).content.decode()
    assert events(inquiry) == ["received", "channel_changed"]


def test_choosing_the_same_channel_again_writes_nothing_down(client, inquiry):
    assert act(client, inquiry, "channel", **{"change-reach_by": "email"}).status_code == 302
    assert events(inquiry) == ["received"]


@pytest.mark.parametrize(("way", "why"), [("text", "switched off"), ("pigeon", "unknown"), ("", "empty")])
def test_a_channel_we_do_not_offer_gets_a_sentence(client, inquiry, way, why):
    page = act(client, inquiry, "channel", **{"change-reach_by": way}).content.decode()
    sentence = "Choose a way from the list" if way else "Choose how we should reach you"
    assert page.count(sentence) == 2, "once in the summary, once beside the field"
    assert '<a href="#id_change-reach_by">' in page
    inquiry.refresh_from_db()
    assert inquiry.reach_by == "email"


def test_only_ways_for_which_we_have_the_means_are_offered(client):
    inquiry = make_inquiry(email="maria@example.com", phone="")
    assert "Change it to" not in page_of(client, inquiry)
    assert act(client, inquiry, "channel", **{"change-reach_by": "call"}).status_code == 200
    inquiry.refresh_from_db()
    assert inquiry.reach_by == "email"


def test_who_chose_a_way_that_was_switched_off_since_may_change_to_the_one_left(client, inquiry):
    Inquiry.objects.update(reach_by="call")
    Office.objects.update(offers_call=False, offers_relay=False)
    page = page_of(client, inquiry)
    assert "Change it to" in page
    assert act(client, inquiry, "channel", **{"change-reach_by": "email"}).status_code == 302


# Withdrawing


def test_withdrawing_stops_everything_and_is_confirmed(client, inquiry):
    visit = Visit.objects.create(inquiry=inquiry, starts_at=timezone.now() + timedelta(days=9))
    OutgoingMail.objects.create(inquiry=inquiry, kind=OutgoingMail.Kind.PATIENT_VISIT_REMINDER)
    answer = act(client, inquiry, "withdraw")
    inquiry.refresh_from_db()
    visit.refresh_from_db()
    assert (inquiry.status, inquiry.outcome) == (Inquiry.Status.CLOSED, Inquiry.Outcome.WITHDRAWN)
    assert visit.cancelled_at
    assert not OutgoingMail.objects.waiting().exists()
    page = client.get(answer.url).content.decode()
    assert "Your request is withdrawn. We will not contact you about it." in page
    assert "Withdrawn by you" in page


def test_withdrawing_twice_is_withdrawing_once(client, inquiry, at):
    act(client, inquiry, "withdraw")
    before = state(inquiry)
    at(2026, 12, 3, 10, 0)
    assert act(client, inquiry, "withdraw").status_code == 302
    assert state(inquiry) == before


def test_withdrawing_does_not_rewrite_what_staff_closed(client, inquiry):
    closed(inquiry, days=1)
    answer = act(client, inquiry, "withdraw")
    inquiry.refresh_from_db()
    assert inquiry.outcome == Inquiry.Outcome.ANSWERED
    assert "is withdrawn" not in client.get(answer.url).content.decode()


def test_an_unknown_action_changes_nothing(client, inquiry):
    before = state(inquiry)
    assert act(client, inquiry, "explode").status_code == 200
    assert state(inquiry) == before


def test_the_received_page_of_a_closed_request_leads_to_the_private_page(client):
    data = valid_request_data()
    client.post(reverse("ask"), data)
    inquiry = Inquiry.objects.get()
    handling.withdraw(inquiry)
    again = client.post(reverse("ask"), data, follow=True)
    assert again.redirect_chain[-1][0] == url_of(inquiry)
    assert "Withdrawn by you" in again.content.decode()


# Who may


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_a_token_of_another_purpose_another_request_or_a_raised_version_opens_nothing(client, inquiry, method):
    ask = getattr(client, method)
    other = make_inquiry()
    stolen = link_token.make("private", other).replace(other.reference, inquiry.reference)
    wrong = [
        url_of(inquiry, purpose="received"),
        reverse("my_request", args=[stolen]),
        reverse("my_request", args=[inquiry.reference]),
        url_of(inquiry)[:-2] + "/",
        url_of(inquiry, name="received"),
    ]
    expected = 405 if method == "post" else 404  # the received page takes no POST at all
    assert [ask(url).status_code for url in wrong] == [404] * 4 + [expected]
    revoked = url_of(inquiry)
    Inquiry.objects.update(link_version=2)
    assert ask(revoked).status_code == 404
    inquiry.refresh_from_db()
    assert client.get(url_of(inquiry)).status_code == 200


MANGLED = [
    str.upper,
    str.lower,
    lambda url: url.replace("/my-request/", "/MY-REQUEST/"),
    lambda url: url.removesuffix("/"),
    *(lambda url, sign=sign: url + sign for sign in (">", ".", ")", ",", "%3E", "%E2%80%9D.", ">.", "%C2%A0", "/")),
    *(lambda url, sign=sign: url.removesuffix("/") + sign for sign in (">", ".", ")", ",", "%3E/", "%20", "%E2%80%8B")),
    lambda url: url.replace("-", "%E2%80%90").replace("my%E2%80%90request", "my-request"),
    lambda url: f"{url[:-12]}%20{url[-12:]}",
    lambda url: f"{url}?utm_source=mail&fbclid=x",
]


@pytest.mark.parametrize("mangle", MANGLED)
@pytest.mark.parametrize("name", ["my_request", "received"])
def test_a_link_that_was_typed_or_cut_out_of_a_mail_opens(client, inquiry, name, mangle):
    purpose = {"my_request": "private", "received": "received"}[name]
    url = url_of(inquiry, purpose, name)
    page = client.get(mangle(url), follow=True)
    assert page.status_code == 200
    assert inquiry.reference in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"


def test_a_mended_link_opens_no_more_than_the_link_itself(client, inquiry):
    revoked = url_of(inquiry).upper()
    Inquiry.objects.update(link_version=2)
    assert client.get(revoked, follow=True).status_code == 404
    for path in ("/my-request/.", "/my-request/%00/", "/MY-REQUEST/x/y/z", "/my-request//", "/Request/Received/%3E"):
        assert client.get(path, follow=True).status_code == 404


def test_a_token_that_no_database_could_hold_opens_nothing():
    with pytest.raises(Http404):
        inquiry_of("\x00", purpose="private")


@pytest.mark.parametrize(("name", "purpose", "alive"), [("my_request", "private", 200), ("received", "received", 302)])
def test_links_are_alive_89_days_after_closing_and_dead_after_90(client, inquiry, name, purpose, alive):
    url = url_of(inquiry, purpose, name)
    closed(inquiry, days=89)
    assert client.get(url).status_code == alive
    closed(inquiry, days=90)
    assert client.get(url).status_code == 404


def test_a_dead_page_takes_no_note(client, inquiry):
    assert act(client, closed(inquiry, days=90), "note", **{"add-note": "x"}).status_code == 404
    assert events(inquiry) == ["received"]


def test_a_request_that_stays_open_has_a_page_for_years(client, inquiry, at):
    at(2029, 12, 1, 10, 0)
    assert client.get(url_of(inquiry)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
def test_another_site_cannot_press_its_buttons(client, inquiry, headers):
    before = state(inquiry)
    for action in ("withdraw", "note", "channel"):
        data = {"action": action, "add-note": "x", "change-reach_by": "call"}
        assert client.post(url_of(inquiry), data, headers=headers).status_code == 403
    assert state(inquiry) == before


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "null"}, {"Origin": "http://testserver"}],
)
def test_its_own_buttons_work_although_it_names_itself_to_nobody(client, inquiry, headers):
    assert client.post(url_of(inquiry), {"action": "withdraw"}, headers=headers).status_code == 302


def test_it_is_kept_by_no_cache_listed_by_no_search_engine_and_named_to_no_other_site(client, inquiry):
    answers = [
        client.get(url_of(inquiry)),
        act(client, inquiry, "note", **{"add-note": ""}),
        act(client, inquiry, "note", **{"add-note": "Kept"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies
    page = answers[0].content.decode()
    assert '<meta name="robots" content="noindex">' in page
    assert 'rel="canonical"' not in page
