"""Saving a request: one transaction, and the same press of the button never saved twice."""

import hmac
import json
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from appointments import consent
from appointments.models import Inquiry, InquiryEvent

ATTEMPTS = 5  # a drawn reference is taken about once in a million million


def receive(*, answers: dict, form_key: UUID, received_at: datetime, reply_by: datetime | None) -> Inquiry:
    """Save a patient's answers and return the inquiry, committed.

    The same form sent again with the same answers returns the first inquiry. With changed answers it is a
    second one, marked as a possible repeat: nothing typed is dropped.
    """
    digest = _digest(answers)
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                inquiry, is_new = Inquiry.objects.get_or_create(
                    form_key=form_key,
                    answers_digest=digest,
                    defaults=answers
                    | {
                        "received_at": received_at,
                        "reply_by": reply_by,
                        "consent_version": consent.CURRENT,
                        "repeat_of": Inquiry.objects.filter(form_key=form_key).order_by("received_at").first(),
                    },
                )
                if is_new:
                    inquiry.events.create(kind=InquiryEvent.Kind.RECEIVED, at=received_at)
                return inquiry
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _digest(answers: dict) -> str:
    """A keyed fingerprint: equal for equal answers, and no help to anyone who guesses at them."""
    text = json.dumps({name: str(value) for name, value in answers.items()}, sort_keys=True)
    return hmac.new(f"answers:{settings.SECRET_KEY}".encode(), text.encode(), sha256).hexdigest()
