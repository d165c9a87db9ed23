"""schema.org data says only what the page shows."""

import html
import json
import re
from datetime import date, time

import pytest
from django.conf import settings

from appointments.models import Closure
from conditions.models import Condition, Region
from conditions.page_types import published_pages
from tests.factories import make_condition, make_question

pytestmark = pytest.mark.django_db

BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def read(client, path) -> tuple[dict, str]:
    """The page's data by type, and its visible text."""
    page = client.get(path).content.decode()
    found = json.loads(BLOCK.search(page)[1])
    items = found if isinstance(found, list) else [found]
    visible = BLOCK.sub(" ", page[page.index("<body") :])
    visible = re.sub(r"<sup>.*?</sup>", "", visible)
    return {item["@type"]: item for item in items}, words(visible)


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def loose(text: str) -> str:
    """Without the spaces that tags leave behind."""
    return re.sub(r"\s+", "", text)


def test_the_clinic_is_described_as_the_page_describes_it(client, pages, office):
    Closure.objects.create(first_day=date(2030, 11, 26), last_day=date(2030, 11, 27), reason="Thanksgiving")
    Closure.objects.create(first_day=date(2030, 12, 31), last_day=date(2030, 12, 31), closes_at=time(13))
    for path in ("/", "/visit/"):
        items, visible = read(client, path)
        clinic = items["MedicalClinic"]
        assert clinic["name"] in visible
        assert clinic["telephone"] == "+12124344050"
        for part in clinic["address"]["streetAddress"].split(", "):
            assert part in visible
        days = [row["dayOfWeek"] for row in clinic["openingHoursSpecification"]]
        assert days == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
        assert {(row["opens"], row["closes"]) for row in clinic["openingHoursSpecification"]} == {("08:30", "17:00")}
        special = clinic["specialOpeningHoursSpecification"]
        assert (special[0]["validFrom"], special[0]["opens"], special[0]["closes"]) == ("2030-11-26", "00:00", "00:00")
        assert (special[1]["validFrom"], special[1]["opens"], special[1]["closes"]) == ("2030-12-31", "08:30", "13:00")


def test_every_conditions_symptoms_treatments_and_answers_stand_on_its_page(client, pages, office):
    for condition in Condition.objects.published():
        items, visible = read(client, condition.get_absolute_url())
        data = items["MedicalCondition"]
        assert data["name"] in visible
        assert data["description"] in visible
        shown = [symptom.short for symptom in condition.symptoms.published()]
        assert sorted(sign["name"] for sign in data["signOrSymptom"]) == sorted(shown)
        for item in [*data["signOrSymptom"], *data["possibleTreatment"]]:
            assert loose(item["name"]) in loose(visible), (condition, item)
        for question in items["FAQPage"]["mainEntity"]:
            assert question["name"] in visible
            assert loose(question["acceptedAnswer"]["text"]) in loose(visible), (condition, question["name"])


def test_every_pages_answers_stand_on_it(client, pages, office):
    for page in published_pages():
        items, visible = read(client, page.get_absolute_url())
        for question in items["FAQPage"]["mainEntity"]:
            assert loose(question["acceptedAnswer"]["text"]) in loose(visible), (page, question["name"])


def test_breadcrumbs_in_data_are_those_on_the_page(client, pages, office):
    rows = [*published_pages(), *Region.objects.all()]
    for row in rows:
        page = client.get(row.get_absolute_url()).content.decode()
        nav = re.search(r'<nav class="breadcrumb.*?</nav>', page, re.DOTALL)[0]
        shown = [words(item) for item in re.findall(r"<li[^>]*>(.*?)</li>", nav, re.DOTALL)]
        items, _ = read(client, row.get_absolute_url())
        trail = items["BreadcrumbList"]["itemListElement"]
        assert [item["name"] for item in trail] == shown
        assert trail[-1]["item"] == settings.SITE_URL + row.get_absolute_url()


def test_an_editors_text_cannot_end_the_data_block(client, office):
    condition = make_condition("odd-palsy", lead="</script><script>alert(1)</script>")
    make_question(condition, "</script>?")
    page = client.get("/conditions/odd-palsy/").content.decode()
    assert "<script>alert" not in page
    assert json.loads(BLOCK.search(page)[1])
