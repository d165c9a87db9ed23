"""Mail survives trouble: a real mail server that misbehaves, real processes that are killed."""

import os
import re
import signal
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from appointments.models import Inquiry, Mailbox, OutgoingMail, StaffNotice, owed_mail
from tests.factories import make_inquiry, valid_request_data
from tests.processes import leases_lapse, office_is_closed, office_is_open, retries_are_due, wait_until

pytestmark = pytest.mark.processes

MAILBOXES = {"desk@example.org", "deputy@example.org"}
PATIENT = {
    "name": "Ottoline Vandersteen",
    "email": "ottoline@vandersteen.example",
    "phone": "+12125550187",
    "message": "Eyelid flutters whenever I whistle",
}
PATIENTS_WORDS = {word.lower() for value in PATIENT.values() for word in re.findall(r"[a-zA-Z]{4,}", value)} - {
    "example"
}
PATIENTS_DIGITS = "5550187"


def patients_ask(count: int) -> set[str]:
    """So many patients have asked. Their references."""
    return {make_inquiry(**PATIENT).reference for _ in range(count)}


def one_mail_per_mailbox(mail_server) -> None:
    assert Counter(mail.mailbox for mail in mail_server.mails) == dict.fromkeys(MAILBOXES, 1)


def every_reference_once_a_mailbox(mail_server, references: set[str]) -> None:
    for mailbox in Mailbox.objects.values_list("email", flat=True):
        told = Counter(reference for mail in mail_server.mails_to(mailbox) for reference in mail.references)
        assert told == dict.fromkeys(references, 1), mailbox


def holds_no_word_of_a_patient(text: str) -> None:
    assert [word for word in PATIENTS_WORDS if word in text.lower()] == []
    assert PATIENTS_DIGITS not in re.sub(r"[ ().-]", "", text)  # however it is written; ":" and "," keep times apart


def mails_hold_no_word_of_a_patient(mail_server) -> None:
    for mail in mail_server.mails:
        is_patients_own = mail.mailbox == PATIENT["email"]  # which its headers must name
        holds_no_word_of_a_patient(mail.body if is_patients_own else mail.content.decode() + mail.headers + mail.body)


def all_are_sent() -> bool:
    return not OutgoingMail.objects.waiting().exists() and not Inquiry.objects.untold().exists()


