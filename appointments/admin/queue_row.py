"""One request as the desk shows it, in the queue and on its own page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from appointments.models import Inquiry, Office, OutgoingMail
from appointments.office import words
from appointments.office.hours import ONE_DAY, Schedule, midnight
from appointments.requests.promises import Standing, standing


@dataclass(frozen=True)
class QueueRow:
    """A request, how its promise stands at this moment, and when staff were told of it."""

    inquiry: Inquiry
    standing: Standing
    told_at: datetime | None
    schedule: Schedule
    now: datetime

    @classmethod
    def of_each(cls, inquiries: Iterable[Inquiry]) -> list["QueueRow"]:
        """Four queries, however many: as columns of the list's own, rows of all earlier pages would pay for them."""
        inquiries, schedule, now = list(inquiries), Office.schedule(), timezone.now()
        sent = OutgoingMail.objects.filter(sent_at__isnull=False, notice__in={one.staff_notice_id for one in inquiries})
        told = dict(sent.order_by().values_list("notice").annotate(Min("sent_at")))
        return [
            cls(one, standing(one, schedule, now), told.get(one.staff_notice_id), schedule, now) for one in inquiries
        ]

    @property
    def waited(self) -> str:
        """Office time since it came, until somebody answers."""
        if self.inquiry.contacted_at or self.inquiry.status == Inquiry.Status.CLOSED:
            return "–"
        return words.length(self.schedule.working_time(self.inquiry.received_at, self.now))

    @property
    def steps(self) -> list[tuple[str, datetime | None]]:
        """What has happened so far, and when."""
        return [
            ("saved", self.inquiry.received_at),
            ("staff told", self.told_at),
            ("opened", self.inquiry.opened_at),
            ("contacted", self.inquiry.contacted_at),
        ]

    @property
    def time_left(self) -> str:
        """Office time until or since the promised moment, or how it ended, in words."""
        match self.standing:
            case Standing.RUNNING | Standing.SOON:
                return f"{words.length(self.schedule.working_time(self.now, self.inquiry.reply_by))} left"
            case Standing.LATE:
                over = self.schedule.working_time(self.inquiry.reply_by, self.now)
                return f"{words.length(over)} over" if over else "over"
            case Standing.KEPT:
                return "answered in time"
            case Standing.MISSED:
                return "answered late"
        return ""

    @property
    def time_left_by_day(self) -> str:
        """1 h 58 min of office time left today, then 8 h 30 min on Monday. Closed on Thursday and Friday."""
        if self.standing not in (Standing.RUNNING, Standing.SOON):
            return self.time_left
        reply_by = self.inquiry.reply_by
        today, last = timezone.localdate(self.now), timezone.localdate(reply_by)
        parts = []
        for day in (today + n * ONE_DAY for n in range((last - today).days + 1)):
            span = self.schedule.working_time(max(midnight(day), self.now), min(midnight(day + ONE_DAY), reply_by))
            if span:
                when = "of office time left today" if day == today else f"on {day:%A}"
                parts.append(f"{words.length(span)} {when}")
        if not parts:
            return self.time_left
        closed = " and ".join(words.day(day) for day in self.schedule.closed_days(today, last))
        return f"{', then '.join(parts)}." + (f" Closed on {closed}." if closed else "")
