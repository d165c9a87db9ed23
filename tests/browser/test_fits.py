"""Nothing is lost on a narrow screen, with large text, or under an unsteady finger."""

import pytest

from tests.browser.desk_pages import DESK
from tests.browser.pages import PUBLIC

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}  # what a 1280 px screen shows at 400 %
MEASURES = """({
    width: measure.width(), beyondTheEdge: measure.beyondTheEdge(),
    clipped: measure.clipped(), overlaps: measure.overlaps(), smallTargets: measure.smallTargets(),
})"""


@pytest.fixture(scope="module")
def narrow_page(chromium, visiting):
    with visiting(chromium, viewport=NARROW, has_touch=True) as page:
        yield page


@pytest.fixture(scope="module", params=PUBLIC)
def narrow(narrow_page, website, request):
    """What was measured of one page at 320 px. It is opened once for all tests."""
    website.open(narrow_page, request.param)
    return narrow_page.evaluate(MEASURES)


@pytest.fixture(scope="module")
def narrow_desk_page(chromium, visiting, signed_in):
    with visiting(chromium, storage_state=signed_in, viewport=NARROW, has_touch=True) as page:
        yield page


@pytest.fixture(scope="module", params=DESK)
def narrow_desk(narrow_desk_page, desk_pages, request):
    """What was measured of one page of the desk at 320 px."""
    desk_pages.open(narrow_desk_page, request.param)
    return narrow_desk_page.evaluate(MEASURES)


@pytest.fixture(scope="module")
def large_text_page(launch, visiting):
    """A browser whose reader has set its text to twice the usual size."""
    browser = launch("--blink-settings=defaultFontSize=32,defaultFixedFontSize=26")
    with visiting(browser) as page:
        yield page
    browser.close()


def test_no_page_scrolls_sideways_at_320_px(narrow):
    assert narrow["width"] <= NARROW["width"], narrow["beyondTheEdge"]


def test_no_text_is_cut_off_or_covered_at_320_px(narrow):
    assert narrow["clipped"] == []
    assert narrow["overlaps"] == []


def test_every_link_and_control_is_large_enough_to_touch(narrow):
    assert narrow["smallTargets"] == []


def test_no_page_of_the_desk_scrolls_sideways_at_320_px(narrow_desk):
    assert narrow_desk["width"] <= NARROW["width"], narrow_desk["beyondTheEdge"]


def test_no_text_of_the_desk_is_cut_off_or_covered_at_320_px(narrow_desk):
    assert narrow_desk["clipped"] == []
    assert narrow_desk["overlaps"] == []


def test_every_link_and_control_of_the_desk_is_large_enough_to_touch(narrow_desk):
    assert narrow_desk["smallTargets"] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_nothing_is_lost_when_text_is_twice_as_large(large_text_page, website, name):
    website.open(large_text_page, name)
    line = large_text_page.locator(".emergency").evaluate("line => getComputedStyle(line).fontSize")
    assert line == "34px"  # not 17
    assert large_text_page.evaluate("measure.width()") <= 1280, large_text_page.evaluate("measure.beyondTheEdge()")
    assert large_text_page.evaluate("measure.clipped()") == []
    assert large_text_page.evaluate("measure.overlaps()") == []
