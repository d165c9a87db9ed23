"""What holds on every public page."""

import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from conditions.models import Page, Region
from conditions.page_types import PAGE_TYPES
from tests.factories import valid_request_data

pytestmark = pytest.mark.django_db

FIXED = [
    "/",
    *(f"/{page_type.prefix}/" for page_type in PAGE_TYPES),
    "/symptoms/",
    "/started-suddenly/",
    "/request/",
    "/visit/",
    "/about/",
    "/for-clinicians/",
    "/privacy/",
    "/accessibility/",
]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """Path and response of each public page, the received page included. Read once: nothing here changes them."""
    client = Client()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("set_up_office", stdout=StringIO())
        call_command("load_starter_content", stdout=StringIO())
        paths = FIXED + [page.get_absolute_url() for page in Page.objects.published()]
        paths += [region.get_absolute_url() for region in Region.objects.all()]
        paths += [client.post("/request/", valid_request_data()).url, "/no-such-page/"]
        responses = {path: client.get(path) for path in paths}
        transaction.set_rollback(True)
    return client, responses


@pytest.fixture
def every_page(site):
    return dict(site[1])


def policy(header: str) -> set[str]:
    return {directive.strip() for directive in header.split(";")}


def test_every_page_answers_and_says_what_a_patient_needs(every_page):
    for path, response in every_page.items():
        page = response.content.decode()
        assert response.status_code == (404 if path == "/no-such-page/" else 200), path
        for needed in (
            '<a class="skip" href="#main">Skip to main content</a>',
            "Diagnosis, medical and surgical treatment",
            'href="tel:+12124344050"',
            'href="tel:+12123713223"',
            "(212) 434-4059",
            "110 East 40 Street, Suite 501",
            "Manhattan Eye, Ear, and Throat Hospital",
            'href="tel:911"',
            'lang="en"',
        ):
            assert needed in page, (path, needed)
        assert len(re.findall(r"<h1[ >]", page)) == 1, path


def test_every_page_but_the_errors_states_the_hours_and_invites_to_the_form(every_page):
    del every_page["/no-such-page/"]
    for path, response in every_page.items():
        page = response.content.decode()
        assert "Monday to Friday, 8:30 AM to 5:00 PM, New York time" in page, path
        assert re.search(r"Open now, until|Closed\. Opens \w+day, \w+ \d+, \d+:\d\d [AP]M", page), path
        assert "Get a correct diagnosis" in page, path
        assert "discussing your case with the specialists" in page, path
        assert 'href="/request/' in page, path


def test_at_most_one_card_of_each_kind_stands_on_a_page(every_page):
    for path, response in every_page.items():
        page = response.content.decode()
        assert len(re.findall(r'class="notice notice--now"', page)) <= 1, path
        assert len(re.findall(r'class="notice"', page)) <= 1, path


def test_the_911_card_has_its_fixed_words(every_page):
    found = 0
    for response in every_page.values():
        page = " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())
        if "notice--now" in response.content.decode():
            found += 1
            assert "A face that droops suddenly can be a stroke. Call 911 now, even if it gets better." in page
    assert found >= 5


def test_the_csp_is_strict_and_the_same_everywhere(every_page):
    for path, response in every_page.items():
        assert policy(response["Content-Security-Policy"]) == policy(CSP), path


def test_no_page_sets_a_cookie(every_page, site):
    assert not site[0].cookies
    assert not any(response.cookies for response in every_page.values())


def test_no_page_names_another_origin_to_load_from(every_page):
    loads = re.compile(r'<(?:script|img|iframe|link|source|video|object|embed|use)\b[^>]*(?:src|href)="([^"]+)"')
    for path, response in every_page.items():
        for address in loads.findall(response.content.decode()):
            ours = address.startswith(("/", "#", settings.SITE_URL))
            assert ours, (path, address)
            assert not address.startswith("//"), (path, address)


def test_no_page_has_inline_style_or_script(every_page):
    for path, response in every_page.items():
        page = response.content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:", page), path
        assert not re.findall(r"<script(?! type=\"application/ld\+json\"| src=)", page), path


def test_every_internal_link_leads_somewhere(every_page, client, office):
    targets = {}
    for path, response in every_page.items():
        for href in re.findall(r'<a [^>]*href="([^"]+)"', response.content.decode()):
            if href.startswith("/") and not href.startswith(("/request/received/", "/my-request/")):
                targets.setdefault(href, path)
            elif href.startswith("#"):
                assert f'id="{href[1:]}"' in response.content.decode(), (path, href)
    for href, found_on in targets.items():
        address = href.split("#")[0].split("?")[0]
        response = every_page.get(address) or client.get(address)
        assert response.status_code == 200, (href, found_on)
        if "#" in href:
            assert f'id="{href.split("#")[1]}"' in response.content.decode(), (href, found_on)


def test_ids_are_unique_on_a_page(every_page):
    for path, response in every_page.items():
        ids = re.findall(r'\sid="([^"]+)"', response.content.decode())
        assert len(ids) == len(set(ids)), (path, sorted(i for i in ids if ids.count(i) > 1))


