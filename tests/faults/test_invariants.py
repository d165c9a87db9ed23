"""The four invariants notice what they are there for: each is broken once, on a history that is good otherwise."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from tests.faults.invariants import Happened, Post, Row
from tests.mail_server import ReceivedMail

DESK = "desk@example.org"


def a_mail(*references: str, message_id: str = "<1@example.org>", was_answered: bool = True) -> ReceivedMail:
    message = EmailMessage()
    message["Message-ID"] = message_id
    message.set_content("New requests: " + ", ".join(references))
    return ReceivedMail(DESK, message.as_bytes(), was_answered)


@pytest.fixture
def good() -> Happened:
    """Two asked, one of them was cut off after the commit; staff were told of both, twice, as one reply was lost."""
    return Happened(
        posts=[Post("Patient 1", "AAAA-2222"), Post("Patient 2", was_cut_off=True), Post("Patient 3")],
        rows=[Row("AAAA-2222", "Patient 1"), Row("BBBB-3333", "Patient 2")],
        mails=[a_mail("AAAA-2222", "BBBB-3333", was_answered=False), a_mail("AAAA-2222", "BBBB-3333")],
    )


def test_a_good_history_breaks_nothing(good):
    assert good.broken() == []


def test_a_success_page_without_its_row_is_noticed(good):
    del good.rows[0]
    assert good.broken() == ["Patient 1 was shown a success page for AAAA-2222, which has 0 rows"]


def test_a_success_page_with_anothers_row_is_noticed(good):
    good.posts.append(Post("Patient 3", "AAAA-2222"))
    assert good.broken() == ["Patient 3 was shown a success page for AAAA-2222, which has 0 rows"]


def test_a_second_row_of_one_patient_is_noticed(good):
    good.rows.append(Row("CCCC-4444", "Patient 1", is_suspected=True))
    good.posts.append(Post("Patient 4", was_cut_off=True))
    assert good.broken() == ["Patient 1 asked once and has 2 rows"]


def test_a_row_that_no_staff_mail_names_is_noticed(good):
    good.mails[:] = [a_mail("AAAA-2222")]
    assert good.broken() == ["staff were never told of BBBB-3333"]


def test_a_suspected_row_needs_no_staff_mail(good):
    good.mails[:] = [a_mail("AAAA-2222")]
    good.rows[1] = replace(good.rows[1], is_suspected=True)
    assert good.broken() == []


def test_a_mail_to_somebody_else_tells_no_staff(good):
    good.mails[:] = [replace(mail, mailbox="elsewhere@example.org") for mail in good.mails]
    assert good.broken() == ["staff were never told of AAAA-2222", "staff were never told of BBBB-3333"]


def test_a_repeat_after_a_reply_that_was_heard_is_noticed(good):
    good.mails[0].was_answered = True
    assert good.broken() == [f"{DESK} got <1@example.org> again, though our mail server's reply was heard"]


def test_a_repeat_with_another_message_id_is_noticed(good):
    good.mails[1] = a_mail("AAAA-2222", message_id="<2@example.org>")
    assert good.broken() == [f"{DESK} was told of AAAA-2222 in 2 different mails"]


def test_a_row_that_nobody_can_explain_is_noticed(good):
    good.posts[1] = Post("Patient 2")
    assert good.broken() == ["1 rows without a success page, but only 0 requests were cut off"]
