"""What is stuck shows at once and alarms a person after one office hour."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.background import health
from appointments.background.pump import HEARTBEAT
from appointments.models import (
    Closure,
    DailyJob,
    Heartbeat,
    Inquiry,
    InquiryEvent,
    Mailbox,
    Office,
    OpeningHours,
    OutgoingMail,
)
from appointments.requests import handling, ledger
from appointments.requests.ledger import DayLedger
from tests.conftest import NEW_YORK
from tests.factories import make_inquiry, told_notice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office(office):
    """Monday to Friday, 8:30 to 5, one mailbox; closed over Thanksgiving."""
    Closure.objects.create(first_day=date(2026, 11, 26), last_day=date(2026, 11, 27))


def pump_beats():
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": timezone.now()})


def silence(since):
    Heartbeat.objects.update(at=since)


def a_mail_given_up(since):
    told_notice(refused_at=since)


def a_mail_that_waits(since):
    told_notice(created_at=since, due_at=since, attempts=3)


def a_request_nobody_is_told_of(since):
    make_inquiry(received_at=since)


def a_request_lost_in_the_counting(since):
    inquiry = make_inquiry(received_at=since, staff_notice=told_notice(sent_at=since))
    inquiry.events.all()._raw_delete("default")


def a_failed_job(since):
    DailyJob.objects.create(name="retention_dry_run", day=since.date(), ran_at=since, failed=True)


@pytest.fixture(autouse=True)
def _jobs(monkeypatch):
    """The pump of these tests does not turn; its jobs have their names."""
    from appointments.background import daily

    monkeypatch.setattr(daily, "JOBS", {"retention_dry_run": (daily.retention_dry_run, daily.any_time)})


TUESDAY, FRIDAY, WEDNESDAY = (2026, 12, 1), (2026, 12, 4), (2026, 11, 25)
AFTER_AN_OFFICE_HOUR = pytest.mark.parametrize(
    ("since", "quiet_at", "alarms_at"),
    [
        ((*TUESDAY, 10, 0), (*TUESDAY, 10, 59), (*TUESDAY, 11, 1)),
        ((*TUESDAY, 23, 0), (2026, 12, 2, 9, 29), (2026, 12, 2, 9, 31)),
        ((*FRIDAY, 16, 30), (2026, 12, 7, 8, 59), (2026, 12, 7, 9, 1)),
        ((*WEDNESDAY, 16, 30), (2026, 11, 30, 8, 59), (2026, 11, 30, 9, 1)),
    ],
    ids=["in the day", "over night", "over a weekend", "over a closure"],
)


@AFTER_AN_OFFICE_HOUR
@pytest.mark.parametrize(
    "trouble",
    [
        silence,
        a_mail_given_up,
        a_mail_that_waits,
        a_request_nobody_is_told_of,
        a_request_lost_in_the_counting,
        a_failed_job,
    ],
)
def test_status_alarms_after_one_office_hour_of_trouble(client, at, trouble, since, quiet_at, alarms_at):
    statuses = []
    pump_beats()
    trouble(datetime(*since, tzinfo=NEW_YORK))
    for moment in (quiet_at, alarms_at):
        at(*moment)
        if trouble is not silence:
            pump_beats()
        statuses.append(client.get("/status").status_code)
    assert statuses == [200, 503]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (silence, "The mail pump is silent."),
        (a_mail_given_up, "A mail was given up: a person must act."),
        (
            a_request_lost_in_the_counting,
            "The ledger of Saturday, December 5 does not balance: 0 saved is not 1 told + 0 waiting + 0 suspected.",
        ),
        (a_failed_job, "A daily job failed: retention dry run."),
    ],
)
def test_staff_see_trouble_at_once_also_at_night(at, trouble, words):
    at(2026, 12, 5, 23, 0)
    pump_beats()
    trouble(timezone.now() - timedelta(minutes=3))
    report = health.report()
    assert (report["problems"], report["alarms"]) == ([words], [])


def test_a_quiet_site_alarms_nobody(client, at):
    at(*TUESDAY, 10, 0)
    pump_beats()
    answer = client.get("/status")
    assert (answer.status_code, answer.json()["problems"], answer.json()["alarms"]) == (200, [], [])


@pytest.mark.parametrize(
    ("undo", "words"),
    [
        (Heartbeat, "The mail pump is silent."),
        (Mailbox, "No staff mailbox is told of new requests."),
        (OpeningHours, "No opening hours are known: staff are told of nothing."),
    ],
)
def test_what_has_no_beginning_alarms_at_once(client, at, undo, words):
    at(2026, 12, 5, 23, 0)
    pump_beats()
    undo.objects.all().delete()
    answer = client.get("/status")
    assert (answer.status_code, answer.json()["alarms"]) == (503, [words])


def test_status_says_counts_and_ages_under_the_names_that_monitors_know(client):
    assert list(client.get("/status").json()) == [
        "release",
        "problems",
        "alarms",
        "pump_heartbeat_seconds",
        "oldest_waiting_mail_seconds",
        "oldest_untold_request_seconds",
        "waiting_mails",
        "refused_mails",
        "open_requests",
        "past_promise",
    ]


def test_a_reminder_that_waits_for_its_day_is_no_mail_that_is_stuck(at):
    at(*TUESDAY, 16, 0)
    now = timezone.now()
    inquiry = make_inquiry(staff_notice=told_notice(sent_at=now))
    OutgoingMail.objects.create(
        kind="patient_visit_reminder",
        inquiry=inquiry,
        created_at=now - timedelta(days=3),
        due_at=now + timedelta(days=9),
    )
    assert health.report()["waiting_mails"] == 0
    assert "A mail has waited more than one office hour." not in health.report()["problems"]


def test_the_mail_of_a_suspected_request_is_not_stuck(at):
    at(*TUESDAY, 16, 0)
    inquiry = make_inquiry(status=Inquiry.Status.SUSPECTED)
    OutgoingMail.objects.create(kind="patient_received", inquiry=inquiry, created_at=timezone.now() - timedelta(days=3))
    assert health.report()["waiting_mails"] == 0


def test_a_request_by_telephone_waits_for_its_notice_from_when_it_was_typed_in(at):
    at(*TUESDAY, 16, 0)
    now = timezone.now()
    make_inquiry(received_at=now - timedelta(hours=5), opened_at=now, came_by=Inquiry.CameBy.PHONE)
    assert health.report()["oldest_untold_request_seconds"] == 0


def refused_mail_to_a_patient() -> OutgoingMail:
    inquiry = make_inquiry(staff_notice=told_notice(sent_at=timezone.now()))
    refused_at = timezone.now() - timedelta(hours=2)
    return OutgoingMail.objects.create(kind="patient_received", inquiry=inquiry, refused_at=refused_at)


def test_a_refused_mail_to_a_patient_is_a_task_until_they_are_reached(staff):
    mail = refused_mail_to_a_patient()
    assert health.report()["refused_mails"] == 1
    handling.log_contact(mail.inquiry, by=staff)
    assert health.report()["refused_mails"] == 0


def test_a_call_that_nobody_answered_does_not_settle_a_refused_mail(staff):
    mail = refused_mail_to_a_patient()
    mail.inquiry.write_event(InquiryEvent.Kind.NO_ANSWER)
    assert health.report()["refused_mails"] == 1


def test_a_contact_before_the_refusal_does_not_settle_it():
    mail = refused_mail_to_a_patient()
    mail.inquiry.write_event(InquiryEvent.Kind.CONTACT, at=mail.refused_at - timedelta(minutes=1))
    assert health.report()["refused_mails"] == 1


def test_a_refused_mail_to_a_patient_is_settled_when_their_request_is_closed(staff):
    mail = refused_mail_to_a_patient()
    handling.change_status(mail.inquiry, Inquiry.Status.CLOSED, outcome=Inquiry.Outcome.UNREACHED, by=staff)
    assert health.report()["refused_mails"] == 0


def test_a_mailbox_that_refused_is_a_task_until_it_is_no_longer_told():
    told_notice(refused_at=timezone.now())
    assert health.report()["refused_mails"] == 1
    Mailbox.objects.update(is_active=False)
    assert health.report()["refused_mails"] == 0


def ledger_is_named() -> bool:
    return any(words.startswith("The ledger of Tuesday, December 1 ") for words in health.report()["problems"])


def test_a_day_out_of_balance_is_named_for_about_three_working_days(at):
    a_request_lost_in_the_counting(datetime(*TUESDAY, 10, 0, tzinfo=NEW_YORK))
    clock = at(*FRIDAY, 8, 30)
    assert ledger_is_named()
    clock.shift(timedelta(minutes=1))
    assert not ledger_is_named()


def test_a_day_out_of_balance_waits_through_a_long_closure_for_somebody_to_see_it(at):
    a_request_lost_in_the_counting(datetime(*TUESDAY, 10, 0, tzinfo=NEW_YORK))
    Closure.objects.create(first_day=date(2026, 12, 2), last_day=date(2026, 12, 20))
    at(2026, 12, 21, 9, 0)
    assert ledger_is_named()


def test_a_request_that_comes_between_two_counts_is_no_problem(at, monkeypatch):
    at(*TUESDAY, 10, 0)
    make_inquiry()
    tipped = DayLedger(timezone.localdate(), saved=0, waiting=1)  # counted before the event and after the row
    monkeypatch.setattr(ledger, "day_ledgers", lambda first, last: [tipped])
    assert health.ledger_problems(Office.schedule(), timezone.now()) == []


def test_an_event_that_outlived_its_day_is_found_too(at):
    at(*TUESDAY, 10, 0)
    inquiry = make_inquiry(received_at=timezone.now() - timedelta(days=2))
    inquiry.write_event(InquiryEvent.Kind.RECEIVED)
    found = health.ledger_problems(Office.schedule(), timezone.now())
    assert [problem.since for problem in found] == [timezone.now()]


def test_the_report_takes_as_many_queries_for_many_requests_as_for_one(django_assert_num_queries):
    pump_beats()
    make_inquiry()
    with CaptureQueriesContext(connection) as for_one:
        health.report()
    for _ in range(5):
        make_inquiry(staff_notice=told_notice(sent_at=timezone.now()))
    with django_assert_num_queries(len(for_one)):
        health.report()