@contextmanager
def notices_are_held_back():
    """Nobody else can make a notice while this lasts. Those who try go on at one moment, when it ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {StaffNotice._meta.db_table} IN ACCESS EXCLUSIVE MODE")
        else:
            StaffNotice.objects.update(created_at=timezone.now())  # SQLite's one lock is any writer's
        yield


@contextmanager
def mails_are_held_back():
    """Nobody can lease a mail while this lasts. Those who try go on at one moment, when it ends."""
    with transaction.atomic():
        OutgoingMail.objects.update(last_error="held back by a test")
        yield


def mails_wait_in_notices(notices: int, *, inquiries: int) -> set[str]:
    """The mail server was away for a while: notices have piled up. The references in them."""
    references = set()
    for minutes in range(notices, 0, -1):
        references |= patients_ask(inquiries)
        notice = owed_mail.gather()
        StaffNotice.objects.filter(pk=notice.pk).update(created_at=timezone.now() - timedelta(minutes=minutes + 1))
    return references


def test_mail_server_down_for_three_attempts_costs_nothing_but_time(site, mail_server):
    references = patients_ask(2)
    mail_server.down()
    for _ in range(3):
        site.manage("deliver_due")
        retries_are_due()
    mail_server.up()
    site.manage("deliver_due")
    one_mail_per_mailbox(mail_server)
    every_reference_once_a_mailbox(mail_server, references)
    assert OutgoingMail.objects.filter(attempts=4, sent_at__isnull=False).count() == 2


def test_a_failed_mail_is_left_alone_until_its_pause_is_over(site, mail_server):
    patients_ask(1)
    mail_server.down()
    site.manage("deliver_due")
    mail_server.up()
    site.manage("deliver_due")
    assert mail_server.mails == []
    assert OutgoingMail.objects.filter(attempts=1, due_at__gt=timezone.now()).count() == 2


@pytest.mark.parametrize("reply", ["451 4.3.0 Try again later", None], ids=["451", "hangs up"])
def test_mail_that_the_server_did_not_take_goes_out_later_with_its_message_id(site, mail_server, reply):
    patients_ask(1)
    mail_server.reply = reply
    site.manage("deliver_due")
    assert OutgoingMail.objects.waiting().filter(leased_until=None, attempts=1).count() == 2
    mail_server.reply = "250 OK"
    retries_are_due()
    site.manage("deliver_due")
    one_mail_per_mailbox(mail_server)
    ids = {f"<{pk}@127.0.0.1>" for pk in OutgoingMail.objects.values_list("pk", flat=True)}
    assert {mail.message_id for mail in mail_server.mails} == ids


def test_a_refused_mailbox_is_not_tried_again_and_the_other_gets_its_mail(site, mail_server):
    references = patients_ask(2)
    mail_server.refused["deputy@example.org"] = "550 5.1.1 No such mailbox"
    site.manage("deliver_due")
    refused = OutgoingMail.objects.get(mailbox="deputy@example.org")
    assert refused.refused_at
    mail_server.refused.clear()
    retries_are_due()
    leases_lapse()
    site.manage("deliver_due")
    assert [mail.mailbox for mail in mail_server.mails] == ["desk@example.org"]
    assert set(mail_server.mails[0].references) == references


def test_status_alarms_a_person_when_a_mailbox_is_refused(site, mail_server):
    server = site.serve(workers=1)
    wait_until("a quiet /status", lambda: server.get("/status")[0] == 200)
    patients_ask(1)
    mail_server.refused["deputy@example.org"] = "550 5.1.1 No such mailbox"
    site.manage("deliver_due")
    wait_until("the refusal", OutgoingMail.objects.refused().exists)
    OutgoingMail.objects.refused().update(refused_at=timezone.now() - timedelta(minutes=61))  # an hour of office time
    code, words = server.get("/status")
    assert (code, "A mail was given up: a person must act." in words) == (503, True)


def test_four_senders_at_once_tell_each_mailbox_each_reference_once(site, mail_server):
    Mailbox.objects.create(email="third@example.org")
    references = mails_wait_in_notices(9, inquiries=3) | patients_ask(3)
    mail_server.delay = 0.1
    senders = [site.start_manage("deliver_due") for _ in range(4)]
    assert [sender.wait(60) for sender in senders] == [0] * 4
    every_reference_once_a_mailbox(mail_server, references)
    assert mail_server.most_at_once > 1, "they took turns, so this run proves nothing"
    mails_hold_no_word_of_a_patient(mail_server)


def test_four_gatherers_at_one_moment_make_one_notice(site, mail_server):
    references = patients_ask(30)
    with notices_are_held_back():
        gatherers = [site.start_manage("deliver_due") for _ in range(4)]
        time.sleep(3)  # all have started and stand in the queue, or found the gatherer's token taken
    assert [gatherer.wait(60) for gatherer in gatherers] == [0] * 4
    assert StaffNotice.objects.count() == 1
    every_reference_once_a_mailbox(mail_server, references)


def test_four_senders_who_reach_for_one_mail_at_one_moment_send_it_once(site, mail_server):
    Mailbox.objects.exclude(email="desk@example.org").delete()
    patients_ask(1)
    owed_mail.gather()
    with mails_are_held_back():
        senders = [site.start_manage("deliver_due") for _ in range(4)]
        time.sleep(3)  # all have started, seen that the mail is due, and stand in the queue for its row
    assert [sender.wait(60) for sender in senders] == [0] * 4
    assert len(mail_server.mails) == 1


def test_four_web_workers_tell_each_mailbox_each_reference_once(site, mail_server):
    Mailbox.objects.create(email="third@example.org")
    references = mails_wait_in_notices(9, inquiries=3) | patients_ask(3)
    mail_server.delay = 0.1
    site.serve(workers=4)
    wait_until("every mail", all_are_sent, 60)
    every_reference_once_a_mailbox(mail_server, references)
    assert mail_server.most_at_once > 1, "they took turns, so this run proves nothing"


def end_by_sigterm(process):
    process.send_signal(signal.SIGTERM)


def end_by_control_c(process):
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("end", [end_by_sigterm, end_by_control_c])
def test_a_server_told_to_end_during_a_send_finishes_and_marks_that_mail(site, mail_server, end):
    server = site.serve(workers=2)
    mail_server.delay = 2
    patients_ask(1)
    wait_until("a mail on its way", lambda: mail_server.mails)
    end(server.process)
    ended_at = time.monotonic()
    assert server.process.wait(25) == 0
    assert time.monotonic() - ended_at < 15, "it had to be killed"
    under_way = {mail.mailbox for mail in mail_server.mails}
    assert set(OutgoingMail.objects.exclude(sent_at=None).values_list("mailbox", flat=True)) == under_way

    mail_server.delay = 0
    leases_lapse()
    site.manage("deliver_due")
    one_mail_per_mailbox(mail_server)


def test_staff_are_left_in_peace_until_the_office_opens(site, mail_server):
    office_is_closed()
    references = patients_ask(2)
    site.manage("deliver_due")
    assert (mail_server.mails, OutgoingMail.objects.count()) == ([], 0)
    office_is_open()
    site.manage("deliver_due")
    every_reference_once_a_mailbox(mail_server, references)


def test_mail_left_over_at_closing_time_waits_for_the_next_opening(site, mail_server):
    references = patients_ask(1)
    mail_server.down()
    site.manage("deliver_due")
    mail_server.up()
    retries_are_due()
    office_is_closed()
    site.manage("deliver_due")
    assert mail_server.mails == []
    office_is_open()
    site.manage("deliver_due")
    every_reference_once_a_mailbox(mail_server, references)


def test_no_word_of_a_patient_reaches_mail_or_log_even_in_trouble(site, mail_server):
    server = site.serve(workers=1)
    mail_server.down()
    code, _ = server.post("/request/", valid_request_data(reach_by="call", **PATIENT))
    assert code == 302
    site.manage("deliver_due")
    mail_server.up()
    retries_are_due()
    site.manage("deliver_due")
    wait_until("the mails", all_are_sent)
    assert {mail.mailbox for mail in mail_server.mails} == MAILBOXES | {PATIENT["email"]}
    mails_hold_no_word_of_a_patient(mail_server)
    holds_no_word_of_a_patient(site.words())
