"""The first page of the desk: the day, for each colleague the parts that are theirs."""

import re
from datetime import date, datetime, timedelta
from html import unescape
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.background import daily
from appointments.background.pump import HEARTBEAT
from appointments.models import (
    Closure,
    DailyJob,
    Heartbeat,
    Inquiry,
    Mailbox,
    OutgoingMail,
    Shutdown,
    StaffNotice,
    SuggestedClosure,
    Visit,
)
from tests.conftest import NEW_YORK
from tests.factories import make_condition, make_inquiry, make_treatment, told_notice

pytestmark = pytest.mark.django_db

QUEUE = "/admin/appointments/inquiry/"
REVIEWED = {"reviewed_by": "Dr. O", "reviewed_on": date(2025, 1, 1)}


@pytest.fixture(autouse=True)
def clock(office, at):
    """Tuesday, December 1, 3:00 PM, and a pump that has just turned."""
    clock = at(2026, 12, 1, 15, 0)
    Heartbeat.objects.create(name=HEARTBEAT, at=timezone.now() - timedelta(seconds=4))
    return clock


@pytest.fixture
def first_page(staff_client):
    return lambda: html_of(staff_client)


@pytest.fixture
def page_for(client, django_user_model):
    """The first page of a colleague who may do just this: page_for("appointments.view_inquiry")."""

    def page_for(*permissions: str) -> str:
        name = f"colleague {django_user_model.objects.count()}"
        colleague = django_user_model.objects.create_user(name, is_staff=True)
        for permission in permissions:
            app, codename = permission.split(".")
            colleague.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        client.force_login(colleague)
        return html_of(client)

    return page_for


def html_of(client) -> str:
    return " ".join(client.get("/admin/").content.decode().split())


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def section(page: str, heading: str) -> str:
    """The part of the page under this heading."""
    found = [part for part in re.findall(r"<section.*?</section>", page) if f">{heading}" in part]
    assert len(found) == 1, f"{len(found)} parts are headed {heading}"
    return found[0]


def headings(page: str) -> list[str]:
    return [text_of(heading) for heading in re.findall(r"<h[1-6].*?</h[1-6]>", page)]


def told(sent_at: datetime | None = None) -> StaffNotice:
    return told_notice(sent_at=sent_at or timezone.now())


def hours_ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


# What waits


def test_each_tally_counts_what_its_link_shows(first_page, staff):
    make_inquiry(received_at=hours_ago(99), reply_by=hours_ago(1))
    make_inquiry()
    make_inquiry(contacted_at=timezone.now())
    make_inquiry(status=Inquiry.Status.SUSPECTED)
    make_inquiry(status=Inquiry.Status.CLOSED)
    visited = make_inquiry(status=Inquiry.Status.VISIT_CONFIRMED, contacted_at=timezone.now())
    Visit.objects.create(inquiry=visited, starts_at=timezone.now() + timedelta(hours=8, minutes=59))
    page = first_page()
    assert f'<b>2</b> <a href="{QUEUE}?view=to-answer">waiting for a reply</a>' in page
    assert f'<b>1</b> <a href="{QUEUE}?view=late">past the promised moment</a>' in page
    assert f'<b>1</b> <a href="{QUEUE}?view=suspected">suspected spam</a>' in page
    assert f'<b>1</b> <a href="{QUEUE}?view=visits">visit today</a>' in page
    assert '<b>0</b> <a href="/admin/appointments/outgoingmail/?state=refused">mails given up</a>' in page


def test_a_visit_after_midnight_or_cancelled_is_not_todays(first_page):
    for starts_at, cancelled_at in [(timezone.now() + timedelta(hours=9), None), (timezone.now(), timezone.now())]:
        Visit.objects.create(inquiry=make_inquiry(), starts_at=starts_at, cancelled_at=cancelled_at)
    assert "<b>0</b> <a" in first_page().split("?view=visits")[0].rsplit("<li>", 1)[1]


def test_what_is_stuck_stands_above_everything(first_page):
    Mailbox.objects.all().delete()
    page = first_page()
    assert headings(page)[:2] == ["Today", "Needs a person now"]
    assert "No staff mailbox is told of new requests." in page


def test_trouble_is_on_the_page_before_it_alarms_anybody(client, first_page):
    Heartbeat.objects.update(at=hours_ago(0.05))
    assert client.get("/status").status_code == 200
    assert "The mail pump is silent." in first_page()


def test_a_quiet_day_says_so_without_an_alarm(first_page):
    for name in daily.JOBS:
        DailyJob.objects.create(name=name, day=timezone.localdate(), ran_at=timezone.now())
    told()
    page = first_page()
    assert "Needs a person now" not in page
    assert 'class="stop"' not in page


