"""How suspicious a request looks. Suspicion files it differently; it never drops it.

Points come from several signs. What innocent people do and are (a link, a word of advertising, a hospital's shared
address) never adds up to suspicion, not even beside one odd thing (an autofilled hidden field, a very fast press).
Words are never looked for in names: people are called Seo.
"""

import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, Office, OutgoingMail, RecentPost, owed_mail
from appointments.models.inquiry_queryset import FLOODING, MANY
from appointments.office.hours import NeverOpen
from appointments.privacy import sender
from appointments.requests import handling

INNOCENT, ODD, ENOUGH = 1, 10, 20  # points: two odd signs are enough, innocent ones never are
FASTEST_READER = timedelta(seconds=4)
BUSY = (timedelta(hours=1), 12)  # more posts than this from one address: one more sign
FLOOD = (timedelta(minutes=10), 40)  # more than this is suspicious by itself, but still saved
HARD_LIMIT = (timedelta(minutes=1), 600)  # more than this is not saved, and nothing is claimed to be
SAME_FORM = (5, 10)  # as many different answers under one form's key are a sign, and one that suffices
KEPT_FOR = timedelta(days=1)

LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)
SALES = re.compile(r"\b(seo|backlinks?|casino|crypto|viagra|cialis|loan offer|guest post|rank(ing)? on google)\b", re.I)


@dataclass(frozen=True)
class Sign:
    """One thing that was noticed."""

    points: int
    words: str


def client_address(request) -> str:
    """The visitor's address, one for one sender."""
    return sender.canonical(sender.who_sent(request))


def sender_of(request) -> str:
    """A keyed hash of the address: equal for equal addresses, and no address."""
    key = f"sender:{settings.SECRET_KEY}".encode()
    return hmac.new(key, client_address(request).encode(), sha256).hexdigest()[:32]


def posts_since(sender: str, window: timedelta, now: datetime) -> int:
    return RecentPost.objects.filter(sender=sender, at__gt=now - window).count()


def is_over_hard_limit(sender: str, now: datetime) -> bool:
    """Whether to answer 429: the request is not saved and the page says so."""
    window, most = HARD_LIMIT
    return posts_since(sender, window, now) >= most


def answers_under(form_key: UUID | None) -> int:
    """How many different answers were sent under one form's key. Its owner corrects them once or twice."""
    return Inquiry.objects.filter(form_key=form_key).count() if form_key else 0


def remember_post(sender: str, now: datetime) -> None:
    RecentPost.objects.create(sender=sender, at=now)


def forget_old_posts() -> None:
    """Senders' hashes are kept for a day."""
    RecentPost.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()


def signs(
    *, answers: dict, trap: str, rendered_at: datetime, sender: str, now: datetime, form_key: UUID | None = None
) -> list[Sign]:
    """Everything suspicious about one request."""
    names = f"{answers['name']} {answers['contact_name']}"
    links = len(LINK.findall(f"{names} {answers['message']}"))
    found = [
        (bool(trap), Sign(ODD, "hidden field filled in")),
        (now - rendered_at < FASTEST_READER, Sign(ODD, "sent within seconds")),
        (links >= 1, Sign(INNOCENT, "a link")),
        (links >= 3, Sign(ODD, "several links")),
        (bool(LINK.search(names)), Sign(ENOUGH, "a link as a name")),
        (bool(SALES.search(answers["message"])), Sign(INNOCENT, "words of advertising")),
        (answers_under(form_key) >= SAME_FORM[0], Sign(ODD, "one form sent with several answers")),
        (answers_under(form_key) >= SAME_FORM[1], Sign(ODD, "one form sent with very many answers")),
        (posts_since(sender, BUSY[0], now) >= BUSY[1], Sign(INNOCENT, MANY)),
        (posts_since(sender, FLOOD[0], now) >= FLOOD[1], Sign(ENOUGH, FLOODING)),
    ]
    return [sign for is_so, sign in found if is_so]


def suspicion(found: list[Sign]) -> str:
    """Why a request is filed as suspected, in our words; empty when it is not.

    Where it would not be but for how many came from its address, that alone is named. Of those staff are told all the
    same (Inquiry.objects.untold): a hospital's patients, or everybody behind a proxy, may share an address.
    """
    if sum(sign.points for sign in found) < ENOUGH:
        return ""
    by_itself = [sign for sign in found if sign.words not in (MANY, FLOODING)]
    if sum(sign.points for sign in by_itself) < ENOUGH:
        found = [sign for sign in found if sign not in by_itself]
    return ", ".join(sign.words for sign in found)


@transaction.atomic
def rescue(inquiry: Inquiry, *, by) -> None:
    """A person says it is no spam: the normal mails go out, with a new promise only if the first has passed."""
    handling.change_status(inquiry, Inquiry.Status.NEW, by=by)
    inquiry.write_event(InquiryEvent.Kind.RESCUED, by=by)
    now = timezone.now()
    if inquiry.reply_by is None or inquiry.reply_by <= now:
        with suppress(NeverOpen):  # no opening hours are known: no moment to promise
            handling.move_promise(
                inquiry, Office.schedule().reply_by(now, Office.objects.current().reply_working_days), by=by
            )
    owed_mail.queue(OutgoingMail.Kind.PATIENT_RECEIVED, inquiry=inquiry, not_after=inquiry.reply_by)
