"""A question is declared once and seen everywhere it should be. Whoever adds one reads here what is missing.

Each answer is changed, alone, and the pages that staff read must change with it, or must not.
"""

import re
from dataclasses import replace
from html import unescape

import pytest
from django import forms

from appointments.models import Inquiry
from appointments.requests import questions
from appointments.requests.question import Shown
from appointments.requests.questions import QUESTIONS
from tests.factories import valid_request_data

pytestmark = pytest.mark.django_db

FORM = "/request/"
TELEPHONE_FORM = "/admin/appointments/inquiry/add/"
QUEUE = "/admin/appointments/inquiry/"
TEMPLATES = {FORM: "appointments/ask.html", TELEPHONE_FORM: "admin/appointments/inquiry/taken.html"}

# Columns of a request that keep no answer of the patient: how it came, what we made of it, what became of it.
NO_ANSWERS = {
    "came_by",
    "received_at",
    "reply_by",
    "is_new_onset",
    "repeat_of",
    "suspicion",
    "status",
    "outcome",
    "duplicate_of",
    "owner",
    "follow_up_on",
    "staff_notice",
    "escalation",
    "opened_at",
    "contacted_at",
    "patient_wrote_at",
    "closed_at",
}


@pytest.fixture(autouse=True)
def _office(office, at):
    at(2026, 12, 2, 10, 0)  # Wednesday


def columns_of(question) -> tuple[str, ...]:
    return question.columns or (question.name,)


def columns_people_fill_in() -> set[str]:
    """Those of a request, without what the site itself reckons or draws."""
    return {field.name for field in Inquiry._meta.concrete_fields if field.editable and not field.primary_key}