def test_the_moment_is_new_yorks(first_page):
    assert "Tuesday, December 1, 3:00 PM. Open now, until 5:00 PM New York time." in first_page()


# Our promise


def test_the_promise_is_counted_over_thirty_days_and_says_over_how_many(first_page):
    for hours in (1, 2, 3, 4, 5):
        make_inquiry(received_at=hours_ago(29), contacted_at=hours_ago(29 - hours), reply_by=hours_ago(25.5))
    make_inquiry(received_at=hours_ago(31 * 24), reply_by=hours_ago(30 * 24))
    make_inquiry(received_at=hours_ago(29), reply_by=hours_ago(1), status=Inquiry.Status.SUSPECTED)
    spam = {"status": Inquiry.Status.CLOSED, "outcome": Inquiry.Outcome.SPAM}
    make_inquiry(received_at=hours_ago(29), reply_by=hours_ago(1), **spam)
    part = text_of(section(first_page(), "Our promise, last 30 days"))
    assert "Kept 60% 3 of 5 requests" in part
    assert "First reply, median 3 h 0 min of office time, over 5 replies" in part


def test_of_few_replies_the_numbers_are_printed_and_no_percentage(first_page):
    make_inquiry(received_at=hours_ago(5), contacted_at=hours_ago(4))
    part = text_of(section(first_page(), "Our promise"))
    assert "Kept 1 of 1 requests, too few for a percentage" in part
    assert "%" not in part


def test_before_the_first_promise_has_ended_nothing_is_claimed(first_page):
    make_inquiry()
    part = text_of(section(first_page(), "Our promise"))
    assert "no promise has ended yet" in part
    assert "no reply yet" in part


def test_a_closure_that_is_over_still_explains_a_wait(first_page):
    Closure.objects.create(first_day=date(2026, 11, 26), last_day=date(2026, 11, 27))
    received = datetime(2026, 11, 25, 16, 0, tzinfo=NEW_YORK)
    make_inquiry(received_at=received, contacted_at=datetime(2026, 11, 30, 9, 0, tzinfo=NEW_YORK))
    assert "median 1 h 30 min of office time" in text_of(section(first_page(), "Our promise"))


# Requests per week


def bars(page: str) -> list[str]:
    return re.findall(r"<text[^>]*>(\d+)</text>", section(page, "Requests per week"))


def test_the_picture_and_its_table_show_the_same_twelve_new_york_weeks(first_page):
    for moment in [(2026, 11, 29, 23, 30), (2026, 11, 30, 0, 30), (2026, 11, 30, 1, 0), (2026, 9, 14, 0, 0)]:
        make_inquiry(received_at=datetime(*moment, tzinfo=NEW_YORK))
    make_inquiry(received_at=datetime(2026, 9, 13, 23, 59, tzinfo=NEW_YORK))
    make_inquiry(status=Inquiry.Status.SUSPECTED)
    page = first_page()
    assert bars(page) == ["1", *["0"] * 9, "1", "2"]
    table = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', section(page, "Requests per week"))
    assert (len(table), table[0]) == (12, ("September 14, 2026", "1"))
    assert table[-2:] == [("November 23, 2026", "1"), ("November 30, 2026", "2 so far")]


def test_the_picture_is_drawn_by_the_server_and_said_in_a_sentence(first_page):
    part = section(first_page(), "Requests per week")
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", part)[0])
    assert svg.get("role") == "img"
    assert f'id="{svg.get("aria-labelledby")}">No request came in the last 12 weeks.' in part
    assert not re.search(r"style=|<style|<script|http", part)
    assert len(svg.findall("rect")) == 12


def test_todays_sums_stand_on_the_page(first_page):
    make_inquiry()
    make_inquiry(staff_notice=told())
    assert "Today: 2 saved = 1 told + 1 waiting + 0 suspected." in text_of(section(first_page(), "Requests per week"))


# Mail


def test_mail_health_names_the_last_mail_each_mailbox_accepted(first_page, clock):
    Mailbox.objects.create(email="deputy@example.org")
    Mailbox.objects.create(email="former@example.org", is_active=False)
    for sent_at in (hours_ago(30), timezone.now(), hours_ago(20)):
        told(sent_at)
    clock.shift(timedelta(seconds=56))
    OutgoingMail.objects.create(kind="staff_opening", notice=StaffNotice.objects.create(), mailbox="desk@example.org")
    part = text_of(section(first_page(), "Mail"))
    assert "The mail pump turned 1 min ago" in part
    assert "Waiting to be sent 1" in part
    assert "desk@example.org last mail accepted at 3:00 PM, Tuesday, December 1" in part
    assert "deputy@example.org no mail accepted yet" in part
    assert "former@example.org" not in part


