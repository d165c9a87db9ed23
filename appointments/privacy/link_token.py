"""The secret part of a private link. It is computed, never stored, so a copy of the database opens nothing.

token = reference + HMAC-SHA256(key, purpose, inquiry id, link version), cut to 128 bits.
Raising an inquiry's link_version revokes every link to it. LINK_KEYS lists keys, newest first: the first makes links,
each opens them.
"""

import base64
import hmac
from hashlib import sha256

from django.conf import settings

BITS = 128
REFERENCE_LENGTH = len("K7M4-2QX9")


def make(purpose: str, inquiry, key: str = "") -> str:
    """The token for this inquiry's page of this purpose."""
    message = f"{purpose}:{inquiry.pk}:{inquiry.link_version}".encode()
    digest = hmac.new(f"link:{key or settings.LINK_KEYS[0]}".encode(), message, sha256).digest()[: BITS // 8]
    return f"{inquiry.reference}-{base64.b32encode(digest).decode().rstrip('=').lower()}"


def claimed_reference(token: str) -> str:
    """The reference of the inquiry that a token claims to open. Not yet proof of anything."""
    return token[:REFERENCE_LENGTH]


def opens(token: str, purpose: str, inquiry) -> bool:
    """Whether the token is this inquiry's, compared in constant time."""
    made = (make(purpose, inquiry, key) for key in settings.LINK_KEYS)
    return any(hmac.compare_digest(token.encode(), one.encode()) for one in made)
