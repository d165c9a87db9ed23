"""Saving a request: one transaction, and the same press of the button never saved twice."""

import hmac
import json
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from appointments.models import Inquiry, InquiryEvent, OutgoingMail, owed_mail
from appointments.models.normal_form import normal_email, normal_name
from appointments.requests import consent, handling
from conditions.danger import dangers_in

REPEATS_WITHIN = timedelta(days=30)
ATTEMPTS = 5  # a drawn reference is taken about once in a million million


def is_new_onset(answers: dict) -> bool:
    """Whether this began within three days, or the words may tell of any danger. Never a reason not to save."""
    return answers["began"] == Inquiry.Began.DAYS or bool(dangers_in(answers["message"]))


def earlier_request(answers: dict, form_key: UUID, received_at: datetime) -> Inquiry | None:
    """The first request this may be a repeat of: the same form, or the same name with the same way to be reached.

    The back button of some browsers fetches a fresh form, so the form alone does not tell. It is a hint to staff;
    both are kept.
    """
    recent = Inquiry.objects.filter(received_at__gt=received_at - REPEATS_WITHIN)
    same_way = Q(email_normal=normal_email(answers["email"])) & ~Q(email="") | Q(phone=answers["phone"]) & ~Q(phone="")
    same_person = Q(name_normal=normal_name(answers["name"])) & same_way
    return recent.filter(Q(form_key=form_key) | same_person).order_by("received_at").first()


def receive(
    *,
    answers: dict,
    form_key: UUID,
    received_at: datetime,
    reply_by: datetime | None,
    suspicion: str = "",
    came_by: str = Inquiry.CameBy.WEB,
    taken_by=None,
) -> Inquiry:
    """Save a patient's answers and return the inquiry, committed, with its first event and the mail it owes.

    The same form sent again with the same answers returns the first inquiry. With changed answers it is a
    second one, marked as a possible repeat: nothing typed is dropped. `suspicion` says in a few words of our
    own why it looks like spam; it is then stored all the same, and no mail goes to the typed address.
    """
    digest, *older = (_digest(answers, key) for key in settings.LINK_KEYS)
    if older and (first := Inquiry.objects.filter(form_key=form_key, answers_digest__in=older).first()):
        return first
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                inquiry, is_new = Inquiry.objects.get_or_create(
                    form_key=form_key,
                    answers_digest=digest,
                    defaults=answers
                    | {
                        "topic_name": str(answers.get("topic") or ""),
                        "received_at": received_at,
                        "reply_by": reply_by,
                        "came_by": came_by,
                        "consent_version": consent.SPOKEN if taken_by else consent.CURRENT,
                        "is_new_onset": is_new_onset(answers),
                        "suspicion": suspicion,
                        "status": Inquiry.Status.SUSPECTED if suspicion else Inquiry.Status.NEW,
                        "repeat_of": earlier_request(answers, form_key, received_at),
                    },
                )
                if is_new:
                    inquiry.write_event(InquiryEvent.Kind.RECEIVED, at=received_at, by=taken_by)
                    if taken_by:
                        handling.mark_opened(inquiry, by=taken_by)
                    if taken_by:
                        owed_mail.queue(OutgoingMail.Kind.PATIENT_RECEIVED, inquiry=inquiry, not_after=inquiry.reply_by)
                    elif not inquiry.is_suspected:
                        owed_mail.queue_receipt(inquiry, not_after=inquiry.reply_by)
                return inquiry
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _digest(answers: dict, key: str) -> str:
    """A keyed fingerprint: equal for equal answers, and no help to anyone who guesses at them."""
    # A telephone number's str() leaves its extension out, and a corrected extension is another answer.
    values = {name: str(getattr(value, "as_rfc3966", value)) for name, value in answers.items()}
    text = json.dumps(values, sort_keys=True)
    return hmac.new(f"answers:{key}".encode(), text.encode(), sha256).hexdigest()
