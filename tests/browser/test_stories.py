"""What people do from the home page to a sent request, told as they see it."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.browser.pages import (
    ANSWERS,
    EMAIL,
    FOR_WHOM,
    MESSAGE,
    NAME,
    NAME_IS_MISSING,
    REACH_BY,
    SEND,
    answer,
    control,
    expect_received,
    send,
)

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


def expect_problem_in_focus(page) -> None:
    """The answer is a list of problems, and whoever reads by ear or keyboard is already there."""
    expect(page).to_have_title("Error: Request a consultation – New York Facial Paralysis")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")


def test_the_first_tab_offers_to_skip_to_the_content_and_enter_does(page):
    page.goto("/")
    keyboard = Keyboard(page)
    assert keyboard.tab()["name"] == "Skip to main content"
    keyboard.press("Enter")
    assert keyboard.focus["id"] == "main"
    assert keyboard.tab()["name"] == "Forehead and brow"


def test_a_person_with_only_a_keyboard_asks_mends_a_mistake_and_is_answered(page):
    page.goto("/")
    keyboard = Keyboard(page)
    keyboard.tab_to("Request a consultation")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Request a consultation")).to_be_visible()

    keyboard.choose(FOR_WHOM, ANSWERS[FOR_WHOM])
    keyboard.tab_to(NAME)  # and leave it empty
    keyboard.choose(REACH_BY, ANSWERS[REACH_BY])
    keyboard.tab_to(EMAIL)
    keyboard.type(ANSWERS[EMAIL])
    keyboard.tab_to(MESSAGE)
    keyboard.type(ANSWERS[MESSAGE])
    keyboard.tab_to("You may use my answers")
    keyboard.press("Space")
    keyboard.tab_to(SEND)
    keyboard.press("Enter")

    expect_problem_in_focus(page)
    keyboard.tab_to(NAME_IS_MISSING)
    keyboard.press("Enter")
    expect(control(page, NAME)).to_be_focused()
    expect(control(page, NAME)).to_be_in_viewport()
    expect(control(page, NAME)).to_have_accessible_description(NAME_IS_MISSING)
    keyboard.type("O")
    expect(control(page, EMAIL)).to_have_value(ANSWERS[EMAIL])
    expect(control(page, MESSAGE)).to_have_value(ANSWERS[MESSAGE])
    keyboard.tab_to(SEND)
    keyboard.press("Enter")

    expect_received(page)


def test_a_person_without_scripts_asks_mends_a_mistake_and_is_answered(chromium, visiting):
    with visiting(chromium, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Request a consultation").click()
        answer(page, ANSWERS | {EMAIL: "maria at example"})
        send(page)

        expect_problem_in_focus(page)
        page.get_by_role("alert").get_by_role("link", name="Check the email address").click()
        expect(control(page, EMAIL)).to_be_focused()
        expect(control(page, NAME)).to_have_value(ANSWERS[NAME])
        answer(page, {EMAIL: ANSWERS[EMAIL]})
        send(page)

        expect_received(page)


def test_a_person_with_a_phone_finds_their_symptom_reads_on_and_asks(chromium, visiting):
    with visiting(chromium, **PHONE) as page:
        page.goto("/")
        page.get_by_role("main").get_by_role("link", name="Eye").first.tap()
        page.get_by_role("main").get_by_role("link", name="Synkinesis").first.tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text("ynkinesis")
        page.get_by_role("complementary").get_by_role("link", name="Request a consultation").tap()
        expect(page.get_by_label("What is it about?").locator("option:checked")).to_contain_text("ynkinesis")
        answer(page, ANSWERS)
        page.get_by_role("button", name=SEND).tap()
        expect_received(page)


@pytest.fixture
def page_with_a_past(launch, visiting):
    """A browser that keeps the last pages as they were, as browsers do unless Playwright tells them not to."""
    browser = launch(without=["--disable-back-forward-cache"])
    with visiting(browser) as page:
        yield page
    browser.close()


def test_going_back_to_correct_an_answer_makes_a_second_request_that_staff_see_as_a_repeat(page_with_a_past, desk):
    page = page_with_a_past
    page.goto("/request/")
    answer(page, ANSWERS)
    send(page)
    first = expect_received(page)

    page.go_back(wait_until="commit")  # a page that was kept does not load again
    expect(control(page, NAME)).to_have_value(ANSWERS[NAME])
    answer(page, {EMAIL: "maria.okafor@example.com"})
    send(page)
    second = expect_received(page)

    assert second != first
    desk.goto("/admin/appointments/inquiry/")
    desk.get_by_role("link", name=second).click()
    expect(desk.get_by_role("listitem").filter(has_text=first)).to_contain_text("This may repeat it")


def test_pressing_send_again_on_the_same_answers_leads_to_the_same_reference(page, website):
    """A page restored from memory, or a press while the first is on its way."""
    page.goto("/request/")
    answer(page, ANSWERS)
    form = page.locator("main form").evaluate("form => Object.fromEntries(new FormData(form))")
    send(page)
    first = expect_received(page)
    again = page.request.post("/request/", form=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert first in again.text()
