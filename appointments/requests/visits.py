"""Agreeing on a visit: the row, its events, and the mails a patient gets about it."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, Office, OutgoingMail, Visit, owed_mail
from appointments.office.hours import NEW_YORK, Schedule
from appointments.requests import handling

Kind = OutgoingMail.Kind
KINDS = [
    Kind.PATIENT_VISIT_CONFIRMED,
    Kind.PATIENT_VISIT_CHANGED,
    Kind.PATIENT_VISIT_CANCELLED,
    Kind.PATIENT_VISIT_REMINDER,
]

REMINDER_WORKING_DAYS = 2
REMINDER_AT = time(10)
LONGEST_LOOK_BACK = 30  # days
LONGEST_VISIT = timedelta(hours=8)  # as Visit's constraint has it


@transaction.atomic
def agree(inquiry: Inquiry, *, starts_at: datetime, minutes: int, place: str = "", by) -> Visit:
    """Confirm a time, or change it. The patient gets one mail for each time that is new to them, and a reminder.

    Nobody agrees unless reached: the promise to reply is kept by it. ValidationError where no visit can be agreed,
    as for a closed request.
    """
    visit = Visit.objects.select_for_update().filter(inquiry=inquiry).first()
    if visit and visit.stands and visit.agreed == (starts_at, minutes, place):
        return visit
    visit = visit or Visit(inquiry=inquiry, sequence=-1)
    visit.starts_at, visit.minutes, visit.place, visit.cancelled_at = starts_at, minutes, place, None
    visit.sequence += 1
    _forget_waiting_mail(visit)
    visit.save()
    inquiry.visit = visit
    _event(visit, "agreed", by)
    if not visit.is_known:
        kind = Kind.PATIENT_VISIT_CHANGED if visit.changes else Kind.PATIENT_VISIT_CONFIRMED
        _tell(kind, visit, until=starts_at)
    due = reminder_due(Office.schedule(), starts_at)
    if due and due > timezone.now():
        _tell(Kind.PATIENT_VISIT_REMINDER, visit, until=starts_at, due_at=due)
    if inquiry.contacted_at is None:
        handling.log_contact(inquiry, by=by)
    if inquiry.status != Inquiry.Status.VISIT_CONFIRMED:
        handling.change_status(inquiry, Inquiry.Status.VISIT_CONFIRMED, by=by)
    return visit


@transaction.atomic
def cancel(inquiry: Inquiry, *, by) -> None:
    """The time no longer holds. The patient is told, unless they never heard of it; a second time changes nothing."""
    visit = Visit.objects.standing().select_for_update().filter(inquiry=inquiry).first()
    if not visit:
        return
    visit.cancelled_at = timezone.now()
    visit.sequence += 1
    _forget_waiting_mail(visit)
    visit.save()
    inquiry.visit = visit
    _event(visit, "cancelled", by)
    if visit.counted_on:
        _tell(Kind.PATIENT_VISIT_CANCELLED, visit, until=visit.counted_on[-1])
    if inquiry.status == Inquiry.Status.VISIT_CONFIRMED:
        handling.change_status(inquiry, Inquiry.Status.IN_PROGRESS, by=by)


def objections(inquiry: Inquiry, *, starts_at: datetime, minutes: int) -> list[str]:
    """What speaks against a time, in words for staff. They may know better: the calendar is kept elsewhere."""
    ends_at = starts_at + timedelta(minutes=minutes)
    found = []
    if Office.schedule().working_time(starts_at, ends_at) < timedelta(minutes=minutes):
        found.append("The office is not open all that time.")
    near = Visit.objects.standing().filter(starts_at__lt=ends_at, starts_at__gt=starts_at - LONGEST_VISIT)
    for visit in near.exclude(inquiry=inquiry).select_related("inquiry"):
        if visit.starts_at + timedelta(minutes=visit.minutes) > starts_at:
            local = timezone.localtime(visit.starts_at)
            found.append(f"It overlaps the visit of {visit.inquiry.reference} at {local:%-I:%M %p}.")
    return found


def reminder_due(schedule: Schedule, starts_at: datetime) -> datetime | None:
    """10:00 AM, New York time, two working days before the visit; None when no such day is near."""
    day = timezone.localtime(starts_at, NEW_YORK).date()
    left = REMINDER_WORKING_DAYS
    for _ in range(LONGEST_LOOK_BACK):
        day -= timedelta(days=1)
        left -= bool(schedule.opening_spans(day))
        if not left:
            return datetime.combine(day, REMINDER_AT, tzinfo=NEW_YORK)
    return None


def remember_told(mail: OutgoingMail) -> None:
    """A mail about a visit was accepted: what stands in it is now what the patient was told.

    The visit is the one that the words were rendered from, which `mail` still holds; the row may be newer.
    """
    visit = getattr(mail.inquiry, "visit", None) if mail.kind in KINDS else None
    if not visit:
        return
    told = (None, None, "") if mail.kind == Kind.PATIENT_VISIT_CANCELLED else visit.agreed
    Visit.objects.filter(pk=visit.pk).update(
        told_starts_at=told[0], told_minutes=told[1], told_place=told[2], may_have_heard=False
    )


def _tell(kind: str, visit: Visit, *, until: datetime, **fields) -> None:
    """Owe one mail about this time, unless it is over: then a mail would be too late before it is written."""
    if until > timezone.now():
        owed_mail.queue(kind, inquiry=visit.inquiry, occasion=str(visit.sequence), not_after=until, **fields)


def _forget_waiting_mail(visit: Visit) -> None:
    """A mail about an older time that has not left yet would only confuse, and be rendered with the new time.

    Leased ones too: what is on the wire cannot be called back, but it will not be tried again. Whether one that was
    tried arrived, nobody knows; and of one that was refused, the patient may have heard from a colleague.
    """
    of_visit = OutgoingMail.objects.filter(inquiry=visit.inquiry, kind__in=KINDS, sent_at=None)
    mails = of_visit.select_for_update()
    visit.may_have_heard |= any(mail.attempts for mail in mails)
    of_visit.filter(refused_at=None).delete()


def _event(visit: Visit, word: str, by) -> None:
    local = timezone.localtime(visit.starts_at)
    visit.inquiry.write_event(
        InquiryEvent.Kind.VISIT, by=by, note=f"{word}: {local:%A, %B %-d, %Y, %-I:%M %p}, {visit.minutes} minutes"
    )
