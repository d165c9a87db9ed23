"""What is searched: all that is published, in an index that is made anew when the database has changed."""

from collections import defaultdict
from html import unescape
from typing import NamedTuple

from django.db.models import Count, Max, Sum
from django.urls import reverse
from django.utils.html import strip_tags

from conditions.models import Condition, Page, Question, Symptom, Treatment
from conditions.search.index import (
    NAME,
    PLAIN_NAME,
    QUESTION,
    SEARCH_WORD,
    TITLE,
    Entry,
    Hit,
    Index,
)

_kept: tuple[tuple, Index] | None = None


def current_index() -> Index:
    """The index of what is published now."""
    global _kept
    symptoms, links = read_symptoms()
    fingerprint = (
        Page.objects.published().aggregate(Count("pk"), Sum("pk"), Max("updated_at")),
        Question.objects.aggregate(Count("pk"), Sum("pk")),
        symptoms,
        links,
    )
    kept = _kept  # read once: another thread may put a newer index in its place
    if kept is None or kept[0] != fingerprint:
        _kept = kept = (fingerprint, Index(entries(symptoms, links)))
    return kept[1]


class SymptomRow(NamedTuple):
    """What is searched of a symptom, once for each of its regions."""

    pk: int
    slug: str
    words: str
    short: str
    explanation: str
    search_words: str
    region: str


def read_symptoms() -> tuple[list[tuple], list[tuple]]:
    """Published symptoms as SymptomRow, the first of a symptom's regions first; and (symptom, condition) pairs."""
    rows = (
        Symptom.objects.published()
        .filter(regions__isnull=False)
        .order_by("position", "pk", "regions__position")
        .values_list("pk", "slug", "words", "short", "explanation", "search_words", "regions__slug")
    )
    links = Symptom.conditions.through.objects.order_by("pk").values_list("symptom_id", "condition_id")
    return list(rows), list(links)


def entries(symptom_rows: list[tuple], links: list[tuple]) -> list[Entry]:
    """Everything that can be found: conditions, treatments, symptoms, questions."""
    symptoms: dict[int, SymptomRow] = {}
    for row in map(SymptomRow._make, symptom_rows):
        symptoms.setdefault(row.pk, row)
    conditions_of = defaultdict(list)
    for symptom, condition in links:
        conditions_of[symptom].append(condition)
    noticed: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for pk, row in symptoms.items():
        for condition in conditions_of[pk]:
            weight = 0.5 + 0.4 / len(conditions_of[pk])  # a sign of eight conditions tells little about each
            noticed[condition] += [(weight, line) for line in (row.words, row.short, *row.search_words.splitlines())]
    questions = defaultdict(list)
    for page, question in Question.objects.order_by("page_id", "position").values_list("page_id", "question"):
        questions[page].append(question)

    found, asked = [], []
    for model in (Condition, Treatment):
        for page in model.objects.published():
            found.append(
                Entry(
                    Hit(model.__name__, page.name, page.plain_name, page.get_absolute_url()),
                    [
                        (NAME, page.name),
                        (PLAIN_NAME, page.plain_name),
                        (TITLE, page.title),
                        *((SEARCH_WORD, line) for line in page.search_words.splitlines()),
                        *((QUESTION, question) for question in questions[page.pk]),
                        *noticed[page.pk],
                    ],
                    prose_of(page),
                )
            )
            asked += [
                Entry(
                    Hit("Question", question, page.name, f"{page.get_absolute_url()}#questions"),
                    [(SEARCH_WORD, question), (QUESTION, page.name)],
                )
                for question in questions[page.pk]
            ]
    found += [
        Entry(
            Hit("Symptom", row.words, row.explanation, f"{reverse('symptom_region', args=[row.region])}#{row.slug}"),
            [
                (NAME, row.words),
                (PLAIN_NAME, row.short),
                *((SEARCH_WORD, line) for line in row.search_words.splitlines()),
            ],
            row.explanation,
        )
        for row in symptoms.values()
    ]
    return found + asked


def prose_of(page: Condition | Treatment) -> str:
    """All a page says, as plain text."""
    html = " ".join(getattr(page, field) for field in page.SECTIONS)
    return f"{page.lead} {page.description} {page.in_brief} {unescape(strip_tags(html.replace('<', ' <')))}"
