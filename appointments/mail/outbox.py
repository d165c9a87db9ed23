"""Delivering what is owed. The rows were written elsewhere (models/owed_mail.py); only here is SMTP talked.

Nothing is lost; at worst, after a kill, one mail is repeated with the same Message-ID. deliver_due() leases one due
row by a compare-and-set committed before SMTP, sends, marks. No lock is held during SMTP: on SQLite that would block
every visitor.
"""

import logging
import smtplib
import time
import uuid
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from appointments.mail import emails
from appointments.models import Office, OutgoingMail
from appointments.models.owed_mail import LEASE, ration_is_used_up
from appointments.office.typed import unreachable
from appointments.requests import visits

log = logging.getLogger("appointments.outbox")

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
MARK_PAUSE = 1  # seconds before the end of an attempt is written once more
# Trouble on our side of the talk: no mailbox was refused, so it is tried again without end.
OUR_TROUBLE = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)


def deliver_due(should_stop=lambda: False) -> int:
    """Send what is due until nothing is, or until asked to stop. Return how many were accepted."""
    accepted = 0
    while not should_stop() and (mail := lease_next()):
        accepted += send(mail)
    return accepted


def due(now: datetime):
    """Rows whose turn has come and that nobody holds. Staff mail leaves during office hours only.

    Staff mail not tried yet is due whatever the clock said when it was made: it may have been set back since.
    Rows of a kind this release does not know belong to a newer one and are left alone.
    """
    kinds = set(OutgoingMail.Kind)
    if not Office.schedule().is_open(now):
        kinds -= OutgoingMail.STAFF_KINDS
    unleased = Q(leased_until=None) | Q(leased_until__lte=now)
    its_turn = Q(due_at__lte=now) | Q(notice__isnull=False, attempts=0)
    mails = OutgoingMail.objects.waiting().filter(unleased, its_turn, kind__in=kinds)
    return mails.filter(target="") if ration_is_used_up(now) else mails


def lease_next() -> OutgoingMail | None:
    """Take a due row for ourselves, staff mail first, then the oldest; the UPDATE decides who wins.

    It compares the row itself with what we saw. Not due(): its join becomes a subquery, which PostgreSQL does not
    look at again when it waited for a faster pump's lease of the same row.
    """
    while True:
        now = timezone.now()
        seen = due(now).order_by(F("notice").asc(nulls_last=True), "due_at").first()
        if seen is None:
            return None
        lease = uuid.uuid4()
        unchanged = OutgoingMail.objects.filter(
            pk=seen.pk, lease=seen.lease, attempts=seen.attempts, sent_at=None, refused_at=None
        )
        if unchanged.update(lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1):
            return OutgoingMail.objects.get(pk=seen.pk, lease=lease)


def send(mail: OutgoingMail) -> bool:
    """Talk to the mail server about one leased row and write down how it ended. True if it was accepted."""
    if mail.not_after and timezone.now() >= mail.not_after:
        return _give_up(mail, "too late to be of use: reach the patient another way")
    try:
        message = emails.render(mail)
        if any(unreachable(address) for address in message.to):
            return _give_up(mail, "no mail reaches this address")
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()))
        return _not_accepted(mail, code, "mailbox refused")
    except OUR_TROUBLE as error:
        return _retry(mail, f"{type(error).__name__} {error.smtp_code}")
    except smtplib.SMTPResponseException as error:
        return _not_accepted(mail, error.smtp_code, "mail refused")
    except Exception as error:
        # One mail that cannot be made or sent must not stop those behind it.
        log.exception("mail not sent", exc_info=error, extra={"mail": str(mail.pk)})
        return _retry(mail, type(error).__name__)
    _settle(mail, sent_at=timezone.now(), last_error="")
    return True


def _not_accepted(mail: OutgoingMail, code: int, what: str) -> bool:
    """4xx: later. 5xx: never, so a person must act."""
    if 500 <= code < 600:
        return _give_up(mail, f"{what}, {code}")
    return _retry(mail, f"{what}, {code}")


def _give_up(mail: OutgoingMail, why: str) -> bool:
    """It will never be accepted: a person must act."""
    log.error("mail refused for good", extra={"mail": str(mail.pk), "why": why})
    _settle(mail, refused_at=timezone.now(), last_error=why)
    return False


def _retry(mail: OutgoingMail, why: str) -> bool:
    wait = min(FIRST_RETRY * 2 ** min(mail.attempts - 1, 20), LONGEST_RETRY)
    _settle(mail, due_at=timezone.now() + wait, last_error=why)
    return False


def _settle(mail: OutgoingMail, **fields) -> None:
    """Write the end of one attempt, unless the lease lapsed and the row is another's now.

    How it ended stands nowhere else yet, so a database that is away or full is waited for as long as the lease lasts.
    """
    gives_up_at = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            with transaction.atomic():
                ours = OutgoingMail.objects.filter(pk=mail.pk, lease=mail.lease)
                if ours.update(lease=None, leased_until=None, **fields) and "sent_at" in fields:
                    visits.remember_told(mail)
            return
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() >= gives_up_at:
                raise
            log.exception("mail not marked yet", exc_info=error, extra={"mail": str(mail.pk)})
        close_old_connections()
        time.sleep(MARK_PAUSE)
