"""A patient asks: what is saved, what is refused, what is said."""

from datetime import datetime
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from appointments.models import Closure, Inquiry, OpeningHours
from tests.conftest import NEW_YORK
from tests.factories import make_condition, make_inquiry, valid_request_data

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


def post(client, **changes):
    return client.post(reverse("ask"), valid_request_data(**changes))


def errors(response) -> dict:
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


def test_a_valid_request_is_saved_and_leads_to_its_reference(client):
    response = client.post(reverse("ask"), valid_request_data(name="Maria Okafor"), follow=True)
    inquiry = Inquiry.objects.get()
    assert response.redirect_chain[0][1] == 302
    assert response.status_code == 200
    assert inquiry.name == "Maria Okafor"
    assert inquiry.message == "My eye closes when I smile."
    assert inquiry.reference in response.content.decode()
    assert [event.kind for event in inquiry.events.all()] == ["received"]


def test_request_sent_friday_evening_is_promised_a_reply_on_monday(client, at):
    at(2026, 12, 4, 20, 30)  # Friday; in UTC it is already Saturday
    response = client.post(reverse("ask"), valid_request_data(), follow=True)
    assert Inquiry.objects.get().reply_by == datetime(2026, 12, 7, 17, tzinfo=NEW_YORK)
    assert "by 5:00 PM, Monday, December 7, New York time" in response.content.decode()


def test_request_before_thanksgiving_is_promised_for_the_monday_after_and_names_the_closed_days(client, at):
    first, last = datetime(2026, 11, 26).date(), datetime(2026, 11, 27).date()
    Closure.objects.create(first_day=first, last_day=last, reason="Thanksgiving")
    at(2026, 11, 25, 14, 15)
    page = client.post(reverse("ask"), valid_request_data(), follow=True).content.decode()
    assert "by 5:00 PM, Monday, November 30, New York time" in page
    assert "closed on Thursday, November 26 and Friday, November 27" in page


def test_request_is_saved_without_a_promise_when_no_opening_hours_are_known(client):
    OpeningHours.objects.all().delete()
    response = client.post(reverse("ask"), valid_request_data(), follow=True)
    assert response.status_code == 200
    assert Inquiry.objects.get().reply_by is None


def test_the_form_states_the_same_promise_before_sending(client, at):
    at(2026, 12, 1, 10, 0)
    assert "by 5:00 PM, Wednesday, December 2, New York time" in client.get(reverse("ask")).content.decode()


@pytest.mark.parametrize("name", ["O", "Ng", "O'Neil", "O’Neil", "李", "Cher", "María José", "x" * 200, "<b>Al</b>"])
def test_any_name_is_a_name(client, name):
    post(client, name=name)
    assert Inquiry.objects.get().name == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("(212) 434-4050", "tel:+1-212-434-4050"),
        ("212-434-4050 ext. 12", "tel:+1-212-434-4050;ext=12"),
        ("+44 20 7946 0958", "tel:+44-20-7946-0958"),
        ("+81 3-1234-5678", "tel:+81-3-1234-5678"),
        ("1-212-371-FACE", "tel:+1-212-371-3223"),
        ("+39 06 698 12345 x7", "tel:+39-06-6981-2345;ext=7"),
    ],
)
def test_any_possible_number_is_taken_with_its_extension(client, typed, kept):
    post(client, reach_by="call", phone=typed, email="")
    assert Inquiry.objects.get().phone.as_rfc3966 == kept


def test_a_possible_number_of_no_known_plan_is_kept_as_typed(client):
    post(client, reach_by="call", phone="212 000 0000 ext 9", email="")
    phone = Inquiry.objects.get().phone
    assert "000" in str(phone.raw_input)
    assert phone.extension == "9"


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter the name of the person this is for"),
        ({"name": "x" * 201}, "name", "Shorten the name to 200 letters"),
        ({"reach_by": None}, "reach_by", "Choose how we should reach you"),
        ({"reach_by": "pigeon"}, "reach_by", "Choose how we should reach you"),
        ({"email": ""}, "email", "Enter an email address we can write to"),
        ({"email": "maria@"}, "email", "Check the email address. It should look like name@example.com"),
        ({"reach_by": "call"}, "phone", "Enter a phone number we can call"),
        ({"reach_by": "relay"}, "phone", "Enter a phone number we can reach through the relay service"),
        (
            {"reach_by": "call", "phone": "12"},
            "phone",
            "Check the phone number. From outside the US, begin with + and the country code.",
        ),
        ({"topic": "no-such-topic"}, "topic", "Choose a topic from the list, or “I am not sure”"),
        (
            {"message": "x" * 5003},
            "message",
            "Shorten your message by 3 characters. 5,000 is the most we can take.",
        ),
        ({"consent": None}, "consent", "Tick the box so that we may use your answers to reply"),
    ],
)
def test_bad_input_gets_a_clear_sentence_and_saves_nothing(client, change, field, sentence):
    response = post(client, **change)
    assert response.status_code == 200
    assert errors(response) == {field: [sentence]}
    assert response.content.decode().count(sentence) == 2, "once in the summary, once beside the field"
    assert not Inquiry.objects.exists()


