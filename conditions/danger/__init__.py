"""May this be an emergency, and which: the one rule, asked by search, the request form, the private page and the desk.

`dangers_in(text)` compares a text with the phrases of phrases.yaml, which says how they are written and what each kind
of danger shows. A phrase fits where all its parts stand near each other in one sentence, in any order, whatever their
endings; long words may be misspelled by one letter. What started just now counts more, and what has been so for years
less. The rule only shows a card or moves a request to the front: it never keeps anything from being found or saved,
and no card means nothing. Its work grows with the length of the text and no faster. Nothing is kept or logged.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise

from conditions.danger.table import KINDS, TABLE, Chain, Danger, Phrase
from conditions.search.words import root, words_of

__all__ = ["CARDS", "KINDS", "Danger", "cards", "dangers_in"]

CARDS = ("911", "988", "eye", "today")  # most pressing first
NEAR = 12  # words in which all parts of a phrase must stand
LINKED = 3  # words from the end of one link of a chain to the start of the next, at most
SENTENCE = re.compile(r"[.!?…;:](?=\s|$)|\n\s*\n")
LONGEST = 60  # words looked at together where nobody wrote a full stop
BARRIERS = frozenset({"and", "but", "now", "y", "pero"})
YEAR, A_YEAR = re.compile(r"(19|20)\d\d"), "2000"
TAKEN_OUT = ""  # stands where a harmless saying stood

Span = tuple[int, int]


def dangers_in(text: str) -> list[Danger]:
    """Each kind of danger the text may tell of, the most pressing first; an empty list for ordinary words."""
    sentences = [Sentence(words) for words in _sentences(text)]
    found: set[str] = set()
    for number, sentence in enumerate(sentences):
        near = sentences[max(0, number - 1) : number + 2]
        found |= {phrase.kind for phrase in sentence.phrases(near)}
    return [danger for danger in KINDS.values() if danger.kind in found]


def cards(dangers: Iterable[Danger]) -> list[str]:
    """The cards to show, each once. Beside 911 nobody is told to wait until later today."""
    shown = {danger.shows for danger in dangers}
    return [card for card in CARDS if card in shown and not (card == "today" and "911" in shown)]


def _sentences(text: str) -> Iterator[list[str]]:
    """Each sentence as the roots of its words, harmless sayings taken out. A very long one comes in pieces."""
    roots: dict[str, str] = {}
    for sentence in SENTENCE.split(text):
        words = []
        for word in words_of(sentence):
            if word not in roots:
                roots[word] = A_YEAR if YEAR.fullmatch(word) else TABLE.spelled_right(word, root(word))
            words.append(roots[word])
        for start in range(0, max(len(words) - NEAR, 1), LONGEST - NEAR):
            if piece := words[start : start + LONGEST]:
                yield _without_harmless(piece)


def _without_harmless(words: list[str]) -> list[str]:
    left = list(words)
    for start, word in enumerate(words):
        for saying in TABLE.harmless.get(word, ()):
            if tuple(words[start : start + len(saying)]) == saying:
                left[start : start + len(saying)] = [TAKEN_OUT] * len(saying)
    return left


class Sentence:
    """Some words that belong together, and where in them each word or saying of the table stands."""

    def __init__(self, words: list[str]):
        self.words = words
        self.places: dict[str, list[Span]] = {}
        for start, word in enumerate(words):
            for saying, names in TABLE.begins_with.get(word, ()):
                end = start + len(saying)
                if tuple(words[start:end]) == saying:
                    for name in names:
                        self.places.setdefault(name, []).append((start, end))

    @cached_property
    def is_new(self) -> bool:
        """Whether it tells of something that began just now."""
        return any(self.spans(chain) for chain in TABLE.new)

    @cached_property
    def olds(self) -> dict[str, list[Span]]:
        """Where words tell of something old, by their lists."""
        return {name: [span for chain in chains for span in self.spans(chain)] for name, chains in TABLE.old.items()}

    def phrases(self, near: list["Sentence"]) -> Iterator[Phrase]:
        """The phrases of the table that this sentence says. `near` is this one with those beside it."""
        for phrase in TABLE.phrases_with(self.places):
            spans = list(self.windows(phrase))
            if not spans or any(self.spans(chain) for chain in phrase.none_of):
                continue
            if phrase.only_if_new and not any(sentence.is_new for sentence in near):
                continue
            if self.is_new or not all(self.is_old(span, phrase.unless) for span in spans):
                yield phrase

    def is_old(self, span: Span, lists: Iterable[str]) -> bool:
        """Whether words such as "for years" belong to what stands at this place."""
        return any(
            not BARRIERS.intersection(self.words[min(end, span[1]) : max(start, span[0])])
            for name in lists
            for start, end in self.olds[name]
        )

    def windows(self, phrase: Phrase) -> Iterator[Span]:
        """Where all parts of a phrase stand near each other, whatever their order."""
        parts = [self.spans(chain) for chain in phrase.parts]
        if not all(parts):
            return
        latest: dict[int, Span] = {}
        for start, end, part in sorted((*span, part) for part, spans in enumerate(parts) for span in spans):
            latest[part] = (start, end)
            if len(latest) == len(parts):
                first, last = min(at for at, _ in latest.values()), max(to for _, to in latest.values())
                if last - first <= NEAR and _are_apart(latest.values()):
                    yield first, last

    def spans(self, chain: Chain) -> list[Span]:
        """Where the links of a chain stand in their order, close to each other."""
        spans = self.places.get(chain[0], [])
        for name in chain[1:]:
            links = self.places.get(name, [])
            spans = [(start, to) for start, end in spans for at, to in links if end <= at < end + LINKED]
        return spans


def _are_apart(spans: Iterable[Span]) -> bool:
    """One word cannot be two parts of a phrase."""
    return all(before[1] <= after[0] for before, after in pairwise(sorted(spans)))
