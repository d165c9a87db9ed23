"""A third type of page is a model, a template and one registration: the whole site knows it then."""

import importlib
import re
from datetime import date, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches, reverse
from django.utils import timezone

import conditions.admin
import conditions.urls
import nyfp_site.urls
from appointments.requests import ledger
from conditions import page_types, starter
from conditions.models import Citation, OldAddress, Page, Prose, ReviewPolicy, Source
from conditions.page_text import page_lines
from conditions.search import search
from nyfp_site import staff_groups
from tests.browser.pages import ADDRESSES
from tests.factories import make_page, make_question
from tests.site.test_structured_data import read, words

pytestmark = pytest.mark.django_db

REVIEWED = {"reviewed_by": "Dr. O", "reviewed_on": date(2026, 1, 1)}
TYPES_OF_THE_SITE = list(page_types.PAGE_TYPES)


def start_again():
    """Work out once more what is worked out when the site starts."""
    conditions.admin.register_page_types()
    for module in (staff_groups, conditions.urls, nyfp_site.urls):
        importlib.reload(module)
    clear_url_caches()
    ContentType.objects.clear_cache()


@pytest.fixture(scope="module", autouse=True)
def leaflet(django_db_setup, django_db_blocker):
    """The model of a third type, its table and its one registration. Afterwards nothing is left of it."""

    class Leaflet(Page):
        how_to_begin = Prose()
        when_to_stop = Prose()

        SECTIONS = {
            "how_to_begin": ("begin", "How to begin"),
            "when_to_stop": ("stop", "When to stop"),
        }

        class Meta:
            app_label = "conditions"

    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Leaflet)
        create_permissions(apps.get_app_config("conditions"), verbosity=0)

        @page_types.register
        class Leaflets(page_types.PageType):
            model = Leaflet
            prefix = "leaflets"
            description = "What you can do at home, step by step."
            lead = "Small things that help."

            def schema(self, page):
                return {"@type": "Article"}

        start_again()
        yield Leaflet
        page_types.PAGE_TYPES.pop()
        admin.site.unregister(Leaflet)
        ContentType.objects.get_for_model(Leaflet).delete()  # and its permissions
        with connection.schema_editor() as editor:
            editor.delete_model(Leaflet)
    del apps.all_models["conditions"]["leaflet"], Page.leaflet
    apps.clear_cache()
    start_again()


@pytest.fixture
def make_leaflet(leaflet):
    def make(slug="mirror-book", **overrides):
        return make_page(leaflet, slug, **{"how_to_begin": "<p>Sit by a window.</p>"} | overrides)

    return make


@pytest.fixture
def unreviewed_pages_are_hidden(db):
    ReviewPolicy.objects.create(hide_unreviewed=True)


