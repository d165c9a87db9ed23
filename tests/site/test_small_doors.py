"""Small doors that stood open: copies, cells, settings, and a count that raced."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import mark_safe

from appointments.admin import export
from appointments.privacy import link_token
from conditions.citations import link_citations
from tests.factories import make_inquiry
from tests.test_architecture import PUBLIC, settings_say

pytestmark = pytest.mark.django_db


def test_a_request_is_never_copied(staff_client, office):
    inquiry = make_inquiry()
    answer = staff_client.post(f"/admin/appointments/inquiry/{inquiry.pk}/change/", {"_saveasnew": "1"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x\t@SUM(1)", "x @SUM(1)"),
        ("a; -1;b", "a;' -1;b"),
        ("=1", "'=1"),
        ("Maria; Paul", "Maria; Paul"),
        ("", ""),
    ],
)
def test_a_cell_begins_no_formula_wherever_a_spreadsheet_cuts_it(cell, safe):
    assert export.harmless(cell) == safe


@pytest.mark.parametrize("careless", [{"DEBUG": "1"}, {"ALLOWED_HOSTS": "*"}, {"ALLOWED_HOSTS": "www.example.org,*"}])
def test_a_public_site_refuses_tracebacks_and_any_host(careless):
    assert "A public site" in settings_say(**PUBLIC | careless)


def test_an_address_that_nobody_can_look_up_is_503_while_the_database_is_away(client, office, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("no connection")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    answer = client.get("/nothing/")
    assert answer.status_code == 503
    assert "(212) 434-4050" in answer.content.decode()


def test_a_note_is_counted_and_saved_under_the_requests_lock(client, office):
    inquiry = make_inquiry()
    path = f"/my-request/{link_token.make('private', inquiry)}/"
    with CaptureQueriesContext(connection) as queries:
        client.post(path, {"action": "note", "add-note": "Hello"}, headers={"Sec-Fetch-Site": "same-origin"})
    asked = [query["sql"] for query in queries]
    begins = next(n for n, sql in enumerate(asked) if sql.startswith(("BEGIN", "SAVEPOINT")))
    counts = next(n for n, sql in enumerate(asked) if "COUNT(" in sql)
    saves = next(n for n, sql in enumerate(asked) if sql.startswith('INSERT INTO "appointments_inquiryevent"'))
    assert begins < counts < saves
    assert not [sql for sql in asked[begins + 1 : counts] if sql.startswith(("COMMIT", "RELEASE"))]


def test_a_mark_inside_a_links_address_is_no_citation():
    html = "<p><a href=\"https://example.org/?a[1]=2&b=>[2]\" title='[3]'>Read</a> more [1].</p>"
    linked = link_citations(mark_safe(html))
    assert "<a href=\"https://example.org/?a[1]=2&b=>[2]\" title='[3]'>Read</a>" in linked
    assert linked.count("#source-") == 1
