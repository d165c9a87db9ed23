"""The first page of the desk: the day. Everybody sees the parts that are theirs, and links where they may go."""

from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils import timezone

from appointments.background import daily, health
from appointments.models import DailyJob, Inquiry, Mailbox, Office, OutgoingMail, SuggestedClosure
from appointments.models.office_now import OfficeNow
from appointments.office.hours import NEW_YORK, NeverOpen, Schedule, midnight
from appointments.office.words import clock, day, length
from appointments.requests import ledger
from appointments.requests.queue_views import Look, counted
from conditions.models import Page
from conditions.page_types import PAGE_TYPES
from nyfp_site.today import statistics
from nyfp_site.today.charts import bars

CLOSURE_DAYS = 60  # as far as this page looks ahead


def may_view(user, model) -> bool:
    """As Django's admin has it: who may change may view."""
    label, name = model._meta.app_label, model._meta.model_name
    return user.has_perm(f"{label}.view_{name}") or user.has_perm(f"{label}.change_{name}")


def list_url(user, model) -> str:
    """Where these rows are listed, for those who may go there; else nothing."""
    return (
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") if may_view(user, model) else ""
    )


def row_url(user, row) -> str:
    """Where this row is shown, for those who may go there; else nothing."""
    label = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(label, args=[row.pk]) if may_view(user, type(row)) else ""


def the_day(user) -> dict:
    """What this person's first page shows. A part that is not theirs is not even counted."""
    now, office, schedule = timezone.localtime(), OfficeNow.read(), Office.schedule()
    sees_requests, sees_mail = may_view(user, Inquiry), may_view(user, OutgoingMail)
    moment = f"{day(now)}, {clock(now)}. {office.line or 'New York time'}."
    tallies = counted("on_first_page", Look(now, user), lambda model: list_url(user, model) or None)
    parts = {"moment": moment, "tallies": tallies, "closed": closed(user, office)}
    if sees_requests or sees_mail:
        parts |= {"report": health.report(), "jobs": jobs(schedule, now)}
    if sees_requests:
        parts |= {"replies": replies(schedule, now), "ledger": ledger.day_ledger(now.date())} | weeks(now)
    if sees_mail:
        beat = parts["report"]["pump_heartbeat_seconds"]
        parts |= {"mail": list_url(user, OutgoingMail), "mailboxes": mailboxes(), "pump": pump_in_words(beat)}
    if any(may_view(user, model) for model in (Page, *(page_type.model for page_type in PAGE_TYPES))):
        parts["reviews"] = reviews(user, now)
    return parts


def asked_since(moment: datetime) -> QuerySet[Inquiry]:
    """Requests of people: neither suspected nor closed as spam."""
    since = Inquiry.objects.filter(received_at__gte=moment)
    return since.genuine()


def replies(schedule: Schedule, now: datetime) -> dict:
    """How the promises of the last thirty days were kept, and how long people waited for us."""
    since = now - timedelta(days=statistics.PROMISE_DAYS)
    promised = asked_since(since).filter(reply_by__isnull=False)
    rows = promised.values_list("received_at", "reply_by", "contacted_at", "closed_at", "outcome", named=True)
    found = statistics.replies(rows, schedule, now)
    median = "" if found.median_time is None else length(found.median_time)
    return {"found": found, "median": median, "days": statistics.PROMISE_DAYS}


def weeks(now: datetime) -> dict:
    """Requests in each of the last twelve weeks, as rows, as a picture and in words."""
    first = midnight(statistics.mondays(now.date())[0])
    by_week = asked_since(first).order_by().values_list(TruncWeek("received_at", tzinfo=NEW_YORK))
    by_week = by_week.annotate(Count("pk"))
    rows = statistics.weeks({week.date(): count for week, count in by_week}, now.date())
    return {"weeks": rows, "bars": bars(rows), "weeks_in_words": statistics.weeks_in_words(rows)}


def pump_in_words(seconds: int | None) -> str:
    if seconds is None:
        return "has not turned yet"
    ago = f"{seconds} second{'' if seconds == 1 else 's'}" if seconds < 60 else length(timedelta(seconds=seconds))
    return f"turned {ago} ago"


def mailboxes():
    """The mailboxes that are told, each with the last mail its server accepted."""
    accepted = OutgoingMail.objects.filter(mailbox=OuterRef("email"), sent_at__isnull=False).order_by("-sent_at")
    return Mailbox.objects.filter(is_active=True).annotate(accepted_at=Subquery(accepted.values("sent_at")[:1]))


def jobs(schedule: Schedule, now: datetime) -> list[dict]:
    """Each daily job: its last run, whenever that was, and what is to be said while today's is missing."""
    runs = daily.last_runs()
    return [
        {
            "name": daily.in_words(name),
            "last": runs.get(name),
            "missing": missing_run(name, runs.get(name), schedule, now),
        }
        for name in daily.JOBS
    ]


def missing_run(name: str, last: DailyJob | None, schedule: Schedule, now: datetime) -> dict:
    """Nothing when it ran today; else whether it is late, and at which opening it is due."""
    if last and last.day >= now.date():
        return {}
    try:
        opens = schedule.next_opening(now) if daily.waits_for_opening(name) else now
    except NeverOpen:
        opens = now
    has_opened = any(opening <= now for opening, _ in schedule.opening_spans(now.date()))
    is_due_now = opens <= now
    return {"is_late": is_due_now or has_opened, "due": "" if is_due_now else f"{clock(opens)}, {day(opens)}"}


def closed(user, office: OfficeNow) -> dict:
    """When we are closed in the days ahead, and what holidays nobody has decided on."""
    today = office.at.date()
    ahead = [row for row in office.closures if row.first_day <= today + timedelta(days=CLOSURE_DAYS)]
    undecided = list(SuggestedClosure.objects.filter(declined=False, day__gte=today))
    return {
        "days": CLOSURE_DAYS,
        "ahead": [{"row": row, "url": row_url(user, row)} for row in ahead],
        "shutdowns": [{"row": row, "url": row_url(user, row)} for row in office.shutdowns],
        "undecided": undecided,
        "suggestions_url": list_url(user, SuggestedClosure),
    }


def reviews(user, now: datetime) -> dict:
    """Pages a clinician should look at: those due, and how many nobody has reviewed yet."""
    due = [page.in_full for page in ledger.pages_to_review().in_full()]
    return {
        "due": [{"page": page, "url": row_url(user, page), "is_overdue": page.review_due < now.date()} for page in due],
        "never": Page.objects.filter(is_published=True, reviewed_on=None).count(),
    }
