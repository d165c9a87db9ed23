"""The queue's views, and what of them is counted: one table each, for the list, the first page and the opening mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Model, QuerySet
from django.utils import timezone

from appointments.models import Inquiry, OutgoingMail
from appointments.office.hours import ONE_DAY, midnight


@dataclass(frozen=True)
class Look:
    """Somebody looks at the queue: when, who, and for which words."""

    now: datetime
    by: object = None
    sought: str = ""

    @property
    def today(self) -> date:
        """The New York date."""
        return timezone.localdate(self.now)

    @property
    def midnight(self) -> datetime:
        """When this day ends in New York."""
        return midnight(self.today + ONE_DAY)

    @property
    def this_week(self) -> tuple[datetime, datetime]:
        """From Monday to Monday, midnight in New York."""
        monday = self.today - self.today.weekday() * ONE_DAY
        return midnight(monday), midnight(monday + 7 * ONE_DAY)


Rows = Callable[[QuerySet, Look], QuerySet]  # which of these requests somebody who looks now means


@dataclass(frozen=True)
class View:
    """One question about the queue: which rows answer it, and in which order."""

    key: str  # in the address
    label: str
    title: str
    rows: Rows
    order: tuple = Inquiry.ORDER_OF_WORK

    def of_all(self, look: Look) -> QuerySet:
        """Its rows among all requests."""
        return self.rows(Inquiry.objects.all(), look)


OPEN, FOUND = "open", "found"
VIEWS = {
    view.key: view
    for view in (
        View(OPEN, "Open", "Open requests, earliest promise first", lambda rows, look: rows.open()),
        View("mine", "Mine", "My open requests", lambda rows, look: rows.open().filter(owner=look.by)),
        View(
            "wrote",
            "News from the patient",
            "News from the patient, not acted on yet",
            lambda rows, look: rows.with_news_from_patient(),
        ),
        View(
            "to-answer",
            "To answer",
            "Requests that nobody has answered",
            lambda rows, look: rows.open().unanswered(),
        ),
        View("unowned", "No owner", "Open requests that nobody has taken", lambda rows, look: rows.unowned()),
        View("late", "Past promise", "Past the promised moment", lambda rows, look: rows.past_promise(look.now)),
        View("today", "Follow up today", "To follow up today", lambda rows, look: rows.follow_up_due(look.today)),
        View(
            "visits",
            "Visits this week",
            "Visits agreed for this week",
            lambda rows, look: rows.with_visit_between(*look.this_week),
            order=("visit__starts_at",),
        ),
        View(
            "suspected",
            "Suspected spam",
            "Suspected spam, latest first",
            lambda rows, look: rows.suspected(),
            order=("-received_at",),
        ),
        View(
            "closed",
            "Closed",
            "Closed requests, latest first",
            lambda rows, look: rows.filter(status=Inquiry.Status.CLOSED),
            order=("-closed_at",),
        ),
        View("all", "All", "All requests", lambda rows, look: rows, order=("-received_at",)),
        View(FOUND, "Found", "Found", lambda rows, look: rows.found_by(look.sought), order=("-received_at",)),
    )
}


@dataclass(frozen=True)
class Tally:
    """How many rows need somebody, in words. They are a view of the queue, a part of one, or of another list."""

    rows: Callable[[Look], QuerySet]
    query: str  # what shows them, after the address of their list
    mood: str = ""  # how urgent they are while there are any: "late" or "soon"
    on_queue: str = ""  # its words there; without words it is not shown
    on_first_page: str = ""


TALLIES = {  # in the order in which they are shown
    "unanswered": Tally(VIEWS["to-answer"].of_all, "?view=to-answer", on_first_page="waiting for a reply"),
    "overdue": Tally(
        VIEWS["late"].of_all,
        "?view=late",
        "late",
        on_queue="past the promise",
        on_first_page="past the promised moment",
    ),
    "due_today": Tally(
        lambda look: VIEWS["to-answer"].of_all(look).filter(reply_by__gte=look.now, reply_by__lt=look.midnight),
        "?view=to-answer",
        "soon",
        on_queue="to answer today",
    ),
    "wrote": Tally(
        VIEWS["wrote"].of_all,
        "?view=wrote",
        "soon",
        on_queue="news from patients",
        on_first_page="news from patients",
    ),
    "unowned": Tally(VIEWS["unowned"].of_all, "?view=unowned", on_queue="with no owner"),
    "follow_up": Tally(VIEWS["today"].of_all, "?view=today", "soon", on_queue="to follow up"),
    "suspected": Tally(
        VIEWS["suspected"].of_all,
        "?view=suspected",
        "soon",
        on_queue="suspected spam",
        on_first_page="suspected spam",
    ),
    "visits": Tally(
        lambda look: Inquiry.objects.with_visit_between(midnight(look.today), look.midnight),
        "?view=visits",
        on_first_page="visit{s} today",
    ),
    "given_up": Tally(
        lambda look: OutgoingMail.objects.unsettled(),
        "?state=refused",
        "late",
        on_queue="mails given up",
        on_first_page="mail{s} given up",
    ),
}


def counted(place: str, look: Look, list_url: Callable[[type[Model]], str | None]) -> list[dict]:
    """The tallies of a place, "on_queue" or "on_first_page", each with its count and the link to its rows.

    `list_url` tells where rows of a model are listed; of those with no list for this person none is even counted.
    """
    found = []
    for tally in TALLIES.values():
        rows, words = tally.rows(look), getattr(tally, place)
        address = list_url(rows.model)
        if words and address is not None:
            count = rows.count()
            words = words.format(s="" if count == 1 else "s")
            found.append({"count": count, "words": words, "url": f"{address}{tally.query}", "mood": tally.mood})
    return found
