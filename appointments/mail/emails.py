"""Every e-mail the site sends, one function each. Words are rendered when sent and never stored.

An e-mail is a nudge: references, times, a link. Never a name, a number or a word of a patient, and in a patient's
own mail nothing that tells over a shoulder what it is about: neutral sender and subject, no condition, no practice.
"""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from appointments.mail.calendar_file import calendar_file, method_of
from appointments.models import Office, OutgoingMail, owed_mail
from appointments.privacy import link_token
from appointments.requests import ledger

log = logging.getLogger("appointments.emails")

MOST_NAMED = 20  # references in one mail, in a flood
Kind = OutgoingMail.Kind


def render(mail: OutgoingMail) -> EmailMessage:
    """The message for a row. Its Message-ID is the row's, so a repeat can be recognised as one."""
    return RENDERERS[mail.kind](mail)


def staff_new_requests(mail: OutgoingMail) -> EmailMessage:
    """New requests wait: their references and promises, and where to read them."""
    return _to_staff(mail, mail.notice.inquiries.in_order_of_work())


def staff_escalation(mail: OutgoingMail) -> EmailMessage:
    """Promises that end soon and nobody has reached the patient."""
    return _to_staff(mail, mail.notice.escalated.in_order_of_work())


def staff_opening(mail: OutgoingMail) -> EmailMessage:
    """The day's counts, also when there is nothing new: its absence is the alarm."""
    return _message(mail, to=mail.mailbox, context=ledger.opening_counts() | {"link": admin_link("index")})


def staff_review(mail: OutgoingMail) -> EmailMessage:
    """Pages whose review is due."""
    return _message(mail, to=mail.mailbox, context={"pages": ledger.pages_to_review(), "link": admin_link("index")})


def staff_test(mail: OutgoingMail) -> EmailMessage:
    """A mail that only shows that mail works."""
    return _message(mail, to=mail.mailbox, context={})


def patient_received(mail: OutgoingMail) -> EmailMessage:
    """We have the request; by when we reply; the private page."""
    return _to_patient(mail)


def patient_promise_moved(mail: OutgoingMail) -> EmailMessage:
    """Our hours changed, so we promise another moment."""
    return _to_patient(mail)


def patient_promise_missed(mail: OutgoingMail) -> EmailMessage:
    """We did not reply in time; other ways to reach a person."""
    return _to_patient(mail)


def patient_visit_confirmed(mail: OutgoingMail) -> EmailMessage:
    """The time agreed on, of which they have not heard by mail, with its calendar file."""
    return _with_calendar_file(_about_visit(mail), mail)


def patient_visit_changed(mail: OutgoingMail) -> EmailMessage:
    """What differs from what they were last told, and what holds now, with its calendar file."""
    return _with_calendar_file(_about_visit(mail), mail)


def patient_visit_cancelled(mail: OutgoingMail) -> EmailMessage:
    """The time they were told no longer holds; its calendar file takes the entry back."""
    return _with_calendar_file(_about_visit(mail), mail)


def patient_visit_reminder(mail: OutgoingMail) -> EmailMessage:
    """Two working days before."""
    return _about_visit(mail)


RENDERERS = {
    Kind.STAFF_NEW_REQUESTS: staff_new_requests,
    Kind.STAFF_ESCALATION: staff_escalation,
    Kind.STAFF_OPENING: staff_opening,
    Kind.STAFF_REVIEW: staff_review,
    Kind.STAFF_TEST: staff_test,
    Kind.PATIENT_RECEIVED: patient_received,
    Kind.PATIENT_PROMISE_MOVED: patient_promise_moved,
    Kind.PATIENT_PROMISE_MISSED: patient_promise_missed,
    Kind.PATIENT_VISIT_CONFIRMED: patient_visit_confirmed,
    Kind.PATIENT_VISIT_CHANGED: patient_visit_changed,
    Kind.PATIENT_VISIT_CANCELLED: patient_visit_cancelled,
    Kind.PATIENT_VISIT_REMINDER: patient_visit_reminder,
}


def admin_link(name: str, *args) -> str:
    """An absolute address in the staff's admin."""
    return settings.SITE_URL + reverse(f"admin:{name}", args=args)


def private_link(inquiry) -> str:
    """The absolute address of a patient's private page."""
    return settings.SITE_URL + reverse("my_request", args=[link_token.make("private", inquiry)])


def _to_staff(mail: OutgoingMail, inquiries) -> EmailMessage:
    inquiries = list(inquiries)
    named = inquiries[:MOST_NAMED] if owed_mail.is_flood(mail.notice.created_at) else inquiries
    context = {
        "inquiries": named,
        "count": len(inquiries),
        "more": len(inquiries) - len(named),
        "link": admin_link("appointments_inquiry_changelist"),
    }
    return _message(mail, to=mail.mailbox, context=context)


def _about_visit(mail: OutgoingMail) -> EmailMessage:
    """The visit is named also when it stands no longer: that may be the news."""
    return _to_patient(mail, visit=mail.inquiry.visit)


def _to_patient(mail: OutgoingMail, **context) -> EmailMessage:
    inquiry, office = mail.inquiry, Office.objects.current()
    context |= {"inquiry": inquiry, "link": private_link(inquiry), "office": office}
    return _message(mail, to=inquiry.email, context=context, reply_to=[office.email] if office.email else [])


def _with_calendar_file(message: EmailMessage, mail: OutgoingMail) -> EmailMessage:
    """Attach the file, its method named outside as well (RFC 6047): by it a mail program knows what to do.

    The words matter more: a file that cannot be made must not keep them back.
    """
    visit = mail.inquiry.visit
    try:
        text = calendar_file(visit, Office.objects.current())
        message.attach("appointment.ics", text, f"text/calendar; method={method_of(visit)}")
    except Exception as error:
        log.exception("calendar file not made", exc_info=error, extra={"mail": str(mail.pk)})
    return message


def _message(mail: OutgoingMail, *, to: str, context: dict, reply_to=()) -> EmailMessage:
    subject = render_to_string(f"emails/{mail.kind}.subject.txt", context).strip()
    body = render_to_string(f"emails/{mail.kind}.txt", context).strip() + "\n"
    return EmailMessage(
        subject=subject,
        body=body,
        to=[to],
        reply_to=list(reply_to),
        headers={
            "Message-ID": f"<{mail.pk}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
