"""Entries by their words, and which of them are nearest to what was asked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from conditions.search.words import MEANINGS, sound, stem, stems_of, words_of

MOST_HITS = 20

# How much a word counts where it is found. A page's own name comes first; its prose only helps where nothing else does.
NAME, SEARCH_WORD, PLAIN_NAME, TITLE, QUESTION, PROSE = 1.15, 0.95, 0.9, 0.6, 0.45, 0.13
KIND = {"Condition": 1.0, "Treatment": 1.0, "Symptom": 0.95, "Question": 0.6}

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
        return {number: value * KIND[self.hits[number].kind] for number, value in worth.items()}
