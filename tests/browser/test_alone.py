"""A page stands alone: nothing from elsewhere, nothing kept, nothing in the way, nothing that moves."""

from dataclasses import dataclass, field

import pytest

from tests.browser.pages import ADDRESSES, ANSWERS, PUBLIC, answer, expect_received, send

pytestmark = pytest.mark.browser

KILOBYTE = 1024


@dataclass
class Visit:
    """What happened in a browser that opened one page for the first time."""

    addresses: list[str] = field(default_factory=list)  # everything that was asked for
    loaded: list[dict] = field(default_factory=list)  # what came, with its bytes
    said: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    cookies: list[dict] = field(default_factory=list)
    shift: float = 0

    def files(self, ending: str) -> dict[str, int]:
        return {entry["url"]: entry["bytes"] for entry in self.loaded if entry["url"].endswith(ending)}


def visit(page, open_page) -> Visit:
    """Open a page, go to its end, and note what happened."""
    seen = Visit()
    page.on("request", lambda request: seen.addresses.append(request.url))
    page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    open_page(page)
    page.keyboard.press("End")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(100)
    seen.cookies = page.context.cookies()
    seen.loaded, seen.violations, seen.shift = page.evaluate("[measure.loaded(), measure.violations, measure.shift]")
    return seen


@pytest.fixture(scope="module")
def visits(chromium, visiting, website):
    """Each public page, opened by a browser that was never here."""
    seen = {}
    for name in PUBLIC:
        with visiting(chromium) as page:
            seen[name] = visit(page, lambda page, name=name: website.open(page, name))
    return seen


def trouble(visits, of) -> dict:
    """What a question finds on each page, without the pages where it finds nothing."""
    return {name: found for name, seen in visits.items() if (found := of(seen))}


def test_no_page_asks_another_origin_for_anything(visits, website):
    assert all(len(seen.addresses) > 3 for seen in visits.values())
    assert not trouble(visits, lambda seen: [url for url in seen.addresses if not url.startswith(f"{website.url}/")])


def test_no_page_leaves_a_cookie(visits):
    assert not trouble(visits, lambda seen: seen.cookies)


def test_sending_a_request_leaves_no_cookie(page):
    page.goto("/request/")
    answer(page, ANSWERS)
    send(page)
    expect_received(page)
    assert page.context.cookies() == []


def test_no_page_keeps_anything_in_the_browser(page):
    page.goto("/")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_no_page_breaks_its_content_security_policy(visits):
    assert not trouble(visits, lambda seen: seen.violations)


def test_the_console_stays_silent(visits):
    expected = {"not found": "404 (Not Found)"}

    def surprises(name, seen):
        return [words for words in seen.said if expected.get(name, "\0") not in words]

    assert not {name: found for name, seen in visits.items() if (found := surprises(name, seen))}


def test_every_page_has_one_stylesheet_the_joined_one(visits, website):
    for name, seen in visits.items():
        (stylesheet,) = seen.files(".css")
        assert stylesheet.startswith(f"{website.url}/static/css/site."), name


def test_every_page_loads_its_two_fonts_of_at_most_60_kb_together(visits):
    for name, seen in visits.items():
        sizes = seen.files(".woff2").values()
        assert len(sizes) == 2, name
        assert 0 < sum(sizes) <= 60 * KILOBYTE, name


def test_no_page_loads_more_than_5_kb_of_scripts(visits):
    assert not trouble(visits, lambda seen: sum(seen.files(".js").values()) > 5 * KILOBYTE and seen.files(".js"))


def test_nothing_moves_while_a_page_loads(visits):
    assert not trouble(visits, lambda seen: seen.shift >= 0.01 and seen.shift)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["home", "condition"])
def test_a_late_font_moves_nothing_that_is_being_read(chromium, visiting, name, width):
    with visiting(chromium, viewport={"width": width, "height": 900}) as page:
        waiting = []
        page.route("**/*.woff2", lambda route: waiting.append(route))
        page.goto(ADDRESSES[name], wait_until="domcontentloaded")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(500)
        assert len(waiting) == 2
        for route in waiting:
            route.continue_()
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(100)
        assert page.evaluate("measure.shift") < 0.01
