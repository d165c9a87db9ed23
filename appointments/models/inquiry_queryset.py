"""Which requests: the questions that the desk, the mail and the ledger ask of them, each by one name."""

import re
from datetime import date, datetime

from django.db.models import Q

from appointments.models.normal_columns import QuerySetWithNormalForms
from appointments.models.normal_form import normal_email, normal_name
from appointments.models.reference import as_reference
from appointments.privacy.encryption import SealingQuerySet

CANARY = "canary: a test by the site itself"  # the suspicion under which the site files its own tests
# Why a request is suspected for its address alone: what a flood and a hospital have in common
MANY, FLOODING = "many requests from one address", "a flood from one address"
BY_RATE = [MANY, FLOODING, f"{MANY}, {FLOODING}"]
FEWEST_DIGITS = 4  # of a telephone number, to search by


class InquiryQuerySet(QuerySetWithNormalForms, SealingQuerySet):
    def open(self):
        """Work to do."""
        return self.filter(status__in=self.model.OPEN)

    def suspected(self):
        """Filed as spam, and nobody has looked yet. The site's own tests are not counted."""
        return self.filter(status=self.model.Status.SUSPECTED).exclude(suspicion=CANARY)

    def genuine(self):
        """Neither suspected nor closed as spam."""
        return self.exclude(Q(status=self.model.Status.SUSPECTED) | Q(outcome=self.model.Outcome.SPAM))

    def unowned(self):
        """Open, and nobody has taken it."""
        return self.open().filter(owner=None)

    def follow_up_due(self, today: date):
        """Open, and somebody meant to come back to it by this New York date."""
        return self.open().filter(follow_up_on__lte=today)

    def with_visit_between(self, begins: datetime, ends: datetime):
        """A visit that stands begins in this span, half-open."""
        return self.filter(visit__cancelled_at=None, visit__starts_at__gte=begins, visit__starts_at__lt=ends)

    def unanswered(self):
        """Nobody has reached the patient, and the promise still counts; suspected ones too."""
        return self.filter(contacted_at=None).exclude(status=self.model.Status.CLOSED)

    def untold(self):
        """Staff have not been told: each such inquiry is itself the queued notice. Of spam nobody is told.

        Whom only the number of posts from their address makes suspected may be a patient, so staff are told.
        """
        status, outcome = self.model.Status, self.model.Outcome
        by_rate = Q(status=status.SUSPECTED, suspicion__in=BY_RATE)
        is_spam = Q(status=status.SUSPECTED) | Q(outcome=outcome.SPAM)
        return self.filter(by_rate | ~is_spam, staff_notice=None)

    def past_promise(self, now):
        """Open, uncontacted, and the promised moment is over."""
        return self.open().unanswered().filter(reply_by__lt=now)

    def with_news_from_patient(self):
        """The patient wrote, chose another way or withdrew, and no colleague has acted since; closed ones too."""
        return self.filter(patient_wrote_at__isnull=False)

    def in_order_of_work(self):
        """Whom nobody has answered first: new onset, then the earliest promise; none at all cannot wait either."""
        return self.order_by(*self.model.ORDER_OF_WORK)

    def found_by(self, words: str):
        """What a person at the desk may mean: a reference, a telephone number in any format, a name, an e-mail.

        A reference may lack its hyphen. Of a number any four digits in a row are enough, with or without the
        leading 1. Of several words each must be found, in whatever case and with whatever accents.
        """
        if reference := as_reference(words):
            found = self.filter(reference=reference)
            if found.exists():
                return found
        digits = re.sub(r"\D", "", words)
        if len(digits) >= FEWEST_DIGITS and not re.sub(r"(?i)ext|tel|x|[\d\s()+./:;=-]", "", words):
            return self.filter(phone_digits__contains=digits.removeprefix("1") if len(digits) > 10 else digits)
        if words.strip() and not normal_name(words):
            return self.none()
        for word in filter(normal_name, words.split()):
            in_name, in_contact_name = Q(), Q()
            for part in normal_name(word).split():
                in_name &= Q(name_normal__contains=part)
                in_contact_name &= Q(contact_name_normal__contains=part)
            self = self.filter(in_name | in_contact_name | Q(email_normal__contains=normal_email(word)))
        return self

    def same_person(self, inquiry):
        """Other requests that give the same number or the same e-mail address, latest first. A hint, no proof."""
        same = Q(pk__in=[inquiry.repeat_of_id, inquiry.duplicate_of_id]) | Q(repeat_of=inquiry)
        if inquiry.phone:
            same |= Q(phone=inquiry.phone)
        if inquiry.email:
            same |= Q(email_normal=normal_email(inquiry.email))
        return self.filter(same).exclude(pk=inquiry.pk).order_by("-received_at")
