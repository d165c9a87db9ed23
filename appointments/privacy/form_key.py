"""The signed key in each rendered form. It replaces a CSRF cookie, so nothing expires overnight.

It carries a one-time id, so that a second press finds the first request, and the moment it was rendered.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.utils import timezone

SALT = "appointments.privacy.form_key"


class FormKey(NamedTuple):
    id: UUID
    rendered_at: datetime
    is_second: bool = False  # it stood in the page that asked for one more press


def issue(*, is_second: bool = False) -> str:
    """A fresh key, rendered now."""
    data = {"id": uuid4().hex, "at": int(timezone.now().timestamp())} | ({"second": 1} if is_second else {})
    return signing.dumps(data, key=settings.LINK_KEYS[0], salt=SALT)


def read(value: str) -> FormKey | None:
    """The key, however old; None for one we did not sign."""
    try:
        newest, *older = settings.LINK_KEYS
        data = signing.loads(value, key=newest, salt=SALT, fallback_keys=older)
        rendered_at = datetime.fromtimestamp(data["at"], tz=timezone.get_current_timezone())
        return FormKey(UUID(data["id"]), rendered_at, bool(data.get("second")))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
