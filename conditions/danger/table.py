"""The table of dangers, phrases.yaml with words.yaml, made ready to be compared with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from rapidfuzz.distance import OSA

from conditions.search.words import root, words_of

OLD = ("lasted", "past", "settled")  # lists of words that tell of something old
MISSPELLED_FROM, LONGEST_WORD = 6, 20  # letters; shorter words are too like other words


@dataclass(frozen=True)
class Danger:
    """One kind of danger: the card it shows, what staff read, and what a patient reads under the card, if anything."""

    kind: str
    shows: str
    staff: str
    says: str = ""


Chain = tuple[str, ...]  # names of places: words, or groups of words, that follow each other


@dataclass(frozen=True)
class Phrase:
    """What somebody may write: parts in any order, each a chain."""

    kind: str
    parts: tuple[Chain, ...]
    none_of: tuple[Chain, ...]  # not where one of these stands in the sentence
    unless: tuple[str, ...]  # nor where it is told as old, by these lists of times
    only_if_new: bool


class Table:
    """Everything the two files say, with each word as its root."""

    def __init__(self, data: dict):
        self.groups: dict[str, list[str]] = {name: data["groups"][name] for name in data["groups"]}
        self.begins_with: dict[str, list[tuple[tuple[str, ...], list[str]]]] = {}
        self._places: dict[tuple[str, ...], list[str]] = {}
        self._known: set[str] = set()  # links
        self._words: set[str] = set()
        self._right: set[str] = set(data["spelled right"])
        self.kinds = {
            kind: Danger(kind, row["shows"], row["staff"], row.get("says", "")) for kind, row in data["kinds"].items()
        }
        self.phrases = [
            self._phrase(kind, heading, line)
            for kind, row in data["kinds"].items()
            for heading, lines in row.items()
            if isinstance(lines, list)
            for line in lines
        ]
        times = {name: [self._chain(line) for line in lines] for name, lines in data["times"].items()}
        self.new = times.pop("new")
        self.old = {name: times[name] for name in OLD}
        self.harmless: dict[str, list[tuple[str, ...]]] = {}
        for saying in map(self._saying, data["harmless"]):
            self.harmless.setdefault(saying[0], []).append(saying)
        self._with = {}
        for phrase in self.phrases:
            self._with.setdefault(phrase.parts[0][0], []).append(phrase)

    def phrases_with(self, names: Iterable[str]) -> Iterator[Phrase]:
        """Phrases that begin with a word or group that is there."""
        for name in names:
            yield from self._with.get(name, ())

    def spelled_right(self, word: str, as_root: str) -> str:
        """The root of the word of the table that this one is, but for one letter; else its own."""
        if not MISSPELLED_FROM <= len(word) + 1 <= LONGEST_WORD or as_root in self._roots or word in self._right:
            return as_root
        for shorter in (word, *_one_less(word)):
            for meant in self._near.get(shorter, ()):
                if meant[0] == word[0] and OSA.distance(meant, word, score_cutoff=1) <= 1:
                    return root(meant)
        return as_root

    @cached_property
    def _roots(self) -> set[str]:
        return {root(word) for word in self._words}

    @cached_property
    def _near(self) -> dict[str, list[str]]:
        """Long words of the table, by themselves and by themselves less one letter."""
        near: dict[str, list[str]] = {}
        for word in sorted(word for word in self._words if len(word) >= MISSPELLED_FROM):
            for shorter in {word, *_one_less(word)}:
                near.setdefault(shorter, []).append(word)
        return near

    def _phrase(self, kind: str, heading: str, line: str) -> Phrase:
        parts = [part for part in line.split() if part[0] != "!"]
        none_of = [part[1:] for part in line.split() if part[0] == "!"]
        only_if_new = heading == "only if new"
        if heading.startswith("unless "):
            unless = tuple(heading.removeprefix("unless ").split(", "))
        elif only_if_new or heading == "at any time":
            unless = tuple(OLD) if only_if_new else ()
        else:
            raise ValueError(f"{kind}: “{heading}” is no heading of phrases.")
        if stray := set(unless) - set(OLD):
            raise ValueError(f"{kind}: there is no list of times called {stray}.")
        return Phrase(kind, tuple(map(self._chain, parts)), tuple(map(self._chain, none_of)), unless, only_if_new)

    def _chain(self, part: str) -> Chain:
        return tuple(self._link(link) for link in part.split("-"))

    def _link(self, link: str) -> str:
        """The name of a link, "face|mouth" or a group. What it stands for is noted as somewhere to look."""
        if link not in self._known:
            self._known.add(link)
            for choice in link.split("|"):
                for words in self.groups.get(choice, [choice]):
                    saying = self._saying(words.replace("_", " "))
                    if saying not in self._places:
                        self._places[saying] = []
                        self.begins_with.setdefault(saying[0], []).append((saying, self._places[saying]))
                    self._places[saying].append(link)
        return link

    def _saying(self, line: str) -> tuple[str, ...]:
        words = words_of(line)
        self._words.update(words)
        return tuple(root(word) for word in words)


def _one_less(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _read(name: str) -> dict:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(Path(__file__).with_name(name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  both are safe


TABLE = Table(_read("words.yaml") | _read("phrases.yaml"))
KINDS = TABLE.kinds
