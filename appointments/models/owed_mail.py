"""To owe a mail is to write a row. Nothing here talks to a mail server: mail/outbox.py delivers.

gather()   while the office is open, put every untold inquiry into one notice: one row per mailbox, so that
           one refused mailbox cannot hide behind another's success.
queue()    owe a patient one mail about one event.
"""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from appointments.models.inquiry import Inquiry
from appointments.models.mail import OutgoingMail, StaffNotice
from appointments.models.office import Mailbox, Office
from appointments.privacy.mail_target import target_of

NOTICE_PAUSE = timedelta(minutes=1)  # staff get at most one notice a minute, however many ask
FLOOD = (timedelta(minutes=10), 100)  # more new requests than this, and staff's notices come at growing intervals
LONGER_PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
FORGOTTEN = timedelta(minutes=90)  # after as long without a notice the intervals begin anew
RECEIPTS_A_DAY = 3  # to one mailbox
RECEIPTS_AN_HOUR = 100  # to all; what is more waits
LEASE = timedelta(minutes=5)  # far longer than one SMTP talk may take; a killed worker's mail waits this long


def gather() -> StaffNotice | None:
    """Turn the untold inquiries into one notice, if the office is open and somebody is there to tell."""
    untold = Inquiry.objects.untold()
    if not untold.exists() or not Office.schedule().is_open(timezone.now()):
        return None
    return notify(OutgoingMail.Kind.STAFF_NEW_REQUESTS, untold, field="staff_notice")


@transaction.atomic
def notify(kind: str, inquiries, *, field: str) -> StaffNotice | None:
    """Point these inquiries' `field` to one new notice, owed to each active mailbox as a row of its own.

    None, and nothing changed, when another pump is at it, when the last notice is less than a minute old,
    or when nobody is there to tell.
    """
    now = timezone.now()
    # The office's row is the token: two pumps never make two notices of one moment.
    if not Office.objects.select_for_update(skip_locked=True).exists():
        return None
    chosen = list(inquiries.order_by().values_list("pk", flat=True))
    if not chosen or not is_quiet(now):
        return None
    notice = announce(kind)
    if notice:
        Inquiry.objects.filter(pk__in=chosen).update(**{field: notice})
    return notice


def is_quiet(now: datetime) -> bool:
    """Whether a minute has passed since the last notice to staff, or in a flood as long as notice_pause() says.

    A notice from the future says nothing: the clock was set back, and staff must not wait until that hour comes again.
    """
    pause = notice_pause(now)
    just_now = {"created_at__gt": now - pause, "created_at__lt": now + pause}
    return not StaffNotice.objects.filter(**just_now).exists()


def is_flood(now: datetime) -> bool:
    """Whether more requests came just now than patients send."""
    window, most = FLOOD
    return Inquiry.objects.filter(received_at__gt=now - window, received_at__lte=now).count() > most


def notice_pause(now: datetime) -> timedelta:
    """A minute; in a flood the next longer interval after the last one between two notices."""
    latest = list(StaffNotice.objects.order_by("-created_at").values_list("created_at", flat=True)[:2])
    if len(latest) < 2 or not is_flood(now):
        return NOTICE_PAUSE
    last = latest[0] - latest[1]
    if last > FORGOTTEN:
        return NOTICE_PAUSE
    return next((pause for pause in (NOTICE_PAUSE, *LONGER_PAUSES) if pause > last), LONGER_PAUSES[-1])


@transaction.atomic
def announce(kind: str, *, held: bool = False) -> StaffNotice | None:
    """Owe each active mailbox a mail of this kind; None when there is no mailbox.

    With `held` the rows are leased to the caller, who sends them: no pump will.
    """
    now = timezone.now()
    mailboxes = list(Mailbox.objects.filter(is_active=True))
    if not mailboxes:
        return None
    notice = StaffNotice.objects.create(created_at=now)
    lease = {"lease": uuid.uuid4(), "leased_until": now + LEASE, "attempts": 1} if held else {}
    OutgoingMail.objects.bulk_create(
        OutgoingMail(kind=kind, notice=notice, mailbox=mailbox.email, created_at=now, due_at=now, **lease)
        for mailbox in mailboxes
    )
    return notice


def queue_receipt(inquiry: Inquiry, **fields) -> OutgoingMail | None:
    """Owe the mail that a visitor's own post causes. None when the mailbox got as many as one person needs today."""
    target = target_of(inquiry.email) if inquiry.email else ""
    rationed = OutgoingMail.objects.rationed().filter(target=target, created_at__gt=timezone.now() - timedelta(days=1))
    if rationed.count() >= RECEIPTS_A_DAY:
        return None
    return queue(OutgoingMail.Kind.PATIENT_RECEIVED, inquiry=inquiry, target=target, **fields)


def ration_is_used_up(now: datetime) -> bool:
    """Whether this hour's receipts have gone out. Mail that staff or a promise cause is not counted, and never held."""
    gone = OutgoingMail.objects.rationed().filter(sent_at__gt=now - timedelta(hours=1))
    return gone.count() >= RECEIPTS_AN_HOUR


def queue(kind: str, *, inquiry: Inquiry, occasion: str = "", **fields) -> OutgoingMail | None:
    """Owe a patient a mail, within the caller's transaction. None when they gave no address.

    One event owes one mail: asking again for the same kind and occasion changes nothing.
    """
    if not inquiry.email:
        return None
    mail, _ = OutgoingMail.objects.get_or_create(inquiry=inquiry, kind=kind, occasion=occasion, defaults=fields)
    return mail
