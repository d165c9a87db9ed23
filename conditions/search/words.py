"""Words as people type them, brought to one form: marks, plurals, tenses, spellings, sounds and meanings."""

import re
import unicodedata
from collections.abc import Callable, Iterable

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


def root(word: str) -> str:
    """One form for a word's plurals, tenses and British spelling. The form itself is not for reading."""
    for british, american in BRITISH:
        word = british.sub(american, word)
    for ending, short in ENDINGS:
        word = ending.sub(short, word)
    return word


def stem(word: str) -> str:
    """The root of a word, or of the word that says the same in a search."""
    return root(VARIANTS.get(word, word))


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


def stems_of(words: Iterable[str], stem: Callable[[str], str] = stem) -> list[str]:
    return [stem(word) for word in words if word not in EMPTY]
