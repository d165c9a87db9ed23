"""`make demo`: a made-up practice that has seen everything, and never beside real requests."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from appointments.models import DailyJob, Inquiry, InquiryEvent, OutgoingMail, Visit
from appointments.office.hours import NEW_YORK
from nyfp_site import staff_groups
from nyfp_site.demo.people import PEOPLE
from nyfp_site.demo.stories import STORIES
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db
MOMENTS = [
    (2026, 12, 1, 10, 0),  # the office is open
    (2026, 12, 5, 22, 40),  # Saturday night
]


@pytest.fixture
def demo(office, pages, settings, tmp_path):
    """Run it. What it prints."""
    settings.EMAIL_FILE_PATH = tmp_path
    staff_groups.prepare()

    def run() -> str:
        said = StringIO()
        call_command("demo", stdout=said)
        return said.getvalue()

    return run


def test_no_demo_beside_requests(demo):
    make_inquiry()
    with pytest.raises(CommandError, match=r"has requests already.*Choose an empty DATA_DIR"):
        demo()
    assert Inquiry.objects.count() == 1
    assert not get_user_model().objects.exists()


def test_no_demo_whose_mails_would_reach_somebody(demo, settings):
    settings.EMAIL_URL = "smtp://mail.example.org"
    with pytest.raises(CommandError, match="leave EMAIL_URL unset"):
        demo()
    assert not Inquiry.objects.exists()


def test_every_story_has_its_person():
    assert {person.becomes for person in PEOPLE} == set(STORIES)


def test_names_are_told_apart_and_lead_nowhere():
    assert len({person.name for person in PEOPLE}) >= len(PEOPLE) - 1, "one of them asks twice"
    links = re.findall(r"https?://(\S+)", " ".join(person.message for person in PEOPLE))
    assert links
    assert all(link.endswith(".example") for link in links)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_demo_holds_everything_that_happens_in_three_weeks(at, demo, moment):
    at(*moment)
    said = demo()
    now, requests, mails = timezone.now(), Inquiry.objects.all(), OutgoingMail.objects.all()

    assert requests.count() == len(PEOPLE) >= 40
    assert {row.status for row in requests} == set(Inquiry.Status)
    assert {row.outcome for row in requests} == {"", *Inquiry.Outcome}
    assert {row.reach_by for row in requests} == set(Inquiry.Channel)
    assert {row.came_by for row in requests} == set(Inquiry.CameBy)
    assert {row.for_whom for row in requests} == set(Inquiry.ForWhom)
    assert len({row.language for row in requests}) >= 4
    assert requests.filter(is_new_onset=True).exists()
    assert requests.past_promise(now).exists()
    assert requests.with_news_from_patient().exists()
    assert any(row.contacted_at and row.contacted_at <= row.reply_by for row in requests)
    assert any(row.contacted_at and row.contacted_at > row.reply_by for row in requests)
    assert {event.kind for event in InquiryEvent.objects.all()} >= {"note", "patient_note", "promise_missed", "visit"}

    assert Visit.objects.filter(starts_at__lt=now, cancelled_at=None).exists()
    assert Visit.objects.filter(starts_at__gt=now, cancelled_at=None).exists()
    assert mails.filter(sent_at__isnull=False).count() > 50
    assert mails.waiting().filter(attempts__gt=0, due_at__gt=now).exists()
    assert mails.unsettled().exists()

    first = requests.order_by("received_at")[0].received_at
    assert 20 <= (now - first).days <= 21
    for rows, field in ((InquiryEvent, "at"), (OutgoingMail, "created_at"), (OutgoingMail, "sent_at")):
        assert not rows.objects.filter(**{f"{field}__gt": now}).exists(), f"{field} has not come yet"
        days = {timezone.localtime(one, NEW_YORK).date() for one in rows.objects.values_list(field, flat=True) if one}
        assert len(days) > 10, f"{field} is not spread over three weeks"
    assert DailyJob.objects.filter(name="opening_mail").count() >= 14

    printed = re.findall(r"^  (\S+) +(\S+)   (.+)$", said, re.MULTILINE)
    assert {kind for _, _, kind in printed} == set(staff_groups.KINDS)
    for username, password, kind in printed:
        account = authenticate(username=username, password=password)
        assert [group.name for group in account.groups.all()] == [kind]
        assert account.is_staff
        assert not account.is_superuser