def test_a_pump_that_never_turned_is_said(first_page):
    Heartbeat.objects.all().delete()
    assert "The mail pump has not turned yet" in text_of(section(first_page(), "Mail"))


# Daily jobs


def job(page: str, name: str) -> str:
    return text_of(re.search(rf"<dt>{name}</dt><dd>(.*?)</dd>", section(page, "Daily jobs"))[1])


def ran(name: str, day: date, *clock: int, **fields) -> None:
    ran_at = datetime(day.year, day.month, day.day, *clock, tzinfo=NEW_YORK)
    DailyJob.objects.create(name=name, day=day, ran_at=ran_at, **fields)


def test_every_daily_job_is_listed_also_one_that_never_ran(first_page):
    assert re.findall(r"<dt>(.*?)</dt>", section(first_page(), "Daily jobs")) == [
        daily.in_words(name).capitalize() for name in daily.JOBS
    ]
    assert job(first_page(), "Opening mail") == "Never run Has not run today."


def test_a_job_shows_its_last_run_whenever_that_was(first_page):
    ran("opening_mail", date(2026, 10, 1), 8, 30, report="1 mailboxes")
    ran("opening_mail", date(2026, 11, 2), 8, 31, report="2 mailboxes")
    assert job(first_page(), "Opening mail") == ("Done at 8:31 AM, Monday, November 2: 2 mailboxes Has not run today.")


def test_a_job_that_ran_today_is_neither_late_nor_due(first_page):
    ran("opening_mail", date(2026, 12, 1), 8, 30, report="2 mailboxes")
    assert job(first_page(), "Opening mail") == "Done at 8:30 AM, Tuesday, December 1: 2 mailboxes"


def test_a_failed_job_says_so(first_page):
    ran("retention_dry_run", date(2026, 12, 1), 0, 0, failed=True, report="ValueError")
    assert job(first_page(), "Retention dry run").startswith("Failed at 12:00 AM, Tuesday, December 1: ValueError")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ((2026, 12, 1, 8, 29), "Never run Due at opening, 8:30 AM, Tuesday, December 1"),
        ((2026, 12, 1, 18, 0), "Never run Has not run today. Due at opening, 8:30 AM, Wednesday, December 2"),
        ((2026, 12, 5, 12, 0), "Never run Due at opening, 8:30 AM, Monday, December 7"),
    ],
    ids=["before opening", "after closing", "on Saturday"],
)
def test_a_job_of_the_opening_is_due_at_the_next_one(client, staff, at, moment, words):
    at(*moment)
    client.force_login(staff)
    assert job(html_of(client), "Opening mail") == words


# Closures


def test_closures_of_the_next_sixty_days_are_named_in_words(first_page):
    Closure.objects.create(first_day=date(2026, 11, 26), last_day=date(2026, 11, 30), reason="Over")
    soon = Closure.objects.create(first_day=date(2027, 1, 30), last_day=date(2027, 2, 2), reason="Painting")
    Closure.objects.create(first_day=date(2027, 1, 31), last_day=date(2027, 1, 31), reason="Far off")
    part = section(first_page(), "Closed, next 60 days")
    words = "Saturday, January 30, 2027 to Tuesday, February 2, 2027: closed"
    assert f'<a href="/admin/appointments/closure/{soon.pk}/change/">{words}</a>' in part
    assert "Painting" in part
    assert "Over" not in part
    assert "Far off" not in part


def test_a_snow_day_in_force_is_named_and_one_that_is_over_is_not(first_page):
    Shutdown.objects.create(closed_from=hours_ago(1), closed_until=hours_ago(-24), reason="Snow today.")
    Shutdown.objects.create(closed_from=hours_ago(9), closed_until=hours_ago(1), reason="Flood.")
    part = text_of(section(first_page(), "Closed"))
    assert "Closed until Wednesday, December 2, 3:00 PM, New York time Snow today." in part
    assert "Flood." not in part


def test_suggested_holidays_are_asked_about_until_somebody_decides(first_page):
    assert "to decide on" not in first_page()
    SuggestedClosure.objects.create(day=date(2026, 11, 11), name="Veterans Day, over")
    SuggestedClosure.objects.create(day=date(2027, 2, 15), name="Presidents’ Day", declined=True)
    SuggestedClosure.objects.create(day=date(2027, 5, 31), name="Memorial Day")
    part = section(first_page(), "Closed")
    assert '<a href="/admin/appointments/suggestedclosure/">1 holiday to decide on</a>' in part
    assert text_of(part).endswith(": Memorial Day, Monday, May 31, 2027.")


