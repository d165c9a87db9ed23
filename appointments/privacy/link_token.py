"""The secret part of a private link. It is computed, never stored, so a copy of the database opens nothing.

token = reference + HMAC-SHA256(key, purpose, inquiry id, link version), cut to 128 bits.
Raising an inquiry's link_version revokes every link to it. LINK_KEYS lists keys, newest first: the first makes links,
each opens them.

A link is typed from paper, in capitals, or cut out of a mail together with the sign behind it. Neither part needs more
than letters and digits, each in one case, so a token is read by those alone.
"""

import base64
import hmac
import re
from hashlib import sha256

from django.conf import settings

BITS = 128
REFERENCE_LENGTH = len("K7M4-2QX9")


def make(purpose: str, inquiry, key: str = "") -> str:
    """The token for this inquiry's page of this purpose."""
    message = f"{purpose}:{inquiry.pk}:{inquiry.link_version}".encode()
    digest = hmac.new(f"link:{key or settings.LINK_KEYS[0]}".encode(), message, sha256).digest()[: BITS // 8]
    return f"{inquiry.reference}-{base64.b32encode(digest).decode().rstrip('=').lower()}"


def plain(token: str) -> str:
    """The token as we write it: hyphens and cases put right, every other sign left out."""
    signs = re.sub(r"[^0-9A-Za-z]", "", token)
    reference, secret = signs[:8].upper(), signs[8:].lower()
    return f"{reference[:4]}-{reference[4:]}-{secret}"


def claimed_reference(token: str) -> str:
    """The reference of the inquiry that a token claims to open. Not yet proof of anything."""
    return plain(token)[:REFERENCE_LENGTH]


def opens(token: str, purpose: str, inquiry) -> bool:
    """Whether the token is this inquiry's, compared in constant time."""
    read = plain(token).encode()
    return any(hmac.compare_digest(read, make(purpose, inquiry, key).encode()) for key in settings.LINK_KEYS)
