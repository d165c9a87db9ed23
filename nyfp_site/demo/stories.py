"""What becomes of a request in the demo, as stories. Each does something and yields when it goes on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.utils import timezone

from appointments.models import Access, Inquiry, Office
from appointments.models.office_now import OfficeNow
from appointments.privacy import form_key
from appointments.requests import handling, spam, visits
from appointments.requests.receive import receive
from appointments.requests.request_form import RequestForm, answers_of, topics
from nyfp_site.demo.people import LINKS, Person
from nyfp_site.demo.weeks import Story, at_work, later

Contact, Status, Outcome = Inquiry.Contact, Inquiry.Status, Inquiry.Outcome
READS_FOR = timedelta(minutes=3)
HASTE = timedelta(seconds=1)  # of programs, and of those who paste
STORIES: dict[str, Callable[["Tale"], Story]] = {}


class Tale:
    """One person's request and the colleagues who take care of it."""

    def __init__(self, person: Person, number: int):
        self.person, self.number = person, number
        self.inquiry: Inquiry
        colleagues = list(get_user_model().objects.filter(groups__name__in=["Front desk", "Manager"]).order_by("pk"))
        self.by = colleagues[number % len(colleagues)]

    def story(self) -> Story:
        """To be lived through; nothing happens before."""
        return STORIES[self.person.becomes](self)

    def asks(self, **how) -> None:
        """The form is filled in, judged and saved, as a post would be."""
        now = OfficeNow.read()
        form = RequestForm(self._typed(), topics=topics(), now=now)
        if not form.is_valid():
            raise ValueError(f"{self.person.name} left {sorted(form.errors)} wrong.")
        answers = answers_of(form)
        reads_for = HASTE if LINKS in answers["message"] else READS_FOR
        signs = spam.signs(
            answers=answers, trap="", rendered_at=now.at - reads_for, sender=f"demo {self.number}", now=now.at
        )
        self.inquiry = receive(
            answers=answers,
            form_key=uuid4(),
            received_at=now.at,
            reply_by=now.reply_by(now.at),
            suspicion=spam.suspicion(signs),
            **how,
        )

    def _typed(self) -> dict:
        person, number = self.person, self.number
        has_phone = person.way["reach_by"] != "email" or number % 3 == 0
        has_email = person.way["reach_by"] == "email" or number % 3 == 2
        address = f"{person.name.split()[0]}.{number}@example.com".lower().encode("ascii", "ignore").decode()
        return {
            "key": form_key.issue(),
            "for_whom": "me",
            "name": person.name,
            "phone": f"(212) 555-01{number:02}" if has_phone else "",
            "email": address if has_email else "",
            "language": "English",
            "topic": person.topic,
            "message": person.message,
            "consent": "on",
            **person.way,
            **person.more,
        }

    def is_opened(self) -> None:
        Access.write(Access.Action.OPENED, [self.inquiry], by=self.by)
        handling.mark_opened(self.inquiry, by=self.by)

    def is_reached(self) -> None:
        contact = {"email": Contact.EMAIL_SENT, "text": Contact.TEXT_SENT}.get(self.inquiry.reach_by, Contact.SPOKE)
        handling.log_contact(self.inquiry, contact, by=self.by)

    def note(self, text: str) -> None:
        handling.add_note(self.inquiry, text, by=self.by)

    def becomes(self, status: str, **how) -> None:
        handling.change_status(self.inquiry, status, by=self.by, **how)

    def is_closed(self, outcome: str, **how) -> None:
        self.becomes(Status.CLOSED, outcome=outcome, **how)

    def agrees(self, days: float) -> datetime:
        """On the first whole hour of the office so many days ahead. Returns when the visit is over."""
        opens = Office.schedule().next_opening(later(days=days))
        starts_at = opens.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        visits.agree(self.inquiry, starts_at=starts_at, minutes=45, by=self.by)
        return starts_at + timedelta(hours=1)


def story(tell: Callable[[Tale], Story]) -> Callable[[Tale], Story]:
    """Put it on the list that people choose from."""
    STORIES[tell.__name__] = tell
    return tell


# Not touched yet


@story
def new(tale):
    """It has come, and nobody has looked."""
    tale.asks()
    yield from ()


@story
def suspected(tale):
    """Filed as spam until a person looks."""
    tale.asks()
    yield from ()


@story
def opened(tale):
    """A colleague has read it and has not called yet."""
    tale.asks()
    yield at_work(hours=1)
    tale.is_opened()


@story
def late(tale):
    """Read once, then forgotten: the promise is broken, and both sides are told so."""
    tale.asks()
    yield at_work(hours=5)
    tale.is_opened()


@story
def mail_given_up(tale):
    """The address has a slip in it, so a mail server refuses it for good."""
    tale.asks()
    tale.inquiry.mails.waiting().update(refused_at=timezone.now(), attempts=1, last_error="mailbox refused, 550")
    yield at_work(hours=4)
    tale.is_opened()


@story
def mail_waits(tale):
    """This patient's mail server puts us off again and again; some hours from now we try once more."""
    tale.asks()
    tale.inquiry.mails.waiting().update(
        attempts=9, last_error="mailbox refused, 451", due_at=later(days=1.2), not_after=later(days=9)
    )
    yield from ()


