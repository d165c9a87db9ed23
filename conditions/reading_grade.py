"""How hard a text is to read: the Flesch-Kincaid grade, shared by the tests and the editors' meter.

Formula: Kincaid JP, Fishburne RP, Rogers RL, Chissom BS. Derivation of new readability formulas
for Navy enlisted personnel. Research Branch Report 8-75, 1975.
"""

import re

WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
SENTENCE_END = re.compile(r"(?<![.!?])[.!?]+(?=[\s”\"'’)\]]|$)")
VOWELS = re.compile(r"[aeiouy]+")
SILENT_ENDING = re.compile(r"[^aeiouy](?:e|es|ed)$")
SPOKEN_ENDING = re.compile(r"(?:[^aeiouy]les?|[td]ed|(?:[sxz]|[cs]h|[cg])es)$")
SHORTEST_BLOCK = 5  # words: a heading or a lone link is not a sentence


def syllables(word: str) -> int:
    """Count vowel groups, less a silent ending. At least 1. An estimate, as every such count is."""
    word = re.split(r"['’]", word.lower())[0]
    silent = SILENT_ENDING.search(word) and not SPOKEN_ENDING.search(word)
    return max(1, len(VOWELS.findall(word)) - bool(silent))


def reading_grade(text: str) -> float:
    """Return the US school grade of plain text, one paragraph or list item a line.

    Lines of fewer than five words do not count. No term is left out. 0.0 when nothing counts.
    """
    lines = [line for line in text.splitlines() if len(WORD.findall(line)) >= SHORTEST_BLOCK]
    words = [word for line in lines for word in WORD.findall(line)]
    if not words:
        return 0.0
    sentences = sum(max(1, len(SENTENCE_END.findall(line))) for line in lines)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
