"""What staff typed survives an ended session, a stale form, a database that is away and our own mistakes."""

from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.shortcuts import redirect
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.requests import handling
from conditions.models import Condition, Symptom
from nyfp_site import kept_words
from tests.factories import make_condition, make_inquiry, make_region, make_symptom, valid_request_data

pytestmark = pytest.mark.django_db

OURS = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "a-long-enough-password"
NOTE = "Prefers mornings,\r\nhears badly on the left — “speak up”."
LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def _office(office, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class Forms(HTMLParser):
    """The forms of a page, by id: where each leads and what a browser would send."""

    def __init__(self, response):
        super().__init__()
        self.found, self.inside = {}, None
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.inside = attributes.get("id")
            self.found[self.inside] = (attributes.get("action"), {})
        elif tag == "input" and "name" in attributes:
            _, data = self.found[attributes.get("form", self.inside)]
            data.setdefault(attributes["name"], []).append(attributes.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = None


class Browser:
    """A colleague's browser: it says where a form comes from, and Django checks the form's token."""

    def __init__(self, user=None):
        self.client = Client(enforce_csrf_checks=True, headers=OURS)
        self.client.raise_request_exception = False
        self.user = user
        if user:
            self.client.force_login(user)

    def token(self) -> str:
        """The token that every form of this browser carries until the next sign-in."""
        if "csrftoken" not in self.client.cookies:
            self.client.get(LOGIN, follow=True)
        return self.client.cookies["csrftoken"].value

    def send(self, address: str, data: dict, **headers):
        made_for = kept_words.mark_of(self.user.pk) if self.user else ""
        return self.client.post(
            address, {"csrfmiddlewaretoken": self.token(), kept_words.MADE_FOR: made_for} | data, **headers
        )

    def press(self, response, form: str, **typed):
        """Send a form of the page that is shown, as it stands there."""
        address, data = Forms(response).found[form]
        return self.client.post(address, data | typed)

    def sign_in(self, response, username="desk", password=PASSWORD):
        return self.press(response, "login-form", username=username, password=password)

    def is_signed_out(self):
        """As when a working day has passed, or somebody signed out in another tab."""
        self.token()
        Session.objects.all().delete()

    def signs_in_elsewhere(self) -> str:
        """Another tab signs out and in again. Returns the token of every form that was open before."""
        old = self.token()
        self.is_signed_out()
        self.sign_in(self.client.get(LOGIN))
        return old


@pytest.fixture
def browser(staff):
    return Browser(staff)


@pytest.fixture
def inquiry():
    return make_inquiry()


def change_url(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def note(**changes) -> dict:
    return {"move_to": "", "note": NOTE, "_save": "Save"} | changes


def notes(inquiry) -> list[str]:
    return [event.note for event in inquiry.events.filter(kind="note")]


def page_of(response) -> str:
    return response.content.decode()


def test_a_note_written_when_the_session_had_ended_is_saved_after_sign_in_and_one_press(browser, inquiry):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    assert "Sign in again: what you typed is kept" in page_of(asked)
    back = browser.sign_in(asked)
    assert "You are signed in again. Nothing was lost." in page_of(back)
    assert "hears badly on the left — “speak up”." in page_of(back)
    assert notes(inquiry) == []
    browser.press(back, "press-again")
    assert [text.splitlines() for text in notes(inquiry)] == [NOTE.splitlines()]


def test_the_form_that_is_sent_at_last_is_the_form_that_was_written(browser):
    written = {"name": ["Lyme"], "regions": ["3", "1", "2"], "questions-0-answer": ["<p>\"It\" & 'may'</p>"], "q": [""]}
    browser.is_signed_out()
    address = "/admin/conditions/symptom/add/?_popup=1&_to_field=id"
    back = browser.sign_in(browser.send(address, written))
    action, sent = Forms(back).found["press-again"]
    sent.pop("csrfmiddlewaretoken")
    sent.pop(kept_words.MADE_FOR)
    assert (action, sent) == (address, written)


def test_a_page_that_an_editor_wrote_survives_with_its_rich_text_and_its_questions(browser):
    page = make_condition()
    counts = {f"{rows}-{name}": "0" for rows in ("steps", "citations") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    typed = counts | {
        **{name: getattr(page, name) for name in ("slug", "name", "title", "plain_name", "lead", "description")},
        "in_brief": "One line.\r\nAnother line.",
        "notice": "none",
        "position": "100",
        "what_it_is": "<p>The nerve <strong>heals</strong> slowly.</p><ul><li><p>Months</p></li></ul>",
        "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "0",
        "questions-0-page_ptr": str(page.pk),
        "questions-0-question": "Will it pass?",
        "questions-0-answer": "<p>It may.</p>",
        "questions-0-position": "1",
        "_save": "Save",
    }
    browser.is_signed_out()
    back = browser.sign_in(browser.send(change_url(page), typed))
    assert "The nerve heals slowly.\n\nMonths" in page_of(back)
    browser.press(back, "press-again")
    saved = Condition.objects.get()
    assert saved.what_it_is == typed["what_it_is"]
    assert saved.questions.get().answer == "<p>It may.</p>"


def test_every_choice_of_an_editors_page_survives(browser):
    regions = [make_region(slug) for slug in ("eye", "mouth")]
    symptom = make_symptom(regions=regions[:1])
    browser.is_signed_out()
    typed = {
        "slug": symptom.slug,
        "words": "My eye waters when I eat",
        "short": symptom.short,
        "explanation": "Two paths have crossed.",
        "situation": "moving",
        "regions": [region.pk for region in regions],
        "position": "7",
        "is_published": "on",
        "_save": "Save",
    }
    browser.press(browser.sign_in(browser.send(change_url(symptom), typed)), "press-again")
    saved = Symptom.objects.get()
    assert saved.words == "My eye waters when I eat"
    assert list(saved.regions.all()) == regions


def test_a_wrong_password_does_not_cost_the_words(browser, inquiry):
    browser.is_signed_out()
    again = browser.sign_in(browser.send(change_url(inquiry), note()), password="mistyped")
    assert "Sign in again: what you typed is kept" in page_of(again)
    browser.press(browser.sign_in(again), "press-again")
    assert len(notes(inquiry)) == 1


def test_while_signed_out_the_words_are_sealed_and_stored_nowhere(browser, inquiry, printed):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note(note="Xylophone"))
    back = browser.sign_in(asked)
    assert "Xylophone" not in page_of(asked)
    assert "Xylophone" in page_of(back)
    assert "Xylophone" not in printed() + str(browser.client.cookies)
    assert not any("Xylophone" in str(session.get_decoded()) for session in Session.objects.all())
    for response in (asked, back):
        assert "no-store" in response["Cache-Control"]


def test_a_sign_in_form_shows_only_words_that_we_sealed(browser, inquiry):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    seal = Forms(asked).found["login-form"][1]["kept_words"][0]
    forged = seal[:60] + ("A" if seal[60] != "A" else "B") + seal[61:]
    back = browser.press(asked, "login-form", username="desk", password=PASSWORD, kept_words=forged)
    assert back.status_code == 302
    assert "could not be kept" in page_of(browser.client.get(back.url))


def test_nothing_that_is_encrypted_for_the_database_opens_as_a_seal(settings):
    stored = Fernet(settings.FIELD_KEYS[0]).encrypt(b'["/admin/", []]').decode()
    assert kept_words.unseal(stored) is None


def test_sealed_words_are_shown_to_nobody_who_has_not_signed_in(rf):
    sealed = kept_words.seal(kept_words.Words("/admin/", [("note", ["Xylophone"])]))
    request = rf.post(LOGIN, {"kept_words": sealed}, headers=OURS)
    request.user = AnonymousUser()
    response = kept_words.keep_words(lambda request: redirect("/admin/second-factor/"))(request)
    assert response.status_code == 302


@pytest.mark.parametrize(("hours", "is_kept"), [(23, True), (25, False)])
def test_words_wait_for_a_sign_in_for_one_day(browser, inquiry, hours, is_kept):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        back = browser.sign_in(asked)
        assert (b"press-again" in back.content) is is_kept
        if not is_kept:
            assert "more than a day old" in page_of(browser.client.get(back.url))


def test_words_go_where_they_were_meant_for_whatever_the_sign_in_form_says(browser, inquiry):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    back = browser.press(
        asked, "login-form", username="desk", password=PASSWORD, next="https://evil.example/admin/appointments/"
    )
    assert Forms(back).found["press-again"][0] == change_url(inquiry)
    assert "evil.example" not in page_of(back)


def test_a_form_from_before_another_tab_signed_in_asks_for_one_press_and_did_nothing(browser, inquiry):
    old = browser.signs_in_elsewhere()
    asked = browser.send(change_url(inquiry), note(csrfmiddlewaretoken=old))
    assert asked.status_code == 403
    assert "This was not sent yet. Press the button to send it." in page_of(asked)
    assert "hears badly on the left" in page_of(asked)
    assert notes(inquiry) == []
    browser.press(asked, "press-again")
    assert len(notes(inquiry)) == 1


def test_a_stale_form_of_somebody_who_is_signed_out_leads_through_the_sign_in(browser, inquiry):
    old = browser.signs_in_elsewhere()
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note(csrfmiddlewaretoken=old))
    browser.press(browser.sign_in(asked), "press-again")
    assert len(notes(inquiry)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_what_no_page_of_ours_sent_is_refused_and_not_shown(browser, inquiry, headers):
    for data in (note(csrfmiddlewaretoken="x" * 64), {"kept_words": kept_words.seal(kept_words.Words("/admin/", []))}):
        for address in (change_url(inquiry), LOGIN):
            refused = browser.client.post(address, data, headers=headers)
            assert refused.status_code == 403
            assert b"press-again" not in refused.content
            assert b"kept_words" not in refused.content
            assert "hears badly" not in page_of(refused)


def test_a_browser_that_only_sends_an_origin_is_believed(browser, inquiry):
    headers = {"Sec-Fetch-Site": "", "Origin": "http://testserver"}
    browser.is_signed_out()
    assert "what you typed is kept" in page_of(browser.send(change_url(inquiry), note(), headers=headers))


def test_a_sign_in_form_left_open_in_two_tabs_keeps_the_words_of_both(browser, inquiry):
    browser.is_signed_out()
    first = browser.send(change_url(inquiry), note(note="First tab"))
    second = browser.send(change_url(inquiry), note(note="Second tab"))
    browser.press(browser.sign_in(first), "press-again")
    browser.press(browser.sign_in(second), "press-again")
    assert notes(inquiry) == ["First tab", "Second tab"]


def test_a_stale_sign_in_form_keeps_its_words_while_nobody_is_signed_in(browser, inquiry):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    browser.signs_in_elsewhere()
    browser.is_signed_out()
    again = browser.sign_in(asked)
    assert "Sign in again: what you typed is kept" in page_of(again)
    browser.press(browser.sign_in(again), "press-again")
    assert len(notes(inquiry)) == 1


def test_an_old_sign_in_form_leads_to_the_desk_when_another_tab_signed_in(browser):
    browser.is_signed_out()
    form = browser.client.get(LOGIN)
    browser.sign_in(form)
    old = browser.sign_in(form)
    assert old.url == LOGIN
    assert browser.client.get(old.url).url == "/admin/"


def refuse(*args, **kwargs):
    raise OperationalError("no connection")


def test_words_that_meet_a_database_that_is_away_stay_on_the_page_and_are_saved_later(browser, inquiry, monkeypatch):
    browser.token()
    with monkeypatch.context() as away:
        away.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        response = browser.send(change_url(inquiry), note())
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "no-store" in response["Cache-Control"]
    assert "We cannot reach our records. What you typed is kept here." in page_of(response)
    assert "hears badly on the left" in page_of(response)
    browser.press(response, "press-again")
    assert len(notes(inquiry)) == 1


def test_a_database_that_goes_away_in_the_middle_of_a_save_costs_no_word(browser, inquiry, monkeypatch):
    browser.token()
    with monkeypatch.context() as away:
        away.setattr(handling, "add_note", refuse)
        response = browser.send(change_url(inquiry), note())
    assert response.status_code == 503
    browser.press(response, "press-again")
    assert len(notes(inquiry)) == 1


def test_a_database_that_is_away_during_the_sign_in_costs_no_word(browser, inquiry, monkeypatch):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    with monkeypatch.context() as away:
        away.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        waiting = browser.sign_in(asked)
    assert waiting.status_code == 503
    assert "We cannot reach our records" in page_of(waiting)
    browser.press(browser.sign_in(waiting), "press-again")
    assert len(notes(inquiry)) == 1


def test_a_database_that_is_away_when_another_tab_signed_in_costs_no_word(browser, inquiry, monkeypatch):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    browser.signs_in_elsewhere()
    with monkeypatch.context() as away:
        away.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        waiting = browser.sign_in(asked)
    assert waiting.status_code >= 500
    browser.press(browser.sign_in(waiting), "press-again")
    assert len(notes(inquiry)) == 1


def test_our_own_mistake_costs_no_word(browser, inquiry, monkeypatch):
    browser.token()
    with monkeypatch.context() as broken:
        broken.setattr(handling, "add_note", lambda *args, **kwargs: 1 / 0)
        response = browser.send(change_url(inquiry), note())
    assert response.status_code == 500
    assert "Something went wrong on our side. What you typed is kept here." in page_of(response)
    browser.press(response, "press-again")
    assert len(notes(inquiry)) == 1


def test_a_colleague_who_may_not_do_it_sends_nothing_and_loses_nothing(browser, inquiry, django_user_model):
    editor = django_user_model.objects.create_user("editor", password=PASSWORD, is_staff=True)
    theirs = Browser(editor)
    refused = theirs.send(change_url(inquiry), note())
    assert refused.status_code == 403
    assert notes(inquiry) == []
    assert "Your account may not do this. What you typed is kept here." in page_of(refused)


def test_nobody_but_the_one_who_typed_it_sees_it_again(browser, inquiry, django_user_model):
    django_user_model.objects.create_superuser("other", password=PASSWORD)
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    back = browser.sign_in(asked, username="other")
    assert back.status_code == 302
    assert "belongs to another account" in page_of(browser.client.get(back.url))
    browser.is_signed_out()
    assert b"press-again" in browser.sign_in(asked).content


@pytest.mark.parametrize("mark", ["", "made up", "1", "1:aaa"])
def test_a_form_that_names_nobody_is_not_kept(browser, inquiry, mark):
    browser.is_signed_out()
    response = browser.send(change_url(inquiry), note() | {kept_words.MADE_FOR: mark})
    assert response.status_code == 302
    assert b"kept_words" not in response.content


def test_a_seal_opens_once(browser, inquiry):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note())
    assert b"press-again" in browser.sign_in(asked).content
    browser.is_signed_out()
    back = browser.sign_in(browser.sign_in(asked))  # the first press finds that the form itself is old
    assert back.status_code == 302
    assert "shown to you once already" in page_of(browser.client.get(back.url))


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/admin/auth/user/1/change/", {"username": "x"}),
        ("/admin/auth/group/add/", {"name": "x"}),
        ("/admin/appointments/mailbox/add/", {"email": "evil@example.org"}),
        ("/admin/appointments/mailbox/", {"form-0-email": "evil@example.org"}),
        ("/admin/appointments/inquiry/", {"action": "export_csv", "_selected_action": "1"}),
        ("/admin/conditions/condition/", {"action": "delete_selected", "_selected_action": "1"}),
        ("/admin/conditions/condition/1/delete/", {"post": "yes"}),
    ],
)
def test_what_would_be_too_bad_to_be_planted_is_never_kept(browser, address, data):
    browser.is_signed_out()
    response = browser.send(address, data)
    assert response.status_code == 302
    assert b"kept_words" not in response.content


