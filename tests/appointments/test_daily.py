"""Once a day: the opening mail, reminders, suggestions."""

from datetime import date, datetime, time, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail as django_mail
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from appointments.background import daily, health, pump
from appointments.models import Closure, DailyJob, Inquiry, Mailbox, OutgoingMail, Shutdown, SuggestedClosure
from appointments.requests import ledger
from tests.conftest import NEW_YORK
from tests.factories import make_condition, make_inquiry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office(office, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def subjects():
    return [message.subject for message in django_mail.outbox]


def test_the_opening_mail_comes_at_opening_on_a_working_day_also_with_nothing_new(at):
    at(2026, 12, 1, 8, 29, 59)
    pump.turn()
    assert not django_mail.outbox
    at(2026, 12, 1, 8, 30)
    pump.turn()
    assert subjects() == ["Tuesday, December 1: 0 new, 0 overdue"]
    for count in ("0 new, 0 open in all", "0 past the promised moment", "0 suspected spam", "0 visits today"):
        assert count in django_mail.outbox[0].body


def test_the_opening_mail_comes_once_a_day_however_many_pumps_turn(at):
    clock = at(2026, 12, 1, 8, 30)
    for _ in range(5):
        pump.turn()
        clock.shift(timedelta(minutes=2))
    assert len(subjects()) == 1
    at(2026, 12, 2, 8, 30)
    pump.turn()
    assert len(subjects()) == 2


@pytest.mark.parametrize("moment", [(2026, 12, 5, 12, 0), (2026, 11, 26, 12, 0)])
def test_no_opening_mail_on_a_closed_day(at, moment):
    Closure.objects.create(first_day=date(2026, 11, 26), last_day=date(2026, 11, 26))
    at(*moment)
    pump.turn()
    assert not OutgoingMail.objects.exists(), "held back, it would leave with Monday's"


def test_the_opening_mail_counts_and_names_nobody(at):
    at(2026, 12, 1, 7, 0)
    now = timezone.now()
    make_inquiry(name="Zebulon", message="Xylophone")
    make_inquiry(received_at=now - timedelta(days=9), reply_by=now - timedelta(days=7), name="Quince")
    make_inquiry(status=Inquiry.Status.SUSPECTED)
    at(2026, 12, 1, 8, 31)
    daily.run("opening_mail", daily.opening_mail, timezone.localdate())
    pump.outbox.deliver_due()
    body = next(message.body for message in django_mail.outbox if "Today's counts" in message.body)
    assert "2 new, 2 open in all" in body
    assert "1 past the promised moment" in body
    assert "1 suspected spam" in body
    assert "0 mails that could not be delivered" in body
    assert not any(secret in body for secret in ("Zebulon", "Quince", "Xylophone"))


def test_no_opening_mail_while_snow_keeps_the_office_closed_and_one_when_it_opens_after_all(at):
    clock = at(2026, 12, 1, 8, 30)
    Shutdown.objects.create(closed_from=timezone.now(), closed_until=timezone.now() + timedelta(hours=3), reason="Snow")
    pump.turn()
    assert not OutgoingMail.objects.exists()
    clock.shift(timedelta(hours=3))
    pump.turn()
    assert len(subjects()) == 1


def test_the_opening_mail_and_the_first_notice_are_a_minute_apart(at):
    clock = at(2026, 12, 1, 8, 30)
    make_inquiry()
    pump.turn()
    assert subjects() == ["1 new request waiting"]
    clock.shift(timedelta(seconds=61))
    pump.turn()
    assert len(subjects()) == 2


def test_the_unique_row_decides_which_worker_does_a_job(at):
    at(2026, 12, 1, 8, 30)
    today = timezone.localdate()
    DailyJob.objects.create(name="opening_mail", day=today, ran_at=timezone.now())
    daily.run("opening_mail", daily.opening_mail, today)
    assert not OutgoingMail.objects.exists()


def test_a_worker_killed_within_a_job_leaves_it_to_the_next(at, monkeypatch):
    at(2026, 12, 1, 8, 30)

    def killed():
        daily.opening_mail()
        raise SystemExit  # what follows the mails in this worker never happens: its row is not written

    with pytest.raises(SystemExit):
        daily.run("opening_mail", killed, timezone.localdate())
    assert not OutgoingMail.objects.exists()
    pump.turn()
    assert len(subjects()) == 1


def test_a_clock_that_goes_back_an_hour_repeats_no_job(at):
    clock = at(2026, 12, 1, 8, 30)
    pump.turn()
    clock.shift(timedelta(hours=-1))
    pump.turn()
    clock.shift(timedelta(hours=1, minutes=1))
    pump.turn()
    assert len(subjects()) == 1
    assert DailyJob.objects.count() == len(daily.JOBS)


def test_a_clock_that_goes_back_over_midnight_repeats_no_job(at):
    clock = at(2026, 12, 1, 23, 30)
    pump.turn()
    clock.shift(timedelta(hours=1))
    pump.turn()
    runs = set(DailyJob.objects.values_list("name", "day", "ran_at"))
    clock.shift(timedelta(hours=-1))
    pump.turn()
    assert set(DailyJob.objects.values_list("name", "day", "ran_at")) == runs


@pytest.mark.parametrize("sunday", [(2026, 11, 1), (2027, 3, 14)], ids=["25 hours", "23 hours"])
def test_a_day_on_which_clocks_change_has_one_run_and_the_opening_mail_follows_on_monday(at, sunday):
    clock = at(*sunday, 0, 0)
    day = timezone.localdate()
    while timezone.localtime() < datetime.combine(day + timedelta(days=1), time(8, 31), NEW_YORK):
        pump.turn()
        clock.shift(timedelta(minutes=30))
    at_midnight = {name for name in daily.JOBS if not daily.waits_for_opening(name)}
    assert list(DailyJob.objects.filter(day=day).values_list("name", flat=True)) == sorted(at_midnight)
    opening = DailyJob.objects.get(name="opening_mail")
    assert timezone.localtime(opening.ran_at) == datetime.combine(day + timedelta(days=1), time(8, 30), NEW_YORK)


def test_a_jobs_last_run_is_known_however_long_ago(at):
    at(2026, 12, 1, 9, 0)
    for ago in (40, 30):
        day = timezone.localdate() - timedelta(days=ago)
        DailyJob.objects.create(name="opening_mail", day=day, ran_at=timezone.now(), report=f"{ago} days ago")
    DailyJob.objects.create(name="a job of an older release", day=day, ran_at=timezone.now())
    assert {name: run.report for name, run in daily.last_runs().items()} == {"opening_mail": "30 days ago"}


def test_yesterdays_sums_are_written_down_for_good(at):
    at(2026, 11, 30, 23, 59)
    make_inquiry()
    make_inquiry(status=Inquiry.Status.SUSPECTED)
    at(2026, 12, 1, 0, 1)
    make_inquiry()
    pump.turn()
    assert DailyJob.objects.get(name="ledger_of_yesterday").report == "2 saved = 0 told + 1 waiting + 1 suspected"


def test_a_day_is_new_yorks_day(at):
    at(2026, 12, 1, 20, 30)  # in UTC it is already December 2
    pump.turn()
    assert set(DailyJob.objects.values_list("day", flat=True)) == {date(2026, 12, 1)}


def test_a_job_that_fails_is_written_down_and_seen_and_the_others_run(at, monkeypatch):
    at(2026, 12, 1, 7, 0)

    def fail():
        Mailbox.objects.create(email="half-done@example.org")
        raise ValueError("patient words must not be kept here")

    monkeypatch.setitem(daily.JOBS, "retention_dry_run", (fail, daily.any_time))
    pump.turn()
    row = DailyJob.objects.get(name="retention_dry_run")
    assert row.failed
    assert row.report == "ValueError"
    assert not Mailbox.objects.filter(email="half-done@example.org").exists()
    assert DailyJob.objects.filter(name="holiday_suggestions", failed=False).exists()
    assert "A daily job failed: retention dry run." in health.report()["problems"]


def test_a_job_that_finds_the_database_away_is_done_at_the_next_turn(at, monkeypatch):
    at(2026, 12, 1, 7, 0)
    troubles = [OperationalError("database is locked")]

    def job():
        if troubles:
            raise troubles.pop()
        return "done"

    monkeypatch.setitem(daily.JOBS, "retention_dry_run", (job, daily.any_time))
    pump.turn()
    assert not DailyJob.objects.filter(name="retention_dry_run").exists()
    pump.turn()
    assert DailyJob.objects.get(name="retention_dry_run").report == "done"


def test_an_integrity_error_inside_a_job_is_not_mistaken_for_another_workers_row(monkeypatch):
    def fail():
        raise IntegrityError

    with pytest.raises(IntegrityError):
        daily.run("broken", fail, timezone.localdate())


def test_next_years_federal_holidays_are_suggested_and_close_nothing(at):
    at(2026, 12, 1, 7, 0)
    Closure.objects.create(first_day=date(2027, 11, 25), last_day=date(2027, 11, 26))
    pump.turn()
    days = dict(SuggestedClosure.objects.values_list("day", "name"))
    assert days[date(2027, 9, 6)] == "Labor Day"
    assert date(2027, 11, 25) not in days, "the practice has entered it already"
    assert date(2027, 7, 4) not in days, "a Sunday is closed anyway"
    assert date(2027, 11, 2) not in days, "Election Day is not a federal holiday"
    assert Closure.objects.count() == 1


def test_a_declined_suggestion_is_not_made_again(at):
    at(2026, 12, 1, 7, 0)
    pump.turn()
    SuggestedClosure.objects.update(declined=True)
    count = SuggestedClosure.objects.count()
    at(2026, 12, 2, 7, 0)
    pump.turn()
    assert SuggestedClosure.objects.filter(declined=True).count() == count == SuggestedClosure.objects.count()


def test_staff_close_the_office_on_suggested_days_with_one_action(staff_client, at):
    suggestion = SuggestedClosure.objects.create(day=date(2027, 9, 6), name="Labor Day")
    staff_client.post(
        "/admin/appointments/suggestedclosure/",
        {"action": "close_the_office", "_selected_action": [str(suggestion.pk)]},
    )
    closure = Closure.objects.get()
    assert (closure.first_day, closure.last_day, closure.reason) == (date(2027, 9, 6), date(2027, 9, 6), "Labor Day")
    assert not SuggestedClosure.objects.exists()


def test_a_page_is_to_be_reviewed_from_thirty_days_before(at):
    at(2026, 12, 1, 9, 0)
    review = {"reviewed_by": "Dr. O", "reviewed_on": date(2025, 1, 1)}
    make_condition("soon", review_due=date(2026, 12, 31), **review)
    make_condition("later", review_due=date(2027, 1, 1), **review)
    make_condition("never-reviewed")
    assert [page.slug for page in ledger.pages_to_review()] == ["soon"]
    daily.run("review_reminder", daily.review_reminder, timezone.localdate())
    pump.outbox.deliver_due()
    assert "Soon, due December 31, 2026" in django_mail.outbox[0].body


def test_no_reminder_is_mailed_when_no_page_is_due(at):
    at(2026, 12, 1, 9, 0)
    daily.run("review_reminder", daily.review_reminder, timezone.localdate())
    assert not OutgoingMail.objects.exists()


def test_the_retention_rule_is_only_counted_and_only_after_a_person_closed_it(at):
    at(2026, 12, 1, 9, 0)
    old = timezone.now() - timedelta(days=91)
    make_inquiry(status=Inquiry.Status.CLOSED, outcome=Inquiry.Outcome.WITHDRAWN, closed_at=old)
    make_inquiry(status=Inquiry.Status.CLOSED, outcome=Inquiry.Outcome.SEEN, closed_at=old)
    make_inquiry(received_at=timezone.now() - timedelta(days=400), status=Inquiry.Status.SUSPECTED)
    assert daily.retention_dry_run() == "1 requests could be removed"
    assert Inquiry.objects.count() == 3


def test_what_ended_sessions_held_is_removed(staff_client):
    staff_client.post("/admin/appointments/inquiry/find/", {"words": "Maria Okafor"})
    running = Session.objects.get().session_key
    Session.objects.create(session_key="ended", expire_date=timezone.now() - timedelta(hours=1))
    assert daily.ended_sessions() == "1 sessions removed"
    assert [session.session_key for session in Session.objects.all()] == [running]


def test_holidays_left_of_this_year_are_suggested_too(at):
    at(2026, 11, 22, 7, 0)
    daily.holiday_suggestions()
    days = set(SuggestedClosure.objects.filter(day__year=2026).values_list("day", flat=True))
    assert days == {date(2026, 11, 26), date(2026, 12, 25)}
