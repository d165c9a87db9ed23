"""Search over what the practice publishes: it forgives misspellings and understands lay phrases.

`search(text)` compares the words with every published condition, treatment, symptom and question. The index is kept
in memory, one a process. Each search first takes a fingerprint of the database: of pages the number, the ids and the
latest edit; of questions the number and the ids; of symptoms, with their regions and conditions, every word. So the
next search in any process sees every edit made in the admin. (Questions are edited on their page, whose date moves.
Only `QuerySet.update()`, which moves no date, could change a page's words unseen.)

The words searched are health data. Nothing here keeps, caches or logs them.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import pairwise
from math import log
from typing import NamedTuple

from django.db.models import Count, Max, Sum
from django.urls import reverse
from django.utils.html import strip_tags
from rapidfuzz import process
from rapidfuzz.distance import OSA

from conditions.models import Page, Question, Symptom
from conditions.page_types import PAGE_TYPES

MOST_LETTERS = 500
MOST_HITS = 20

# How much a word counts where it is found. A page's own name comes first; its prose only helps where nothing else does.
NAME, SEARCH_WORD, PLAIN_NAME, TITLE, QUESTION, PROSE = 1.15, 0.95, 0.9, 0.6, 0.45, 0.13
KIND = {"Symptom": 0.95, "Question": 0.6}  # a page counts whole, whatever its type

RELATED = 0.75  # how near two words of one meaning are; the same word is 1
SPELLING = 0.7  # how alike two spellings must sound to be taken for each other
ENOUGH = 0.12  # the share of what was asked that a hit must answer; below it is noise
NEAR_BEST = 0.2  # a hit must be worth this share of the best one


class Hit(NamedTuple):
    """One line of the results."""

    kind: str
    title: str
    plain: str
    url: str


@dataclass(frozen=True)
class Results:
    """What to show, best first, and whether the 911 card goes above it."""

    hits: list[Hit]
    is_urgent: bool


def search(text: str) -> Results:
    """Find the pages, symptoms and questions nearest to what someone typed or pasted. At most 20, an address once."""
    words = words_of(text[:MOST_LETTERS])
    return Results(current_index().find(words), is_urgent(words))


# Words

WORD = re.compile(r"[a-z0-9]+")
APOSTROPHES = re.compile(r"['’‘`´]")


def words_of(text: str) -> list[str]:
    """Plain words: no accents, no capitals, no apostrophes; hyphens part words."""
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return WORD.findall(APOSTROPHES.sub("", text))


# Words that say nothing about a face.
EMPTY = frozenset(
    word
    for line in (
        "a about after again ago all also am an and any are as at be been before but by could did do does for from get",
        "gets getting got had has have having he hello help her hers hi him his how i if im in into is it its ive just",
        "like me mine my of on or our ours out please really she so some thank thanks that the their them then there",
        "they this to too up very was we went were what when where which while who why will with would you your yours",
    )
    for word in line.split()
)
NOT = "cannot cant couldnt didnt doesnt dont hasnt havent isnt never no none unable wasnt without wont"
VARIANTS = {
    "facial": "face",
    "facially": "face",
    "woke": "wake",
    "waking": "wake",
    "vii": "7th",
    "cnvii": "7th",
    "cn7": "7th",
    "seventh": "7th",
} | dict.fromkeys(NOT.split(), "not")
BRITISH = (
    (re.compile(r"(?<=[bilmnv])our"), "or"),  # tumour, labour
    (re.compile(r"ae(?=[mnorst])"), "e"),  # anaesthetic
    (re.compile(r"(?<=ly)s(?=e|ing)"), "z"),  # paralysed
    (re.compile(r"(?<=[a-z]{5}i)s(?=e|ing|ation)"), "z"),  # specialised
)
ENDINGS = (
    (re.compile(r"ies$"), "y"),
    (re.compile(r"(?<=ch|sh|ss)es$|(?<=[xz])es$"), ""),
    (re.compile(r"(?<=[^aius])s$"), ""),
    (re.compile(r"(?<=[a-z]{3})ness$"), ""),
    (re.compile(r"(?<=[a-z]{3})ly$"), ""),
    (re.compile(r"(?<=[a-z]{3})ing$|(?<=[a-df-z]{3})ed$|(?<=[a-z]{2}[a-df-z])ed$"), ""),
    (re.compile(r"(?<=[a-z]{5})y$"), ""),
    (re.compile(r"(?<=[a-z]{2})e$"), ""),
    (re.compile(r"([b-df-hj-np-tv-z])\1$"), r"\1"),
)


def stem(word: str) -> str:
    """One form for a word's plurals, tenses and British spelling. The form itself is not for reading."""
    word = VARIANTS.get(word, word)
    for british, american in BRITISH:
        word = british.sub(american, word)
    for ending, short in ENDINGS:
        word = ending.sub(short, word)
    return word


