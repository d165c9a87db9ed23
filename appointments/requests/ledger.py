"""Counting what came and what became of it, so that nothing fails silently."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, OutgoingMail
from appointments.models.inquiry_queryset import CANARY
from appointments.office.hours import NEW_YORK, ONE_DAY, midnight
from appointments.requests.queue_views import OPEN, TALLIES, VIEWS, Look
from conditions.models import Page

REVIEW_WARNING = timedelta(days=30)  # before a page's review is due


@dataclass(frozen=True)
class DayLedger:
    """One New York day's requests. `saved` is counted from the events, the rest from the requests themselves."""

    day: date
    saved: int = 0
    told: int = 0
    waiting: int = 0
    suspected: int = 0

    @property
    def is_balanced(self) -> bool:
        return self.saved == self.told + self.waiting + self.suspected

    def in_words(self) -> str:
        sign = "=" if self.is_balanced else "is not"
        return f"{self.saved} saved {sign} {self.told} told + {self.waiting} waiting + {self.suspected} suspected"


def came_on(first: date, last: date) -> QuerySet[Inquiry]:
    """What came on these days, both included, each with its place in the ledger. The site's own tests do not count.

    No place is “all the rest”: what staff were neither told of nor will be, and nobody suspects, has none.
    """
    mails = OutgoingMail.objects.filter(notice=OuterRef("staff_notice"))
    place = Case(
        When(Exists(mails.filter(sent_at__isnull=False)), then=Value("told")),
        When(
            Q(status=Inquiry.Status.SUSPECTED) | Q(outcome=Inquiry.Outcome.SPAM, staff_notice=None),
            then=Value("suspected"),
        ),
        When(pk__in=Inquiry.objects.untold().values("pk"), then=Value("waiting")),
        When(Exists(mails.waiting()), then=Value("waiting")),
        default=Value("nowhere"),
    )
    rows = Inquiry.objects.filter(received_at__gte=midnight(first), received_at__lt=midnight(last + ONE_DAY))
    return rows.exclude(suspicion=CANARY).annotate(place=place)


def saved_on(first: date, last: date) -> QuerySet[InquiryEvent]:
    """What was written down as saved on these days, both included."""
    events = InquiryEvent.objects.filter(kind=InquiryEvent.Kind.RECEIVED)
    return events.filter(at__gte=midnight(first), at__lt=midnight(last + ONE_DAY)).exclude(inquiry__suspicion=CANARY)


def day_ledgers(first: date, last: date) -> list[DayLedger]:
    """The ledger of each of these days, both included. Two queries, however many days and requests.

    Every request saved on a day is told, waiting to be told, or suspected; a sum that is off is an alarm.
    """
    saved = dict(_daily(saved_on(first, last), "at").values_list("day", "count"))
    places: Counter[tuple[date, str]] = Counter()
    for day, place, count in _daily(came_on(first, last), "received_at", "place").values_list("day", "place", "count"):
        places[day, place] += count
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    return [
        DayLedger(day, saved.get(day, 0), *(places[day, place] for place in ("told", "waiting", "suspected")))
        for day in days
    ]


def _daily(rows: QuerySet, moment: str, *also: str) -> QuerySet:
    days = rows.order_by().annotate(day=TruncDate(moment, tzinfo=NEW_YORK))
    return days.values("day", *also).annotate(count=Count("pk"))


def day_ledger(day: date) -> DayLedger:
    return day_ledgers(day, day)[0]


def unbalanced_since(day: date) -> datetime | None:
    """When the first thing came on this day that has no place in its ledger, or no event, or one too many."""
    rows, events = came_on(day, day), saved_on(day, day)
    one_event = events.filter(inquiry=OuterRef("pk")).order_by().values("inquiry").annotate(n=Count("pk")).filter(n=1)
    odd_rows = rows.filter(Q(place="nowhere") | ~Exists(one_event))
    odd_events = events.exclude(inquiry__in=rows.values("pk"))
    return min(
        [*odd_rows.values_list("received_at", flat=True), *odd_events.values_list("at", flat=True)], default=None
    )


def opening_counts() -> dict:
    """What staff find in the morning: counts only."""
    look = Look(timezone.now())
    told = ("overdue", "suspected", "given_up", "visits")
    return {
        "day": look.today,
        "new": Inquiry.objects.filter(status=Inquiry.Status.NEW).count(),
        "open": VIEWS[OPEN].of_all(look).count(),
    } | {name: TALLIES[name].rows(look).count() for name in told}


def pages_to_review() -> QuerySet[Page]:
    """Published pages whose review is due within 30 days, or overdue, the longest overdue first."""
    due = Page.objects.filter(is_published=True, review_due__lte=timezone.localdate() + REVIEW_WARNING)
    return due.order_by("review_due", "name")
