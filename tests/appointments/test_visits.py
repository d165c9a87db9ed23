"""An agreed visit: confirmed, changed, cancelled, and the patient reminded two working days before."""

from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import patch

import pytest
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from appointments.background import pump
from appointments.mail import outbox
from appointments.models import Closure, Inquiry, InquiryEvent, Office, OpeningHours, OutgoingMail, Shutdown, Visit
from appointments.requests import handling, visits
from tests.conftest import NEW_YORK
from tests.desk import press_save
from tests.factories import make_inquiry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

Kind = OutgoingMail.Kind
WEDNESDAY_2_PM = datetime(2026, 12, 9, 14, tzinfo=NEW_YORK)
FRIDAY_9_AM = datetime(2026, 12, 11, 9, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def _office(office, settings):
    """Monday to Friday, 8:30 to 5; mail stays in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def clock(at):
    """Tuesday, December 1, 10 AM."""
    return at(2026, 12, 1, 10, 0)


@pytest.fixture
def inquiry(clock, staff):
    """A request whose patient staff have told apart from the visit, so that only visits write and mail here."""
    inquiry = make_inquiry()
    handling.log_contact(inquiry, by=staff)
    return inquiry


class Function:
    """Staff's ways as functions."""

    def __init__(self, staff):
        self.staff = staff

    def agree(self, inquiry, starts_at, minutes=30, place=""):
        visits.agree(fresh(inquiry), starts_at=starts_at, minutes=minutes, place=place, by=self.staff)

    def cancel(self, inquiry):
        visits.cancel(fresh(inquiry), by=self.staff)


class AdminForm:
    """The same ways through the form of one request."""

    def __init__(self, client, staff):
        self.client, self.staff = client, staff

    def agree(self, inquiry, starts_at, minutes=30, place=""):
        local = starts_at.astimezone(NEW_YORK)
        self.save(
            inquiry,
            visit_at_0=f"{local:%Y-%m-%d}",
            visit_at_1=f"{local:%H:%M:%S}",
            visit_minutes=minutes,
            visit_place=place,
            visit_anyway="on",  # objections have tests of their own, in test_calendar_file.py
        )

    def cancel(self, inquiry):
        self.save(inquiry, cancel_visit="on")

    def save(self, inquiry, **answers):
        self.client.force_login(self.staff)  # stories last longer than a session
        response = press_save(self.client, inquiry, **answers)
        assert response.status_code == 302, "the form was shown again with errors"


@pytest.fixture(params=["function", "admin form"])
def desk(request, clock, client, staff):
    """Confirm, change and cancel, by function and by form."""
    return Function(staff) if request.param == "function" else AdminForm(client, staff)


@pytest.fixture
def form(clock, client, staff):
    client.force_login(staff)
    return AdminForm(client, staff)


@pytest.fixture
def by_function(clock, staff):
    return Function(staff)


def fresh(inquiry) -> Inquiry:
    """The request as another page load sees it, without what Python remembers."""
    return Inquiry.objects.get(pk=inquiry.pk)


def owed(inquiry) -> list[str]:
    """Kinds of mail in the order they become due."""
    return [Kind(mail.kind).name for mail in inquiry.mails.order_by("due_at", "kind")]


def waiting_reminders() -> list[datetime]:
    return list(
        OutgoingMail.objects.waiting().filter(kind=Kind.PATIENT_VISIT_REMINDER).values_list("due_at", flat=True)
    )


def bodies() -> list[str]:
    return [message.body for message in django_mail.outbox if message.to == ["maria@example.com"]]


# Confirm, change, cancel


def test_a_confirmed_time_is_kept_written_down_and_mailed(desk, inquiry, staff):
    desk.agree(inquiry, WEDNESDAY_2_PM, minutes=45, place="Room 7")
    visit = Visit.objects.get()
    assert (visit.starts_at, visit.minutes, visit.place, visit.cancelled_at) == (WEDNESDAY_2_PM, 45, "Room 7", None)
    assert fresh(inquiry).status == Inquiry.Status.VISIT_CONFIRMED
    event = inquiry.events.get(kind=InquiryEvent.Kind.VISIT)
    assert (event.by, event.note) == (staff, "agreed: Wednesday, December 9, 2026, 2:00 PM, 45 minutes")
    pump.turn()
    (body,) = bodies()
    for words in ("this is the time we agreed on", "2:00 PM, Wednesday, December 9, New York time", "45 min", "Room 7"):
        assert words in body


def test_a_changed_time_is_mailed_as_the_new_one(desk, inquiry):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    desk.agree(inquiry, FRIDAY_9_AM)
    pump.turn()
    assert Visit.objects.get().starts_at == FRIDAY_9_AM
    body = bodies()[1]
    assert "the time has changed" in body
    assert "9:00 AM, Friday, December 11, New York time" in body
    assert "December 9" not in body


@pytest.mark.parametrize(
    ("change", "words"), [({"minutes": 60}, "the length has"), ({"place": "Room 8"}, "the place has")]
)
def test_another_length_or_place_is_a_change_too(desk, inquiry, change, words):
    desk.agree(inquiry, WEDNESDAY_2_PM, **{"minutes": 30, "place": "Room 7"})
    pump.turn()
    desk.agree(inquiry, WEDNESDAY_2_PM, **{"minutes": 30, "place": "Room 7"} | change)
    pump.turn()
    assert f"{words} changed. This is what holds now." in bodies()[1]
    assert "the time has changed" not in bodies()[1]


def test_the_same_time_again_mails_nothing_and_writes_nothing(desk, inquiry):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    before = owed(inquiry), inquiry.events.count()
    desk.agree(inquiry, WEDNESDAY_2_PM)
    assert (owed(inquiry), inquiry.events.count()) == before


def test_a_cancelled_visit_is_written_down_mailed_and_work_again(desk, inquiry, staff):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    desk.cancel(inquiry)
    pump.turn()
    assert Visit.objects.get().cancelled_at == timezone.now()
    assert fresh(inquiry).status == Inquiry.Status.IN_PROGRESS
    assert inquiry.events.filter(kind=InquiryEvent.Kind.VISIT, by=staff).last().note.startswith("cancelled: Wednesday")
    assert "no longer holds.\n\n  2:00 PM, Wednesday, December 9, New York time\n" in bodies()[1]


def test_cancelling_twice_tells_once(desk, inquiry):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    desk.cancel(inquiry)
    before = inquiry.events.count()
    desk.cancel(inquiry)
    assert inquiry.mails.filter(kind=Kind.PATIENT_VISIT_CANCELLED).count() == 1
    assert inquiry.events.count() == before


def test_cancelling_where_nothing_was_agreed_changes_nothing(desk, inquiry):
    desk.cancel(inquiry)
    assert owed(inquiry) == []
    assert fresh(inquiry).status == Inquiry.Status.IN_PROGRESS  # reached before, as this story begins


def test_a_time_agreed_after_a_cancellation_is_confirmed_anew(desk, inquiry):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    desk.cancel(inquiry)
    pump.turn()
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    assert "this is the time we agreed on" in bodies()[2]
    assert fresh(inquiry).status == Inquiry.Status.VISIT_CONFIRMED


def test_a_visit_needs_no_email_address(desk, clock):
    inquiry = make_inquiry(email="", phone="+12125550142", reach_by="call")
    desk.agree(inquiry, WEDNESDAY_2_PM)
    desk.cancel(inquiry)
    assert owed(inquiry) == []
    assert inquiry.events.filter(kind=InquiryEvent.Kind.VISIT).count() == 2


def test_agreeing_on_a_time_is_a_contact_written_down_once(desk, clock, staff):
    inquiry = make_inquiry()
    desk.agree(inquiry, WEDNESDAY_2_PM)
    desk.agree(inquiry, FRIDAY_9_AM)
    assert fresh(inquiry).contacted_at == timezone.now()
    assert inquiry.events.filter(kind=InquiryEvent.Kind.CONTACT, by=staff).count() == 1


@pytest.mark.parametrize("status", [Inquiry.Status.CLOSED, Inquiry.Status.SUSPECTED])
def test_no_visit_is_agreed_on_a_closed_or_suspected_request(by_function, status):
    inquiry = make_inquiry(status=status)
    with pytest.raises(ValidationError):
        by_function.agree(inquiry, WEDNESDAY_2_PM)
    assert not Visit.objects.exists()
    assert owed(inquiry) == []
    assert fresh(inquiry).contacted_at is None


def test_saving_the_form_for_another_reason_leaves_the_visit_alone(form, inquiry):
    form.agree(inquiry, WEDNESDAY_2_PM, minutes=45, place="Room 7")
    before = owed(inquiry), inquiry.events.count()
    form.save(inquiry, note="Left-handed")
    assert owed(inquiry) == before[0]
    assert inquiry.events.exclude(kind__in=["note", "opened"]).count() == before[1]


def test_the_form_refuses_a_time_that_has_passed(form, inquiry):
    page = press_save(form.client, inquiry, visit_at_0="2026-12-01", visit_at_1="09:59:00")
    assert "Choose a time to come." in page.content.decode()
    assert not Visit.objects.exists()


def test_a_place_is_printed_as_staff_wrote_it(desk, inquiry):
    desk.agree(inquiry, WEDNESDAY_2_PM, place="O'Neil & Sons <wing 2>")
    pump.turn()
    assert "  O'Neil & Sons <wing 2>\n" in bodies()[0]


def test_without_a_place_the_mail_gives_our_address(desk, inquiry):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    assert "  110 East 40 Street, Suite 501, New York, NY 10016\n" in bodies()[0]


# The reminder: 10 AM of New York, two working days before


@pytest.mark.parametrize(
    ("visit", "due"),
    [
        (datetime(2026, 12, 9, 14, tzinfo=NEW_YORK), datetime(2026, 12, 7, 15, tzinfo=UTC)),
        (datetime(2026, 12, 7, 8, 30, tzinfo=NEW_YORK), datetime(2026, 12, 3, 15, tzinfo=UTC)),
        (datetime(2026, 12, 8, 16, 59, tzinfo=NEW_YORK), datetime(2026, 12, 4, 15, tzinfo=UTC)),
        (datetime(2026, 12, 5, 11, tzinfo=NEW_YORK), datetime(2026, 12, 3, 15, tzinfo=UTC)),
        (datetime(2026, 12, 9, 20, tzinfo=NEW_YORK), datetime(2026, 12, 7, 15, tzinfo=UTC)),
        (datetime(2026, 11, 3, 9, tzinfo=NEW_YORK), datetime(2026, 10, 30, 14, tzinfo=UTC)),
        (datetime(2026, 11, 4, 9, tzinfo=NEW_YORK), datetime(2026, 11, 2, 15, tzinfo=UTC)),
        (datetime(2027, 3, 16, 9, tzinfo=NEW_YORK), datetime(2027, 3, 12, 15, tzinfo=UTC)),
        (datetime(2027, 3, 17, 9, tzinfo=NEW_YORK), datetime(2027, 3, 15, 14, tzinfo=UTC)),
    ],
    ids=[
        "midweek",
        "over a weekend",
        "half over a weekend",
        "visit on a Saturday",
        "evening, tomorrow in UTC",
        "before the clocks go back, visit after",
        "after the clocks went back",
        "before the clocks go forward, visit after",
        "after the clocks went forward",
    ],
)
def test_the_reminder_is_due_at_10_am_of_new_york_two_working_days_before(visit, due):
    assert visits.reminder_due(Office.schedule(), visit).astimezone(UTC) == due


def test_closed_days_are_no_working_days_before_a_visit():
    Closure.objects.create(first_day=date(2026, 12, 7), last_day=date(2026, 12, 8))
    Closure.objects.create(first_day=date(2026, 12, 4), last_day=date(2026, 12, 4), closes_at=time(9))
    due = visits.reminder_due(Office.schedule(), WEDNESDAY_2_PM)
    assert due == datetime(2026, 12, 3, 10, tzinfo=NEW_YORK), "a half day is a working day"


def test_a_snow_day_is_no_working_day_before_a_visit():
    Shutdown.objects.create(
        closed_from=datetime(2026, 12, 8, 6, tzinfo=NEW_YORK),
        closed_until=datetime(2026, 12, 8, 18, tzinfo=NEW_YORK),
        reason="Snow",
    )
    assert visits.reminder_due(Office.schedule(), WEDNESDAY_2_PM) == datetime(2026, 12, 4, 10, tzinfo=NEW_YORK)


def test_an_office_without_hours_reminds_nobody_and_still_confirms(desk, inquiry):
    OpeningHours.objects.all().delete()
    desk.agree(inquiry, WEDNESDAY_2_PM)
    assert owed(inquiry) == ["PATIENT_VISIT_CONFIRMED"]


@pytest.mark.parametrize(("moment", "reminders"), [((2026, 12, 7, 9, 59, 59), 0), ((2026, 12, 7, 10, 0), 1)])
def test_the_patient_is_reminded_once_when_it_is_due(desk, inquiry, at, moment, reminders):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    at(*moment)
    pump.turn()
    pump.turn()
    assert len(bodies()) == 1 + reminders
    assert sum("a reminder of the time" in body and "2:00 PM, Wednesday" in body for body in bodies()) == reminders


@pytest.mark.parametrize(
    ("moment", "reminders"),
    [((2026, 12, 7, 9, 59, 59), 1), ((2026, 12, 7, 10, 0), 0), ((2026, 12, 9, 13, 0), 0)],
)
def test_there_is_no_reminder_of_a_visit_agreed_too_late_for_one(desk, inquiry, at, moment, reminders):
    at(*moment)
    desk.agree(inquiry, WEDNESDAY_2_PM)
    assert len(waiting_reminders()) == reminders


def test_a_changed_visit_is_reminded_of_the_new_time_only(desk, inquiry, at):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    desk.agree(inquiry, FRIDAY_9_AM)
    assert waiting_reminders() == [datetime(2026, 12, 9, 10, tzinfo=NEW_YORK)]
    at(2026, 12, 9, 10, 0)
    pump.turn()
    assert [body for body in bodies() if "a reminder" in body and "9:00 AM, Friday" in body] == bodies()[-1:]


def test_a_cancelled_visit_is_not_reminded(desk, inquiry, at):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    desk.cancel(inquiry)
    at(2026, 12, 7, 10, 0)
    pump.turn()
    assert not any("reminder" in body for body in bodies())


def test_a_withdrawn_request_is_not_reminded(desk, inquiry, at):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    handling.withdraw(fresh(inquiry))
    at(2026, 12, 7, 10, 0)
    pump.turn()
    assert not any("reminder" in body for body in bodies())


# Mail about an older time never leaves


def test_of_two_changes_while_the_mail_server_is_away_only_the_last_is_mailed(desk, inquiry, clock):
    with patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError):
        desk.agree(inquiry, WEDNESDAY_2_PM)
        pump.turn()
        desk.agree(inquiry, FRIDAY_9_AM)
        pump.turn()
    clock.shift(timedelta(hours=2))
    pump.turn()
    (body,) = bodies()
    assert "9:00 AM, Friday, December 11" in body