SOUNDS = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"sch"), "sh"),
    (re.compile(r"ck|qu|q|c(?![eiyh])"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"c(?=[eiy])|z"), "s"),
    (re.compile(r"ee|ea|y"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
)


def sound(word: str) -> str:
    """Roughly how a word is said, so that "sinkynesis" comes near "synkinesis"."""
    for letters, heard in SOUNDS:
        word = letters.sub(heard, word)
    return word


MEANINGS = [
    {stem(word) for word in group.split()}
    for group in (
        "palsy paralysis paralyzed paresis",
        "spasm twitch",
        "close shut",
        "droop drop sag hang",
        "tight stiff",
        "crooked lopsided uneven",
        "pain hurt ache sore",
        "numb tingling",
        "tumor growth lump",
        "cut wound",
        "surgery operation",
        "injection shot",
        "therapy therapist",
        "eat chew",
        "baby newborn infant",
        "brow eyebrow",
        "lid eyelid",
        "sight vision",
    )
]


# Danger

CANNOT = r"cant\b|cannot|couldnt|unable|wont\b|not able|trouble|hard to|lost"
SIGNS = [
    [re.compile(rf"\b(?:{part})") for part in sign]
    for sign in (
        [r"sudden|droop|drup|slur|stro[ak]|tias?\b|t i a\b"],
        [r"numb|weak|tingl|dead|limp|heavy|paraly|cant (?:move|lift|feel|raise)", r"(?:arm|hand|leg)s?\b"],
        [CANNOT, r"speak|talk|speech|words?\b"],
        [r"vision|sight|eyesight", r"gone|los[est]|black"],
        [r"cant see|cannot see|couldnt see|blind"],
        [r"worst|thunderclap", r"head"],
        # What looks like Bell's palsy looks like a stroke too.
        [r"face|mouth", r"dropped|dropping|fell|wake|waking|woke|crooked|lopsided"],
        [r"face", r"numb"],
        [r"smile", r"crooked|lopsided"],
        [CANNOT, r"close|shut|blink", r"eye"],
        [r"food", r"fall"],
    )
]
MISSPELLED_SIGNS = ("sudden", "suddenly", "stroke", "slurred", "slurring", "drooping", "drooped")


def is_urgent(words: list[str]) -> bool:
    """Whether someone may be writing about a stroke: each part of one sign is there, in any order.

    It depends on the words alone, never on what was found. Better one card too many than one too few:
    "droopy eyebrow" shows it too.
    """
    text = " ".join(words).replace("can not", "cannot")
    return any(all(part.search(text) for part in sign) for sign in SIGNS) or any(
        OSA.distance(word, sign, score_cutoff=1) <= 1 for word in words if len(word) > 4 for sign in MISSPELLED_SIGNS
    )


# The index


@dataclass
class Entry:
    """Something that can be found, and the phrases it is found by, each with its weight."""

    hit: Hit
    phrases: list[tuple[float, str]]
    prose: str = ""


class Index:
    """Entries by the stems of their words.

    What a typed word is worth to an entry is how rare the word is, times how well it fits the best of the entry's
    phrases that hold it: a phrase found whole counts far more than a phrase touched by one word. So "ramsay hunt" in
    the middle of a pasted story is as clear as alone, and "face" decides nothing.
    """

    def __init__(self, entries: Iterable[Entry]):
        self.hits: list[Hit] = []
        self.phrases: list[tuple[int, float, float]] = []  # entry, weight, rarity of all its words
        self.found_in: dict[str, list[int]] = defaultdict(list)  # phrases
        self.told_in: dict[str, list[int]] = defaultdict(list)  # entries, in their prose
        stems_of_phrases = []
        known = cache(stem)  # content only: what people type must not stay in memory
        for number, entry in enumerate(entries):
            self.hits.append(entry.hit)
            weights: dict[frozenset[str], float] = {}
            for weight, phrase in entry.phrases:
                if stems := frozenset(stems_of(words_of(phrase), known)):
                    weights[stems] = max(weight, weights.get(stems, 0))
            stems_of_phrases += [(number, weight, stems) for stems, weight in weights.items()]
            for word in set(stems_of(words_of(entry.prose), known)):
                self.told_in[word].append(number)

        entries_with = defaultdict(set)
        for number, _, stems in stems_of_phrases:
            for word in stems:
                entries_with[word].add(number)
        self.rarity = {
            word: log(1 + len(self.hits) / len(entries_with.get(word) or self.told_in[word]))
            for word in entries_with.keys() | self.told_in.keys()
        }
        for phrase, (number, weight, stems) in enumerate(stems_of_phrases):
            self.phrases.append((number, weight, sum(self.rarity[word] for word in stems)))
            for word in stems:
                self.found_in[word].append(phrase)
        self.sounds = {word: sound(word) for word in self.found_in if len(word) > 2 and not word.isdigit()}

    def find(self, words: list[str]) -> list[Hit]:
        """Hits, best first."""
        asked = self.senses(words)
        worth = self.worth(asked)
        if not worth:
            return []
        best = max(worth.values())
        if best < ENOUGH * self.asked_for(asked):
            return []
        hits: dict[str, Hit] = {}
        for number in sorted(worth, key=lambda number: (-worth[number], number)):
            if worth[number] < NEAR_BEST * best or len(hits) == MOST_HITS:
                break
            hits.setdefault(self.hits[number].url, self.hits[number])
        return list(hits.values())

    def senses(self, words: list[str]) -> list[dict[str, float]]:
        """For each word typed, the stems it may stand for and how surely. Empty where nothing sounds like it."""
        senses = []
        for pair in pairwise(words):
            if (joined := stem("".join(pair))) in self.found_in:  # hemi facial, bo-tox
                senses.append({joined: 1.0})
        for word in dict.fromkeys(stems_of(words)):
            senses.append(self.meanings(word) if word in self.rarity else self.alike(word))
        return senses

    def meanings(self, word: str) -> dict[str, float]:
        """The word itself and what people say for it."""
        related = {other: RELATED for group in MEANINGS if word in group for other in group if other in self.found_in}
        return related | {word: 1.0}

    def alike(self, word: str) -> dict[str, float]:
        """Known words that sound like one that is not known."""
        if not 3 < len(word) < 30:
            return {}
        near = process.extract(
            sound(word), self.sounds, scorer=OSA.normalized_similarity, score_cutoff=SPELLING, limit=5
        )
        return {other: likeness**2 for _, likeness, other in near}

    def asked_for(self, asked: list[dict[str, float]]) -> float:
        """The rarity of all that was asked. Unknown words count, but in a long story no more than the known ones."""
        known = [max(self.rarity[word] for word in senses) for senses in asked if senses]
        unknown = (len(asked) - len(known)) * log(1 + len(self.hits))
        return sum(known) + min(unknown, sum(known))

    def worth(self, asked: list[dict[str, float]]) -> dict[int, float]:
        """What each entry is worth to the one who asked."""
        surely: dict[str, float] = {}
        for senses in asked:
            for word, likeness in senses.items():
                surely[word] = max(likeness, surely.get(word, 0))
        matched: dict[int, float] = defaultdict(float)
        for word, likeness in surely.items():
            for phrase in self.found_in.get(word, ()):
                matched[phrase] += self.rarity[word] * likeness
        fit = {}
        for phrase, mass in matched.items():
            number, weight, whole = self.phrases[phrase]
            fit[phrase] = (number, weight * (mass / whole) ** 2)

        worth: dict[int, float] = defaultdict(float)
        for senses in asked:
            best: dict[int, float] = {}
            for word, likeness in senses.items():
                value = self.rarity[word] * likeness
                for phrase in self.found_in.get(word, ()):
                    number, fits = fit[phrase]
                    if value * fits > best.get(number, 0):
                        best[number] = value * fits
                for number in self.told_in.get(word, ()):
                    if value * PROSE > best.get(number, 0):
                        best[number] = value * PROSE
            for number, value in best.items():
                worth[number] += value
        return {number: value * KIND.get(self.hits[number].kind, 1.0) for number, value in worth.items()}


def stems_of(words: Iterable[str], stem: Callable[[str], str] = stem) -> list[str]:
    return [stem(word) for word in words if word not in EMPTY]


# The content

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
    """Everything that can be found: pages of every type, symptoms, questions."""
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
    for page_type in PAGE_TYPES:
        for page in page_type.model.objects.published():
            found.append(
                Entry(
                    Hit(page_type.kind, page.name, page.plain_name, page.get_absolute_url()),
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


def prose_of(page: Page) -> str:
    """All a page says, as plain text."""
    html = " ".join(getattr(page, field) for field in page.SECTIONS)
    return f"{page.lead} {page.description} {page.in_brief} {unescape(strip_tags(html.replace('<', ' <')))}"
