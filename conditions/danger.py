"""Words that may tell of a stroke. They only move a request to the front; they never keep one from being saved."""

import re

# medical-facts, "always trigger the stroke box", with their inflections
_LIMB, _FEEBLE, _BETWEEN = r"(arm|hand|leg)s?", r"(numb|weak)(ness)?", r"\W+(\w+\W+){0,3}"
STROKE_WORDS = re.compile(
    r"\b(strokes?|tias?|sudden(ly)?|slur(s|r?ed|r?ing|ry)?|droop(s|ed|ing|y)?"
    rf"|{_FEEBLE}{_BETWEEN}{_LIMB}|{_LIMB}{_BETWEEN}{_FEEBLE}"
    r"|(can\s?not|can[’']?t|could\s?not|couldn[’']?t|unable\s+to)\s+(speak|talk)"
    r"|(vision|sight)\s+(\w+\s+)?(gone|lost)|(lost|losing)\s+(\w+\s+)?(vision|sight)|worst\s+headache)\b",
    re.IGNORECASE,
)


def may_tell_of_a_stroke(text: str) -> bool:
    """Err on the side of yes: a person reads it sooner, and nothing else changes."""
    return bool(STROKE_WORDS.search(text))
