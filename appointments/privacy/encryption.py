"""Patients' free text is encrypted at rest, with keys apart from SECRET_KEY, and bound to the place where it stands.

FIELD_KEYS lists keys, newest first, each 32 bytes as Fernet.generate_key() prints them: the first encrypts, every one
decrypts. What is used is derived from them (HKDF), with AES-256-GCM. The table, the column and what identifies the row
go into each value's seal, so that a text copied to another row or column cannot be read there. A stored value carries
a version mark, so that a later scheme can live beside this one.
"""

import base64
import json
import logging
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.checks import Error
from django.db import models, transaction
from django.db.models.query_utils import DeferredAttribute

log = logging.getLogger("appointments.encryption")

VERSION = "v1:"
NONCE = 12  # bytes, drawn at random for each value: good for four thousand million values under one key


class Undecryptable(Exception):
    """No key in FIELD_KEYS opens this value here. The key that wrote it must be put back, or the row it stood in."""


@cache
def cipher(key: str) -> AESGCM:
    """What encrypts under this key, and nothing else does: other uses of the key derive other bytes."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"appointments.privacy.encryption:" + VERSION.encode())
    return AESGCM(derive.derive(base64.urlsafe_b64decode(key)))


def encrypt(text: str, place: bytes) -> str:
    """Return the text under the first key, for this place only, with its version mark. Empty stays empty."""
    if not text:
        return ""
    nonce = os.urandom(NONCE)
    sealed = nonce + cipher(settings.FIELD_KEYS[0]).encrypt(nonce, text.encode(), place)
    return VERSION + base64.urlsafe_b64encode(sealed).decode()


def decrypt(stored: str, place: bytes) -> str:
    """Return the text. Raises Undecryptable without ever quoting the value."""
    if not stored:
        return ""
    try:
        if not stored.startswith(VERSION):
            raise ValueError
        sealed = base64.b64decode(stored.removeprefix(VERSION), altchars=b"-_", validate=True)
    except ValueError:
        raise Undecryptable("A stored text was not written by this scheme.") from None
    for key in settings.FIELD_KEYS:
        try:
            return cipher(key).decrypt(sealed[:NONCE], sealed[NONCE:], place).decode()
        except (InvalidTag, ValueError):
            continue
    raise Undecryptable("A stored text cannot be read with the keys in FIELD_KEYS where it stands.")


class Unreadable(str):
    """Stands where a text was that no key opens. It is shown, and never written over what it stands for."""


class Sealed(str):
    """A stored value as the database has it. It is opened by the row it stands in."""


class OpenedWhenRead(DeferredAttribute):
    """The attribute of a row: what came from the database is opened by the first who reads it."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = self.field.opened(value, instance)
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """A text that the database only ever sees encrypted, and that only its own row can read. It cannot be searched.

    `bound_to` names the fields that identify the row: known before it is first saved, never changed, and shared by no
    other row. One that cannot be opened reads as a sentence that says so: one damaged row must not hide all others,
    nor how to reach the patient. Saving that sentence raises Undecryptable. Where there is no row, in values(), a text
    stays sealed.
    """

    descriptor_class = OpenedWhenRead

    def __init__(self, *args, bound_to: tuple[str, ...] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.bound_to = tuple(bound_to)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"bound_to": self.bound_to}

    def check(self, **kwargs):
        known = {field.attname: field for field in self.model._meta.concrete_fields}
        if any(name in known and known[name].unique for name in self.bound_to) and known.keys() >= {*self.bound_to}:
            return super().check(**kwargs)
        return [
            *super().check(**kwargs),
            Error("bound_to must name columns, a unique one among them.", obj=self, id="appointments.E003"),
        ]

    def place(self, row: models.Model) -> bytes:
        """Where this text stands: the table, the column, and which row."""
        fields = (row._meta.get_field(name) for name in self.bound_to)
        identity = [str(field.to_python(getattr(row, field.attname))) for field in fields]
        return json.dumps([row._meta.db_table, self.column, *identity]).encode()

    def sealed(self, text: str, row: models.Model) -> Sealed:
        if isinstance(text, Unreadable):
            raise Undecryptable("A text that cannot be read is not written over.")
        return Sealed(encrypt(str(text), self.place(row)))

    def opened(self, stored: Sealed, row: models.Model) -> str:
        try:
            return decrypt(stored, self.place(row))
        except Undecryptable as error:
            log.error("a stored text cannot be read", exc_info=error)
            return Unreadable("This text cannot be read with the keys we have. Tell whoever runs the site.")

    def pre_save(self, model_instance, add):
        text = getattr(model_instance, self.attname)
        return text if text is None else self.sealed(text, model_instance)

    def get_db_prep_save(self, value, connection):
        if not (value is None or value == "" or isinstance(value, Sealed)):
            raise TypeError(f"{self.name} is sealed by its row: save the row, or update() a queryset of such rows.")
        return super().get_db_prep_save(value and str(value), connection)

    def from_db_value(self, value, expression, connection):
        return value if value is None else Sealed(value)

    def get_lookup(self, lookup_name):
        if lookup_name in ("isnull",):
            return super().get_lookup(lookup_name)
        return None  # the same words never look the same twice, so comparing them finds nothing


class SealingQuerySet(models.QuerySet):
    """Its update() seals a text for each row that it changes."""

    def update(self, **values):
        fields = [field for field in self.model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        texts = {field: values.pop(field.name) for field in fields if isinstance(values.get(field.name), str)}
        if not any(texts.values()):
            return super().update(**values | {field.name: "" for field in texts})
        with transaction.atomic(using=self.db):
            rows = list(self.only("pk", *{name for field in texts for name in field.bound_to}))
            for row in rows:
                sealed = {field.name: field.sealed(text, row) for field, text in texts.items()}
                models.QuerySet(self.model, using=self.db).filter(pk=row.pk).update(**values, **sealed)
        return len(rows)
