"""Watching over what we promised: warn staff before a promise breaks, tell the patient when it has.

A promise is stored and never silently changed. move_open_promises() is the one action that changes it, and it
tells those affected.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, Office, OutgoingMail, owed_mail
from appointments.office.hours import NeverOpen, Schedule
from appointments.requests import handling

WARNING = timedelta(hours=2)  # of office time before a promise ends
APOLOGY_LASTS = timedelta(days=3)  # later than this an apology for one missed moment helps nobody


class Standing(StrEnum):
    """How one promise stands."""

    NONE = "none"  # no moment was promised
    RUNNING = "running"
    SOON = "soon"  # within the office time at which staff are warned
    LATE = "late"  # it is over and nobody has reached the patient
    KEPT = "kept"
    MISSED = "missed"  # the patient was reached, but after the moment
    ENDED = "ended"  # closed without reaching the patient


def standing(inquiry: Inquiry, schedule: Schedule, now: datetime) -> Standing:
    """How the promise of one request stands."""
    if inquiry.reply_by is None:
        return Standing.NONE
    if inquiry.contacted_at:
        return Standing.KEPT if inquiry.contacted_at <= inquiry.reply_by else Standing.MISSED
    if inquiry.status == Inquiry.Status.CLOSED:
        return Standing.ENDED
    if inquiry.reply_by < now:
        return Standing.LATE
    return Standing.SOON if schedule.working_time(now, inquiry.reply_by) <= WARNING else Standing.RUNNING


def watch() -> None:
    """One look at every open promise. Cheap when nothing is due."""
    now, schedule = timezone.now(), Office.schedule()
    if schedule.is_open(now):
        escalate(now, schedule)
    for inquiry in missed(now):
        tell_of_missed_promise(inquiry, now)


def escalate(now: datetime, schedule: Schedule) -> None:
    """Mail staff once about each unanswered request whose promise ends within two office hours."""
    unanswered = Inquiry.objects.unanswered().filter(escalation=None, reply_by__isnull=False)
    moments = unanswered.order_by().values_list("reply_by", flat=True).distinct()  # few: promises end at closing time
    soon = [moment for moment in moments if moment <= now or schedule.working_time(now, moment) <= WARNING]
    if not soon:
        return
    kind, ending = OutgoingMail.Kind.STAFF_ESCALATION, unanswered.filter(reply_by__in=soon)
    with transaction.atomic():
        notice = owed_mail.notify(kind, ending, field="escalation")
        InquiryEvent.objects.bulk_create(
            InquiryEvent(inquiry=inquiry, kind=InquiryEvent.Kind.ESCALATED, at=now)
            for inquiry in (notice.escalated.all() if notice else ())
        )


def missed(now: datetime):
    """Open requests whose moment has passed unanswered and who have not been told so.

    What was said of an earlier promise, before a new one was made, does not count.
    """
    told = InquiryEvent.objects.filter(
        inquiry=OuterRef("pk"), kind=InquiryEvent.Kind.PROMISE_MISSED, at__gte=OuterRef("reply_by")
    )
    return Inquiry.objects.past_promise(now).filter(~Exists(told))


@transaction.atomic
def tell_of_missed_promise(inquiry: Inquiry, now: datetime) -> None:
    """Write it down and tell the patient, once, if an e-mail address was given."""
    row = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
    if not missed(now).filter(pk=row.pk).exists():
        return  # another pump, a colleague or the patient was faster
    row.write_event(InquiryEvent.Kind.PROMISE_MISSED, at=now)
    owed_mail.queue(
        OutgoingMail.Kind.PATIENT_PROMISE_MISSED,
        inquiry=row,
        occasion=row.reply_by.isoformat(timespec="minutes"),
        not_after=now + APOLOGY_LASTS,
    )


def promises_on_closed_time(now: datetime, schedule: Schedule, *, lock: bool = False) -> list[Inquiry]:
    """Unanswered requests promised for a coming moment that the hours, as they are now, no longer reach."""
    rows = Inquiry.objects.unanswered().filter(reply_by__gt=now)
    return [row for row in (rows.select_for_update() if lock else rows) if not can_keep(schedule, row.reply_by)]


def can_keep(schedule: Schedule, moment: datetime) -> bool:
    """Whether the office works until this moment, or beyond it."""
    return any(opens < moment <= closes for opens, closes in schedule.opening_spans(timezone.localdate(moment)))


@transaction.atomic
def move_open_promises(*, by) -> int:
    """Promise again, by today's hours, where the old moment falls on closed time; tell those affected. The count.

    A new moment that two office hours do not reach would be broken as soon as it is given: then a later one.
    """
    office, now, schedule = Office.objects.current(), timezone.now(), Office.schedule()
    moved = 0
    for inquiry in promises_on_closed_time(now, schedule, lock=True):
        try:
            reply_by = schedule.reply_by(inquiry.received_at, office.reply_working_days)
            if schedule.working_time(now, reply_by) <= WARNING:
                reply_by = schedule.reply_by(now, office.reply_working_days)
        except NeverOpen:
            continue
        handling.move_promise(inquiry, reply_by, by=by)
        if not inquiry.is_suspected:
            tell_of_moved_promise(inquiry)
        moved += 1
    # A warning that has not left yet, about promises that have all moved, would name none.
    OutgoingMail.objects.waiting().filter(kind=OutgoingMail.Kind.STAFF_ESCALATION, notice__escalated=None).delete()
    return moved


def tell_of_moved_promise(inquiry: Inquiry) -> None:
    """One mail for each move; one that still waits would name the new moment too, so it goes."""
    kind = OutgoingMail.Kind.PATIENT_PROMISE_MOVED
    OutgoingMail.objects.waiting().filter(inquiry=inquiry, kind=kind).delete()
    move = inquiry.events.filter(kind=InquiryEvent.Kind.PROMISE_MOVED).count()
    owed_mail.queue(kind, inquiry=inquiry, occasion=str(move), not_after=inquiry.reply_by)
