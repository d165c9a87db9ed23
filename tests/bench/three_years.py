"""Three years of a made-up practice, as life would leave them: requests, what staff did, mails, who looked.

200 requests are open and some dozens suspected, however many there are in all; the rest are closed. They are the
same in each run. Nothing is due at NOW: whoever was to be told of something has been told.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import cache
from random import Random
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from appointments.background.daily import JOBS
from appointments.models import (
    Access,
    DailyJob,
    Inquiry,
    InquiryEvent,
    Mailbox,
    Office,
    OutgoingMail,
    StaffNotice,
    Visit,
)
from appointments.models.reference import REFERENCE_LETTERS
from appointments.office.hours import NEW_YORK
from appointments.requests import consent
from conditions.models import Condition

NOW = datetime(2026, 11, 18, 11, 0, tzinfo=NEW_YORK)  # a Wednesday, the office is open
DAYS = 3 * 365
OPEN, SUSPECTED = 200, 40
PEOPLE = 40_000  # some of them ask twice
RARE_NAME = "Wilhelmina Quackenbush"
AT_ONCE = 2_000  # requests written together

# fmt: off
FIRST_NAMES = [
    "Maria", "James", "Aisha", "Wei", "Olga", "Samuel", "Chloe", "Dmitri", "Fatima", "George", "Hannah", "Ivan",
    "Jasmine", "Karl", "Leticia", "Mohammed", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Stefan", "Tamara",
    "Umar", "Vera", "Walter", "Ximena", "Yusuf", "Zoë", "Anders", "Beatriz", "Carmen", "Desmond", "Elena",
    "Femi", "Gloria", "Hiro", "Ingrid", "Jorge", "Kamila",
]
# fmt: on
SURNAMES = [
    beginning + middle + end
    for beginning in ("Ba", "Co", "De", "Fer", "Ha", "Kar", "Lo", "Mor", "Ros", "Val")
    for middle in ("ben", "der", "gan", "la", "lin", "ma", "nov", "ri", "sta", "to")
    for end in ("berg", "dez", "ford", "kov", "man", "ney", "ova", "rez", "son", "ti")
]
Mail, Event, Status, Outcome = OutgoingMail.Kind, InquiryEvent.Kind, Inquiry.Status, Inquiry.Outcome


def person(number: int) -> dict:
    """One of the forty thousand, with a telephone number, an e-mail address or both."""
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], SURNAMES[number // len(FIRST_NAMES)]
    area, exchange, line = (212, 646, 718, 347, 914)[number % 5], 200 + number // 100, number * 7919 % 10_000
    phone = f"+1{area}{exchange}{line:04}" if number % 4 else ""
    return {
        "name": f"{first} {last}",
        "phone": phone,
        "email": "" if number % 5 == 1 and phone else f"{first}.{last}{number}@example.com".lower(),
        "reach_by": Inquiry.Channel.CALL if phone else Inquiry.Channel.EMAIL,
        "may_leave_voicemail": number % 3 == 0,
    }


class ThreeYears:
    """Fills a new, prepared site, and can go on filling it."""

    def __init__(self):
        self.random = Random(1)
        users, schedule = get_user_model().objects, Office.schedule()
        self.colleagues = [users.create_user(name, is_staff=True) for name in ("amara", "ben", "chloe", "dov")]
        Group.objects.get(name="Manager").user_set.add(*self.colleagues)
        self.mailboxes = [Mailbox.objects.create(email=f"{name}@example.org").email for name in ("desk", "office")]
        self.topics = [None, *Condition.objects.all()]
        self.promise = cache(lambda day: schedule.reply_by(datetime.combine(day, time(12), NEW_YORK)))
        days = [NOW - timedelta(days=n) for n in range(DAYS)]
        DailyJob.objects.bulk_create(DailyJob(name=name, day=at.date(), ran_at=at) for at in days for name in JOBS)
        self.write([self.rare(), *map(self.open, range(OPEN)), *(self.suspected() for _ in range(SUSPECTED))])

    def grow_to(self, rows: int) -> None:
        """Add closed requests, in the order in which they came, until there are this many in all."""
        came = sorted(self.ago(6, DAYS) for _ in range(rows - Inquiry.objects.count()))
        for first in range(0, len(came), AT_ONCE):
            self.write([self.closed(received_at) for received_at in came[first : first + AT_ONCE]])

    # One request, not saved yet

    def asked(self, received_at: datetime, **became) -> Inquiry:
        answers = {
            "reference": "-".join("".join(self.random.choices(REFERENCE_LETTERS, k=4)) for _ in range(2)),
            "answers_digest": uuid4().hex,
            "topic": self.random.choice(self.topics),
            "message": "My eye closes when I smile. It began in spring, and I would like to know what can be done.",
            "consent_version": consent.CURRENT,
            "received_at": received_at,
            "reply_by": self.promise(received_at.date()),
        }
        return Inquiry(**answers | person(self.random.randrange(PEOPLE)) | became)

    def reached(self, received_at: datetime, **became) -> Inquiry:
        """Opened and reached within thirty hours."""
        opened_at = received_at + timedelta(hours=self.random.uniform(0.1, 20))
        contacted_at = opened_at + timedelta(hours=self.random.uniform(0.1, 10))
        by = {"opened_at": opened_at, "contacted_at": contacted_at, "owner": self.random.choice(self.colleagues)}
        return self.asked(received_at, **by | became)

    def ago(self, least: float, most: float) -> datetime:
        return NOW - timedelta(days=self.random.uniform(least, most))

    def closed(self, received_at: datetime) -> Inquiry:
        closed = {"status": Status.CLOSED, "closed_at": received_at + timedelta(days=self.random.uniform(2, 5))}
        if self.random.random() < 0.03:
            return self.asked(received_at, **closed, outcome=Outcome.SPAM, suspicion="several links")
        outcome = self.random.choice([Outcome.SEEN, Outcome.ANSWERED, Outcome.ELSEWHERE, Outcome.UNREACHED])
        return self.reached(received_at, **closed, outcome=outcome)

    def rare(self) -> Inquiry:
        return self.reached(
            self.ago(300, 310), status=Status.CLOSED, closed_at=self.ago(1, 9), outcome=Outcome.SEEN, name=RARE_NAME
        )

    def suspected(self) -> Inquiry:
        return self.asked(self.ago(0.1, 60), status=Status.SUSPECTED, suspicion="sent within seconds, several links")

    def open(self, number: int) -> Inquiry:
        """A few are late, some new; most wait for the patient or have a visit before them."""
        owner = self.random.choice([None, *self.colleagues])
        if number < 6:
            return self.asked(self.ago(6, 9), owner=owner, opened_at=self.ago(1, 2))
        if number < 60:
            return self.asked(self.ago(0.1, 0.9), owner=owner, is_new_onset=number % 10 == 0)
        if number < 140:
            status = self.random.choice([Status.IN_PROGRESS, Status.WAITING_FOR_PATIENT])
            follow_up_on = NOW.date() + timedelta(days=number % 20 - 4)
            return self.reached(self.ago(2, 40), status=status, owner=owner, follow_up_on=follow_up_on)
        return self.reached(self.ago(2, 40), status=Status.VISIT_CONFIRMED)

    # What belongs to requests

    def write(self, requests: list[Inquiry]) -> None:
        """Save them with their mails, events, visits and accesses."""
        told, broken = [one for one in requests if not one.suspicion], [one for one in requests if is_broken(one)]
        notices = [
            *((Mail.STAFF_NEW_REQUESTS, notice) for notice in notices_of(told, "staff_notice")),
            *((Mail.STAFF_ESCALATION, notice) for notice in notices_of(broken, "escalation")),
        ]
        StaffNotice.objects.bulk_create(notice for _, notice in notices)
        Inquiry.objects.bulk_create(requests)
        OutgoingMail.objects.bulk_create(
            sent(kind, notice.created_at, notice=notice, mailbox=mailbox)
            for kind, notice in notices
            for mailbox in self.mailboxes
        )
        OutgoingMail.objects.bulk_create(mail for one in requests for mail in mails_to_patient(one))
        InquiryEvent.objects.bulk_create(event for one in requests for event in events_of(one))
        Visit.objects.bulk_create(visit for one in requests for visit in self.visits_of(one))
        Access.objects.bulk_create(access for one in requests for access in self.accesses_of(one))

    def visits_of(self, one: Inquiry) -> Iterator[Visit]:
        if one.status == Status.VISIT_CONFIRMED:
            yield Visit(inquiry=one, starts_at=NOW + timedelta(days=self.random.uniform(-1, 20)))
        if one.outcome == Outcome.SEEN:
            yield Visit(inquiry=one, starts_at=one.closed_at - timedelta(hours=2))

    def accesses_of(self, one: Inquiry) -> Iterator[Access]:
        by = one.owner or self.colleagues[0]
        yield Access(action=Access.Action.LISTED, by=by, username=by.username, at=one.received_at)
        if one.opened_at:
            opened = {"action": Access.Action.OPENED, "inquiry": one, "reference": one.reference}
            yield Access(**opened, by=by, username=by.username, at=one.opened_at)


def notices_of(requests: list[Inquiry], field: str) -> Iterator[StaffNotice]:
    """A notice is about two requests, more or less."""
    for first in range(0, len(requests), 2):
        pair = requests[first : first + 2]
        notice = StaffNotice(created_at=pair[-1].received_at)
        for one in pair:
            setattr(one, field, notice)
        yield notice


def is_broken(one: Inquiry) -> bool:
    """Whether its promise has passed unanswered: staff and patient were told so."""
    return not (one.contacted_at or one.closed_at) and one.reply_by < NOW


def sent(kind: str, at: datetime, **to) -> OutgoingMail:
    return OutgoingMail(kind=kind, created_at=at, due_at=at, sent_at=at + timedelta(seconds=9), attempts=1, **to)


def mails_to_patient(one: Inquiry) -> Iterator[OutgoingMail]:
    if not one.email or one.suspicion:
        return
    yield sent(Mail.PATIENT_RECEIVED, one.received_at, inquiry=one)
    if is_broken(one):
        occasion = one.reply_by.isoformat(timespec="minutes")
        yield sent(Mail.PATIENT_PROMISE_MISSED, one.reply_by, inquiry=one, occasion=occasion)
    if one.outcome == Outcome.SEEN or one.status == Status.VISIT_CONFIRMED:
        yield sent(Mail.PATIENT_VISIT_CONFIRMED, one.contacted_at, inquiry=one, occasion="0")


def events_of(one: Inquiry) -> Iterator[InquiryEvent]:
    yield InquiryEvent(inquiry=one, kind=Event.RECEIVED, at=one.received_at)
    if one.opened_at:
        yield InquiryEvent(inquiry=one, kind=Event.OPENED, at=one.opened_at, by=one.owner)
    if one.contacted_at:
        note = "Spoke with her husband, calls back."
        yield InquiryEvent(inquiry=one, kind=Event.SPOKE, at=one.contacted_at, by=one.owner)
        yield InquiryEvent(inquiry=one, kind=Event.NOTE, at=one.contacted_at, by=one.owner, note=note)
    if one.closed_at:
        closed = {"kind": Event.STATUS, "status": Status.CLOSED}
        yield InquiryEvent(inquiry=one, at=one.closed_at, by=one.owner, **closed)
    if is_broken(one):
        yield InquiryEvent(inquiry=one, kind=Event.ESCALATED, at=one.reply_by)
        if not one.suspicion:
            yield InquiryEvent(inquiry=one, kind=Event.PROMISE_MISSED, at=one.reply_by)
