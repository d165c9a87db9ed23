"""What the private page of one request shows, and how long it lives."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

from appointments.models import Inquiry
from appointments.office_now import promise

LIVES_AFTER_CLOSING = timedelta(days=90)


def private_page(view):
    """A page for one person: no cache keeps it, no search engine lists it, no other site hears its address."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapper


def is_alive(inquiry: Inquiry, now: datetime) -> bool:
    """Whether the private link still opens: until 90 days after closing."""
    return inquiry.closed_at is None or now < inquiry.closed_at + LIVES_AFTER_CLOSING


@dataclass(frozen=True)
class Step:
    """One line of "where it stands"."""

    words: str
    when: str
    state: str = ""  # "done", "now" or still to come


def timeline(inquiry: Inquiry) -> list[Step]:
    """From saved to agreed, in words that tell nothing about health."""
    done = [Step("Saved", promise(inquiry.received_at), "done")]
    if inquiry.closed_at:
        words = "Withdrawn by you" if inquiry.outcome == Inquiry.Outcome.WITHDRAWN else "Closed"
        return [*done, Step(words, promise(inquiry.closed_at), "done")]
    if inquiry.opened_at:
        done.append(Step("Read by a person", promise(inquiry.opened_at), "done"))
    visit = getattr(inquiry, "visit", None)
    if visit and not visit.cancelled_at:
        return [*done, Step("We agreed on a time", promise(visit.starts_at), "now")]
    reply = f"By {promise(inquiry.reply_by)}" if inquiry.reply_by else "When the office opens"
    way = inquiry.get_reach_by_display().lower()
    if inquiry.contacted_at:
        done.append(Step("We reached you", promise(inquiry.contacted_at), "done"))
        return [*done, Step("We agree on a time with you", "Nothing is booked until you say yes", "now")]
    return [
        *done,
        Step(f"We reply to you by {way}", reply, "now"),
        Step("We agree on a time with you", "Nothing is booked until you say yes"),
    ]
