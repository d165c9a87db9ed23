"""The promise clock: what is promised stays promised, staff are warned in time, a broken promise is owned up to."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail as django_mail
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.background import pump
from appointments.mail import emails
from appointments.models import (
    Closure,
    Inquiry,
    InquiryEvent,
    Mailbox,
    Office,
    OpeningHours,
    OutgoingMail,
    Shutdown,
    StaffNotice,
)
from appointments.models.office_now import OfficeNow
from appointments.requests import handling, promises, spam, visits
from tests.appointments.test_office_hours import DAY, situations, utc, watched_spans
from tests.conftest import NEW_YORK
from tests.factories import make_inquiry, valid_request_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_daily_jobs")]

Kind = OutgoingMail.Kind
TUESDAY_10_AM = (2026, 12, 1, 10, 0)
WEDNESDAY_5_PM = datetime(2026, 12, 2, 17, tzinfo=NEW_YORK)
THURSDAY_5_PM = datetime(2026, 12, 3, 17, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def _office(office, settings):
    """Monday to Friday, 8:30 to 5; mail stays in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def a_request(**overrides) -> Inquiry:
    """Received on Tuesday, promised for Wednesday at 5 PM, staff told."""
    received_at = datetime(*TUESDAY_10_AM, tzinfo=NEW_YORK)
    told = StaffNotice.objects.create(created_at=received_at)
    values = {"received_at": received_at, "reply_by": WEDNESDAY_5_PM, "staff_notice": told} | overrides
    return make_inquiry(**values)


def closed(first: int, last: int | None = None, **times) -> Closure:
    """A closure in December 2026."""
    return Closure.objects.create(first_day=date(2026, 12, first), last_day=date(2026, 12, last or first), **times)


def subjects_to(address: str) -> list[str]:
    return [message.subject for message in django_mail.outbox if message.to == [address]]


def warnings() -> list[str]:
    return [subject for subject in subjects_to("desk@example.org") if "promise" in subject]


def bodies_to_patient() -> list[str]:
    return [message.body for message in django_mail.outbox if message.to == ["maria@example.com"]]


# Any moment, any closures


@settings(deadline=None, max_examples=60)
@given(situations(), st.integers(1, 3))
def test_a_promise_is_a_closing_time_of_a_working_day_after_the_day_of_receipt(situation, working_days):
    """From the rows as Django holds them to the moment a page states; judged by one who watches the clock."""
    rows, received_at = situation
    now = OfficeNow(
        office=Office(reply_working_days=working_days),
        at=received_at.astimezone(NEW_YORK),
        hours=[OpeningHours(**row._asdict()) for row in rows.hours],
        closures=[Closure(**row._asdict()) for row in rows.closures],
        shutdowns=[Shutdown(**row._asdict()) for row in rows.shutdowns],
    )
    promised = utc(now.reply_by(received_at))
    day_of_receipt, day = (moment.astimezone(NEW_YORK).date() for moment in (received_at, promised))
    assert day > day_of_receipt
    assert watched_spans(rows, day)[-1][1] == promised
    days_before = ((day_of_receipt + n * DAY) for n in range(1, (day - day_of_receipt).days))
    assert sum(bool(watched_spans(rows, day_before)) for day_before in days_before) == working_days - 1


# Stored, never silently changed


