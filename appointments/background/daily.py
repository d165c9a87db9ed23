"""Jobs that are done once on each New York date, by whichever worker comes first.

A job and its row are one transaction: killed half way, neither happened, and the next turn of the pump does it.
A job that fails is written down as failed, shown to staff and in /status, and tried again the next day.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Subquery
from django.utils import timezone

from appointments.models import Closure, DailyJob, Inquiry, Office, OutgoingMail, SuggestedClosure, owed_mail
from appointments.office.hours import Schedule
from appointments.requests import ledger

log = logging.getLogger("appointments.background.daily")

# What a retention rule would remove: withdrawn requests and spam, this long after a person closed them.
RETENTION = timedelta(days=90)
REMOVABLE = [Inquiry.Outcome.WITHDRAWN, Inquiry.Outcome.SPAM]


def opening_mail() -> str:
    """Counts to each mailbox, also with nothing new."""
    notice = owed_mail.announce(OutgoingMail.Kind.STAFF_OPENING)
    return f"{notice.mails.count()} mailboxes" if notice else "no mailbox to tell"


def review_reminder() -> str:
    """A mail about pages to review, when there are any."""
    pages = ledger.pages_to_review()
    if pages:
        owed_mail.announce(OutgoingMail.Kind.STAFF_REVIEW)
    return f"{len(pages)} pages"


def retention_dry_run() -> str:
    """How many requests a retention rule would remove. Nothing is removed."""
    old = Inquiry.objects.filter(outcome__in=REMOVABLE, closed_at__lt=timezone.now() - RETENTION)
    return f"{old.count()} requests could be removed"


def ended_sessions() -> str:
    """Remove what ended sessions of staff still hold: a name that was searched for, for one."""
    ended = Session.objects.filter(expire_date__lt=timezone.now())
    count, _ = ended.delete()
    return f"{count} sessions removed"


def holiday_suggestions() -> str:
    """Federal holidays of next year, and those left of this, on working days, as suggestions for staff.

    Federal only: the list for New York would close the office on Election Day.
    """
    import holidays  # here, because importing it is slow

    today, schedule = timezone.localdate(), Office.schedule()
    ahead = holidays.US(years=(today.year, today.year + 1)).items()
    wanted = {day: name for day, name in ahead if day > today and schedule.opening_spans(day)}
    known = set(SuggestedClosure.objects.filter(day__gt=today).values_list("day", flat=True))
    closed = {day for day in wanted if Closure.objects.filter(first_day__lte=day, last_day__gte=day).exists()}
    new = [SuggestedClosure(day=day, name=name) for day, name in wanted.items() if day not in known | closed]
    SuggestedClosure.objects.bulk_create(new)
    return f"{len(new)} days suggested"


def ledger_of_yesterday() -> str:
    """The sums of the day that is over, written down for good."""
    return ledger.day_ledger(timezone.localdate() - timedelta(days=1)).in_words()


def may_mail_staff(schedule: Schedule, now: datetime) -> bool:
    """During office hours, and not within a minute of another notice."""
    return schedule.is_open(now) and owed_mail.is_quiet(now)


def any_time(schedule: Schedule, now: datetime) -> bool:
    return True


JOBS: dict[str, tuple[Callable[[], str], Callable[[Schedule, datetime], bool]]] = {
    "opening_mail": (opening_mail, may_mail_staff),
    "review_reminder": (review_reminder, may_mail_staff),
    "retention_dry_run": (retention_dry_run, any_time),
    "ended_sessions": (ended_sessions, any_time),
    "holiday_suggestions": (holiday_suggestions, any_time),
    "ledger_of_yesterday": (ledger_of_yesterday, any_time),
}


def waits_for_opening(name: str) -> bool:
    """Whether a job is done when the office opens, rather than at midnight."""
    return JOBS[name][1] is may_mail_staff


def in_words(name: str) -> str:
    return name.replace("_", " ")


def last_runs() -> dict[str, DailyJob]:
    """Each job's last run, whenever that was; a job that never ran is missing."""
    latest = [Subquery(DailyJob.objects.filter(name=name).order_by("-day").values("pk")[:1]) for name in JOBS]
    runs = DailyJob.objects.filter(pk__in=latest)  # type: ignore[misc]  # the stubs know no list of subqueries
    return {run.name: run for run in runs}


def run_due() -> None:
    """Do each job that is due and that nobody has done today. Cheap when all are done."""
    now, today = timezone.now(), timezone.localdate()
    done = set(DailyJob.objects.filter(day=today).values_list("name", flat=True))
    if done >= set(JOBS):
        return
    schedule = Office.schedule()
    for name, (job, is_due) in JOBS.items():
        if name not in done and is_due(schedule, now):
            run(name, job, today)


def run(name: str, job: Callable[[], str], today: date) -> None:
    """Do one job under its unique row; another worker's row means it is theirs."""
    try:
        with transaction.atomic():
            row = DailyJob.objects.create(name=name, day=today, ran_at=timezone.now())
            row.report = job()
            row.save(update_fields=["report"])
    except IntegrityError:
        if not DailyJob.objects.filter(name=name, day=today).exists():
            raise
    except (OperationalError, InterfaceError) as error:
        # The database is away, locked or full: that is no failure of the job, and the next turn tries again.
        log.exception("a daily job waits for the database", exc_info=error, extra={"job": name})
    except Exception as error:
        log.exception("a daily job failed", exc_info=error, extra={"job": name})
        DailyJob.objects.get_or_create(
            name=name,
            day=today,
            defaults={"ran_at": timezone.now(), "failed": True, "report": type(error).__name__},
        )