def test_the_page_shows_where_it_goes_and_every_value_that_is_sent(browser, inquiry):
    browser.is_signed_out()
    back = browser.sign_in(browser.send(change_url(inquiry), note(owner="7", visit_minutes="45")))
    page = page_of(back)
    for shown in (
        f'<p class="pad">{change_url(inquiry)}</p>',
        "<dt>owner</dt><dd>7</dd>",
        "<dt>visit_minutes</dt><dd>45</dd>",
    ):
        assert shown in page


def test_every_form_of_the_desk_says_whom_it_is_made_for(browser, staff, inquiry):
    for address in (change_url(inquiry), "/admin/conditions/condition/add/", "/admin/appointments/inquiry/"):
        forms = Forms(browser.client.get(address)).found
        marks = [data[kept_words.MADE_FOR] for _, data in forms.values() if "csrfmiddlewaretoken" in data]
        assert marks
        assert {kept_words.whose(mark) for (mark, *_) in marks} == {staff.pk}


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/admin/password_change/", {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"}),
        ("/admin/auth/user/add/", {"username": "new", "password1": "x", "password2": "x"}),
    ],
)
def test_a_form_with_a_password_is_never_carried(browser, address, data):
    browser.is_signed_out()
    response = browser.send(address, data)
    assert response.status_code == 302
    assert response.url == f"{LOGIN}?next={address}"


