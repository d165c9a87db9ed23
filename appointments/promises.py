"""Watching over what we promised: warn staff before a promise breaks, tell the patient when it has.

A promise is stored and never silently changed. move_open_promises() is the one action that changes it, and it
tells those affected.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from appointments.mail import outbox
from appointments.models import Inquiry, InquiryEvent, Office, OutgoingMail
from appointments.office_hours import NeverOpen, Schedule

WARNING = timedelta(hours=2)  # of office time before a promise ends
APOLOGY_LASTS = timedelta(days=3)  # later than this an apology for one missed moment helps nobody


def watch() -> None:
    """One look at every open promise. Cheap when nothing is due."""
    now, schedule = timezone.now(), Office.schedule()
    if schedule.is_open(now):
        escalate(now, schedule)
    for inquiry in missed(now):
        tell_of_missed_promise(inquiry)


def escalate(now: datetime, schedule: Schedule) -> None:
    """Mail staff once about each unanswered request whose promise ends within two office hours."""
    waiting = Inquiry.objects.unanswered().filter(escalation=None, reply_by__isnull=False)
    moments = waiting.order_by().values_list("reply_by", flat=True).distinct()  # few: promises end at closing time
    soon = [moment for moment in moments if moment <= now or schedule.working_time(now, moment) <= WARNING]
    if not soon:
        return
    notice = outbox.notify(OutgoingMail.Kind.STAFF_ESCALATION, waiting.filter(reply_by__in=soon), field="escalation")
    if notice:
        InquiryEvent.objects.bulk_create(
            InquiryEvent(inquiry=inquiry, kind=InquiryEvent.Kind.ESCALATED, at=now)
            for inquiry in notice.escalated.all()
        )


def missed(now: datetime):
    """Open requests whose moment has passed unanswered and who have not been told so."""
    told = InquiryEvent.objects.filter(kind=InquiryEvent.Kind.PROMISE_MISSED).values("inquiry")
    return Inquiry.objects.past_promise(now).exclude(pk__in=told)


def tell_of_missed_promise(inquiry: Inquiry) -> None:
    """Write it down and tell the patient, once, if an e-mail address was given."""
    with transaction.atomic():
        row = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
        if row.contacted_at or row.events.filter(kind=InquiryEvent.Kind.PROMISE_MISSED).exists():
            return
        row.write_event(InquiryEvent.Kind.PROMISE_MISSED)
        outbox.queue(OutgoingMail.Kind.PATIENT_PROMISE_MISSED, inquiry=row, not_after=timezone.now() + APOLOGY_LASTS)


def promises_on_closed_time(now: datetime, schedule: Schedule) -> list[Inquiry]:
    """Unanswered requests promised for a coming moment that the hours, as they are now, no longer reach."""
    rows = Inquiry.objects.unanswered().filter(reply_by__gt=now)
    return [row for row in rows if not ends_a_working_day(schedule, row.reply_by)]


def ends_a_working_day(schedule: Schedule, moment: datetime) -> bool:
    """Whether the office closes for the day at this moment."""
    spans = schedule.opening_spans(timezone.localtime(moment).date())
    return bool(spans) and spans[-1][1] == timezone.localtime(moment)


@transaction.atomic
def move_open_promises(*, by) -> int:
    """Promise again, by today's hours, where the old moment falls on closed time; tell those affected. The count."""
    office, now, schedule = Office.objects.current(), timezone.now(), Office.schedule()
    moved = 0
    for inquiry in promises_on_closed_time(now, schedule):
        try:
            reply_by = schedule.reply_by(inquiry.received_at, office.reply_working_days)
        except NeverOpen:
            continue
        if reply_by <= now:
            reply_by = schedule.reply_by(now, office.reply_working_days)
        inquiry.move_promise(reply_by, by=by)
        if not inquiry.is_suspected:
            outbox.queue(
                OutgoingMail.Kind.PATIENT_PROMISE_MOVED,
                inquiry=inquiry,
                occasion=reply_by.isoformat(timespec="minutes"),
                not_after=reply_by,
            )
        moved += 1
    return moved
