"""The questions of the request form: who, how, what, when. Each is asked plainly and kept as answered."""

import re
from datetime import date, datetime, time
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.urls import reverse

from appointments.models import Closure, Inquiry, Office, OpeningHours
from appointments.requests import consent
from tests.conftest import NEW_YORK
from tests.factories import make_condition, make_treatment, valid_request_data

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


def form_of(client, **query):
    return client.get(reverse("ask"), query).context["form"]


def page_of(client, **query) -> str:
    return client.get(reverse("ask"), query).content.decode()


def choices(form, name: str) -> list:
    return [value for value, _ in form.fields[name].choices]


def labels(form, name: str) -> list[str]:
    return [label for _, label in form.fields[name].choices]


def errors(client, **changes) -> dict:
    """What a refused request is told; nothing of it is saved."""
    response = client.post(reverse("ask"), valid_request_data(**changes))
    assert not Inquiry.objects.exists()
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


def saved(client, **changes) -> Inquiry:
    response = client.post(reverse("ask"), valid_request_data(**changes))
    assert response.status_code == 302, response.context["form"].errors
    return Inquiry.objects.get()


def choices_shown(page: str, name: str) -> list[str]:
    """The values of the radios or boxes that a page really draws."""
    return re.findall(rf'<input type="(?:radio|checkbox)" name="{name}" value="([^"]*)"', page)


# Who


def test_the_form_asks_who_it_is_for(client):
    assert labels(form_of(client), "for_whom") == ["Me", "My child", "Someone else"]


def test_nobody_is_chosen_in_advance_so_a_child_is_not_taken_for_its_parent(client):
    assert errors(client, for_whom=None) == {"for_whom": ["Choose who this is for"]}


@pytest.mark.parametrize("for_whom", ["child", "other"])
def test_who_asks_for_another_says_whom_we_may_contact(client, for_whom):
    assert errors(client, for_whom=for_whom) == {"contact_name": ["Enter the name of the person we may contact"]}


@pytest.mark.parametrize("for_whom", ["child", "other"])
def test_a_request_for_another_keeps_both_names(client, for_whom):
    inquiry = saved(client, for_whom=for_whom, name="Ada", contact_name="O")
    assert (inquiry.for_whom, inquiry.name, inquiry.contact_name) == (for_whom, "Ada", "O")


def test_who_asks_for_themselves_names_nobody_else(client):
    assert saved(client, for_whom="me").contact_name == ""


# How


def test_at_first_we_call_write_and_use_the_relay_service(client):
    assert choices(form_of(client), "reach_by") == ["call", "email", "relay"]


@pytest.mark.parametrize("channel", ["call", "text", "email", "relay"])
def test_staff_switch_each_channel_on_and_off(client, staff_client, channel):
    def switch(on: bool):
        offered = {"offers_call": "on", "offers_text": "on", "offers_email": "on", "offers_relay": "on"}
        if not on:
            del offered[f"offers_{channel}"]
        facts = {name: str(getattr(Office(), name)) for name in ("building", "street", "city", "phone")}
        answer = staff_client.post("/admin/appointments/office/1/change/", offered | facts | {"reply_working_days": 1})
        assert answer.status_code == 302, answer.context["errors"]

    switch(on=True)
    assert channel in choices_shown(page_of(client), "reach_by")
    switch(on=False)
    assert channel not in choices_shown(page_of(client), "reach_by")


def test_a_channel_that_is_off_is_not_taken(client):
    data = {"reach_by": "text", "phone": "212 434 4050"}
    assert errors(client, **data) == {"reach_by": ["Choose how we should reach you"]}


def test_staff_cannot_switch_every_channel_off(staff_client):
    facts = {name: str(getattr(Office(), name)) for name in ("building", "street", "city", "phone")}
    answer = staff_client.post("/admin/appointments/office/1/change/", facts | {"reply_working_days": 1})
    assert "Leave at least one way to reach patients switched on." in answer.content.decode()
    assert Office.objects.get().channels == ["call", "email", "relay"]


def test_no_channel_is_chosen_in_advance_and_none_is_called_the_better_one(client):
    form = form_of(client)
    assert form["reach_by"].value() is None
    assert "All ways are equal to us." in page_of(client)


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("call", "Enter a phone number we can call"),
        ("text", "Enter a phone number we can send a text to"),
        ("relay", "Enter a phone number we can reach through the relay service"),
    ],
)
def test_a_way_that_needs_a_number_says_what_the_number_is_for(client, way, sentence):
    Office.objects.update(offers_text=True)
    assert errors(client, reach_by=way, phone="") == {"phone": [sentence]}


@pytest.mark.parametrize("way", ["call", "text", "relay"])
def test_a_number_alone_is_enough_for_ways_that_use_it(client, way):
    Office.objects.update(offers_text=True)
    inquiry = saved(client, reach_by=way, phone="212 434 4050", email="")
    assert (inquiry.reach_by, inquiry.email) == (way, "")


