"""To whom an address leads, under a keyed hash: equal for the spellings that reach one mailbox, and no address."""

import hmac
from hashlib import sha256

from django.conf import settings

DOTS_DO_NOT_COUNT = {"gmail.com", "googlemail.com"}


def one_mailbox(email: str) -> str:
    """The address without capitals, without what follows a plus, and without Gmail's dots."""
    name, _, domain = email.strip().casefold().rpartition("@")
    name = name.split("+")[0] or name
    if domain in DOTS_DO_NOT_COUNT:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def target_of(email: str) -> str:
    """The hash that a mail's row keeps."""
    key = f"mail target:{settings.LINK_KEYS[0]}".encode()
    return hmac.new(key, one_mailbox(email).encode(), sha256).hexdigest()[:32]
