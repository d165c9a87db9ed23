"""Misconfiguration that a person would notice too late, said in plain words by `manage.py check --database default`."""

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError

from appointments.mail import outbox


@register(Tags.security)
def field_keys_are_keys(app_configs, **kwargs):
    """FIELD_KEYS must hold Fernet keys, or no request could be saved."""
    try:
        for key in settings.FIELD_KEYS:
            Fernet(key)
    except ValueError:
        return [
            Error(
                "FIELD_KEYS holds something that is not a key.",
                hint="Each must be the output of cryptography's Fernet.generate_key(), separated by commas.",
                id="appointments.E001",
            )
        ]
    return []


@register(Tags.security)
def lease_outlasts_smtp(app_configs, **kwargs):
    """A mail whose lease lapses while it is being sent would be sent twice."""
    if settings.EMAIL_TIMEOUT and outbox.LEASE.total_seconds() >= 10 * settings.EMAIL_TIMEOUT:
        return []
    return [Error("EMAIL_TIMEOUT must be set, and a lease must last ten times as long.", id="appointments.E002")]


@register(Tags.database)
def someone_is_told(app_configs, databases, **kwargs):
    """Without a mailbox, requests are saved and nobody hears of them."""
    from appointments.models import Mailbox

    if not databases:
        return []
    try:
        if Mailbox.objects.filter(is_active=True).exists():
            return []
    except DatabaseError:
        return []  # no tables yet
    return [
        Warning(
            "No staff mailbox: requests will wait unseen.",
            hint="Add one in the admin under Mailboxes, or set STAFF_INBOX before the first start.",
            id="appointments.W001",
        )
    ]