CHANGES = {
    "earlier close": lambda: OpeningHours.objects.update(closes_at=time(12)),
    "no hours at all": lambda: OpeningHours.objects.all().delete(),
    "closure": lambda: closed(2),
    "snow day": lambda: Shutdown.objects.create(
        closed_from=timezone.now(), closed_until=timezone.now() + 3 * DAY, reason="Snow"
    ),
    "longer promises": lambda: Office.objects.update(reply_working_days=3),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_hours_alone_changes_no_promise_that_was_given(client, at, change):
    at(*TUESDAY_10_AM)
    received = client.post(reverse("ask"), valid_request_data()).url
    change()
    pump.turn()
    inquiry = Inquiry.objects.get()
    assert inquiry.reply_by == WEDNESDAY_5_PM
    said = "5:00 PM, Wednesday, December 2, New York time"
    assert said in client.get(received).content.decode()
    assert said in client.get(emails.private_link(inquiry)).content.decode()
    assert [said in body for body in bodies_to_patient()] == [True]


# Staff are warned


@pytest.mark.parametrize(("moment", "warned"), [((2026, 12, 2, 14, 59, 59), 0), ((2026, 12, 2, 15, 0), 1)])
def test_staff_are_warned_two_office_hours_before_a_promise_ends(at, moment, warned):
    inquiry = a_request()
    at(*moment)
    pump.turn()
    assert warnings() == ["1 promise ends soon"] * warned
    assert inquiry.events.filter(kind=InquiryEvent.Kind.ESCALATED).count() == warned


@pytest.mark.parametrize(("moment", "warned"), [((2026, 12, 4, 15, 59, 59), False), ((2026, 12, 4, 16, 0), True)])
def test_the_two_hours_are_office_hours_over_a_weekend(at, moment, warned):
    closed(7, closes_at=time(9, 30))
    a_request(reply_by=datetime(2026, 12, 7, 9, 30, tzinfo=NEW_YORK))
    at(*moment)
    pump.turn()
    assert bool(warnings()) is warned


def test_staff_are_warned_once_of_one_promise(at):
    a_request()
    clock = at(2026, 12, 2, 15, 0)
    for _ in range(4):
        pump.turn()
        clock.shift(timedelta(minutes=20))
    assert len(warnings()) == 1


def test_two_pumps_at_the_same_moment_warn_once(at, monkeypatch):
    a_request()
    at(2026, 12, 2, 15, 0)
    notify = promises.owed_mail.notify

    def after_another_pump(*args, **kwargs):
        monkeypatch.setattr(promises.owed_mail, "notify", notify)
        promises.watch()
        return notify(*args, **kwargs)

    monkeypatch.setattr(promises.owed_mail, "notify", after_another_pump)
    pump.turn()
    pump.turn()
    assert len(warnings()) == 1
    assert InquiryEvent.objects.filter(kind=InquiryEvent.Kind.ESCALATED).count() == 1


def test_every_active_mailbox_is_warned(at):
    Mailbox.objects.create(email="second@example.org")
    Mailbox.objects.create(email="away@example.org", is_active=False)
    a_request()
    at(2026, 12, 2, 15, 0)
    pump.turn()
    warned = [message.to for message in django_mail.outbox if "promise" in message.subject]
    assert sorted(warned) == [["desk@example.org"], ["second@example.org"]]


def test_one_mail_warns_of_all_promises_that_end_together_and_of_no_other(at):
    ending, late = [a_request(), a_request()], a_request(reply_by=THURSDAY_5_PM)
    at(2026, 12, 2, 15, 0)
    pump.turn()
    body = django_mail.outbox[0].body
    assert warnings() == ["2 promises end soon"]
    assert all(inquiry.reference in body for inquiry in ending)
    assert late.reference not in body


def test_a_warning_that_falls_on_closed_time_waits_for_the_next_opening(at):
    Shutdown.objects.create(
        closed_from=datetime(2026, 12, 2, 14, tzinfo=NEW_YORK),
        closed_until=datetime(2026, 12, 3, 9, tzinfo=NEW_YORK),
        reason="Snow",
    )
    a_request()
    for moment in [(2026, 12, 2, 15, 0), (2026, 12, 2, 23, 0), (2026, 12, 3, 8, 59, 59)]:
        at(*moment)
        pump.turn()
        assert not warnings()
        assert not InquiryEvent.objects.filter(kind=InquiryEvent.Kind.ESCALATED).exists()
    at(2026, 12, 3, 9, 0)
    pump.turn()
    assert len(warnings()) == 1


def test_without_a_mailbox_the_warning_waits_for_one(at):
    Mailbox.objects.all().delete()
    a_request()
    at(2026, 12, 2, 15, 0)
    pump.turn()
    Mailbox.objects.create(email="desk@example.org")
    pump.turn()
    assert len(warnings()) == 1


def test_staff_are_warned_of_a_suspected_request_and_told_where_it_is_filed(at):
    inquiry = a_request(status=Inquiry.Status.SUSPECTED, staff_notice=None)
    at(2026, 12, 2, 15, 0)
    pump.turn()
    assert warnings() == ["1 promise ends soon"]
    assert f"{inquiry.reference} (filed under Suspected spam)" in django_mail.outbox[0].body


@pytest.mark.parametrize(
    "done",
    [
        {"contacted_at": datetime(2026, 12, 1, 12, tzinfo=NEW_YORK)},
        {"status": Inquiry.Status.CLOSED},
        {"reply_by": None},
    ],
    ids=["contacted", "closed", "nothing promised"],
)
def test_staff_are_not_warned_where_no_reply_is_owed(at, done):
    a_request(**done)
    at(2026, 12, 2, 16, 0)
    pump.turn()
    assert not warnings()


def test_an_agreed_visit_keeps_the_promise(at, staff):
    inquiry = a_request()
    at(2026, 12, 2, 11, 0)
    visits.agree(inquiry, starts_at=datetime(2026, 12, 9, 14, tzinfo=NEW_YORK), minutes=30, by=staff)
    for moment in [(2026, 12, 2, 16, 0), (2026, 12, 2, 18, 0)]:
        at(*moment)
        pump.turn()
    assert not warnings()
    assert not OutgoingMail.objects.filter(kind=Kind.PATIENT_PROMISE_MISSED).exists()


# A broken promise is owned up to


def apologies() -> int:
    return OutgoingMail.objects.filter(kind=Kind.PATIENT_PROMISE_MISSED).count()


@pytest.mark.parametrize(("moment", "told"), [((2026, 12, 2, 17, 0, 0), 0), ((2026, 12, 2, 17, 0, 1), 1)])
def test_the_patient_is_told_as_soon_as_the_promised_moment_has_passed(at, moment, told):
    inquiry = a_request()
    at(*moment)
    pump.turn()
    assert len(bodies_to_patient()) == told
    assert inquiry.events.filter(kind=InquiryEvent.Kind.PROMISE_MISSED).count() == told


def test_the_patient_is_told_of_a_broken_promise_once(at):
    a_request()
    clock = at(2026, 12, 2, 17, 1)
    for _ in range(4):
        pump.turn()
        clock.shift(timedelta(hours=9))
    assert len(bodies_to_patient()) == 1


def test_two_pumps_that_saw_the_same_broken_promise_tell_once(at):
    inquiry = a_request()
    at(2026, 12, 2, 17, 1)
    now = timezone.now()
    for seen in [list(promises.missed(now)), list(promises.missed(now))]:
        assert seen == [inquiry]
    promises.tell_of_missed_promise(inquiry, now)
    promises.tell_of_missed_promise(inquiry, now)
    assert apologies() == 1
    assert inquiry.events.filter(kind=InquiryEvent.Kind.PROMISE_MISSED).count() == 1


def test_a_patient_who_withdraws_while_the_pump_looks_gets_no_apology(at):
    inquiry = a_request()
    at(2026, 12, 2, 17, 1)
    seen = promises.missed(timezone.now()).get()
    handling.withdraw(inquiry)
    promises.tell_of_missed_promise(seen, timezone.now())
    assert apologies() == 0


@pytest.mark.parametrize("way", ["(212) 434-4050", "(212) 371-3223", "711", "(212) 434-4059", "desk@clinic.example"])
def test_the_apology_names_other_ways_to_reach_a_person(at, way):
    Office.objects.update(email="desk@clinic.example")
    a_request()
    at(2026, 12, 2, 17, 1)
    pump.turn()
    assert way in bodies_to_patient()[0].split("See where it stands")[0]


def test_without_an_email_address_the_broken_promise_is_written_down_only(at):
    inquiry = a_request(email="", phone="+12125550142", reach_by="call")
    at(2026, 12, 2, 17, 1)
    pump.turn()
    assert inquiry.events.filter(kind=InquiryEvent.Kind.PROMISE_MISSED).count() == 1
    assert apologies() == 0


@pytest.mark.parametrize(
    "not_owed",
    [
        {"status": Inquiry.Status.SUSPECTED},
        {"status": Inquiry.Status.CLOSED},
        {"contacted_at": datetime(2026, 12, 2, 16, 59, tzinfo=NEW_YORK)},
        {"reply_by": None},
    ],
    ids=["suspected", "closed", "contacted", "nothing promised"],
)
def test_no_apology_where_none_is_owed(at, not_owed):
    inquiry = a_request(**not_owed)
    at(2026, 12, 2, 17, 1)
    pump.turn()
    assert apologies() == 0
    assert not inquiry.events.filter(kind=InquiryEvent.Kind.PROMISE_MISSED).exists()


def test_a_second_promise_that_breaks_too_is_told_again(at, staff):
    inquiry = a_request()
    at(2026, 12, 2, 17, 1)
    pump.turn()
    handling.change_status(inquiry, Inquiry.Status.SUSPECTED, by=staff)
    spam.rescue(inquiry, by=staff)
    inquiry.refresh_from_db()
    assert inquiry.reply_by == THURSDAY_5_PM
    at(2026, 12, 3, 17, 1)
    pump.turn()
    assert apologies() == 2


# A change of schedule: one action moves open promises and tells those affected

PAGES = ["openinghours", "closure", "shutdown"]


def hours_page(name: str = "closure") -> str:
    return reverse(f"admin:appointments_{name}_changelist")


def press(client, name: str = "closure"):
    return client.post(reverse(f"admin:appointments_{name}_move_promises"))


@pytest.fixture
def desk(at, client, staff):
    """A colleague signed in, on Tuesday at 10:30."""
    at(2026, 12, 1, 10, 30)
    client.force_login(staff)
    return client


@pytest.mark.parametrize("name", PAGES)
def test_every_page_that_changes_hours_offers_to_move_the_promises_that_fall_on_closed_time(desk, name):
    stranded, kept = a_request(), a_request(reply_by=THURSDAY_5_PM)
    closed(2)
    page = desk.get(hours_page(name)).content.decode()
    assert "1 promise falls on closed time" in page
    assert stranded.reference in page
    assert kept.reference not in page
    assert f'action="{hours_page(name)}move-promises/"' in page


@pytest.mark.parametrize("name", PAGES)
def test_the_action_moves_the_promise_and_tells_the_patient(desk, staff, name):
    inquiry = a_request()
    closed(2)
    answer = press(desk, name)
    assert answer.url == hours_page(name)
    inquiry.refresh_from_db()
    assert inquiry.reply_by == THURSDAY_5_PM
    assert inquiry.events.get(kind=InquiryEvent.Kind.PROMISE_MOVED).by == staff
    pump.turn()
    (body,) = bodies_to_patient()
    assert "A person will now reply by 5:00 PM, Thursday, December 3, New York time." in body


def test_looking_at_the_hours_moves_nothing(desk):
    inquiry = a_request()
    closed(2)
    desk.get(hours_page())
    assert desk.get(f"{hours_page()}move-promises/").status_code == 405
    inquiry.refresh_from_db()
    assert inquiry.reply_by == WEDNESDAY_5_PM


def test_a_visitor_cannot_move_promises(client, at):
    at(2026, 12, 1, 10, 30)
    inquiry = a_request()
    closed(2)
    assert press(client).status_code == 302
    inquiry.refresh_from_db()
    assert inquiry.reply_by == WEDNESDAY_5_PM


def test_who_may_not_change_requests_neither_moves_promises_nor_sees_them(client, at, django_user_model):
    at(2026, 12, 1, 10, 30)
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__in=["view_closure", "change_closure"]))
    client.force_login(editor)
    inquiry = a_request()
    closed(2)
    assert press(client).status_code == 403
    assert "closed time" not in client.get(hours_page()).content.decode()
    inquiry.refresh_from_db()
    assert inquiry.reply_by == WEDNESDAY_5_PM


