"""Search over what the practice publishes: it forgives misspellings and understands lay phrases.

`search(text)` compares the words with every published condition, treatment, symptom and question. The index is kept
in memory, one a process. Each search first takes a fingerprint of the database: of pages the number, the ids and the
latest edit; of questions the number and the ids; of symptoms, with their regions and conditions, every word. So the
next search in any process sees every edit made in the admin. (Questions are edited on their page, whose date moves.
Only `QuerySet.update()`, which moves no date, could change a page's words unseen.)

The words searched are health data. Nothing here keeps, caches or logs them. Whether they may tell of an emergency is
not asked here: see conditions/danger.
"""

from dataclasses import dataclass

from conditions.search.content import current_index
from conditions.search.index import MOST_HITS, Hit
from conditions.search.words import words_of

__all__ = ["MOST_HITS", "MOST_LETTERS", "Hit", "Results", "search"]

MOST_LETTERS = 500


@dataclass(frozen=True)
class Results:
    """What to show, best first."""

    hits: list[Hit]


def search(text: str) -> Results:
    """Find the pages, symptoms and questions nearest to what someone typed or pasted. At most 20, an address once."""
    return Results(current_index().find(words_of(text[:MOST_LETTERS])))
