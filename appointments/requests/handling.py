"""What may be done with a request: each verb changes the row under a lock and writes down what happened."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, Visit
from conditions.danger import may_tell_of_a_stroke

Kind = InquiryEvent.Kind


@transaction.atomic
def change_status(inquiry: Inquiry, status: str, *, by, outcome: str = "", duplicate_of: Inquiry | None = None) -> None:
    """Move to a legal next status and write the event.

    Closing needs an outcome, and a duplicate the request that it repeats. What is not open has no follow-up.
    Raises ValidationError for any other move.
    """
    row = inquiry.locked()
    if status not in row.next_statuses:
        raise ValidationError(
            f"A request that is “{row.get_status_display()}” cannot become “{Inquiry.Status(status).label}”."
        )
    closes = status == Inquiry.Status.CLOSED
    if closes != bool(outcome):
        raise ValidationError("Choose an outcome when you close a request, and only then.")
    if (outcome == Inquiry.Outcome.DUPLICATE) != bool(duplicate_of):
        raise ValidationError("Say which request this is a duplicate of, and only then.")
    if duplicate_of and row.pk in (duplicate_of.pk, duplicate_of.duplicate_of_id):
        raise ValidationError("A request cannot be a duplicate of itself.")
    inquiry.update_locked(
        row,
        status=status,
        outcome=outcome,
        duplicate_of=duplicate_of,
        closed_at=timezone.now() if closes else None,
        follow_up_on=row.follow_up_on if status in Inquiry.OPEN else None,
    )
    if outcome in Inquiry.SILENT:
        _fall_silent(inquiry)
    inquiry.write_event(Kind.STATUS, by=by, status=status)


@transaction.atomic
def add_note(inquiry: Inquiry, text: str, *, by) -> None:
    """Keep a colleague's note, encrypted."""
    inquiry.locked()
    inquiry.write_event(Kind.NOTE, by=by, note=text)


@transaction.atomic
def assign_to(inquiry: Inquiry, owner, *, by) -> None:
    """Give it to a colleague, or to nobody. The owner it has already changes nothing."""
    row = inquiry.locked()
    if row.owner_id != (owner and owner.pk):
        inquiry.update_locked(row, owner=owner)
        inquiry.write_event(Kind.ASSIGNED, by=by, note=str(owner) if owner else "nobody")


@transaction.atomic
def follow_up(inquiry: Inquiry, on: date | None, *, by) -> None:
    """Come back to it on this New York date; None for no more. Raises ValidationError unless it is open."""
    row = inquiry.locked()
    if row.follow_up_on == on:
        return
    if not row.is_open:
        raise ValidationError("Only an open request can be followed up.")
    inquiry.update_locked(row, follow_up_on=on)
    inquiry.write_event(Kind.FOLLOW_UP, by=by, note=f"{on:%A, %B %-d, %Y}" if on else "no more")


@transaction.atomic
def log_contact(inquiry: Inquiry, contact: str = Inquiry.Contact.REACHED, *, by) -> None:
    """Write down one attempt. A reply keeps the promise, if in time.

    Who reaches out to a new request nobody owns has taken it on. Raises ValidationError where it cannot be.
    """
    row = inquiry.locked()
    if objection := row.objection_to(contact):
        raise ValidationError(objection)
    replied = row.contacted_at or (timezone.now() if contact in Inquiry.REPLIES else None)
    inquiry.update_locked(row, contacted_at=replied)
    inquiry.write_event(Inquiry.Contact(contact).value, by=by)
    if row.owner_id is None:
        assign_to(inquiry, by, by=by)
    if row.status == Inquiry.Status.NEW:
        change_status(inquiry, Inquiry.Status.IN_PROGRESS, by=by)


@transaction.atomic
def mark_opened(inquiry: Inquiry, *, by) -> None:
    """A person opened it for the first time. Later openings change nothing."""
    row = inquiry.locked()
    if row.opened_at is None:
        inquiry.update_locked(row, opened_at=timezone.now())
        inquiry.write_event(Kind.OPENED, by=by)


@transaction.atomic
def move_promise(inquiry: Inquiry, reply_by, *, by) -> None:
    """Promise another moment, openly: an event says so. The caller tells the patient."""
    inquiry.update_locked(inquiry.locked(), reply_by=reply_by, escalation=None)
    inquiry.write_event(Kind.PROMISE_MOVED, by=by)


@transaction.atomic
def renew_link(inquiry: Inquiry, *, by) -> None:
    """The address was wrong, or somebody else has the link: every old one dies, and waiting mail is not sent."""
    row = inquiry.locked()
    inquiry.update_locked(row, link_version=row.link_version + 1)
    inquiry.mails.waiting().delete()
    inquiry.write_event(Kind.LINK_RENEWED, by=by)


@transaction.atomic
def take_patient_note(inquiry: Inquiry, text: str) -> None:
    """What a patient adds through the private page, encrypted. It is the staff's turn again.

    Words that may tell of a stroke move the request to the front.
    """
    row = inquiry.locked()
    turn = Inquiry.Status.IN_PROGRESS if row.status == Inquiry.Status.WAITING else row.status
    is_new_onset = row.is_new_onset or may_tell_of_a_stroke(text)
    inquiry.update_locked(row, status=turn, is_new_onset=is_new_onset, patient_wrote_at=timezone.now())
    inquiry.write_event(Kind.PATIENT_NOTE, note=text)


@transaction.atomic
def change_channel(inquiry: Inquiry, channel: str) -> None:
    """The patient would rather be reached another way. Raises ValidationError without the means for it."""
    row = inquiry.locked()
    if not (row.email if channel == Inquiry.Channel.EMAIL else row.phone):
        raise ValidationError("We have no number or address for that way.")
    inquiry.update_locked(row, reach_by=channel, patient_wrote_at=timezone.now())
    inquiry.write_event(Kind.CHANNEL_CHANGED)


@transaction.atomic
def withdraw(inquiry: Inquiry) -> None:
    """The patient asks us to stop: no more mail, no visit. A second time changes nothing."""
    row = inquiry.locked()
    if row.status == Inquiry.Status.CLOSED:
        return
    now = timezone.now()
    inquiry.update_locked(
        row,
        status=Inquiry.Status.CLOSED,
        outcome=Inquiry.Outcome.WITHDRAWN,
        closed_at=now,
        follow_up_on=None,
        patient_wrote_at=now,
    )
    _fall_silent(inquiry)
    inquiry.write_event(Kind.WITHDRAWN, status=Inquiry.Status.CLOSED)


def _fall_silent(inquiry: Inquiry) -> None:
    """No more mail, no visit."""
    inquiry.mails.waiting().delete()
    visits = Visit.objects.filter(inquiry=inquiry, cancelled_at=None)
    if visits.update(cancelled_at=timezone.now(), sequence=F("sequence") + 1):
        inquiry.write_event(Kind.VISIT, note="cancelled with the request")
