"""How often the search finds what a stranger types. The writer had not seen the search; do not tune it to these."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from conditions.models import Condition, Symptom
from conditions.page_types import published_pages
from conditions.search import search

pytestmark = pytest.mark.django_db

PHRASES = yaml.safe_load(Path(__file__).with_name("search_fresh.yaml").read_text(encoding="utf-8"))
FIRST = 3  # results that count
FLOOR = 0.78  # measured on November 22, 2026: 52 of 64 (81.2%), with symptoms counted and without


def test_a_strangers_phrases_find_a_wanted_page_among_the_first_three(pages):
    slug_at = {page.get_absolute_url(): page.slug for page in published_pages()}
    published = Condition.objects.published()
    led_to = {
        symptom.slug: set(published.filter(symptoms=symptom).values_list("slug", flat=True))
        for symptom in Symptom.objects.published()
    }
    assert {slug for case in PHRASES for slug in case["pages"]} <= set(slug_at.values())

    by_page, misses, symptom_only = 0, [], []
    for case in PHRASES:
        wanted, shown = set(case["pages"]), search(case["phrase"]).hits[:FIRST]
        pages_shown = {slug_at.get(urlsplit(hit.url).path) for hit in shown}
        symptoms_shown = {urlsplit(hit.url).fragment for hit in shown if hit.kind == "Symptom"}
        line = f"{case['phrase']!r} wants {', '.join(case['pages'])}; got {[hit.url for hit in shown]}"
        if wanted & pages_shown:
            by_page += 1
        elif any(wanted & led_to[slug] for slug in symptoms_shown):
            symptom_only.append(line)
        else:
            misses.append(line)

    total = len(PHRASES)
    found = by_page + len(symptom_only)
    print(f"\nfound: {found} of {total} ({found / total:.1%}); without symptoms: {by_page} ({by_page / total:.1%})")
    print("by a symptom only:", *symptom_only, sep="\n  ")
    print("missed:", *misses, sep="\n  ")
    assert found / total >= FLOOR, misses