def words_of(response) -> str:
    """What a page says, without its tags, so without keys and tokens."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def drawn(page: str, name: str) -> bool:
    return bool(re.search(rf'<(?:input|select|textarea) [^>]*name="{name}"', page))


def test_every_column_keeps_the_answer_to_a_question_or_is_known_to_keep_none():
    declared = {column for question in QUESTIONS for column in columns_of(question)}
    unknown = columns_people_fill_in() - declared - NO_ANSWERS
    assert not unknown, f"{unknown}: declare the question in requests/questions.py, or name the column in NO_ANSWERS"
    assert not NO_ANSWERS - columns_people_fill_in()


def test_every_question_has_a_column_for_its_answer():
    declared = {column for question in QUESTIONS for column in columns_of(question)}
    missing = declared - columns_people_fill_in()
    assert not missing, f"{missing}: add the column to models/inquiry.py, and a migration"


def test_a_line_or_column_of_its_own_has_a_name():
    nameless = [
        question.name
        for question in QUESTIONS
        if not question.answer.short
        and Shown.LINE in (question.answer.desk, question.answer.paper, question.answer.export)
    ]
    assert not nameless


def test_the_patients_form_asks_each_question_in_words_for_patients(client):
    response = client.get(FORM)
    page, words = response.content.decode(), words_of(response)
    asked = [one for one in QUESTIONS if one.of_patients]
    missing = [one.name for one in asked if not drawn(page, one.name) or one.field.label not in words]
    assert not missing, f"{missing}: draw their part in templates/{TEMPLATES[FORM]}"
    assert [one.name for one in asked] == sorted(
        (one.name for one in asked), key=lambda name: page.index(f'name="{name}"')
    )


def test_the_telephone_form_asks_each_question_in_words_for_staff(staff_client):
    response = staff_client.get(TELEPHONE_FORM)
    page, words = response.content.decode(), words_of(response)
    asked = [one for one in QUESTIONS if one.spoken]
    missing = [one.name for one in asked if not drawn(page, one.name) or one.spoken.label not in words]
    assert not missing, f"{missing}: draw their part in templates/{TEMPLATES[TELEPHONE_FORM]}"


# Two requests that answer every question differently

TYPED = {"phone": "(212) 434-4051", "email": "other@example.com"}


def one_answer_each() -> dict:
    """Somebody who gave every way to be reached, and ticked nothing."""
    return valid_request_data(reach_by="call", phone="(212) 434-4050", contact_name="Ngozi")


def another_answer(name: str, field: forms.Field):
    """What a browser sends when this question is answered otherwise: the last choice, a tick, other words."""
    if isinstance(field, forms.BooleanField):
        return "on"
    if isinstance(field, forms.MultipleChoiceField):
        return [field.choices[-1][0]]
    if isinstance(field, forms.ChoiceField):
        return field.choices[-1][0]
    return TYPED.get(name, "Zebra")


def answered(client, address: str, **answers) -> Inquiry:
    """Send a form; the request it became."""
    response = client.post(address, one_answer_each() | answers)
    assert response.status_code == 302, response.context["form"].errors
    return Inquiry.objects.latest("pk")


def other_answers(client, address: str) -> dict:
    fields = client.get(address).context["form"].fields
    return {one.name: another_answer(one.name, fields[one.name]) for one in QUESTIONS if one.name in fields}


CAME = {"came_by": "phone", "received_at_0": "2026-12-02", "received_at_1": "09:55"}


def answers_kept(question, inquiry) -> dict:
    return {column: getattr(inquiry, column) for column in columns_of(question)}


@pytest.mark.parametrize(("address", "came"), [(FORM, {}), (TELEPHONE_FORM, CAME)])
def test_each_answer_is_kept(staff_client, address, came):
    others = other_answers(staff_client, address)
    first = answered(staff_client, address, **came)
    second = answered(staff_client, address, **came | others)
    asked = [one for one in QUESTIONS if one.name in others]
    lost = [one.name for one in asked if answers_kept(one, first) == answers_kept(one, second)]
    assert lost == ["consent"]  # there is no other answer to it


def desk(client, inquiry) -> str:
    return words_of(client.get(f"{QUEUE}{inquiry.pk}/change/"))


def paper(client, inquiry) -> str:
    return words_of(client.get(f"{QUEUE}{inquiry.pk}/call-sheet/"))


def export(client, inquiry) -> str:
    response = client.post(QUEUE, {"action": "export_csv", "_selected_action": [inquiry.pk]})
    assert response["Content-Type"].startswith("text/csv")
    return response.content.decode()


@pytest.mark.parametrize("place", [desk, paper, export])
def test_each_answer_is_read_where_it_is_declared_and_nowhere_else(staff_client, place):
    by_patient = answered(staff_client, FORM, **other_answers(staff_client, FORM))
    by_staff = answered(staff_client, TELEPHONE_FORM, **CAME | other_answers(staff_client, TELEPHONE_FORM))
    for other in (by_patient, by_staff):
        Inquiry.objects.filter(pk=other.pk).delete()  # else the page of the next would name it
    inquiry = answered(staff_client, FORM)
    desk(staff_client, inquiry)  # to open it is an event of its own
    inquiry.refresh_from_db()
    at_first = place(staff_client, inquiry)

    meant = {one.name for one in QUESTIONS if getattr(one.answer, place.__name__) is not Shown.NOWHERE}
    seen = set()
    for question in QUESTIONS:
        changed = Inquiry.objects.get(pk=inquiry.pk)
        for column, value in answers_kept(question, by_patient if question.of_patients else by_staff).items():
            setattr(changed, column, value)
        changed.save()
        if place(staff_client, inquiry) != at_first:
            seen.add(question.name)
        inquiry.save()
    assert place(staff_client, inquiry) == at_first
    unseen, leaked = meant - seen, seen - meant
    assert not unseen, f"{unseen} on {place.__name__}: make it a LINE in requests/questions.py, or put it there"
    assert not leaked, f"{leaked} on {place.__name__}: declared as NOWHERE, and yet it is read there"


def test_the_desk_keeps_the_order_of_the_form(staff_client):
    page = desk(staff_client, answered(staff_client, FORM))
    names = [one.answer.short for one in QUESTIONS if one.answer.desk is Shown.LINE and one.answer.unsaid]
    places = [page.index(f" {name} ", page.index("What the patient wrote")) for name in names]
    assert places == sorted(places)


# Who is asked


def declare(monkeypatch, name: str, **changes) -> None:
    changed = [replace(one, **changes) if one.name == name else one for one in QUESTIONS]
    monkeypatch.setattr(questions, "QUESTIONS", changed)


def test_what_only_patients_are_asked_is_not_in_the_telephone_form(staff_client, monkeypatch):
    declare(monkeypatch, "language", spoken=None)
    assert drawn(staff_client.get(FORM).content.decode(), "language")
    assert not drawn(staff_client.get(TELEPHONE_FORM).content.decode(), "language")
    assert answered(staff_client, TELEPHONE_FORM, **CAME).language == "English"


def test_what_only_staff_are_asked_is_not_in_the_patients_form(staff_client, monkeypatch):
    declare(monkeypatch, "language", of_patients=False)
    assert drawn(staff_client.get(TELEPHONE_FORM).content.decode(), "language")
    assert not drawn(staff_client.get(FORM).content.decode(), "language")
    assert answered(staff_client, FORM).language == "English"
