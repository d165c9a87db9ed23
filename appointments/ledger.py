"""Counting what came and what became of it, so that nothing fails silently."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, OutgoingMail, Visit
from appointments.office_hours import NEW_YORK
from conditions.models import Page

REVIEW_WARNING = timedelta(days=30)  # before a page's review is due


@dataclass(frozen=True)
class DayLedger:
    """One New York day's requests. `saved` is counted from the events, the rest from the requests themselves."""

    saved: int
    told: int
    waiting: int
    suspected: int

    @property
    def is_balanced(self) -> bool:
        return self.saved == self.told + self.waiting + self.suspected


def day_ledger(day: date) -> DayLedger:
    """Every request saved on this day is told, waiting to be told, or suspected; a sum that is off is an alarm."""
    begins = datetime.combine(day, time(), tzinfo=NEW_YORK)
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=NEW_YORK)
    events = InquiryEvent.objects.filter(kind=InquiryEvent.Kind.RECEIVED, at__gte=begins, at__lt=ends)
    requests = Inquiry.objects.filter(received_at__gte=begins, received_at__lt=ends)
    told = Q(staff_notice__mails__sent_at__isnull=False)
    suspected = Q(status=Inquiry.Status.SUSPECTED) | Q(outcome=Inquiry.Outcome.SPAM, staff_notice=None)
    return DayLedger(
        saved=events.count(),
        told=requests.filter(told).distinct().count(),
        waiting=requests.exclude(pk__in=requests.filter(told)).exclude(suspected).count(),
        suspected=requests.filter(suspected).exclude(pk__in=requests.filter(told)).count(),
    )


def opening_counts() -> dict:
    """What staff find in the morning: counts only."""
    now = timezone.now()
    today = timezone.localdate()
    begins = datetime.combine(today, time(), tzinfo=NEW_YORK)
    return {
        "day": today,
        "open": Inquiry.objects.open().count(),
        "new": Inquiry.objects.filter(status=Inquiry.Status.NEW).count(),
        "overdue": Inquiry.objects.past_promise(now).count(),
        "suspected": Inquiry.objects.filter(status=Inquiry.Status.SUSPECTED).count(),
        "failed_mail": OutgoingMail.objects.refused().count(),
        "visits": Visit.objects.filter(
            cancelled_at=None, starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1)
        ).count(),
    }


def pages_to_review() -> list[Page]:
    """Published pages whose review is due within 30 days, or overdue."""
    return list(Page.objects.filter(is_published=True, review_due__lte=timezone.localdate() + REVIEW_WARNING))
