"""Names and addresses in one form, however they were typed: to search, and to notice that somebody asked before.

Pure arithmetic. A form is for comparing, never for showing or writing to.
"""

import unicodedata

# Dropped, so that O'Neil, O’Neil and ONeil are one. Before anything else: some decompose into a space and an accent.
APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛`´ʼʻʹʽ′΄＇"))
# Letters that Unicode does not take apart, as those write them who have no such key.
PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Of combining marks these make another letter: India's nukta, Japan's voicing, the virama.
LETTERS_OF_THEIR_OWN = (7, 8, 9)
LONGEST_NAME, LONGEST_EMAIL = 200, 254  # a letter may come apart into eighteen, and an index has an end


def normal_name(text: str) -> str:
    """Without case, accents, punctuation and invisible characters; words parted by one space."""
    text = taken_apart(text.translate(APOSTROPHES)).translate(PLAIN_LETTERS)
    letters = (letter for letter in text if not (is_accent(letter) or hides(letter)))
    kept = "".join(" " if parts_words(letter) else letter for letter in letters)
    return unicodedata.normalize("NFKC", " ".join(kept.split()))[:LONGEST_NAME].rstrip()


def normal_email(text: str) -> str:
    """Without case, spaces and invisible characters. What stands behind a plus may be another person, and stays."""
    kept = "".join(letter for letter in taken_apart(text) if not (hides(letter) or letter.isspace()))
    return unicodedata.normalize("NFKC", kept)[:LONGEST_EMAIL]


def taken_apart(text: str) -> str:
    """Letters without case, each accent a character of its own, wide and ligated ones as their plain kin."""
    # Twice, for some letters are capitals only once they are taken apart, and some small ones come apart again.
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", text)


def is_accent(letter: str) -> bool:
    return unicodedata.combining(letter) not in (0, *LETTERS_OF_THEIR_OWN)


def hides(letter: str) -> bool:
    """Soft hyphens, zero widths, marks of direction, control characters that are no space."""
    return unicodedata.category(letter) in ("Cf", "Cc", "Cs") and not letter.isspace()


def parts_words(letter: str) -> bool:
    """Punctuation, signs and spaces."""
    return unicodedata.category(letter)[0] in "PSZ" or letter.isspace()
