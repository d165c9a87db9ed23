"""A face that droops suddenly can be a stroke: said before the form, beside the answer, after sending, and to staff."""

import re

import pytest
from django.urls import reverse

from appointments.models import Inquiry
from appointments.requests import handling
from tests.factories import valid_request_data

pytestmark = pytest.mark.django_db

CARD = "A face that droops suddenly can be a stroke. Call 911 now, even if it gets better."


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


def words(page: str) -> str:
    """A page as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split()).replace(" ,", ",")


def ask(client, **answers) -> str:
    """Send a request; the page that follows."""
    return client.post(reverse("ask"), valid_request_data(**answers), follow=True).content.decode()


def queue(client, staff, **query) -> str:
    """The queue as a colleague sees it now."""
    client.force_login(staff)
    return client.get("/admin/appointments/inquiry/", query).content.decode()


def test_the_911_sentence_stands_above_the_form(client):
    page = words(client.get(reverse("ask")).content.decode())
    assert page.index(CARD) < page.index("Who is this for?")


def test_in_the_last_three_days_carries_its_hint(client):
    page = words(client.get(reverse("ask")).content.decode())
    assert "In the last 3 days See a doctor today; do not wait for our reply." in page


def test_that_answer_repeats_the_card_on_the_received_page(client):
    page = words(ask(client, began="days", message=""))
    assert CARD in page
    assert "See a doctor today, even if you feel a little better. Do not wait for our reply." in page
    assert Inquiry.objects.get().is_new_onset


@pytest.mark.parametrize("began", ["", "months", "year", "years", "birth", "unsure"])
def test_any_other_answer_gets_no_card(client, began):
    page = words(ask(client, began=began, message="My eye closes when I smile."))
    assert "We have your request" in page
    assert CARD not in page
    assert not Inquiry.objects.get().is_new_onset


@pytest.mark.parametrize(
    "message",
    [
        "It was SUDDEN",
        "suddenly my mouth hangs",
        "my face droops",
        "the left side drooped",
        "a droopy mouth",
        "his speech is slurred",
        "I slur my words",
        "slurring",
        "I have a numb arm",
        "a weak leg",
        "my left arm is numb",
        "my hand went all weak",
        "numbness in my right arm",
        "weakness of both legs",
        "I can't speak",
        "I can’t\nspeak",
        "she cannot talk",
        "he could not speak",
        "unable to talk",
        "my vision is gone",
        "my sight was lost",
        "I lost my vision",
        "the worst headache of my life",
        "worst  headache",
        "is it a stroke?",
        "two mini-strokes",
        "I had a TIA",
    ],
)
def test_words_that_may_tell_of_a_stroke_repeat_the_card_and_are_saved(client, message):
    assert CARD in words(ask(client, message=message))
    assert Inquiry.objects.get().message == message
    assert Inquiry.objects.get().is_new_onset


@pytest.mark.parametrize(
    "message",
    [
        "My eye closes when I smile.",
        "I was told nothing can be done.",
        "My smile is weak and my cheek is numb.",
        "Can I speak to a surgeon?",
        "I had a headache after surgery",
        "I would like to talk on Tuesday",
        "I want to see a photo of the armchair; my smile is weaker than before",
    ],
)
def test_ordinary_words_get_no_card(client, message):
    assert CARD not in words(ask(client, message=message))


@pytest.mark.parametrize("message", ["My face drooped five years ago", "I had a stroke-of-luck"])
def test_words_that_only_may_tell_of_a_stroke_are_marked_rather_than_missed(client, message):
    ask(client, message=message)
    assert Inquiry.objects.get().is_new_onset


def test_new_onset_comes_first_in_the_queue_and_is_marked(client, staff, at):
    at(2026, 12, 1, 10, 0)
    ask(client, began="years")
    earlier = Inquiry.objects.get()
    at(2026, 12, 3, 10, 0)
    ask(client, began="days")
    onset = Inquiry.objects.exclude(pk=earlier.pk).get()
    page = queue(client, staff)
    assert earlier.reply_by < onset.reply_by
    assert page.index(onset.reference) < page.index(earlier.reference)
    row_of_onset, row_of_earlier = page[page.index(onset.reference) :].split(earlier.reference, 1)
    assert "New onset" in row_of_onset
    assert "New onset" not in row_of_earlier
    assert list(Inquiry.objects.in_order_of_work()) == [onset, earlier]


def test_new_onset_is_saved_and_carded_even_when_it_is_suspected(client, staff):
    page = words(ask(client, began="days", trap="x", message="http://a.example http://b.example http://c.example"))
    inquiry = Inquiry.objects.get()
    assert (inquiry.is_suspected, inquiry.is_new_onset) == (True, True)
    assert CARD in page
    assert "New onset" in queue(client, staff, view="suspected")


def test_new_onset_gets_the_same_promise_as_any_other(client, at):
    at(2026, 12, 1, 10, 0)
    assert "by 5:00 PM, Wednesday, December 2, New York time" in ask(client, began="days")


# Other dangers than a stroke


@pytest.mark.parametrize(
    ("message", "label", "told"),
    [
        ("I want to die.", "Someone to talk to", "thoughts of ending life"),
        ("My eye is red and painful.", "Eye care", "eye at risk"),
        ("There is pus in my ear and my face is weak.", "See a doctor today", "ear disease with a weak face"),
    ],
)
def test_another_danger_draws_its_own_card_comes_first_and_is_named_to_staff(client, staff, message, label, told):
    page = ask(client, message=message)
    assert f'aria-label="{label}"' in page
    assert "Do not wait for our reply." in page
    assert CARD not in words(page)
    inquiry = Inquiry.objects.get()
    assert inquiry.is_new_onset
    client.force_login(staff)
    desk = client.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()
    assert f"It may be: {told}." in desk


def test_a_note_with_a_danger_is_named_to_staff(client, staff):
    ask(client, message="My smile is weak.")
    inquiry = Inquiry.objects.get()
    handling.take_patient_note(inquiry, "My tongue is swelling")
    client.force_login(staff)
    desk = client.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()
    assert "It may be: severe allergy." in desk


def test_the_private_page_says_where_to_call_beside_a_note_whatever_was_written(client):
    page = ask(client, message="")
    private = client.get(re.search(r'href="(/my-request/[^"]+)"', page)[1]).content.decode()
    note = private[private.index("Add a note") :]
    assert ('href="tel:911"' in note[:400], 'href="tel:988"' in note[:400]) == (True, True)
