"""Whatever people typed runs its own way: drawn in a box of its own at the desk, and kept without traps."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone

from appointments.models import Access, Inquiry
from appointments.requests import handling
from tests.desk import desk_url, press_save
from tests.factories import make_inquiry, valid_request_data

pytestmark = pytest.mark.django_db

# Hebrew with brackets, and a sign from an older row that turns all that follows it
NAME, CONTACT = "שירה (מזרחי)", "\u202eלאה \u2067כהן"
NOTE, EMAIL, NUMBER_NOTE = "הערה (1)", "shira@דואר.example", "עבודה (2)"


@pytest.fixture(autouse=True)
def _office(office, at):
    at(2026, 12, 1, 10, 0)


class Boxes(HTMLParser):
    """For each text on a page, the nearest element that gives it a direction of its own, if any."""

    VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

    def __init__(self, page: str):
        super().__init__()
        self.open, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        by_itself = bool(self.open) and (self.open[-1][0] == "bdi" or self.open[-1][1].get("dir") == "auto")
        self.texts.append((data, by_itself, [tag for tag, _ in self.open]))

    def loose(self, *words: str) -> list[str]:
        """Where one of these stands, but not alone in a box."""
        return [data for data, by_itself, _ in self.texts for word in words if word in data and not by_itself]

    def drawn(self, word: str) -> int:
        return sum(word in data for data, _, _ in self.texts)


@pytest.fixture
def inquiry(django_user_model):
    owner = django_user_model.objects.create_superuser("דנה", password="a-long-enough-password")
    inquiry = make_inquiry(
        name=NAME,
        for_whom="child",
        contact_name=CONTACT,
        email=EMAIL,
        phone="+12125550142",
        phone_note=NUMBER_NOTE,
        message="כתבתי (בעברית)",
        owner=owner,
        reply_by=timezone.now() + timedelta(days=1),
    )
    handling.add_note(inquiry, NOTE, by=owner)
    return inquiry


def pages(client, inquiry) -> dict[str, str]:
    """Every page of the desk that draws a person."""
    queue = reverse("admin:appointments_inquiry_changelist")
    shown = {
        "first page": client.get(reverse("admin:index")),
        "queue": client.get(queue),
        "all": client.get(queue, {"view": "all"}),
        "found": client.post(reverse("admin:appointments_inquiry_find"), {"words": NAME}, follow=True),
        "nothing found": client.post(reverse("admin:appointments_inquiry_find"), {"words": "שם אחר"}, follow=True),
        "one request": client.get(desk_url(inquiry)),
        "call sheet": client.get(reverse("admin:appointments_inquiry_call_sheet", args=[inquiry.pk])),
        "call sheets": client.post(queue, {"action": "call_sheets", "_selected_action": [inquiry.pk]}),
        "mail": client.get(reverse("admin:appointments_outgoingmail_changelist")),
        "who looked": client.get(reverse("admin:appointments_access_changelist")),
    }
    assert {name: answer.status_code for name, answer in shown.items()} == dict.fromkeys(shown, 200)
    return {name: answer.content.decode() for name, answer in shown.items()}


def test_every_name_stands_in_a_box_of_its_own_wherever_it_is_drawn(staff_client, inquiry):
    make_inquiry(email=EMAIL, owner=inquiry.owner)  # perhaps the same person
    shown = pages(staff_client, inquiry)
    words = (NAME, CONTACT, EMAIL, NUMBER_NOTE, NOTE, "כתבתי", "שם אחר")
    assert {name: Boxes(page).loose(*words) for name, page in shown.items()} == {name: [] for name in shown}
    for name in ("queue", "all", "found", "one request", "call sheet", "call sheets"):
        assert Boxes(shown[name]).drawn(NAME) >= 1, name
    for word in (CONTACT, EMAIL, NUMBER_NOTE, NOTE):
        assert Boxes(shown["one request"]).drawn(word) >= 1, word
    for word in (CONTACT, EMAIL, NUMBER_NOTE):
        assert Boxes(shown["call sheet"]).drawn(word) >= 1, word


def test_a_colleagues_name_stands_in_a_box_of_its_own_too(staff_client, inquiry):
    Access.write(Access.Action.OPENED, [inquiry], by=inquiry.owner)
    for name, page in pages(staff_client, inquiry).items():
        loose = [tags for data, by_itself, tags in Boxes(page).texts if "דנה" in data and not by_itself]
        assert [tags for tags in loose if tags[-1] not in ("option", "td", "th")] == [], name


def test_the_news_on_a_page_that_comes_back_is_drawn_the_same_way(staff_client, inquiry):
    page = staff_client.get(desk_url(inquiry))
    seen = page.context["adminform"].form.initial["seen"]
    handling.take_patient_note(inquiry, NOTE + " חדש")
    answer = press_save(staff_client, inquiry, note="x", seen=seen)
    assert "Not saved yet" in answer.content.decode()
    boxes = Boxes(answer.content.decode())
    assert boxes.drawn(NOTE + " חדש") == 2
    assert boxes.loose(NOTE) == []


def test_an_export_holds_the_name_and_no_sign_of_direction(staff_client, inquiry):
    queue = reverse("admin:appointments_inquiry_changelist")
    file = staff_client.post(queue, {"action": "export_csv", "_selected_action": [inquiry.pk]}).content.decode()
    assert NAME in file
    assert "לאה כהן" in file
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", file)
    assert NUMBER_NOTE not in file, "what patients wrote stays in the database"


# What the form keeps


def ask(client, **answers):
    return client.post(reverse("ask"), valid_request_data(**answers))


def test_signs_that_nobody_sees_are_taken_out_of_every_answer_without_a_word(client):
    trap = "\0\u200b\u202e\u2066\ufeff"
    answer = ask(
        client,
        for_whom="child",
        name=f"{trap}Maria{trap}",
        contact_name=f"Ysolde{trap}",
        email=f"maria{trap}@example.com{trap}",
        phone=f"{trap}212-555-0142{trap}",
        message=f"My{trap} eye\r\ncloses",
        trap=trap,
    )
    assert answer.status_code == 302
    inquiry = Inquiry.objects.get()
    assert (inquiry.name, inquiry.contact_name, inquiry.email) == ("Maria", "Ysolde", "maria@example.com")
    assert (inquiry.phone.as_e164, inquiry.message, inquiry.suspicion) == ("+12125550142", "My eye\ncloses", "")


def test_a_nul_in_any_field_of_any_form_is_no_error(client, staff_client, inquiry):
    ask(client, **{name: f"{value}\0" for name, value in valid_request_data().items() if name in ("name", "message")})
    assert Inquiry.objects.filter(name="Maria Okafor").exists()
    answer = press_save(staff_client, inquiry, note="No\0te", visit_place="Ro\0om 7", duplicate_of="\0")
    assert answer.status_code == 302
    assert "Note" in [event.note for event in inquiry.events.all()]


def test_words_beside_a_number_are_kept_encrypted_and_shown_beside_it(client, staff_client):
    ask(client, reach_by="call", phone="212-555-0142 (cell), 646-555-0199 (work)")
    inquiry = Inquiry.objects.get()
    assert inquiry.phone.as_e164 == "+12125550142"
    assert inquiry.phone_note == "(cell), 646-555-0199 (work)"
    page = staff_client.get(desk_url(inquiry)).content.decode()
    assert "(212) 555-0142</a> (<bdi>(cell), 646-555-0199 (work)</bdi>)" in page


def test_a_changed_note_beside_the_number_is_another_answer(client):
    data = valid_request_data(phone="212-555-0142 (cell)")
    client.post(reverse("ask"), data)
    client.post(reverse("ask"), data)
    assert Inquiry.objects.count() == 1
    client.post(reverse("ask"), data | {"phone": "212-555-0142 (work)"})
    assert Inquiry.objects.count() == 2


def test_none_is_no_number_so_email_is_enough_and_a_call_needs_one(client):
    assert ask(client, phone="none").status_code == 302
    assert Inquiry.objects.get().phone == ""
    assert "Enter a phone number we can call" in ask(client, reach_by="call", phone="none").content.decode()


# Whose details a browser may fill in


def autocomplete_of(form) -> dict[str, str]:
    return {
        name: field.widget.attrs["autocomplete"]
        for name, field in form.fields.items()
        if "autocomplete" in field.widget.attrs
    }


def test_a_browser_fills_in_each_persons_own_name(client):
    form = client.get(reverse("ask")).context["form"]
    assert autocomplete_of(form) == {
        "trap": "off",
        "name": "section-patient name",
        "contact_name": "section-contact name",
        "phone": "tel",
        "email": "email",
    }


def test_a_colleagues_browser_fills_in_nothing(staff_client):
    form = staff_client.get(reverse("admin:appointments_inquiry_add")).context["form"]
    assert set(autocomplete_of(form).values()) == {"off"}
    assert {"name", "contact_name", "phone", "email"} <= set(autocomplete_of(form))
