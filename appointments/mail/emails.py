"""Every e-mail the site sends, one function each. Words are rendered when sent and never stored.

An e-mail is a nudge: references, times, a link. Never a name, a number or a word of a patient.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from appointments.models import OutgoingMail


def render(mail: OutgoingMail) -> EmailMessage:
    """The message for a row. Its Message-ID is the row's, so a repeat can be recognised as one."""
    return RENDERERS[mail.kind](mail)


def staff_new_requests(mail: OutgoingMail) -> EmailMessage:
    """New requests wait: their references and promises, and where to read them."""
    inquiries = list(mail.notice.inquiries.order_by("reply_by", "received_at"))
    return _message(
        "staff_new_requests",
        mail,
        {"inquiries": inquiries, "link": admin_link("appointments_inquiry_changelist")},
    )


RENDERERS = {OutgoingMail.Kind.STAFF_NEW_REQUESTS: staff_new_requests}
assert set(RENDERERS) == set(OutgoingMail.Kind), "every kind of mail has its function"


def admin_link(name: str, *args) -> str:
    """An absolute address in the staff's admin."""
    return settings.SITE_URL + reverse(f"admin:{name}", args=args)


def _message(template: str, mail: OutgoingMail, context: dict) -> EmailMessage:
    subject = render_to_string(f"emails/{template}.subject.txt", context).strip()
    body = render_to_string(f"emails/{template}.txt", context)
    return EmailMessage(
        subject=subject,
        body=body,
        to=[mail.mailbox],
        headers={
            "Message-ID": f"<{mail.pk}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
