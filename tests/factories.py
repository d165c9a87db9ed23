"""Rows for tests: plain functions with overrides."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent, OutgoingMail, StaffNotice
from appointments.privacy import form_key
from conditions.models import Condition, Page, Question, Region, Symptom, Treatment


def valid_request_data(**changes) -> dict:
    """What a browser posts when everything is in order. A value of None leaves the field out."""
    data = {
        "key": form_key.issue(),
        "for_whom": "me",
        "name": "Maria Okafor",
        "reach_by": "email",
        "phone": "",
        "email": "maria@example.com",
        "topic": "",
        "message": "My eye closes when I smile.",
        "consent": "on",
    } | changes
    return {name: value for name, value in data.items() if value is not None}


def make_inquiry(**overrides) -> Inquiry:
    received_at = overrides.pop("received_at", timezone.now())
    values = {
        "form_key": uuid4(),
        "answers_digest": uuid4().hex,
        "name": "Maria Okafor",
        "reach_by": Inquiry.Channel.EMAIL,
        "email": "maria@example.com",
        "message": "My eye closes when I smile.",
        "consent_version": "2026-11",
        "received_at": received_at,
        "reply_by": received_at + timedelta(days=7),
    } | overrides
    if values.get("status") == Inquiry.Status.CLOSED:
        values = {"outcome": Inquiry.Outcome.ANSWERED, "closed_at": timezone.now()} | values
    inquiry = Inquiry.objects.create(**values)
    inquiry.events.create(kind=InquiryEvent.Kind.RECEIVED, at=received_at)
    return inquiry


def told_notice(**mail) -> StaffNotice:
    """A notice of new requests, owed to one mailbox; sent_at=... makes it sent."""
    notice = StaffNotice.objects.create()
    OutgoingMail.objects.create(kind="staff_new_requests", notice=notice, mailbox="desk@example.org", **mail)
    return notice


def make_page(model, slug: str, **overrides) -> Page:
    """A page of any type."""
    name = slug.replace("-", " ").capitalize()
    values = {
        "slug": slug,
        "name": name,
        "title": f"{name}: in plain words",
        "plain_name": f"{name} in plain words",
        "lead": f"What {name} is.",
        "description": f"What {name} is, in one sentence.",
        "in_brief": "One line.\nAnother line.",
        "is_published": True,
    } | overrides
    return model.objects.create(**values)


def make_condition(slug="test-palsy", **overrides) -> Condition:
    return make_page(Condition, slug, **{"what_it_is": "<p>A weak face.</p>"} | overrides)


def make_treatment(slug="test-therapy", **overrides) -> Treatment:
    return make_page(Treatment, slug, **{"what_it_does": "<p>It helps.</p>"} | overrides)


def make_region(slug="eye", **overrides) -> Region:
    values = {"name": slug.capitalize(), "position": Region.objects.count() + 1} | overrides
    return Region.objects.create(slug=slug, **values)


def make_symptom(slug="eye-closes", regions=(), conditions=(), **overrides) -> Symptom:
    values = {
        "words": f"My {slug}",
        "short": f"It {slug}",
        "explanation": "One message reaches two places.",
        "situation": Symptom.Situation.MOVING,
    } | overrides
    symptom = Symptom.objects.create(slug=slug, **values)
    symptom.regions.set(regions)
    symptom.conditions.set(conditions)
    return symptom


def make_question(page, question="Will it pass?", **overrides) -> Question:
    return Question.objects.create(page=page.page, question=question, **{"answer": "<p>It may.</p>"} | overrides)
