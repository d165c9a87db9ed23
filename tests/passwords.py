"""How passwords are hashed: quickly in tests, for real where the site itself must check what a test made."""

from django.conf import settings
from django.test import override_settings

REAL = list(settings.PASSWORD_HASHERS)
QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"  # a real one takes a tenth of a second, in hundreds of tests


def are_quick() -> None:
    """From now on this process hashes quickly. It still checks what was hashed for real."""
    settings.PASSWORD_HASHERS = [QUICK, *REAL]


def are_real() -> override_settings:
    """For accounts that a running site must know: with passwords.are_real(): ..."""
    return override_settings(PASSWORD_HASHERS=REAL)