def test_words_too_long_for_the_sign_in_form_wait_in_their_own_tab(browser, inquiry):
    long = "Much to say. " * 18_000
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note(note=long))
    assert "You were signed out. Sign in in a new tab, then press the button here." in page_of(asked)
    assert f'href="{LOGIN}" target="_blank"' in page_of(asked)
    assert long.strip() in page_of(asked)
    browser.sign_in(browser.client.get(LOGIN))
    browser.press(browser.press(asked, "press-again"), "press-again")
    assert [text.strip() for text in notes(inquiry)] == [long.strip()]


def test_words_that_just_fit_are_taken_by_the_sign_in(browser, inquiry, settings):
    browser.is_signed_out()
    asked = browser.send(change_url(inquiry), note(note="x" * 170_000))
    assert "login-form" in Forms(asked).found
    assert b"press-again" in browser.sign_in(asked).content


def test_what_a_patient_sent_is_no_business_of_the_desk(browser, monkeypatch):
    monkeypatch.setattr("appointments.patient.views.receive", lambda **answers: 1 / 0)
    response = browser.client.post("/request/", valid_request_data())
    assert response.status_code == 500
    assert b"press-again" not in response.content


def test_a_visitor_who_opens_the_desk_is_asked_to_sign_in_as_ever():
    response = Browser().client.get("/admin/appointments/inquiry/")
    assert response.status_code == 302
    assert response.url == f"{LOGIN}?next={quote('/admin/appointments/inquiry/')}"


