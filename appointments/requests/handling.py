"""What may be done with a request: each verb changes the row under a lock and writes down what happened."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, OutgoingMail, Visit
from conditions.danger import dangers_in

Kind = InquiryEvent.Kind
# "We have not replied" and "we will reply by" are not so any more, once we have.
OUTDATED_BY_A_REPLY = [OutgoingMail.Kind.PATIENT_PROMISE_MISSED, OutgoingMail.Kind.PATIENT_PROMISE_MOVED]


@transaction.atomic
def change_status(inquiry: Inquiry, status: str, *, by, outcome: str = "", duplicate_of: Inquiry | None = None) -> None:
    """Move to a legal next status and write the event.

    Closing needs an outcome, and a duplicate the request that it repeats. What is not open has no follow-up.
    Raises ValidationError for any other move.
    """
    row = locked(inquiry)
    if objections := row.objections_to_status(status, outcome=outcome, duplicate_of=duplicate_of):
        raise ValidationError(objections)
    _update(
        inquiry,
        row,
        status=status,
        outcome=outcome,
        duplicate_of=duplicate_of,
        closed_at=timezone.now() if status == Inquiry.Status.CLOSED else None,
        follow_up_on=row.follow_up_on if status in Inquiry.OPEN else None,
    )
    if outcome in Inquiry.SILENT:
        _fall_silent(inquiry)
    inquiry.write_event(Kind.STATUS, by=by, status=status)


@transaction.atomic
def add_note(inquiry: Inquiry, text: str, *, by) -> None:
    """Keep a colleague's note, encrypted."""
    locked(inquiry)
    inquiry.write_event(Kind.NOTE, by=by, note=text)


@transaction.atomic
def assign_to(inquiry: Inquiry, owner, *, by) -> None:
    """Give it to a colleague, or to nobody. The owner it has already changes nothing."""
    row = locked(inquiry)
    if row.owner_id != (owner and owner.pk):
        _update(inquiry, row, owner=owner)
        inquiry.write_event(Kind.ASSIGNED, by=by, note=str(owner) if owner else "nobody")


@transaction.atomic
def follow_up(inquiry: Inquiry, on: date | None, *, by) -> None:
    """Come back to it on this New York date; None for no more. Raises ValidationError where it cannot be."""
    row = locked(inquiry)
    if row.follow_up_on == on:
        return
    if objection := row.objection_to_follow_up(on):
        raise ValidationError(objection)
    _update(inquiry, row, follow_up_on=on)
    inquiry.write_event(Kind.FOLLOW_UP, by=by, note=f"{on:%A, %B %-d, %Y}" if on else "no more")


@transaction.atomic
def log_contact(inquiry: Inquiry, contact: str = Inquiry.Contact.REACHED, *, by) -> None:
    """Write down one attempt. A reply keeps the promise, if in time.

    Who reaches out to a new request nobody owns has taken it on. Raises ValidationError where it cannot be.
    """
    row = locked(inquiry)
    if objection := row.objection_to_contact(contact):
        raise ValidationError(objection)
    replied = row.contacted_at or (timezone.now() if contact in Inquiry.REPLIES else None)
    _update(inquiry, row, contacted_at=replied)
    if contact in Inquiry.REPLIES:
        inquiry.mails.waiting().filter(kind__in=OUTDATED_BY_A_REPLY).delete()
    inquiry.write_event(Kind(Inquiry.Contact(contact)), by=by)
    if row.owner_id is None:
        assign_to(inquiry, by, by=by)
    if row.status == Inquiry.Status.NEW:
        change_status(inquiry, Inquiry.Status.IN_PROGRESS, by=by)


@transaction.atomic
def mark_opened(inquiry: Inquiry, *, by) -> None:
    """A person opened it for the first time. Later openings change nothing."""
    row = locked(inquiry)
    if row.opened_at is None:
        _update(inquiry, row, opened_at=timezone.now())
        inquiry.write_event(Kind.OPENED, by=by)


@transaction.atomic
def move_promise(inquiry: Inquiry, reply_by, *, by) -> None:
    """Promise another moment, openly: an event says so. The caller tells the patient."""
    _update(inquiry, locked(inquiry), reply_by=reply_by, escalation=None)
    inquiry.write_event(Kind.PROMISE_MOVED, by=by)


@transaction.atomic
def renew_link(inquiry: Inquiry, *, by) -> None:
    """The address was wrong, or somebody else has the link: every old one dies, and waiting mail is not sent."""
    row = locked(inquiry)
    _update(inquiry, row, link_version=row.link_version + 1)
    inquiry.mails.waiting().delete()
    inquiry.write_event(Kind.LINK_RENEWED, by=by)


@transaction.atomic
def take_patient_note(inquiry: Inquiry, text: str) -> None:
    """What a patient adds through the private page, encrypted. It is the staff's turn again.

    Words that may tell of any danger move the request to the front.
    """
    row = locked(inquiry)
    turn = Inquiry.Status.IN_PROGRESS if row.status == Inquiry.Status.WAITING_FOR_PATIENT else row.status
    is_new_onset = row.is_new_onset or bool(dangers_in(text))
    _update(inquiry, row, status=turn, is_new_onset=is_new_onset, patient_wrote_at=timezone.now())
    inquiry.write_event(Kind.PATIENT_NOTE, note=text)


@transaction.atomic
def change_channel(inquiry: Inquiry, channel: str) -> None:
    """The patient would rather be reached another way. Raises ValidationError without the means for it."""
    row = locked(inquiry)
    if not (row.email if channel == Inquiry.Channel.EMAIL else row.phone):
        raise ValidationError("We have no number or address for that way.")
    _update(inquiry, row, reach_by=channel, patient_wrote_at=timezone.now())
    inquiry.write_event(Kind.CHANNEL_CHANGED)


@transaction.atomic
def withdraw(inquiry: Inquiry) -> None:
    """The patient asks us to stop: no more mail, no visit. A second time changes nothing."""
    row = locked(inquiry)
    if row.status == Inquiry.Status.CLOSED:
        return
    now = timezone.now()
    _update(
        inquiry,
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
    nothing_told = {"told_starts_at": None, "told_minutes": None, "told_place": "", "may_have_heard": False}
    cancelled = {"cancelled_at": timezone.now(), "sequence": F("sequence") + 1}
    if Visit.objects.standing().filter(inquiry=inquiry).update(**cancelled, **nothing_told):
        inquiry.write_event(Kind.VISIT, note="cancelled with the request")


def locked(inquiry: Inquiry) -> Inquiry:
    """The row as it is now, held until the transaction ends."""
    return Inquiry.objects.select_for_update().get(pk=inquiry.pk)


def _update(inquiry: Inquiry, row: Inquiry, **fields) -> None:
    """Write these to the row that is held, and to what its caller has in hand."""
    for name, value in fields.items():
        setattr(inquiry, name, value)
        setattr(row, name, value)
    row.save(update_fields=list(fields))