def test_a_message_of_5000_characters_is_taken_however_lines_end(client):
    message = "a\r\n" * 2500  # 5,000 characters as we count, 7,500 as the browser sends
    post(client, message=message[:-2])
    assert len(Inquiry.objects.get().message) == 4999


def test_an_error_page_keeps_everything_typed_and_says_error_in_its_title(client):
    make_condition("synkinesis", title="Synkinesis: together")
    typed = {"name": "", "phone": "212 434 4050", "topic": "synkinesis", "message": "Words <i>of mine</i>"}
    page = post(client, **typed).content.decode()
    assert "<title>Error: " in page
    for kept in (
        "212 434 4050",
        "maria@example.com",
        "Words &lt;i&gt;of mine&lt;/i&gt;",
        'value="synkinesis" selected',
    ):
        assert kept in page
    assert '<a href="#id_name">' in page
    assert 'aria-describedby="id_name_error"' in page


def test_the_same_press_twice_is_one_request(client):
    data = valid_request_data()
    first = client.post(reverse("ask"), data)
    second = client.post(reverse("ask"), data)
    assert first.url == second.url
    assert Inquiry.objects.count() == 1


def test_the_same_form_with_corrected_answers_is_a_second_request_marked_as_repeat(client):
    data = valid_request_data()
    client.post(reverse("ask"), data)
    client.post(reverse("ask"), data | {"email": "maria@corrected.example"})
    first, second = Inquiry.objects.order_by("pk")
    assert second.repeat_of == first
    assert second.email == "maria@corrected.example"


def test_equal_answers_on_a_fresh_form_are_a_second_request_and_staff_see_the_first(client):
    post(client)
    post(client)
    first, second = Inquiry.objects.order_by("pk")
    assert second.repeat_of == first


@pytest.mark.parametrize("other", [{"name": "Ana Okafor"}, {"email": "other@example.com"}])
def test_another_name_or_another_address_is_no_repeat(client, other):
    post(client)
    post(client, **other)
    assert not Inquiry.objects.exclude(repeat_of=None).exists()


def test_a_corrected_number_on_a_fresh_form_is_seen_as_a_repeat_by_its_address(client):
    post(client, phone="212 434 4050")
    post(client, phone="212 434 4051", name="MARIA okafor")
    assert Inquiry.objects.exclude(repeat_of=None).count() == 1


def test_a_form_left_open_for_weeks_is_still_taken(client, at):
    at(2026, 11, 2, 9, 0)
    data = valid_request_data()
    at(2026, 12, 14, 9, 0)
    client.post(reverse("ask"), data)
    assert Inquiry.objects.count() == 1


@pytest.mark.parametrize("key", ["", "forged", None])
def test_a_form_we_did_not_sign_is_shown_again_filled_in_and_works_on_the_next_press(client, key):
    response = post(client, key=key)
    assert not Inquiry.objects.exists()
    assert "Please press “Send my request” once more." in response.content.decode()
    fresh = response.context["form"]["key"].value()
    client.post(reverse("ask"), valid_request_data(key=fresh))
    assert Inquiry.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    ],
)
def test_another_site_cannot_post_for_a_visitor(client, headers):
    response = client.post(reverse("ask"), valid_request_data(), headers=headers)
    assert response.status_code == 403
    assert "911" in response.content.decode()
    assert not Inquiry.objects.exists()


def test_an_old_browser_that_hides_its_page_keeps_the_answers_and_needs_one_more_press(client):
    hidden = {"Origin": "null"}
    typed = valid_request_data(message="Kept word for word")
    first = client.post(reverse("ask"), typed, headers=hidden)
    assert first.status_code == 200
    assert not Inquiry.objects.exists()
    page = first.content.decode()
    assert "Please press “Send my request” once more." in page
    assert "Kept word for word" in page
    fresh = first.context["form"]["key"].value()
    mistake = client.post(reverse("ask"), typed | {"key": fresh, "name": ""}, headers=hidden)
    assert "once more" not in mistake.content.decode(), "it is asked once, whatever else is the matter"
    kept = mistake.context["form"]["key"].value()
    assert client.post(reverse("ask"), typed | {"key": kept}, headers=hidden).status_code == 302
    assert Inquiry.objects.get().message == "Kept word for word"


