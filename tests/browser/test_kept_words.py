"""A colleague's session ends while they write, in a real browser and with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STAFF
from tests.browser.test_accessible_to_all import violations

pytestmark = pytest.mark.browser

REQUEST = "/admin/appointments/inquiry/1/change/"


def sign_in(page) -> None:
    page.get_by_label("Username").fill(STAFF["STAFF_USERNAME"])
    page.get_by_label("Password").fill(STAFF["STAFF_PASSWORD"])
    page.keyboard.press("Enter")


def sign_out(page) -> None:
    """In another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto("/admin/")
    tab.get_by_role("button", name="Log out").click()
    expect(tab.get_by_role("heading", name="Logged out")).to_be_visible()
    tab.close()


def sign_in_elsewhere(page) -> None:
    """In another tab of the same browser: the form's token is an old one from then on."""
    tab = page.context.new_page()
    tab.goto("/admin/login/")
    sign_in(tab)
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()
    tab.close()


def type_a_note(page, words: str) -> None:
    """Sign in, open a request and write."""
    page.goto("/admin/login/")
    sign_in(page)
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.goto(REQUEST)
    page.get_by_label("Note for colleagues").fill(words)


def press(page, name: str) -> None:
    """Reach a button with the tab key, see that the focus shows, and press it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focus = page.evaluate("measure.focus()")
        if focus["name"] == name:
            break
    assert focus["name"] == name
    assert focus["isSeen"]
    assert focus["isInView"]
    page.keyboard.press("Enter")


def expect_saved(page, *lines: str) -> None:
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto(REQUEST)
    for line in lines:
        expect(page.get_by_role("region", name="History")).to_contain_text(line)


@pytest.fixture
def phone(chromium, visiting):
    """A page of its own session, so that signing out ends nobody else's."""
    with visiting(chromium, viewport={"width": 390, "height": 844}) as page:
        yield page
        assert page.evaluate("measure.violations") == []


def test_a_note_survives_a_session_that_ended_in_another_tab(phone):
    type_a_note(phone, "Spoke to her sister.\nCall after four.")
    sign_out(phone)
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(phone.get_by_role("heading", level=1, name="Sign in again: what you typed is kept")).to_be_visible()
    assert violations(phone) == ""
    sign_in(phone)
    expect(phone.get_by_role("heading", level=1, name="You are signed in again. Nothing was lost.")).to_be_visible()
    expect(phone.get_by_role("definition").filter(has_text="Spoke to her sister.")).to_contain_text("Call after four.")
    assert phone.evaluate("measure.width()") <= 390, phone.evaluate("measure.beyondTheEdge()")
    assert violations(phone) == ""
    press(phone, "Send it once more")
    expect_saved(phone, "Spoke to her sister.", "Call after four.")


def test_a_note_survives_a_sign_in_in_another_tab(phone):
    type_a_note(phone, "Left-handed.")
    sign_out(phone)
    sign_in_elsewhere(phone)
    phone.get_by_role("button", name="Save", exact=True).click()
    heading = "This was not sent yet. Press the button to send it."
    expect(phone.get_by_role("heading", level=1, name=heading)).to_be_visible()
    press(phone, "Send it once more")
    expect_saved(phone, "Left-handed.")
