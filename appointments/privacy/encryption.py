"""Patients' free text is encrypted at rest, with keys apart from SECRET_KEY.

FIELD_KEYS lists Fernet keys, newest first: the first encrypts, every one decrypts. A stored value carries a
version mark, so that a later scheme can live beside this one.
"""

import logging
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

log = logging.getLogger("appointments.encryption")

VERSION = "v1:"


class Undecryptable(Exception):
    """No key in FIELD_KEYS opens this value. The key that wrote it must be put back."""


@cache
def cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Return the text under the first key, with its version mark. Empty stays empty."""
    return VERSION + cipher(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    """Return the text. Raises Undecryptable without ever quoting the value."""
    if not stored:
        return ""
    try:
        if not stored.startswith(VERSION):
            raise InvalidToken
        return cipher(tuple(settings.FIELD_KEYS)).decrypt(stored.removeprefix(VERSION).encode()).decode()
    except InvalidToken:
        raise Undecryptable("A stored text cannot be read with the keys in FIELD_KEYS.") from None


class Unreadable(str):
    """Stands where a text was that no key opens. It is shown, and never written over what it stands for."""


class EncryptedTextField(models.TextField):
    """A text that the database only ever sees encrypted. It cannot be searched.

    One that no key opens reads as a sentence that says so: one damaged row must not hide all others, nor how to reach
    the patient. Saving that sentence raises Undecryptable.
    """

    def get_prep_value(self, value):
        if isinstance(value, Unreadable):
            raise Undecryptable("A text that cannot be read is not written over.")
        return value if value is None else encrypt(str(value))

    def from_db_value(self, value, expression, connection):
        try:
            return value if value is None else decrypt(value)
        except Undecryptable as error:
            log.error("a stored text cannot be read", exc_info=error)
            return Unreadable("This text cannot be read with the keys we have. Tell whoever runs the site.")

    def get_lookup(self, lookup_name):
        if lookup_name in ("isnull",):
            return super().get_lookup(lookup_name)
        return None  # the same words never look the same twice, so comparing them finds nothing
