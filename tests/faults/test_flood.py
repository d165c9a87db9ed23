"""A thousand requests a minute from one address: the others are served, staff are left in peace, nobody is lied to."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from appointments.models import Inquiry, StaffNotice
from appointments.models.owed_mail import NOTICE_PAUSE
from appointments.requests import spam
from tests.factories import valid_request_data
from tests.processes import Server, reference_of, wait_until

pytestmark = pytest.mark.processes

FLOOD = 1000
CLIENTS = 6
FLOODER, NEIGHBOUR = "203.0.113.66", "198.51.100.7"


def post(server: Server, address: str, number: int) -> tuple[int, str, str]:
    """Ask from an address, as our proxy would pass it on: status, reference if it is a success, page."""
    data = valid_request_data(name=f"From {address}", message=f"My question is number {number}.")
    status, leads_to, page = server.post_and_read("/request/", data, f"6.6.6.{number % 200}, {address}")
    return status, reference_of(leads_to), page


def ask_now_and_then(server: Server, flood_is_over: threading.Event) -> list[tuple[int, str, str]]:
    """What a neighbour is answered who asks about once a second while the flood lasts."""
    answers = []
    while not answers or not flood_is_over.wait(1):
        answers.append(post(server, NEIGHBOUR, len(answers)))
    return answers


def test_a_thousand_posts_a_minute_from_one_address_hurt_nobody_else(site, mail_server):
    site.env["TRUSTED_PROXY_COUNT"] = "1"
    server = site.serve(workers=2)
    began, flood_is_over = time.monotonic(), threading.Event()
    with ThreadPoolExecutor(CLIENTS + 1) as clients:
        neighbour = clients.submit(ask_now_and_then, server, flood_is_over)
        flood = list(clients.map(lambda number: post(server, FLOODER, number), range(FLOOD)))
        flood_is_over.set()
        to_neighbour = neighbour.result()
    took = time.monotonic() - began
    assert took < 60, "too slow for a flood: this run proves nothing"

    # The neighbour is served and saved, every time.
    assert len(to_neighbour) >= 3
    assert {status for status, _, _ in to_neighbour} == {302}
    theirs = Inquiry.objects.filter(name=f"From {NEIGHBOUR}")
    assert sorted(theirs.values_list("reference", flat=True)) == sorted(answer[1] for answer in to_neighbour)
    assert set(theirs.values_list("status", flat=True)) == {"new"}

    # Every success page is a row, and every row had its success page.
    assert set(Counter(status for status, _, _ in flood)) == {302, 429}
    saved = Inquiry.objects.filter(name=f"From {FLOODER}")
    assert sorted(saved.values_list("reference", flat=True)) == sorted(ref for _, ref, _ in flood if ref)
    most = spam.HARD_LIMIT[1]
    assert most <= saved.count() <= most + CLIENTS, "those on their way at one moment do not see each other"
    assert saved.filter(status="suspected").count() >= most - spam.FLOOD[1] - CLIENTS

    # A refusal claims nothing, and keeps what was typed.
    for number, (status, _, page) in enumerate(flood):
        if status == 429:
            assert "Nothing was saved" in page
            assert "(212) 434-4050" in page
            assert f"My question is number {number}." in page

    # Staff get at most one mail a minute.
    wait_until("a mail to staff", lambda: mail_server.mails_to("desk@example.org"))
    made_at = list(StaffNotice.objects.order_by("created_at").values_list("created_at", flat=True))
    assert all(later - earlier >= NOTICE_PAUSE for earlier, later in pairwise(made_at))
    mails = Counter(mail.mailbox for mail in mail_server.mails if mail.mailbox.endswith("@example.org"))
    assert all(mails[mailbox] <= 1 + took // 60 for mailbox in mails)