def test_who_chose_email_gives_no_number(client):
    assert saved(client, reach_by="email", phone="").phone == ""


TICKS = ["may_leave_voicemail", "may_say_who_calls", "speaking_is_hard"]


@pytest.mark.parametrize("ticked", [[], *([tick] for tick in TICKS), TICKS])
def test_what_is_ticked_is_kept_and_nothing_else_is_permitted(client, ticked):
    inquiry = saved(client, **dict.fromkeys(ticked, "on"))
    assert [tick for tick in TICKS if getattr(inquiry, tick)] == ticked


def test_the_form_asks_about_voicemail_about_saying_who_calls_and_about_speaking(client):
    page = page_of(client)
    for words in ("may leave a voicemail", "may say who is calling", "Speaking on the telephone is hard for me"):
        assert words in page


def test_a_language_with_an_interpreter_is_kept_sign_language_included(client):
    inquiry = saved(client, language="American Sign Language (ASL)", wants_interpreter="on")
    assert (inquiry.language, inquiry.wants_interpreter) == ("American Sign Language (ASL)", True)


def test_every_language_has_a_place(client):
    assert choices(form_of(client), "language")[-1] == "Another language"


def test_without_an_answer_the_language_is_english_and_no_interpreter(client):
    inquiry = saved(client, language=None)
    assert (inquiry.language, inquiry.wants_interpreter) == ("English", False)


# What


def test_what_it_is_about_and_since_when_may_be_left_open(client):
    inquiry = saved(client, topic="", began=None, message="")
    assert (inquiry.topic, inquiry.began, inquiry.message) == (None, "", "")


def test_the_form_says_which_questions_may_be_left_open(client):
    form = form_of(client)
    optional = {name for name, field in form.fields.items() if getattr(field, "is_optional", False)}
    assert optional == {"topic", "began", "message", "days", "time_of_day"}
    page = page_of(client)
    for name in optional:
        assert f'{form.fields[name].label} <span class="optional">(optional)</span>' in page
        assert not form.fields[name].required


def test_a_topic_and_a_beginning_are_kept(client):
    condition = make_condition("synkinesis")
    inquiry = saved(client, topic="synkinesis", began="years")
    assert (inquiry.topic, inquiry.began) == (condition, "years")


def test_something_else_is_an_answer_that_names_no_condition(client):
    make_condition("synkinesis")
    assert saved(client, topic="else").topic is None


def test_a_condition_that_was_taken_off_the_site_meanwhile_is_asked_for_again(client):
    make_condition("synkinesis", is_published=False)
    assert list(errors(client, topic="synkinesis")) == ["topic"]


def test_the_link_on_a_condition_page_chooses_its_topic(client):
    make_condition("synkinesis")
    link = 'href="/request/?topic=synkinesis"'
    assert link in client.get("/conditions/synkinesis/").content.decode()
    assert form_of(client, topic="synkinesis")["topic"].value() == "synkinesis"
    assert 'value="synkinesis" selected' in page_of(client, topic="synkinesis")


def test_the_link_on_a_treatment_page_leads_to_the_form_and_chooses_nothing(client):
    make_treatment("botox")
    page = client.get("/treatments/botox/").content.decode()
    assert 'class="button" href="/request/"' in page
    assert "?topic=" not in page


def test_an_unknown_topic_in_a_link_chooses_nothing_and_is_not_repeated_on_the_page(client):
    page = page_of(client, topic="zebulon")
    assert "zebulon" not in page
    assert not re.search(r'name="topic".*?<option value="[^"]+" selected', page, re.DOTALL)


# When


def test_the_days_are_those_on_which_the_office_opens(client):
    OpeningHours.objects.filter(weekday=2).delete()
    OpeningHours.objects.create(weekday=5, opens_at=time(9), closes_at=time(12))
    assert labels(form_of(client), "days") == ["Monday", "Tuesday", "Thursday", "Friday", "Saturday"]


def test_a_day_on_which_the_office_never_opens_is_not_taken(client):
    assert errors(client, days=["6"]) == {"days": ["Choose from the days the office is open"]}


def test_the_parts_of_the_day_are_those_of_the_opening_hours(client):
    assert labels(form_of(client), "time_of_day") == [
        "Any time",
        "Morning, 8:30 AM to noon",
        "Afternoon, noon to 5:00 PM",
    ]
    OpeningHours.objects.update(opens_at=time(13), closes_at=time(19))
    assert labels(form_of(client), "time_of_day") == ["Any time", "Afternoon, 1:00 PM to 7:00 PM"]


def test_days_and_part_of_day_are_kept(client):
    inquiry = saved(client, days=["0", "4"], time_of_day="morning")
    assert (inquiry.days, inquiry.time_of_day) == ([0, 4], "morning")


def test_days_are_boxes_and_no_date_picker(client):
    page = page_of(client)
    assert choices_shown(page, "days") == ["0", "1", "2", "3", "4"]
    assert not re.search(r'type="(date|datetime-local|time|week|month)"', page)


