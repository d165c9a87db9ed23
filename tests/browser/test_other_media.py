"""Forced colours and paper."""

import re
import zlib

import pytest

from tests.browser.pages import PUBLIC

pytestmark = pytest.mark.browser

# Forced colours


@pytest.fixture
def forced_page(chromium, visiting):
    with visiting(chromium, forced_colors="active", reduced_motion="reduce") as page:
        yield page


EDGES = """elements => elements.map(element => {
    const style = getComputedStyle(element);
    const width = parseFloat(style.borderTopWidth);
    return [element.innerText || element.id, style.borderTopStyle, width, style.borderTopColor, style.backgroundColor];
})"""


@pytest.mark.parametrize("name", ["home", "condition", "request", "request with errors"])
def test_buttons_keep_a_border_in_forced_colours(forced_page, website, name):
    website.open(forced_page, name)
    buttons = forced_page.locator(".button").evaluate_all(EDGES)
    assert buttons
    for words, style, width, edge, ground in buttons:
        assert (style, width >= 1, edge != ground) == ("solid", True, True), words


def test_fields_and_choices_keep_a_border_in_forced_colours(forced_page):
    forced_page.goto("/request/")
    fields = forced_page.locator(
        "main :is(input[type=text], input[type=email], input[type=tel], select, textarea, .choice)"
    )
    edges = fields.evaluate_all(EDGES)
    assert len(edges) >= 8
    for words, style, width, edge, ground in edges:
        assert (style, width >= 1, edge != ground) == ("solid", True, True), words


def test_every_part_of_the_drawing_keeps_its_outline_in_forced_colours(forced_page):
    forced_page.goto("/symptoms/")
    shapes = forced_page.locator(".face-map a path").evaluate_all(
        "paths => paths.map(path => [getComputedStyle(path).stroke, parseFloat(getComputedStyle(path).strokeWidth)])"
    )
    assert len(shapes) >= 8
    assert all(stroke != "none" and width >= 2 for stroke, width in shapes)


@pytest.mark.parametrize("path", ["/request/", "/symptoms/"])
def test_the_focus_stays_visible_in_forced_colours(forced_page, path):
    forced_page.goto(path)
    for _ in range(12):
        forced_page.keyboard.press("Tab")
        focus = forced_page.evaluate("measure.focus()")
        assert focus["isSeen"], focus


def test_a_part_of_the_drawing_in_focus_differs_from_the_others_in_forced_colours(forced_page):
    forced_page.goto("/symptoms/")
    look = "path => { const style = getComputedStyle(path); return [style.stroke, style.strokeWidth, style.fill] }"
    link = forced_page.locator(".face-map #mouth")
    at_rest = link.locator("path").evaluate(look)
    link.press("Shift")
    assert link.locator("path").evaluate(look) != at_rest


# Paper


@pytest.mark.parametrize("name", PUBLIC)
def test_paper_carries_the_text_and_no_navigation_button_or_strip(reader, website, name):
    reader.emulate_media(media="screen")
    website.open(reader, name)
    reader.emulate_media(media="print")
    useless = reader.locator(".strip, .site-nav, .breadcrumb, .toc, .skip, .ask, .search, .button, footer nav")
    assert useless.filter(visible=True).all_inner_texts() == []
    assert reader.get_by_role("heading", level=1).is_visible()
    assert "(212) 434-4050" in reader.locator("footer").inner_text()


def test_a_condition_on_paper_keeps_every_paragraph_of_the_screen(page):
    page.goto("/conditions/synkinesis/")
    texts = page.locator("main :is(h1, h2, h3, p, li)")
    on_screen = set(texts.filter(visible=True).all_inner_texts()) - set(page.locator(".toc *").all_inner_texts())
    page.emulate_media(media="print")
    on_paper = set(texts.filter(visible=True).all_inner_texts())
    assert len(on_screen) > 40
    assert on_screen - on_paper == set()


def test_paper_is_black_on_white_in_the_dark_too(page):
    page.emulate_media(media="print", color_scheme="dark")
    page.goto("/conditions/synkinesis/")
    style = "element => { const style = getComputedStyle(element); return [style.color, style.backgroundColor] }"
    assert page.locator("body").evaluate(style) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def text_on_sheets(pdf: bytes) -> list[int]:
    """How often each sheet of a PDF that Chromium made shows a piece of text."""
    objects = dict(re.findall(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL))
    counts = []
    for body in objects.values():
        if re.search(rb"/Type /Page\b", body):
            content = objects[re.search(rb"/Contents (\d+) 0 R", body)[1]]
            stream = re.search(rb"stream\n(.*)\nendstream", content, re.DOTALL)[1]
            counts.append(len(re.findall(rb"\bT[jJ]\b", zlib.decompress(stream))))
    return counts


def test_a_condition_prints_on_several_sheets_and_none_is_empty(page):
    page.goto("/conditions/synkinesis/")
    sheets = text_on_sheets(page.pdf(format="Letter"))
    assert 2 <= len(sheets) <= 12
    assert all(sheets), sheets