def test_what_was_typed_is_shown_under_readable_names_and_without_what_only_machines_read():
    fields = {
        "_save": ["Save"],
        "key": ["signed"],
        "visit_at_0": ["2026-12-01"],
        "visit_at_1": ["10:00"],
        "initial-visit_at_0": ["2026-11-30"],
        "what_it_is": ["<p>A weak <strong>face</strong>.</p><ul><li><p>On one side</p></li></ul>"],
        "is_published": ["on"],
        "lead": [""],
        "position": ["7"],
        "note": ["<3 is not a tag"],
        "questions-TOTAL_FORMS": ["1"],
        "questions-0-id": ["4"],
        "questions-0-page": ["9"],
        "questions-0-question": ["Will it pass?"],
        "questions-__prefix__-question": ["template"],
    }
    assert kept_words.in_plain_words(kept_words.Words("/admin/", list(fields.items()))) == {
        "Visit at": ["2026-12-01", "10:00"],
        "What it is": ["A weak face.\n\nOn one side"],
        "Is published": ["yes"],
        "Position": ["7"],
        "Note": ["<3 is not a tag"],
        "Questions 1, question": ["Will it pass?"],
    }


def test_what_a_model_knows_is_shown_in_its_own_words_and_a_chosen_row_by_no_number():
    fields = {"status": ["in_progress"], "began": ["days"], "owner": ["3"], "days": ["0", "2"], "language": ["Czech"]}
    words = kept_words.Words("/admin/appointments/inquiry/1/change/?_popup=1", list(fields.items()))
    assert kept_words.in_plain_words(words) == {
        "Status": ["In progress"],
        "When it started": ["In the last 3 days"],
        "Language": ["Czech"],
    }


def test_hostile_words_are_printed_as_words(browser, inquiry):
    browser.is_signed_out()
    back = browser.sign_in(browser.send(change_url(inquiry), note(note='"><script>alert(1)</script>')))
    assert "<script>alert" not in page_of(back)