# On the way


@story
def in_progress(tale):
    """Called twice in vain; to be called again today."""
    tale.asks()
    yield at_work(hours=2)
    tale.is_opened()
    handling.log_contact(tale.inquiry, Contact.NO_ANSWER, by=tale.by)
    yield at_work(days=1)
    handling.log_contact(tale.inquiry, Contact.NO_ANSWER, by=tale.by)
    handling.follow_up(tale.inquiry, at_work(days=2).date(), by=tale.by)


@story
def waiting(tale):
    """Answered, and the next step is the patient's."""
    tale.asks()
    yield at_work(hours=3)
    tale.is_opened()
    tale.is_reached()
    tale.note("Asked for the reports of the first hospital.")
    tale.becomes(Status.WAITING_FOR_PATIENT)
    handling.follow_up(tale.inquiry, at_work(days=8).date(), by=tale.by)


@story
def wrote_again(tale):
    """The patient adds words through the private page, and no colleague has acted since."""
    yield from waiting(tale)
    yield later(days=3, hours=11)
    handling.take_patient_note(tale.inquiry, "The reports are on their way to you by mail.")


@story
def other_channel(tale):
    """After a call in vain the patient would rather be written to."""
    tale.asks()
    yield at_work(hours=1)
    tale.is_opened()
    handling.log_contact(tale.inquiry, Contact.NO_ANSWER, by=tale.by)
    yield later(hours=6)
    handling.change_channel(tale.inquiry, Inquiry.Channel.TEXT)


@story
def faxed(tale):
    """A colleague copied it from a fax."""
    tale.asks(came_by=Inquiry.CameBy.FAX, taken_by=tale.by)
    yield at_work(hours=6)
    tale.is_reached()
    tale.becomes(Status.WAITING_FOR_PATIENT)


@story
def telephoned(tale):
    """A colleague wrote it down at the telephone."""
    tale.asks(came_by=Inquiry.CameBy.PHONE, taken_by=tale.by)
    yield at_work(hours=20)
    tale.is_reached()


@story
def rescued(tale):
    """It looked like spam and was none."""
    tale.asks()
    yield at_work(hours=9)
    tale.is_opened()
    if tale.inquiry.is_suspected:
        spam.rescue(tale.inquiry, by=tale.by)
    yield at_work(hours=4)
    tale.is_reached()


# Visits


@story
def visit_to_come(tale):
    """A time is agreed, and lies ahead of today."""
    tale.asks()
    yield at_work(hours=2)
    tale.is_opened()
    tale.is_reached()
    tale.agrees(days=tale.person.days_ago + 1 + tale.number % 6)


@story
def visit_changed(tale):
    """Agreed, then moved at the patient's wish."""
    yield from visit_to_come(tale)
    yield at_work(days=2)
    tale.agrees(days=tale.person.days_ago + 8)


@story
def visit_cancelled(tale):
    """Agreed, then cancelled; another time is looked for."""
    yield from visit_to_come(tale)
    yield at_work(days=2)
    visits.cancel(tale.inquiry, by=tale.by)
    tale.note("Will call us after her exams.")


@story
def seen(tale):
    """Agreed, and the patient came."""
    tale.asks()
    yield at_work(hours=2)
    tale.is_opened()
    tale.is_reached()
    yield at_work(hours=3)
    yield tale.agrees(days=4)
    tale.is_closed(Outcome.SEEN)


# Over


@story
def answered(tale):
    """One call, and the question was answered."""
    tale.asks()
    yield at_work(hours=3)
    tale.is_opened()
    tale.is_reached()
    yield at_work(hours=1)
    tale.is_closed(Outcome.ANSWERED)


@story
def answered_late(tale):
    """The promise was missed, then kept with an apology."""
    tale.asks()
    yield at_work(days=5)
    tale.is_opened()
    tale.is_reached()
    tale.note("Apologised for the delay.")
    yield at_work(hours=2)
    tale.is_closed(Outcome.ANSWERED)


@story
def elsewhere(tale):
    """Another service helps better."""
    tale.asks()
    yield at_work(hours=4)
    tale.is_opened()
    tale.is_reached()
    tale.is_closed(Outcome.ELSEWHERE)


@story
def unreached(tale):
    """Three calls in vain."""
    tale.asks()
    yield at_work(hours=2)
    tale.is_opened()
    for _ in range(3):
        handling.log_contact(tale.inquiry, Contact.NO_ANSWER, by=tale.by)
        yield at_work(days=1)
    tale.is_closed(Outcome.UNREACHED)


@story
def withdrawn(tale):
    """The patient thinks better of it, through the private page."""
    tale.asks()
    yield later(hours=14)
    handling.withdraw(tale.inquiry)


@story
def duplicate(tale):
    """The same person asked before."""
    tale.asks()
    yield at_work(hours=2)
    tale.is_opened()
    tale.is_reached()
    first = Inquiry.objects.filter(name=tale.person.name).order_by("received_at").first()
    tale.is_closed(Outcome.DUPLICATE, duplicate_of=first)


@story
def advertising(tale):
    """A colleague looked, and it is."""
    tale.asks()
    yield at_work(hours=6)
    tale.is_opened()
    tale.is_closed(Outcome.SPAM)
