"""What the private page of one request shows, and how long it lives."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

from appointments.models import Inquiry
from appointments.office import words
from appointments.privacy.same_origin import takes_hidden_origin

LIVES_AFTER_CLOSING = timedelta(days=90)
RECEIVED_PAGE_LIVES = timedelta(days=1)  # it hands out the private link, so a browser's history must not for ever


def private_page(view):
    """A page for one person: no cache keeps it, no search engine lists it, no other site hears its address."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return takes_hidden_origin(wrapper)  # its secret address stands in for the origin


def is_alive(inquiry: Inquiry, now: datetime) -> bool:
    """Whether the private link still opens: until 90 days after closing."""
    return inquiry.closed_at is None or now < inquiry.closed_at + LIVES_AFTER_CLOSING


@dataclass(frozen=True)
class Step:
    """One line of "where it stands"."""

    words: str
    when: str
    state: str = ""  # "done", "now" or still to come


def confirmation(inquiry: Inquiry, saved: str) -> str:
    """What the last press of a button did, and only if it is still so: a bookmark may be opened years later."""
    if inquiry.closed_at:
        is_so = saved == "withdraw" and inquiry.outcome == Inquiry.Outcome.WITHDRAWN
        return "Your request is withdrawn. We will not contact you about it." if is_so else ""
    return {
        "note": "Your note is saved. We read it with your request.",
        "channel": f"Saved. We reach you by {inquiry.get_reach_by_display().lower()}.",
    }.get(saved, "")


def timeline(inquiry: Inquiry, now: datetime) -> list[Step]:
    """From saved to agreed, in words that tell nothing about health."""
    done = [Step("Saved", words.moment(inquiry.received_at), "done")]
    if inquiry.closed_at:
        what = "Withdrawn by you" if inquiry.outcome == Inquiry.Outcome.WITHDRAWN else "Closed"
        return [*done, Step(what, words.moment(inquiry.closed_at), "done")]
    if inquiry.opened_at:
        done.append(Step("Read by a person", words.moment(inquiry.opened_at), "done"))
    if visit := inquiry.agreed_visit:
        return [*done, Step("We agreed on a time", words.moment(visit.starts_at), "now")]
    agree = "We agree on a time with you", "Nothing is booked until you say yes"
    if inquiry.contacted_at:
        done.append(Step("We reached you", words.moment(inquiry.contacted_at), "done"))
    if inquiry.status == Inquiry.Status.WAITING_FOR_PATIENT:
        return [*done, Step("We wait to hear from you", "A note on this page is enough", "now"), Step(*agree)]
    if inquiry.contacted_at:
        return [*done, Step(*agree, "now")]
    return [
        *done,
        Step(f"We reply to you by {inquiry.get_reach_by_display().lower()}", _reply(inquiry, now), "now"),
        Step(*agree),
    ]


def _reply(inquiry: Inquiry, now: datetime) -> str:
    if inquiry.reply_by is None:
        return "When the office opens"
    if inquiry.reply_by <= now:
        return f"We promised it by {words.moment(inquiry.reply_by)}. We are late, and we are sorry."
    return f"By {words.moment(inquiry.reply_by)}"