def test_the_action_is_not_offered_when_every_promise_can_be_kept(desk):
    a_request()
    closed(3)
    page = desk.get(hours_page()).content.decode()
    assert "closed time" not in page
    assert "move-promises" not in page


UNTOUCHED = {
    "kept on open time": {"reply_by": THURSDAY_5_PM},
    "contacted": {"contacted_at": datetime(2026, 12, 1, 10, 15, tzinfo=NEW_YORK)},
    "closed": {"status": Inquiry.Status.CLOSED},
    "nothing promised": {"reply_by": None},
    "already broken": {
        "received_at": datetime(2026, 11, 27, 10, tzinfo=NEW_YORK),
        "reply_by": datetime(2026, 11, 30, 17, tzinfo=NEW_YORK),
    },
}


@pytest.mark.parametrize("overrides", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_the_action_leaves_other_requests_untouched(desk, overrides):
    affected, other = a_request(), a_request(**overrides)
    before = Inquiry.objects.values().get(pk=other.pk)
    Closure.objects.create(first_day=date(2026, 11, 30), last_day=date(2026, 11, 30))
    closed(2)
    press(desk)
    assert Inquiry.objects.values().get(pk=other.pk) == before
    assert not other.mails.filter(kind=Kind.PATIENT_PROMISE_MOVED).exists()
    affected.refresh_from_db()
    assert affected.reply_by == THURSDAY_5_PM


def test_a_suspected_request_is_promised_a_new_moment_without_a_mail_to_the_typed_address(desk):
    inquiry = a_request(status=Inquiry.Status.SUSPECTED)
    closed(2)
    press(desk)
    inquiry.refresh_from_db()
    assert inquiry.reply_by == THURSDAY_5_PM
    assert not inquiry.mails.exists()


def test_staff_see_whom_no_mail_can_tell(desk):
    by_phone, by_mail = a_request(email="", phone="+12125550142", reach_by="call"), a_request()
    closed(2)
    page = desk.get(hours_page()).content.decode()
    assert f"{by_phone.reference} (no email: tell them by phone)" in page
    assert f"{by_mail.reference} (no email" not in page
    press(desk)
    by_phone.refresh_from_db()
    assert by_phone.reply_by == THURSDAY_5_PM
    assert not by_phone.mails.exists()


def test_longer_hours_move_no_promise(desk):
    inquiry = a_request()
    OpeningHours.objects.update(closes_at=time(19))
    assert "closed time" not in desk.get(hours_page()).content.decode()
    press(desk)
    inquiry.refresh_from_db()
    assert inquiry.reply_by == WEDNESDAY_5_PM


def test_an_early_close_moves_the_promise_to_it_and_apologises_for_no_delay(desk):
    inquiry = a_request()
    closed(2, closes_at=time(16))
    press(desk)
    inquiry.refresh_from_db()
    assert inquiry.reply_by == datetime(2026, 12, 2, 16, tzinfo=NEW_YORK)
    pump.turn()
    assert "longer" not in bodies_to_patient()[0]


@pytest.mark.parametrize(
    ("closes_at", "moved_to"),
    [(time(12, 1), datetime(2026, 12, 2, 12, 1, tzinfo=NEW_YORK)), (time(12), THURSDAY_5_PM), (time(9), THURSDAY_5_PM)],
)
def test_a_new_moment_that_two_office_hours_do_not_reach_is_not_promised(at, client, staff, closes_at, moved_to):
    inquiry = a_request()
    at(2026, 12, 2, 10, 0)
    client.force_login(staff)
    closed(2, closes_at=closes_at)
    press(client)
    inquiry.refresh_from_db()
    assert inquiry.reply_by == moved_to


def test_pressing_twice_moves_and_tells_once(desk):
    inquiry = a_request()
    closed(2)
    press(desk)
    press(desk)
    pump.turn()
    assert inquiry.events.filter(kind=InquiryEvent.Kind.PROMISE_MOVED).count() == 1
    assert len(bodies_to_patient()) == 1


def test_a_promise_that_moves_back_and_forth_is_told_each_time(desk):
    a_request()
    first = closed(2)
    press(desk)
    pump.turn()
    second = closed(3)
    press(desk)
    pump.turn()
    first.delete()
    second.delete()
    closed(2)
    closed(4)
    press(desk)
    pump.turn()
    days = ["Thursday, December 3", "Friday, December 4", "Thursday, December 3"]
    assert [day in body for day, body in zip(days, bodies_to_patient(), strict=True)] == [True] * 3


def test_a_promise_that_moves_again_before_the_mail_has_left_is_told_once(desk):
    a_request()
    closed(2)
    press(desk)
    closed(3)
    press(desk)
    pump.turn()
    (body,) = bodies_to_patient()
    assert "Friday, December 4" in body


def test_a_moved_promise_is_watched_like_the_first(desk, at):
    a_request()
    closed(2)
    press(desk)
    for moment in [(2026, 12, 2, 18, 0), (2026, 12, 3, 14, 59)]:
        at(*moment)
        pump.turn()
        assert not warnings()
    at(2026, 12, 3, 15, 0)
    pump.turn()
    assert len(warnings()) == 1
    at(2026, 12, 3, 17, 1)
    pump.turn()
    assert apologies() == 1


def test_a_warning_that_has_not_left_is_dropped_when_its_promises_move(at, client, staff):
    a_request()
    at(2026, 12, 2, 15, 0)
    promises.watch()
    closed(2, closes_at=time(15, 30))
    client.force_login(staff)
    press(client)
    pump.turn()
    assert not warnings()


def test_with_no_hours_left_the_action_moves_nothing_and_breaks_nothing(desk):
    inquiry = a_request()
    OpeningHours.objects.all().delete()
    assert press(desk).status_code == 302
    inquiry.refresh_from_db()
    assert inquiry.reply_by == WEDNESDAY_5_PM
    assert not inquiry.mails.exists()


def test_moments_are_compared_as_moments_not_as_clock_times(desk):
    """A promise read back from the database is in UTC: the day of New York decides, not that of Greenwich."""
    OpeningHours.objects.update(closes_at=time(20))
    inquiry = a_request(reply_by=datetime(2026, 12, 3, 1, tzinfo=UTC))  # Wednesday, 8 PM
    press(desk)
    assert not inquiry.events.filter(kind=InquiryEvent.Kind.PROMISE_MOVED).exists()