def test_a_cancellation_that_has_not_left_never_revokes_a_time_agreed_since(desk, inquiry, clock):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    pump.turn()
    with patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError):
        desk.cancel(inquiry)
        pump.turn()
    desk.agree(inquiry, FRIDAY_9_AM)
    clock.shift(timedelta(hours=2))
    pump.turn()
    assert not any("no longer holds" in body for body in bodies())
    assert "9:00 AM, Friday, December 11" in bodies()[-1]


def test_a_mail_whose_sender_was_killed_is_not_repeated_about_an_older_time(desk, inquiry, clock):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    assert outbox.lease_next().kind == Kind.PATIENT_VISIT_CONFIRMED
    desk.cancel(inquiry)
    clock.shift(outbox.LEASE + timedelta(seconds=1))
    pump.turn()
    (body,) = bodies()
    assert "no longer holds" in body


def test_a_visit_that_is_over_is_cancelled_without_a_mail_or_a_task(desk, inquiry, at):
    desk.agree(inquiry, WEDNESDAY_2_PM)
    at(2026, 12, 9, 16, 0)
    pump.turn()
    before = OutgoingMail.objects.count(), OutgoingMail.objects.refused().count()
    desk.cancel(inquiry)
    pump.turn()
    assert (OutgoingMail.objects.count(), OutgoingMail.objects.refused().count()) == before
    assert Visit.objects.get().cancelled_at


def test_a_visit_stands_until_it_is_cancelled_and_has_one_name(inquiry, by_function):
    assert fresh(inquiry).agreed_visit is None
    by_function.agree(inquiry, WEDNESDAY_2_PM)
    assert fresh(inquiry).agreed_visit == Visit.objects.standing().get()
    by_function.cancel(inquiry)
    assert fresh(inquiry).agreed_visit is None
    assert not Visit.objects.standing().exists()
