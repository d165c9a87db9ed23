"""Every day saved = told + waiting + suspected."""

import random
from datetime import date, timedelta

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from appointments.mail import outbox
from appointments.models import Inquiry, InquiryEvent, Mailbox, OutgoingMail, StaffNotice, owed_mail
from appointments.models.inquiry_queryset import CANARY
from appointments.requests import handling, ledger, spam
from appointments.requests.ledger import day_ledger, day_ledgers
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(office, settings, at):
    """Tuesday, December 1, 10:00 AM; mail stays in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return at(2026, 12, 1, 10, 0)


def today():
    return day_ledger(timezone.localdate())


def sums(one=None):
    one = one or today()
    assert one.is_balanced, one.in_words()
    return one.saved, one.told, one.waiting, one.suspected


def tell(clock):
    """A turn of the pump's mail, a while after the last."""
    clock.shift(timedelta(minutes=2))
    owed_mail.gather()
    outbox.deliver_due()


def give_up_all_mail():
    OutgoingMail.objects.update(sent_at=None, refused_at=timezone.now(), lease=None)


def test_a_request_is_waiting_until_staff_are_told(clock):
    make_inquiry()
    assert sums() == (1, 0, 1, 0)
    owed_mail.gather()
    assert sums() == (1, 0, 1, 0)
    outbox.deliver_due()
    assert sums() == (1, 1, 0, 0)


def test_one_mailbox_that_accepted_suffices_to_be_told(clock):
    Mailbox.objects.create(email="deputy@example.org")
    make_inquiry()
    tell(clock)
    OutgoingMail.objects.filter(mailbox="deputy@example.org").update(sent_at=None, refused_at=timezone.now())
    assert sums() == (1, 1, 0, 0)


def test_a_request_of_which_every_mailbox_refused_to_hear_is_out_of_balance_until_it_is_sent_again(clock):
    make_inquiry()
    tell(clock)
    give_up_all_mail()
    assert not today().is_balanced
    OutgoingMail.objects.refused().update(refused_at=None, due_at=timezone.now())
    assert sums() == (1, 0, 1, 0)
    tell(clock)
    assert sums() == (1, 1, 0, 0)


def test_a_notice_without_a_mail_is_out_of_balance(clock):
    make_inquiry(staff_notice=StaffNotice.objects.create())
    assert not today().is_balanced


def test_a_suspected_request_is_neither_told_nor_waiting():
    make_inquiry(status=Inquiry.Status.SUSPECTED)
    assert sums() == (1, 0, 0, 1)


def test_a_rescued_request_waits_and_is_told(clock, staff):
    inquiry = make_inquiry(status=Inquiry.Status.SUSPECTED)
    spam.rescue(inquiry, by=staff)
    assert sums() == (1, 0, 1, 0)
    tell(clock)
    assert sums() == (1, 1, 0, 0)


def test_what_staff_were_told_of_and_then_suspect_was_told(clock, staff):
    inquiry = make_inquiry()
    tell(clock)
    inquiry.refresh_from_db()
    handling.change_status(inquiry, Inquiry.Status.SUSPECTED, by=staff)
    assert sums() == (1, 1, 0, 0)


def test_suspected_spam_that_a_person_closed_stays_suspected(staff):
    inquiry = make_inquiry(status=Inquiry.Status.SUSPECTED)
    handling.change_status(inquiry, Inquiry.Status.CLOSED, outcome=Inquiry.Outcome.SPAM, by=staff)
    assert sums() == (1, 0, 0, 1)


def test_a_request_withdrawn_after_staff_were_told_was_told(clock):
    inquiry = make_inquiry()
    tell(clock)
    inquiry.refresh_from_db()
    handling.withdraw(inquiry)
    assert sums() == (1, 1, 0, 0)


def test_a_removed_request_leaves_both_sides(clock):
    make_inquiry()
    tell(clock)
    Inquiry.objects.all().delete()
    assert sums() == (0, 0, 0, 0)


def test_the_canary_is_never_counted():
    make_inquiry(status=Inquiry.Status.SUSPECTED, suspicion=CANARY)
    assert sums() == (0, 0, 0, 0)
    assert ledger.opening_counts()["suspected"] == 0


def test_a_request_without_its_event_is_out_of_balance():
    make_inquiry().events.all()._raw_delete("default")
    assert not today().is_balanced


def test_a_request_saved_twice_in_the_events_is_out_of_balance():
    make_inquiry().write_event(InquiryEvent.Kind.RECEIVED)
    assert not today().is_balanced


def test_a_day_begins_and_ends_at_midnight_in_new_york(at):
    for moment in [(2026, 11, 30, 23, 59, 59), (2026, 12, 1, 0, 0), (2026, 12, 1, 23, 59, 59), (2026, 12, 2, 0, 0)]:
        at(*moment)
        make_inquiry()
    days = day_ledgers(date(2026, 11, 30), date(2026, 12, 2))
    assert [sums(one)[0] for one in days] == [1, 2, 1]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 11, 1), 25), (date(2027, 3, 14), 23)])
def test_a_day_on_which_clocks_change_is_counted_whole(at, day, hours):
    clock = at(day.year, day.month, day.day, 0, 0)
    for _ in range(24 * 2):
        make_inquiry()
        clock.shift(timedelta(hours=1))
    one, two = day_ledgers(day, day + timedelta(days=1))
    assert (sums(one)[0], sums(two)[0]) == (hours, 24 if hours == 23 else 23)


def test_many_days_take_as_many_queries_as_one(django_assert_num_queries):
    make_inquiry()
    for days in (0, 60):
        with django_assert_num_queries(2):
            day_ledgers(timezone.localdate() - timedelta(days=days), timezone.localdate())


def test_the_words_say_whether_the_sums_add_up():
    make_inquiry()
    assert today().in_words() == "1 saved = 0 told + 1 waiting + 0 suspected"
    Inquiry.objects.get().events.all()._raw_delete("default")
    assert today().in_words() == "0 saved is not 0 told + 1 waiting + 0 suspected"


@pytest.mark.parametrize("seed", range(12))
def test_it_balances_through_any_story_and_told_are_those_named_in_mails(clock, staff, seed):
    chance = random.Random(seed)

    def come():
        make_inquiry(status=chance.choice([Inquiry.Status.NEW, Inquiry.Status.NEW, Inquiry.Status.SUSPECTED]))

    def move():
        inquiry = chance.choice(Inquiry.objects.order_by("pk") or [make_inquiry()])
        status = chance.choice(inquiry.next_statuses)
        if inquiry.is_suspected and status == Inquiry.Status.NEW:
            spam.rescue(inquiry, by=staff)
        else:
            outcomes = [one for one in Inquiry.Outcome if one != Inquiry.Outcome.DUPLICATE]  # that needs another one
            outcome = chance.choice(outcomes) if status == Inquiry.Status.CLOSED else ""
            handling.change_status(inquiry, status, outcome=outcome, by=staff)

    def withdraw():
        if inquiry := Inquiry.objects.open().order_by("pk").last():
            handling.withdraw(inquiry)

    def remove():
        if chance.random() < 0.3 and (inquiry := Inquiry.objects.order_by("pk").first()):
            inquiry.delete()

    for _ in range(30):
        chance.choice([come, come, move, move, withdraw, remove, lambda: tell(clock), owed_mail.gather])()
        saved, told, _, _ = sums()
        named = " ".join(message.body for message in django_mail.outbox if message.to == ["desk@example.org"])
        assert saved == Inquiry.objects.count()
        assert told == sum(reference in named for reference in Inquiry.objects.values_list("reference", flat=True))
