"""axe finds nothing: WCAG 2.2 AA and good practice, on every kind of page, light and dark, on desk and phone."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from tests.browser.desk_pages import DESK
from tests.browser.pages import PUBLIC

pytestmark = pytest.mark.browser

EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What colours and width can change. The rest of a page is the same in every look.
AS_DRAWN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
LOOKS = [
    ("light", 1280, EVERYTHING),
    ("dark", 1280, AS_DRAWN),
    ("dark", 390, EVERYTHING),
    ("light", 390, AS_DRAWN),
]
CONDITIONS = "/admin/conditions/condition/"


def violations(page) -> str:
    """What axe has against the page that is shown, in each look, one line for each element."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for scheme, width, rules in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("measure.settle()")  # colours that are still fading have no contrast to speak of
        answer = page.evaluate("rules => axe.run({ runOnly: rules, resultTypes: ['violations'] })", rules)
        for violation in answer["violations"]:
            for node in violation["nodes"]:
                why = node["failureSummary"].splitlines()[-1].strip()
                found.append(f"{scheme} {width}: {violation['id']} at {' '.join(map(str, node['target']))}: {why}")
    return "\n".join(found)


@pytest.mark.parametrize("name", PUBLIC)
def test_axe_finds_nothing_on_a_public_page(reader, website, name):
    website.open(reader, name)
    assert violations(reader) == ""


def test_axe_finds_nothing_where_staff_sign_in(reader):
    reader.goto("/admin/login/")
    assert violations(reader) == ""


@pytest.mark.parametrize("name", DESK)
def test_axe_finds_nothing_at_the_desk(desk, desk_pages, name):
    desk_pages.open(desk, name)
    assert violations(desk) == ""


def test_axe_finds_nothing_on_the_editors_list(desk):
    desk.goto(CONDITIONS)
    assert violations(desk) == ""


def test_axe_finds_nothing_where_editors_write(desk):
    desk.goto(CONDITIONS)
    desk.get_by_role("link", name="Synkinesis").first.click()
    expect(desk.locator("[contenteditable=true]").first).to_be_visible()
    assert violations(desk) == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_on_the_two_half_discs_can_be_read(page, scheme):
    """axe cannot tell what lies behind these words: a pseudo-element."""
    page.emulate_media(color_scheme=scheme)
    page.goto("/")
    words = page.locator(".ask :is(h2, p), .halves h2").evaluate_all("all => all.map(measure.colour)")
    grounds = page.evaluate("['--sage', '--apricot', '--paper'].map(measure.token)")
    assert len(words) >= 4
    assert {(word, ground) for word in words for ground in grounds if contrast(word, ground) < 4.5} == set()


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2 between two colours as the browser writes them: rgb(42, 32, 48)."""

    def luminance(colour: str) -> float:
        shares = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_axe_would_say_so(page):
    """The measuring itself works: a page that is bad in one look is found bad in that look."""
    page.goto("/about/")
    page.locator(".lead").first.evaluate("lead => lead.style.cssText = 'color: #888; background: #777'")
    page.locator(".lead").first.evaluate("lead => lead.setAttribute('role', 'nonsense')")
    assert {line.split(" at ")[0] for line in violations(page).splitlines()} >= {
        "light 1280: color-contrast",
        "dark 1280: color-contrast",
        "dark 390: color-contrast",
        "light 1280: aria-roles",
    }
