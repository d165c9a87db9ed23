"""A rule has one sentence: what the page of a request objects to, the deed behind it refuses in the same words."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from appointments.models import Inquiry
from appointments.requests import handling
from tests.desk import press_save
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


def refused(deed, *arguments, **keywords) -> str:
    with pytest.raises(ValidationError) as refusal:
        deed(*arguments, **keywords)
    (sentence,) = refusal.value.messages
    return sentence


@pytest.mark.parametrize(
    ("is_now", "typed"),
    [
        ({}, {"status": "closed"}),
        ({}, {"status": "in_progress", "outcome": "answered"}),
        ({}, {"status": "closed", "outcome": "duplicate"}),
        ({"status": "in_progress"}, {"status": "suspected"}),
        ({"status": "suspected"}, {"status": "in_progress"}),
    ],
)
def test_a_move_that_cannot_be_is_refused_in_one_sentence(staff_client, staff, is_now, typed):
    inquiry = make_inquiry(**is_now)
    sentence = refused(handling.change_status, inquiry, **typed, by=staff)
    assert sentence in unescape(press_save(staff_client, inquiry, **typed).content.decode())
    assert Inquiry.objects.get().status == is_now.get("status", "new")


def test_a_duplicate_that_repeats_this_one_is_refused_in_one_sentence(staff_client, staff):
    inquiry = make_inquiry()
    repeat = make_inquiry(status="closed", outcome="duplicate", duplicate_of=inquiry)
    closing = {"status": "closed", "outcome": "duplicate"}
    sentence = refused(handling.change_status, inquiry, **closing, duplicate_of=repeat, by=staff)
    page = press_save(staff_client, inquiry, **closing, duplicate_of=repeat.reference)
    assert sentence == f"{repeat} is a duplicate of this one already."
    assert sentence in unescape(page.content.decode())


def test_no_request_is_a_duplicate_of_itself(staff):
    inquiry = make_inquiry()
    closing = {"status": "closed", "outcome": "duplicate", "duplicate_of": inquiry}
    assert refused(handling.change_status, inquiry, **closing, by=staff) == "A request cannot be a duplicate of itself."


@pytest.mark.parametrize(("is_now", "days"), [({"status": "closed"}, 1), ({"status": "suspected"}, 1), ({}, -1)])
def test_a_follow_up_that_cannot_be_is_refused_in_one_sentence(staff_client, staff, is_now, days):
    inquiry, day = make_inquiry(**is_now), timezone.localdate() + timedelta(days=days)
    sentence = refused(handling.follow_up, inquiry, day, by=staff)
    assert sentence in unescape(press_save(staff_client, inquiry, follow_up_on=day).content.decode())
    assert Inquiry.objects.get().follow_up_on is None


@pytest.mark.parametrize(
    ("is_now", "contact"),
    [
        ({}, "text_sent"),
        ({"phone": "+12124344050"}, "left_message"),
        ({"email": "", "phone": "+12124344050"}, "email_sent"),
        ({"status": "closed"}, "spoke"),
    ],
)
def test_a_contact_that_cannot_have_been_is_refused_in_one_sentence(staff_client, staff, is_now, contact):
    inquiry = make_inquiry(**is_now)
    sentence = refused(handling.log_contact, inquiry, contact, by=staff)
    assert sentence in unescape(press_save(staff_client, inquiry, contact=contact).content.decode())
    assert Inquiry.objects.get().contacted_at is None