def test_every_page_has_a_title_and_a_description_of_its_own(every_page):
    del every_page["/no-such-page/"]
    titles, descriptions = {}, {}
    for path, response in every_page.items():
        page = response.content.decode()
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1].strip()
        assert title not in titles, (path, titles.get(title))
        titles[title] = path
        if "/received/" not in path:
            description = re.search(r'<meta name="description" content="([^"]+)"', page)[1]
            assert description not in descriptions, (path, descriptions.get(description))
            descriptions[description] = path


def test_the_canonical_address_is_the_sites_own_without_a_query(client, office):
    page = client.get("/visit/", {"utm_source": "x"}).content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}/visit/">' in page
    assert "utm_source" not in page


def test_the_sitemap_lists_every_public_page_under_the_sites_address(client, pages, office):
    sitemap = client.get("/sitemap.xml").content.decode()
    for page in Page.objects.published():
        assert f"<loc>{settings.SITE_URL}{page.get_absolute_url()}</loc>" in sitemap
    assert f"<loc>{settings.SITE_URL}/visit/</loc>" in sitemap


def test_robots_may_not_read_what_belongs_to_one_patient(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    for path in ("/admin/", "/request/received/", "/my-request/", "/search/"):
        assert f"Disallow: {path}" in lines


def test_security_txt_names_a_contact_and_expires_within_a_year(client, office):
    from datetime import datetime, timedelta

    from django.utils import timezone

    text = client.get("/.well-known/security.txt").content.decode()
    assert "Contact: tel:" in text
    expires = datetime.fromisoformat(re.search(r"Expires: (\S+)", text)[1])
    assert timedelta(days=30) < expires - timezone.now() < timedelta(days=366)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_machines_are_answered(client, path):
    assert client.get(path).status_code == 200


def test_readyz_needs_the_database_and_healthz_does_not(client, monkeypatch):
    from django.db import OperationalError

    def refuse(*args, **kwargs):
        raise OperationalError("no connection")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_a_page_with_the_database_down_is_a_503_with_911_and_a_telephone(client, monkeypatch):
    from django.db import OperationalError

    def refuse(*args, **kwargs):
        raise OperationalError("no connection")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    for path in ("/", "/conditions/synkinesis/", "/visit/"):
        response = client.get(path)
        page = response.content.decode()
        assert response.status_code == 503, path
        assert "911" in page
        assert "(212) 434-4050" in page
        assert response["Retry-After"]


def test_an_unexpected_error_yields_a_page_with_911_and_a_telephone(client, office, monkeypatch):
    monkeypatch.setattr("nyfp_site.views.Condition.objects.published", lambda: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/")
    page = response.content.decode()
    assert response.status_code == 500
    assert "911" in page
    assert "(212) 434-4050" in page


def test_a_notice_of_the_practice_appears_on_every_page_once_staff_fill_it_in(client, office):
    from appointments.models import PracticeNotice

    assert client.get("/notices/nondiscrimination/").status_code == 404
    assert "/notices/" not in client.get("/visit/").content.decode()
    notice = PracticeNotice.objects.get(kind="nondiscrimination")
    notice.text = "<p>We treat everyone alike.</p><script>x</script>"
    notice.save()
    assert 'href="/notices/nondiscrimination/"' in client.get("/visit/").content.decode()
    page = client.get("/notices/nondiscrimination/").content.decode()
    assert "We treat everyone alike." in page
    assert "<script>x" not in page


@pytest.mark.parametrize("field", ["directions", "access", "languages"])
def test_what_the_practice_has_not_told_us_shows_nothing_until_staff_fill_it_in(client, office, field):
    page = client.get("/visit/").content.decode()
    assert not any(heading in page for heading in ("Getting here", "What the building offers", "We speak"))
    setattr(office, field, "Xylophones & violins")
    office.save()
    assert "Xylophones &amp; violins" in client.get("/visit/").content.decode()


@pytest.mark.parametrize("path", ["/", "/conditions/", "/treatments/", "/symptoms/", "/symptoms/eye/", "/request/"])
def test_a_page_takes_the_same_number_of_queries_however_much_there_is(client, office, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.factories import make_condition, make_region, make_symptom, make_treatment

    eye = make_region("eye")

    def fill(count, prefix):
        for number in range(count):
            condition = make_condition(f"{prefix}-palsy-{number}")
            make_treatment(f"{prefix}-therapy-{number}")
            make_symptom(f"{prefix}-symptom-{number}", regions=[eye], conditions=[condition])

    counts = []
    for count, prefix in ((1, "a"), (15, "b")):
        fill(count, prefix)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 11


def test_search_keeps_the_words_out_of_caches_robots_and_referrers(client, office):
    response = client.get("/search/", {"q": "eye closes when I smile"})
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "no-referrer"
    assert 'rel="canonical"' not in response.content.decode()


def test_the_search_field_stands_in_the_header_of_every_page(every_page):
    for path, response in every_page.items():
        assert 'action="/search/"' in response.content.decode(), path


def test_hostile_words_are_printed_as_words(client, office):
    page = client.get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
