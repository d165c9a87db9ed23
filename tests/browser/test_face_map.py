"""The face map: a plain list that leads, and a drawing with the same eight links."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.browser.pages import REGIONS

pytestmark = pytest.mark.browser

FINDERS = ["/", "/symptoms/"]
READ = "links => links.map(link => [link.getAttribute('href'), link.getAttribute('aria-label') || link.innerText])"
LOOK = "path => { const style = getComputedStyle(path); return [style.stroke, style.fill] }"


def listed(page):
    return page.locator(".region-list").get_by_role("link")


def drawn(page):
    return page.get_by_role("group", name="Drawing of a face").get_by_role("link")


@pytest.mark.parametrize("path", FINDERS)
def test_the_list_and_the_drawing_lead_to_the_same_eight_pages_under_the_same_names(page, path):
    page.goto(path)
    links = listed(page).evaluate_all(READ)
    assert [href for href, _ in links] == [f"/symptoms/{slug}/" for slug in REGIONS]
    assert drawn(page).evaluate_all(READ) == links


@pytest.mark.parametrize("path", FINDERS)
def test_tab_passes_every_link_of_the_list_and_then_every_part_of_the_drawing(page, path):
    page.goto(path)
    names = [name for _, name in listed(page).evaluate_all(READ)]
    keyboard = Keyboard(page)
    stops = [keyboard.tab_to(names[0]), *(keyboard.tab() for _ in range(16))]
    assert [stop["name"] for stop in stops] == [*names, "Read this first", *names]
    assert [stop["id"] for stop in stops[-8:]] == REGIONS


@pytest.mark.parametrize("path", ["/symptoms/eye/", "/symptoms/whole-face/"])
def test_on_a_regions_page_its_link_is_marked_in_the_list_and_in_the_drawing(page, path):
    page.goto(path)
    for links in (listed(page), drawn(page)):
        assert [href for href, _ in links.and_(page.locator("[aria-current=page]")).evaluate_all(READ)] == [path]


@pytest.mark.parametrize("slug", REGIONS)
def test_a_part_of_the_drawing_shows_its_focus_and_enter_opens_its_page(page, slug):
    page.goto("/symptoms/")
    page.emulate_media(reduced_motion="reduce")
    link = page.locator(f".face-map #{slug}")
    outline_at_rest, colour_at_rest = link.locator("path").evaluate(LOOK)
    link.press("Shift")  # gives it the focus as a keyboard does
    outline, colour = link.locator("path").evaluate(LOOK)
    assert outline_at_rest == "none"
    assert outline != "none"
    assert colour != colour_at_rest
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"/symptoms/{slug}/")


def test_pointing_at_a_link_of_the_list_lights_its_part_of_the_drawing(page):
    page.emulate_media(reduced_motion="reduce")
    page.goto("/symptoms/")
    shape = page.locator(".face-map #mouth path")
    _, at_rest = shape.evaluate(LOOK)
    listed(page).nth(REGIONS.index("mouth")).hover()
    _, lit = shape.evaluate(LOOK)
    assert lit != at_rest
