"""At the size of a phone 911 is on the first screen, and the header leaves room for the page."""

import pytest

from tests.browser.pages import ADDRESSES, STATES

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def phone(chromium, visiting):
    with visiting(chromium, viewport=PHONE) as page:
        yield page


@pytest.mark.parametrize("name", [*ADDRESSES, *STATES])
def test_the_first_911_link_is_at_the_top_of_the_screen_and_can_be_touched(phone, website, name):
    website.open(phone, name)
    box = phone.locator('a[href="tel:911"]').first.bounding_box()
    assert box["y"] + box["height"] <= 200
    assert box["height"] >= 24
    assert box["width"] >= 300


@pytest.mark.parametrize("name", ["home", "condition", "request", "visit"])
def test_the_header_takes_at_most_160_pixels(phone, website, name):
    website.open(phone, name)
    assert phone.locator("header").bounding_box()["height"] <= 160


def test_what_a_narrow_header_leaves_out_stands_elsewhere(phone, website):
    website.open(phone, "visit")
    assert phone.get_by_role("link", name="Search").is_visible()
    assert phone.get_by_role("banner").get_by_role("link", name="Request").is_visible()
    footer = phone.get_by_role("contentinfo")
    assert footer.get_by_text("New York time").first.is_visible()
    assert footer.get_by_role("link", name="(FACE)").is_visible()
