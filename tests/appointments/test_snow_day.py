"""Snow day: one form, and pages, hours, promises and mail follow, until it ends by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.background import pump
from appointments.mail import emails
from appointments.models import Inquiry, Shutdown
from conditions.models import Page, Region
from tests.conftest import NEW_YORK
from tests.factories import make_inquiry, valid_request_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

REASON = "We are closed today because of snow."
BANNER = f'class="banner wrap" role="status"><b>{REASON}</b>'
ADD = "/admin/appointments/shutdown/add/"
NAMES = ["home", "condition_list", "symptom_list", "treatment_list", "started_suddenly", "ask"]
NAMES += ["visit", "about", "for_clinicians", "privacy", "accessibility"]


@pytest.fixture(autouse=True)
def _office(office, settings):
    """Monday to Friday, 8:30 to 5; mail stays in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def switch(client, staff):
    """Fill in the one form, as a colleague does: closed from ... until ..."""

    def switch(closed_from: datetime, closed_until: datetime, reason=REASON):
        client.force_login(staff)
        data = {"reason": reason}
        for name, moment in (("closed_from", closed_from), ("closed_until", closed_until)):
            data |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
        return client.post(ADD, data)

    return switch


@pytest.fixture
def snow(at, switch):
    """Tuesday, December 1, noon, until Wednesday at 11 AM. The clock stands at noon."""
    clock = at(2026, 12, 1, 12, 0)
    assert switch(tuesday(12), wednesday(11)).status_code == 302
    return clock


def tuesday(*clock: int) -> datetime:
    return datetime(2026, 12, 1, *clock, tzinfo=NEW_YORK)


def wednesday(*clock: int) -> datetime:
    return datetime(2026, 12, 2, *clock, tzinfo=NEW_YORK)


def read(path: str = "/") -> str:
    return Client().get(path).content.decode()


def public_paths(inquiry: Inquiry) -> list[str]:
    """Every public page there is, those of one patient included."""
    received = Client().post(reverse("ask"), valid_request_data()).url
    return [
        *(reverse(name) for name in NAMES),
        *(page.get_absolute_url() for page in Page.objects.published()),
        *(region.get_absolute_url() for region in Region.objects.all()),
        received,
        emails.private_link(inquiry).removeprefix("http://127.0.0.1:8000"),
    ]


def staff_mail() -> list[str]:
    return [message.subject for message in django_mail.outbox if message.to == ["desk@example.org"]]


# The banner


def test_the_banner_stands_on_every_public_page_while_it_lasts_and_on_none_after(snow, at, pages):
    paths = public_paths(make_inquiry())
    assert len(paths) > 30
    assert [path for path in paths if BANNER not in read(path)] == []
    at(2026, 12, 2, 11, 0)
    assert [path for path in paths if REASON in read(path)] == []


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ((2026, 12, 1, 11, 59, 59), False),
        ((2026, 12, 1, 12, 0), True),
        ((2026, 12, 1, 23, 0), True),
        ((2026, 12, 2, 10, 59, 59), True),
        ((2026, 12, 2, 11, 0), False),
    ],
)
def test_the_banner_comes_and_goes_by_itself(snow, at, moment, shown):
    at(*moment)
    assert (BANNER in read()) is shown


def test_the_banner_says_when_we_open_and_that_writing_still_works(snow):
    assert (
        f"{REASON}</b> Closed. Opens Wednesday, December 2, 11:00 AM New York time. You can still write to us."
        in read()
    )


def test_a_snow_day_that_began_before_it_was_entered_counts_at_once(at, switch):
    at(2026, 12, 1, 12, 0)
    switch(tuesday(7), wednesday(11))
    assert BANNER in read()


def test_a_snow_day_entered_the_evening_before_waits_for_its_morning(at, switch):
    at(2026, 12, 1, 18, 0)
    switch(wednesday(6), wednesday(23))
    assert REASON not in read()
    at(2026, 12, 2, 6, 0)
    assert BANNER in read()


def test_a_snow_day_taken_back_is_gone_at_once(snow, client):
    row = Shutdown.objects.get()
    client.post(f"/admin/appointments/shutdown/{row.pk}/delete/", {"post": "yes"})
    assert REASON not in read()
    assert "Open now, until 5:00 PM New York time" in read()