def test_a_day_that_stays_closed_soon_says_so_beside_its_box(client, at):
    at(2026, 11, 20, 10, 0)
    Closure.objects.create(first_day=date(2026, 11, 26), last_day=date(2026, 11, 27), reason="Thanksgiving")
    Closure.objects.create(first_day=date(2026, 12, 3), last_day=date(2026, 12, 3))
    Closure.objects.create(first_day=date(2026, 12, 25), last_day=date(2026, 12, 25))  # more than three weeks ahead
    page = page_of(client)
    assert re.findall(r"<span>(\w+day)</span><span class=\"hint\">([^<]*)<", page) == [
        ("Thursday", "Not on November 26 or December 3"),
        ("Friday", "Not on November 27"),
    ]


def test_with_no_hours_known_every_day_may_suit_and_the_form_works(client):
    OpeningHours.objects.all().delete()
    page = page_of(client)
    assert choices_shown(page, "days") == ["0", "1", "2", "3", "4", "5", "6"]
    assert choices_shown(page, "time_of_day") == ["any", "morning", "afternoon"]
    inquiry = saved(client, days=["5"], time_of_day="afternoon")
    assert (inquiry.days, inquiry.time_of_day, inquiry.reply_by) == ([5], "afternoon", None)


# Agreement, and what is not asked


def test_the_wording_agreed_to_is_kept_by_its_version(client):
    assert saved(client).consent_version == consent.CURRENT
    assert consent.WORDINGS[consent.CURRENT] in page_of(client)


def test_a_new_wording_gets_a_version_of_its_own_and_the_old_one_stays_readable(client, monkeypatch):
    monkeypatch.setitem(consent.WORDINGS, "2027-01", "Another sentence.")
    monkeypatch.setattr(consent, "CURRENT", "2027-01")
    assert saved(client).consent_version == "2027-01"
    assert consent.WORDINGS["2026-11"]


def test_no_photo_and_no_camera_is_needed_and_the_form_takes_no_file(client):
    page = page_of(client)
    assert "You do not need to phone, send a photo or turn on a camera." in page
    assert 'type="file"' not in page


def test_the_form_is_one_page_that_needs_no_script(client):
    page = page_of(client)
    assert page.count('<button class="button">Send my request</button>') == 1
    assert "<script" not in page


# What was answered survives


def test_a_corrected_extension_is_another_answer_and_is_not_dropped(client):
    data = valid_request_data(reach_by="call", phone="212-434-4050 ext. 12", email="")
    client.post(reverse("ask"), data)
    client.post(reverse("ask"), data | {"phone": "212-434-4050 ext. 13"})
    assert sorted(inquiry.phone.extension for inquiry in Inquiry.objects.all()) == ["12", "13"]


def test_while_the_database_is_away_every_answer_stays_on_the_page(client):
    Office.objects.update(offers_text=True)
    make_condition("synkinesis")
    answers = {"reach_by": "text", "phone": "212 434 4050", "days": ["1", "3"], "time_of_day": "morning"}
    answers |= {"for_whom": "child", "contact_name": "Ngozi", "language": "Yiddish", "began": "birth"}
    answers |= {"topic": "synkinesis", "speaking_is_hard": "on", "wants_interpreter": "on"}
    with patch("appointments.patient.views.receive", side_effect=OperationalError("gone")):
        page = client.post(reverse("ask"), valid_request_data(**answers)).content.decode()
    kept = set(re.findall(r'name="(\w+)" value="([^"]*)"[^>]* checked', page))
    assert kept >= {
        ("for_whom", "child"),
        ("reach_by", "text"),
        ("began", "birth"),
        ("days", "1"),
        ("days", "3"),
        ("time_of_day", "morning"),
    }
    for chosen in ("synkinesis", "Yiddish"):
        assert f'value="{chosen}" selected' in page
    for ticked in ("speaking_is_hard", "wants_interpreter", "consent"):
        assert re.search(rf'name="{ticked}"[^>]* checked', page), ticked
    assert 'value="Ngozi"' in page
    assert 'value="212 434 4050"' in page


def test_the_received_page_repeats_the_way_and_the_voicemail_wish(client, at):
    at(2026, 12, 1, 10, 0)
    data = valid_request_data(reach_by="relay", phone="212 434 4050")
    page = client.post(reverse("ask"), data, follow=True).content.decode()
    assert "We reach you by relay service" in page
    assert "We will not leave a voicemail." in page
    assert Inquiry.objects.get().reply_by == datetime(2026, 12, 2, 17, tzinfo=NEW_YORK)


def test_the_received_page_shows_how_our_mail_will_look(client, settings):
    settings.DEFAULT_FROM_EMAIL = "Suite 501 office <office@example.org>"
    page = client.post(reverse("ask"), valid_request_data(), follow=True).content.decode()
    for part in ("Suite 501 office &lt;office@example.org&gt;", Inquiry.objects.get().reference, settings.SITE_URL):
        assert part in page.partition("How our email will look")[2].partition("</dl>")[0]
