"""The name of a request: what a patient reads aloud and a colleague types."""

import re
import secrets

# No I, L, O, U, 0 or 1: a reference is read aloud, sometimes by someone whose speech is hard to follow.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """Eight random characters in two groups: K7M4-2QX9."""
    letters = [secrets.choice(REFERENCE_LETTERS) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def as_reference(words: str) -> str:
    """The reference somebody typed or read aloud, in its one form; empty when it is none."""
    letters = re.sub(r"[\s-]", "", words).upper()
    is_one = len(letters) == 8 and set(letters) <= set(REFERENCE_LETTERS)
    return f"{letters[:4]}-{letters[4:]}" if is_one else ""
