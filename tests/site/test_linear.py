"""No text that a person may send or an editor may save takes longer than its length explains."""

import time

import pytest

from appointments.models.reference import as_reference
from appointments.privacy import link_token, sender
from appointments.requests import spam
from conditions.citations import cited_numbers, link_citations
from conditions.danger import dangers_in
from conditions.page_text import html_lines, readable
from conditions.reading_grade import reading_grade, syllables
from nyfp_site import kept_words

LENGTH = 200_000
MOST = 2  # seconds, on a busy machine; what is quadratic takes minutes

PIECES = [
    " ", "\t\n", "a", "a ", "'", "a'", "a-", ".", "?!", ". ", "<", ">", "<p", "<p>", "</p>", '<a href="', "<!--", "&",
    "&#", "&amp;",
    "[", "[1", "[1]", " [1]", "[[", "numb ", "numb", "weak arm ", "numb  x", "hand ", "can", "sight ",
    "lost vision ", "worst ",
    "http://", "www", "casino", "e", "ed", "les", "1", "1-", "_", "-id", "\\", "\0", "é", "字", "=", ",", ":",
]  # fmt: skip
TAILS = ["", "x", " [1", ">", "!"]

FUNCTIONS = {
    "cited_numbers": cited_numbers,
    "link_citations": link_citations,
    "reading_grade": reading_grade,
    "syllables": syllables,
    "html_lines": html_lines,
    "readable": lambda text: readable([text]),
    "dangers_in": dangers_in,
    "links": spam.LINK.findall,
    "sales": spam.SALES.search,
    "kept words": lambda text: kept_words.in_words(text, None),
    "kept names": lambda text: (kept_words.OF_MACHINES.search(text), kept_words.ROW.match(text)),
    "reference": as_reference,
    "token": link_token.claimed_reference,
    "address": sender.canonical,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_text_of_200_000_letters_takes_no_longer_than_its_length_explains(name):
    slow = {}
    for piece in PIECES:
        for tail in TAILS:
            text = (piece * (LENGTH // len(piece) + 1))[:LENGTH] + tail
            began = time.process_time()
            FUNCTIONS[name](text)
            if (took := time.process_time() - began) > MOST:
                slow[piece, tail] = took
    assert slow == {}


def test_a_long_gap_between_words_is_read_at_once():
    began = time.process_time()
    link_citations("x" + " " * LENGTH + "y [1]")
    reading_grade("one two three four five " + "." * LENGTH + "x")
    assert time.process_time() - began < MOST
