"""Is anything stuck? Counts and ages only, for /status and the staff's pages.

Staff see a problem at once. /status alarms a person after one office hour of it: nobody is woken for a blip at
night, and what died at night alarms an hour after opening. What has no beginning that we know of alarms at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from appointments.background import daily
from appointments.background.pump import HEARTBEAT
from appointments.models import Heartbeat, Inquiry, Mailbox, Office, OutgoingMail, owed_mail
from appointments.office.hours import ONE_DAY, NeverOpen, Schedule
from appointments.office.words import day
from appointments.requests import ledger

SILENCE = timedelta(minutes=2)  # the pump turns every few seconds
PATIENCE = timedelta(hours=1)  # of office time, before a problem alarms, and before waiting mail is a problem
LEDGER_DAYS = 30  # how far back a day out of balance is looked for: longer than any closure
SEEN = timedelta(hours=24)  # of office time, about three days: then people have seen it, and daily.py's row keeps it
PROXY = "unannounced_proxy"  # the Heartbeat that tells of one
SEEN_LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Problem:
    """One thing that is stuck, in a sentence, and since when."""

    words: str
    since: datetime | None

    def alarms(self, schedule: Schedule, now: datetime) -> bool:
        return self.since is None or schedule.working_time(self.since, now) > PATIENCE


def report() -> dict:
    """What waits, how long, the problems staff should know of, and those among them that alarm a person."""
    now, schedule = timezone.now(), Office.schedule()
    beat = Heartbeat.objects.filter(name=HEARTBEAT).values_list("at", flat=True).first()
    # A reminder that is due some day waits for its day, not for us.
    waiting = OutgoingMail.objects.waiting().exclude(attempts=0, due_at__gt=now)
    # All of them, for they are few: asked for the first alone, SQLite walks through all mail, oldest first.
    waiting_since = list(waiting.order_by().values_list("created_at", flat=True))
    oldest_mail = min(waiting_since, default=None)
    # A request by telephone counts from when it was typed in, and so first opened, not from the call.
    known = Greatest("received_at", Coalesce("opened_at", "received_at"))
    oldest_untold = Inquiry.objects.untold().order_by(known).values_list(known, flat=True).first()
    held = list(waiting.rationed().order_by().values_list("created_at", flat=True))
    held_since = min(held, default=None)
    proxy_seen = Heartbeat.objects.filter(name=PROXY, at__gt=now - SEEN_LATELY).exists()
    given_up_since = list(OutgoingMail.objects.unsettled().order_by("refused_at").values_list("refused_at", flat=True))
    signs = [
        (beat is None or now - beat > SILENCE, Problem("The mail pump is silent.", beat)),
        (not opens_again(schedule, now), Problem("No opening hours are known: staff are told of nothing.", None)),
        (
            not Mailbox.objects.filter(is_active=True).exists(),
            Problem("No staff mailbox is told of new requests.", None),
        ),
        (
            is_late(schedule, oldest_untold, now),
            Problem("A request has waited more than one office hour for its notice.", oldest_untold),
        ),
        (
            is_late(schedule, oldest_mail, now),
            Problem("A mail has waited more than one office hour.", oldest_mail),
        ),
        (
            proxy_seen and not settings.TRUSTED_PROXY_COUNT,
            Problem("A proxy passes visitors on, but TRUSTED_PROXY_COUNT is 0: all of them count as one sender.", None),
        ),
        (
            held and owed_mail.ration_is_used_up(now),
            Problem(f"Receipts to patients wait: {len(held)} in all, more than we send in an hour.", held_since),
        ),
        (given_up_since, Problem("A mail was given up: a person must act.", min(given_up_since, default=None))),
    ]
    problems = [problem for is_so, problem in signs if is_so] + ledger_problems(schedule, now) + job_problems()
    return {
        "problems": [problem.words for problem in problems],
        "alarms": [problem.words for problem in problems if problem.alarms(schedule, now)],
        "pump_heartbeat_seconds": _age(now, beat),
        "oldest_waiting_mail_seconds": _age(now, oldest_mail),
        "oldest_untold_request_seconds": _age(now, oldest_untold),
        "waiting_mails": len(waiting_since),
        "refused_mails": len(given_up_since),
        "open_requests": Inquiry.objects.open().count(),
        "past_promise": Inquiry.objects.past_promise(now).count(),
    }


def ledger_problems(schedule: Schedule, now: datetime) -> list[Problem]:
    """Each day out of balance on which something has no place, until the office has had time to see it.

    A request that is saved between counting events and counting rows tips the sums and is no problem.
    """
    today = timezone.localdate(now)
    off = [one for one in ledger.day_ledgers(today - LEDGER_DAYS * ONE_DAY, today) if not one.is_balanced]
    found = [
        Problem(f"The ledger of {day(one.day)} does not balance: {one.in_words()}.", ledger.unbalanced_since(one.day))
        for one in off
    ]
    return [problem for problem in found if problem.since and schedule.working_time(problem.since, now) <= SEEN]


def job_problems() -> list[Problem]:
    """Each daily job whose last run failed."""
    failed = [run for run in daily.last_runs().values() if run.failed]
    return [Problem(f"A daily job failed: {daily.in_words(run.name)}.", run.ran_at) for run in failed]


def is_late(schedule: Schedule, since: datetime | None, now: datetime) -> bool:
    return since is not None and schedule.working_time(since, now) > PATIENCE


def opens_again(schedule: Schedule, now: datetime) -> bool:
    try:
        return bool(schedule.next_opening(now))
    except NeverOpen:
        return False


def _age(now: datetime, moment: datetime | None) -> int | None:
    return None if moment is None else int((now - moment).total_seconds())
