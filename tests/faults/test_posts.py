"""Many patients at once: every one of them is saved, and told so only then."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from appointments.models import Inquiry, InquiryEvent
from tests.factories import valid_request_data
from tests.faults.scene import CLIENTS
from tests.processes import office_is_closed, reference_of

pytestmark = pytest.mark.processes

POSTS = 500


def post_all(server, forms: list[dict]) -> list[tuple[int, str]]:
    """Post every form, by so many clients at once, each form from a home of its own. What each was answered."""
    homes = [f"2001:db8::{number:x}" for number in range(len(forms))]
    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(lambda form, home: server.post("/request/", form, home), forms, homes))


def references(answers: list[tuple[int, str]]) -> list[str]:
    """The references of the success pages that the answers lead to."""
    return [reference for _, page in answers if (reference := reference_of(page))]


@pytest.fixture
def server(site):
    """Behind a proxy, as in production, so that many patients are not one address that floods us."""
    office_is_closed()
    site.env["TRUSTED_PROXY_COUNT"] = "1"
    return site.serve(workers=2)


def test_500_requests_by_8_clients_at_once_are_500_rows_with_500_references(server):
    answers = post_all(server, [valid_request_data(message=f"My question is number {n}.") for n in range(POSTS)])
    assert Counter(code for code, _ in answers) == {302: POSTS}
    rows = set(Inquiry.objects.values_list("reference", flat=True))
    assert (len(rows), Inquiry.objects.count()) == (POSTS, POSTS)
    assert sorted(references(answers)) == sorted(rows)
    assert InquiryEvent.objects.filter(kind=InquiryEvent.Kind.RECEIVED).count() == POSTS


def test_the_same_press_of_the_button_eight_times_at_once_is_one_row(server):
    form = valid_request_data(message=f"Only once, please: {uuid4()}")
    answers = post_all(server, [form] * CLIENTS)
    assert Counter(code for code, _ in answers) == {302: CLIENTS}
    assert set(references(answers)) == {Inquiry.objects.get().reference}


def test_a_success_page_posted_for_under_load_shows_its_reference(server):
    answers = post_all(server, [valid_request_data() for _ in range(CLIENTS)])
    for (_, page), reference in zip(answers, references(answers), strict=True):
        code, words = server.get(page)
        assert (code, f">{reference}<" in words) == (200, True)
