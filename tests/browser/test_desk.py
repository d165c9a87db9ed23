"""Staff at work in a real browser, under the same strict policy as the public pages."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk_pages import DESK, NOTE, QUEUE, history, save
from tests.browser.pages import ANSWERS, MESSAGE, NAME, answer, expect_received, send

pytestmark = pytest.mark.browser

LYME = "Lyme"


@pytest.fixture
def watched_desk(desk):
    """The desk, whose browser must have nothing to complain of at the end of the story."""
    said = []
    desk.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    desk.on("pageerror", lambda error: said.append(str(error)))
    desk.said = said
    return desk


def expect_no_complaint(desk) -> None:
    assert desk.evaluate("measure.violations") == []
    assert desk.said == []


def open_lyme(desk) -> None:
    desk.goto("/admin/conditions/condition/")
    desk.get_by_role("link", name=LYME).first.click()
    expect(desk.get_by_role("heading", name="Change condition")).to_be_visible()


def test_staff_open_the_queue_and_a_request_and_read_what_the_patient_wrote(page, watched_desk):
    page.goto("/request/")
    answer(page, ANSWERS | {MESSAGE: "My smile pulls my eye shut."})
    send(page)
    reference = expect_received(page)

    watched_desk.goto(QUEUE)
    expect_no_complaint(watched_desk)
    watched_desk.get_by_role("link", name=f"{ANSWERS[NAME]} {reference}").click()
    expect(watched_desk.get_by_text("My smile pulls my eye shut.")).to_be_visible()
    expect_no_complaint(watched_desk)
    watched_desk.get_by_label(NOTE).fill("Called, no answer yet.")
    watched_desk.get_by_label("Status").select_option(label="In progress")
    save(watched_desk)
    watched_desk.get_by_role("link", name=f"{ANSWERS[NAME]} {reference}").click()
    expect(history(watched_desk)).to_contain_text("Called, no answer yet.")
    expect_no_complaint(watched_desk)


@pytest.mark.parametrize("name", DESK)
def test_no_page_of_the_desk_breaks_the_strict_policy(watched_desk, desk_pages, name):
    desk_pages.open(watched_desk, name)
    expect_no_complaint(watched_desk)


def test_an_editor_makes_a_word_bold_and_patients_read_it(page, watched_desk):
    open_lyme(watched_desk)
    editor = watched_desk.locator(".field-what_it_is [contenteditable=true]")
    expect(editor).to_be_visible()
    editor.press("Control+End")
    watched_desk.keyboard.press("Enter")
    watched_desk.keyboard.type("Ticks are ")
    watched_desk.keyboard.press("Control+b")
    watched_desk.keyboard.type("small")
    watched_desk.keyboard.press("Control+b")
    watched_desk.keyboard.type(".")
    expect_no_complaint(watched_desk)
    watched_desk.get_by_role("button", name="Save", exact=True).click()
    expect(watched_desk.get_by_text("was changed successfully")).to_be_visible()

    page.goto("/conditions/lyme-disease-facial-palsy/")
    paragraph = page.get_by_role("main").get_by_text("Ticks are small.")
    expect(paragraph).to_be_visible()
    expect(paragraph.locator("strong")).to_have_text("small")


def test_the_editor_keeps_the_strict_policy_when_it_opens(watched_desk):
    open_lyme(watched_desk)
    expect(watched_desk.locator("[contenteditable=true]").first).to_be_visible()
    expect_no_complaint(watched_desk)