def page_at(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


# What patients read


def test_its_list_names_every_page(client, office, make_leaflet):
    make_leaflet()
    page = page_at(client, reverse("leaflet_list"))
    assert reverse("leaflet_list") == "/leaflets/"
    assert "<h1>Leaflets</h1>" in page
    assert "Small things that help." in page
    assert '<meta name="description" content="What you can do at home, step by step.">' in page
    assert '<a href="/leaflets/mirror-book/">Mirror book <span>Mirror book in plain words</span></a>' in page


def test_its_list_says_why_when_it_is_empty(client, office):
    assert "being checked by a doctor" in page_at(client, "/leaflets/")


def test_its_page_shows_sections_questions_and_sources(client, office, make_leaflet):
    leaflet = make_leaflet(how_to_begin="<p>Sit by a window.[1]</p>")
    make_question(leaflet, "How long?", answer="<p>Ten minutes.</p>")
    source = Source.objects.create(key="study", authors="Bylund N", title="Mirrors")
    Citation.objects.create(page=leaflet.page, source=source, number=1)
    page = page_at(client, leaflet.get_absolute_url())
    assert leaflet.get_absolute_url() == leaflet.page.get_absolute_url() == "/leaflets/mirror-book/"
    assert "<h1>Mirror book: in plain words</h1>" in page
    assert '<h2 id="begin">How to begin</h2>' in page
    assert 'href="#begin"' in page
    assert "When to stop" not in page, "a section without words has no heading"
    assert "Ten minutes." in page
    assert 'id="source-1"' in page
    assert "Awaiting clinical review" in page


def test_a_template_of_its_own_is_taken(client, office, make_leaflet, settings, tmp_path):
    (tmp_path / "conditions").mkdir()
    own = '{% extends "conditions/page_detail.html" %}{% block ask %}Ask about {{ page.name }}{% endblock %}'
    (tmp_path / "conditions" / "leaflet_detail.html").write_text(own)
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    assert "Ask about Mirror book" in page_at(client, make_leaflet().get_absolute_url())


@pytest.mark.parametrize("path", ["/leaflets/", "/leaflets/mirror-book/"])
def test_it_takes_as_many_queries_for_much_as_for_little(client, office, make_leaflet, path):
    leaflet = make_leaflet()
    counts = []
    for number in (1, 15):
        for n in range(number):
            make_leaflet(f"leaflet-{number}-{n}")
            make_question(leaflet, f"Question {number} {n}?")
            source = Source.objects.create(key=f"s-{number}-{n}", authors="A", title="T")
            Citation.objects.create(page=leaflet.page, source=source, number=number * 50 + n)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_an_old_address_leads_to_the_page(client, office, make_leaflet):
    leaflet = make_leaflet("first-name")
    leaflet.slug = "second-name"
    leaflet.save()
    OldAddress.objects.create(path="/blog/mirrors", page=leaflet.page)
    for path in ("/leaflets/first-name/", "/blog/mirrors"):
        response = client.get(path)
        assert (response.status_code, response.url) == (301, "/leaflets/second-name/")


def test_the_sitemap_names_the_list_and_the_page(client, make_leaflet):
    make_leaflet()
    sitemap = page_at(client, "/sitemap.xml")
    for path in ("/leaflets/", "/leaflets/mirror-book/"):
        assert f"<loc>{settings.SITE_URL}{path}</loc>" in sitemap


def test_search_finds_the_page_its_words_and_its_questions(client, office, make_leaflet):
    leaflet = make_leaflet(search_words="looking glass", how_to_begin="<p>Zorgify.</p>")
    make_question(leaflet, "Is ten minutes enough?")
    for typed in ("mirror book", "looking glass", "zorgify"):
        assert [hit[:2] for hit in search(typed).hits][:1] == [("Leaflet", "Mirror book")], typed
    assert search("ten minutes enough").hits[0].url == "/leaflets/mirror-book/#questions"
    assert "(leaflet)" in page_at(client, "/search/?q=mirror")


def test_structured_data_says_what_the_page_shows(client, office, make_leaflet):
    leaflet = make_leaflet()
    make_question(leaflet, "How long?", answer="<p>Ten minutes.</p>")
    items, visible = read(client, leaflet.get_absolute_url())
    assert items["Article"]["name"] == "Mirror book"
    assert items["Article"]["url"] == f"{settings.SITE_URL}/leaflets/mirror-book/"
    assert items["Article"]["description"] in visible
    assert items["FAQPage"]["mainEntity"][0]["name"] == "How long?"
    nav = re.search(r'<nav class="breadcrumb.*?</nav>', page_at(client, leaflet.get_absolute_url()), re.DOTALL)[0]
    shown = [words(item) for item in re.findall(r"<li[^>]*>(.*?)</li>", nav, re.DOTALL)]
    trail = items["BreadcrumbList"]["itemListElement"]
    assert [item["name"] for item in trail] == shown == ["Home", "Leaflets", "Mirror book"]
    assert trail[1]["item"] == f"{settings.SITE_URL}/leaflets/"


def test_the_footer_leads_to_a_list_that_the_header_does_not_name(client, office):
    page = page_at(client, "/")
    footer = page[page.index('<nav aria-label="Footer">') :]
    assert '<a href="/leaflets/">Leaflets</a>' in footer
    assert "/conditions/" not in footer


@pytest.mark.parametrize("path", ["/leaflets/", "/sitemap.xml", "/search/?q=mirror"])
def test_no_page_shows_before_a_clinicians_review_once_the_policy_says_so(
    client, office, make_leaflet, unreviewed_pages_are_hidden, path
):
    make_leaflet()
    make_leaflet("mirror-again", **REVIEWED)
    page = page_at(client, path)
    assert "/leaflets/mirror-again/" in page
    assert "/leaflets/mirror-book/" not in page
    assert client.get("/leaflets/mirror-book/").status_code == 404


@pytest.mark.parametrize("path", ["/leaflets/", "/sitemap.xml", "/search/?q=mirror"])
def test_a_draft_shows_nowhere(client, office, make_leaflet, path):
    make_leaflet(is_published=False)
    assert "mirror-book" not in page_at(client, path)
    assert client.get("/leaflets/mirror-book/").status_code == 404


# What staff work with


@pytest.fixture
def colleague(client, leaflet, django_user_model):
    """A colleague of a kind, signed in."""

    def sign_in(kind: str):
        staff_groups.prepare()
        user = django_user_model.objects.create_user(kind, is_staff=True)
        user.groups.add(Group.objects.get(name=kind))
        client.force_login(user)

    return sign_in


def test_a_page_due_for_review_is_named_on_the_first_page_of_the_desk(client, office, colleague, make_leaflet):
    leaflet = make_leaflet(review_due=timezone.localdate() - timedelta(days=1), **REVIEWED)
    assert [page.name for page in ledger.pages_to_review()] == ["Mirror book"]
    colleague("Editor")
    page = page_at(client, "/admin/")
    assert (
        f'<a href="/admin/conditions/leaflet/{leaflet.pk}/change/">Mirror book</a><span class="clock clock--late">'
        in page
    )


def test_reviews_are_shown_to_who_may_see_this_type_alone(client, office, django_user_model, make_leaflet):
    user = django_user_model.objects.create_user("writer", is_staff=True)
    user.user_permissions.add(*ContentType.objects.get(model="leaflet").permission_set.filter(codename="view_leaflet"))
    client.force_login(user)
    assert "Pages due for review" in page_at(client, "/admin/")


@pytest.mark.parametrize(("kind", "may_add"), [("Editor", True), ("Clinician", False)])
def test_staff_who_edit_pages_edit_these(client, office, colleague, make_leaflet, kind, may_add):
    leaflet = make_leaflet()
    colleague(kind)
    page = page_at(client, f"/admin/conditions/leaflet/{leaflet.pk}/change/")
    for field in ("how_to_begin", "when_to_stop", "reviewed_on", "questions-TOTAL_FORMS", "citations-TOTAL_FORMS"):
        assert f'name="{field}"' in page
    assert client.get("/admin/conditions/leaflet/add/").status_code == (200 if may_add else 403)


def test_the_front_desk_does_not(client, office, colleague, make_leaflet):
    leaflet = make_leaflet()
    colleague("Front desk")
    assert client.get(f"/admin/conditions/leaflet/{leaflet.pk}/change/").status_code == 403


def test_a_mark_without_a_source_is_explained_to_the_editor(make_leaflet, staff_client):
    leaflet = make_leaflet()
    data = {
        name: getattr(leaflet, name)
        for name in ("name", "title", "plain_name", "lead", "in_brief", "notice", "slug", "position", "description")
    } | {"how_to_begin": "<p>One in five.[3]</p>"}
    for prefix in ("questions", "citations"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    page = staff_client.post(f"/admin/conditions/leaflet/{leaflet.pk}/change/", data).content.decode()
    assert "[3] has no source with that number" in page


def test_the_reading_grade_reads_all_that_the_page_says(make_leaflet):
    leaflet = make_leaflet(lead="A lead.")
    make_question(leaflet, "How long?", answer="<p>Ten minutes.</p>")
    assert page_lines(leaflet) == [
        "A lead.",
        "One line.",
        "Another line.",
        "Sit by a window.",
        "How long?",
        "Ten minutes.",
    ]


# What a new site starts with

FILE = """---
name: Mirror book
title: "Mirror book: small and slow"
plain_name: Small and slow
lead: Small movements help.
description: How to use a mirror book.
position: 1
in_brief: [It is small., "It is slow.[Bylund17]"]
search_words: [looking glass]
sources: [Bylund17]
---
## How to begin

Sit by a **window**.[Bylund17]

## Questions people ask

### How long?

Ten minutes.
"""


def test_the_loader_fills_it_from_a_markdown_file_once(client, office, leaflet, tmp_path, monkeypatch):
    (tmp_path / "leaflets").mkdir()
    (tmp_path / "leaflets" / "mirror-book.md").write_text(FILE)
    (tmp_path / "sources.yaml").write_text("Bylund17: {authors: Bylund N, title: Mirrors}")
    monkeypatch.setattr(starter, "STARTER_CONTENT", tmp_path)
    said = StringIO()
    for _ in range(2):
        call_command("load_starter_content", stdout=said)
    assert said.getvalue().splitlines() == [
        "Starter content: 1 pages added, 0 were there.",
        "Starter content: 0 pages added, 1 were there.",
    ]
    row = leaflet.objects.get(slug="mirror-book")
    assert row.how_to_begin == "<p>Sit by a <strong>window</strong>.[1]</p>"
    assert row.in_brief_lines == ["It is small.", "It is slow.[1]"]
    assert [question.question for question in row.questions.all()] == ["How long?"]
    assert [citation.source.title for citation in row.citations.all()] == ["Mirrors"]
    assert "Sit by a" in page_at(client, "/leaflets/mirror-book/")


# What is missing is named


def test_a_model_without_a_registration_is_named(leaflet, monkeypatch):
    assert page_types.page_types_are_complete(None) == []
    monkeypatch.setattr(page_types, "PAGE_TYPES", TYPES_OF_THE_SITE)
    (error,) = page_types.page_types_are_complete(None)
    assert error.msg == "Leaflet is a page of no type."
    assert "conditions/page_types.py" in error.hint


def test_a_section_without_a_field_is_named(leaflet, monkeypatch):
    monkeypatch.setitem(leaflet.SECTIONS, "who_helps", ("who", "Who helps"))
    (error,) = page_types.page_types_are_complete(None)
    assert error.msg == "Leaflet.SECTIONS names who_helps, which is no field of it."


@pytest.mark.parametrize("page_type", TYPES_OF_THE_SITE, ids=lambda page_type: page_type.prefix)
def test_a_real_browser_reads_the_list_and_a_page_of_each_type(page_type):
    shown = [path for path in ADDRESSES.values() if path.startswith(f"/{page_type.prefix}/")]
    assert f"/{page_type.prefix}/" in shown, f"name /{page_type.prefix}/ in ADDRESSES of tests/browser/pages.py"
    assert len(shown) > 1, f"name a page below /{page_type.prefix}/ in ADDRESSES of tests/browser/pages.py"


def test_each_type_has_addresses_of_its_own():
    prefixes = [page_type.prefix for page_type in page_types.PAGE_TYPES]
    assert len(set(prefixes)) == len(prefixes)
    for page_type in page_types.PAGE_TYPES:
        assert page_type.list_address == f"/{page_type.prefix}/"
        assert reverse(f"{page_type.name}_detail", args=["some-page"]) == f"/{page_type.prefix}/some-page/"