# Pages


def test_pages_due_for_review_lead_to_their_own_admin_page_the_longest_overdue_first(first_page):
    soon = make_treatment("soon", review_due=date(2026, 12, 31), **REVIEWED)
    late = make_condition("late", review_due=date(2026, 11, 30), **REVIEWED)
    make_condition("later", review_due=date(2027, 1, 1), **REVIEWED)
    make_condition("unreviewed")
    part = section(first_page(), "Pages due for review")
    assert re.findall(r'<a href="(.*?)">(.*?)</a><span class="(.*?)">(.*?)</span>', part) == [
        (f"/admin/conditions/condition/{late.pk}/change/", "Late", "clock clock--late", "due November 30, 2026"),
        (f"/admin/conditions/treatment/{soon.pk}/change/", "Soon", "quiet-text", "due December 31, 2026"),
    ]
    assert "1 published page has not been reviewed by a clinician yet." in part


def test_a_page_due_today_is_not_overdue(first_page):
    make_condition("today", review_due=date(2026, 12, 1), **REVIEWED)
    assert "clock--late" not in section(first_page(), "Pages due for review")


# Who sees what


def test_an_editor_sees_pages_and_closures_and_nothing_of_requests_or_mail(page_for):
    late = make_condition("late", review_due=date(2026, 11, 30), **REVIEWED)
    Closure.objects.create(first_day=date(2026, 12, 24), last_day=date(2026, 12, 24))
    make_inquiry(received_at=hours_ago(99), reply_by=hours_ago(1))
    Mailbox.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        page = page_for("conditions.change_condition")
    assert not [sql for sql in map(str, queries) if 'FROM "appointments_inquiry' in sql], "it is not even counted"
    assert headings(page) == ["Today", "Pages due for review", "Closed, next 60 days", "Everything on this desk"]
    assert f"/admin/conditions/condition/{late.pk}/change/" in page
    assert "Thursday, December 24, 2026: closed" in page
    assert "/admin/appointments/" not in page
    assert 'class="tally"' not in page


def test_who_may_see_requests_but_no_mail_sees_no_mail(page_for):
    page = page_for("appointments.view_inquiry")
    assert "Mail" not in headings(page)
    assert {"Our promise, last 30 days", "Requests per week", "Daily jobs"} <= set(headings(page))
    assert "mails given up" not in page
    assert "Pages due for review" not in page


def test_who_may_see_mail_but_no_requests_sees_no_requests(page_for):
    page = page_for("appointments.view_outgoingmail")
    assert {"Mail", "Daily jobs"} <= set(headings(page))
    assert not {"Our promise, last 30 days", "Requests per week"} & set(headings(page))
    assert QUEUE not in page


@pytest.mark.parametrize("permission", ["conditions.view_page", "conditions.view_condition"])
def test_a_page_that_a_colleague_may_not_open_is_named_without_a_link(page_for, permission):
    make_treatment("late", review_due=date(2026, 11, 30), **REVIEWED)
    part = section(page_for(permission), "Pages due for review")
    assert "Late" in part
    assert "<a " not in part


def test_djangos_own_list_stands_below_the_day(page_for):
    page = page_for("appointments.view_closure")
    assert page.index("Closed, next 60 days") < page.index("Everything on this desk") < page.index("app-appointments")


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get("/admin/").status_code == 302


# What it costs


def test_the_first_page_takes_as_many_queries_for_much_as_for_little(first_page, django_assert_num_queries):
    def a_day():
        for status in (Inquiry.Status.NEW, Inquiry.Status.SUSPECTED):
            make_inquiry(status=status)
        reached = make_inquiry(received_at=hours_ago(9), contacted_at=hours_ago(1), staff_notice=told())
        Visit.objects.create(inquiry=reached, starts_at=timezone.now())
        number = Inquiry.objects.count()
        make_condition(f"condition-{number}", review_due=timezone.localdate(), **REVIEWED)
        make_treatment(f"treatment-{number}", review_due=timezone.localdate(), **REVIEWED)
        day = timezone.localdate() + timedelta(days=number)
        Closure.objects.create(first_day=day, last_day=day)
        SuggestedClosure.objects.create(day=day, name="A holiday")
        Shutdown.objects.create(closed_from=hours_ago(1), closed_until=hours_ago(-1), reason="Snow")
        Mailbox.objects.create(email=f"mailbox-{number}@example.org")
        ran("opening_mail", day - timedelta(days=60), 8, 30)

    a_day()
    first_page()
    with CaptureQueriesContext(connection) as for_little:
        first_page()
    for _ in range(4):
        a_day()
    with django_assert_num_queries(len(for_little)):
        first_page()