def test_the_form_proposes_to_begin_now(at, client, staff):
    at(2026, 12, 1, 12, 0)
    client.force_login(staff)
    page = client.get(ADD).content.decode()
    assert 'value="2026-12-01"' in page
    assert 'value="12:00:00"' in page


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ({"closed_until_0": "", "closed_until_1": ""}, "This field is required."),
        ({"closed_until_0": "2026-12-01", "closed_until_1": "11:00"}, "It must end after it begins."),
    ],
    ids=["no end", "ends before it begins"],
)
def test_a_snow_day_must_say_when_it_ends(at, client, staff, until, sentence):
    at(2026, 12, 1, 12, 0)
    client.force_login(staff)
    data = {"closed_from_0": "2026-12-01", "closed_from_1": "12:00", "reason": REASON} | until
    assert sentence in client.post(ADD, data).content.decode()
    assert not Shutdown.objects.exists()


# The hours


@pytest.mark.parametrize(
    ("moment", "line"),
    [
        ((2026, 12, 1, 11, 59), "Open now, until 12:00 PM New York time"),
        ((2026, 12, 1, 12, 0), "Closed. Opens Wednesday, December 2, 11:00 AM New York time"),
        ((2026, 12, 2, 9, 0), "Closed. Opens today, 11:00 AM New York time"),
        ((2026, 12, 2, 11, 0), "Open now, until 5:00 PM New York time"),
    ],
)
def test_the_line_at_the_top_follows(snow, at, moment, line):
    at(*moment)
    top = read().split('<div class="wrap masthead">')[0]
    assert f'">{line}</p>' in top.replace("<span>", "").replace("</span>", "")


def test_the_coming_days_of_the_visit_page_follow(snow):
    page = read(reverse("visit"))
    assert "8:30 AM to 12:00 PM" in page
    assert "11:00 AM to 5:00 PM" in page


# Promises


def test_the_form_promises_by_the_snow_day_before_sending(at, switch):
    at(2026, 12, 1, 10, 0)
    assert "by 5:00 PM, Wednesday, December 2, New York time" in read(reverse("ask"))
    switch(tuesday(12), wednesday(23))
    assert "by 5:00 PM, Thursday, December 3, New York time" in read(reverse("ask"))


def test_a_request_sent_meanwhile_is_promised_by_the_snow_day(at, switch):
    at(2026, 12, 1, 10, 0)
    switch(tuesday(10), wednesday(23))
    Client().post(reverse("ask"), valid_request_data())
    assert Inquiry.objects.get().reply_by == datetime(2026, 12, 3, 17, tzinfo=NEW_YORK)


def test_after_the_snow_day_promises_are_ordinary_again(snow, at):
    at(2026, 12, 2, 11, 0)
    assert "by 5:00 PM, Thursday, December 3, New York time" in read(reverse("ask"))


def test_the_snow_days_page_offers_to_move_the_promises_it_breaks(at, switch, client):
    at(2026, 12, 1, 10, 0)
    stranded = make_inquiry(reply_by=wednesday(17))
    switch(tuesday(12), wednesday(23))
    page = client.get("/admin/appointments/shutdown/").content.decode()
    assert "1 promise falls on closed time" in page
    assert stranded.reference in page


# Mail


def test_staff_mail_is_held_until_the_snow_day_ends(snow, at):
    make_inquiry()
    for moment in [(2026, 12, 1, 12, 0), (2026, 12, 2, 9, 0), (2026, 12, 2, 10, 59, 59)]:
        at(*moment)
        pump.turn()
        assert not staff_mail()
    at(2026, 12, 2, 11, 0)
    pump.turn()
    assert staff_mail() == ["1 new request waiting"]


def test_mail_that_was_due_before_the_snow_day_is_held_too(at, switch):
    clock = at(2026, 12, 1, 11, 59, 50)
    make_inquiry()
    pump.owed_mail.gather()
    switch(tuesday(12), wednesday(11))
    clock.shift(timedelta(seconds=10))
    pump.turn()
    assert not staff_mail()


def test_a_patient_hears_at_once_even_on_a_snow_day(snow):
    Client().post(reverse("ask"), valid_request_data())
    pump.turn()
    assert [message.to for message in django_mail.outbox] == [["maria@example.com"]]


@pytest.mark.parametrize("days", [400, None])
def test_a_year_mistyped_does_not_close_the_office_for_ever(client, staff, days):
    client.force_login(staff)
    day = timezone.localdate() + timedelta(days=days) if days else "9999-12-31"
    data = {"closed_from_0": "2026-11-22", "closed_from_1": "00:00", "closed_until_0": day, "closed_until_1": "23:59"}
    page = client.post(ADD, data | {"reason": REASON}).content.decode()
    assert "This is more than a year ahead. Check the date." in page
    assert not Shutdown.objects.exists()


def test_the_database_takes_no_snow_day_that_it_could_not_read_back():
    with pytest.raises(IntegrityError):
        Shutdown.objects.create(closed_until=datetime(2200, 1, 1, tzinfo=UTC), reason=REASON)