def test_a_proxy_that_is_not_counted_does_not_turn_our_own_page_into_another_site(client, settings):
    settings.SITE_URL = "https://www.example.org"
    client.post(reverse("ask"), valid_request_data(), headers={"Origin": "https://www.example.org"})
    assert Inquiry.objects.count() == 1


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://testserver"}, {}]
)
def test_our_own_page_may_post(client, headers):
    client.post(reverse("ask"), valid_request_data(), headers=headers)
    assert Inquiry.objects.count() == 1


def test_asking_sets_no_cookie(client):
    client.get(reverse("ask"))
    client.post(reverse("ask"), valid_request_data(), follow=True)
    assert not client.cookies


def test_a_link_from_a_condition_page_chooses_the_topic(client):
    make_condition("synkinesis")
    page = client.get(reverse("ask"), {"topic": "synkinesis"}).content.decode()
    assert 'value="synkinesis" selected' in page


def test_a_draft_condition_is_no_topic(client):
    make_condition("secret-draft", is_published=False)
    assert "secret-draft" not in client.get(reverse("ask")).content.decode()


def test_when_the_database_is_down_the_answers_survive_and_a_telephone_is_given(client):
    make_condition("synkinesis")
    data = valid_request_data(message="Words to keep", topic="synkinesis")
    with patch("appointments.patient.views.receive", side_effect=OperationalError("gone")):
        response = client.post(reverse("ask"), data)
    page = response.content.decode()
    assert response.status_code == 503
    assert "Nothing was saved" not in page, "a commit whose answer was lost may hold"
    for expected in (
        "We are not sure that your request was saved",
        "Words to keep",
        "maria@example.com",
        "(212) 434-4050",
        "911",
    ):
        assert expected in page
    assert data["key"] in page, "the next press of the same form is the same request"


def test_a_database_that_is_away_from_the_start_yields_the_same_honest_page(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("no connection")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    response = client.post(reverse("ask"), valid_request_data(message="Words to keep"))
    assert response.status_code == 503
    assert "Words to keep" in response.content.decode()
    assert "Nothing was saved" in response.content.decode()
    assert client.get(reverse("ask")).status_code == 503
    assert "911" in client.get("/").content.decode()


def test_opening_the_received_page_changes_nothing(client):
    response = client.post(reverse("ask"), valid_request_data())
    before = Inquiry.objects.values().get()
    client.get(response.url)
    client.head(response.url)
    assert Inquiry.objects.values().get() == before


def test_a_received_page_opens_only_with_its_own_token(client):
    url = client.post(reverse("ask"), valid_request_data()).url
    other = make_inquiry()
    stolen = url.replace(Inquiry.objects.exclude(pk=other.pk).get().reference, other.reference)
    for wrong in (stolen, url[:-2] + "/", reverse("received", args=["x"]), reverse("received", args=[other.reference])):
        assert client.get(wrong).status_code == 404
    assert client.get(url).status_code == 200


def test_raising_the_link_version_revokes_the_received_page(client):
    url = client.post(reverse("ask"), valid_request_data()).url
    Inquiry.objects.update(link_version=2)
    assert client.get(url).status_code == 404


def test_the_received_page_is_kept_by_no_cache_and_named_to_no_one(client):
    url = client.post(reverse("ask"), valid_request_data()).url
    response = client.get(url)
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"


def test_what_the_patient_wrote_is_encrypted_in_the_database(client):
    post(client, message="Geheimnis 4711")
    with connection.cursor() as cursor:
        cursor.execute("SELECT message FROM appointments_inquiry")
        stored = cursor.fetchone()[0]
    assert stored.startswith("v1:")
    assert "4711" not in stored


def test_the_database_refuses_an_inquiry_nobody_could_answer():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_inquiry(email="", phone="")


def test_the_database_refuses_a_nameless_inquiry():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_inquiry(name="")


def test_the_database_refuses_a_promise_before_receipt():
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_inquiry(received_at=now, reply_by=now)


def test_the_database_keeps_one_row_for_one_form_and_its_answers():
    key = uuid4()
    make_inquiry(form_key=key, answers_digest="same")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_inquiry(form_key=key, answers_digest="same")
