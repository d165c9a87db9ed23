"""A page as plain lines, one paragraph or list item each: for the reading grade and the checks of content."""

import re
from html import unescape

from conditions.citations import NUMBER, tags_and_text
from conditions.page_types import type_of

BLOCK_END = re.compile(r"</(?:p|li|h\d)>")


def html_lines(html: str) -> list[str]:
    """The paragraphs and list items of a rich text, source marks kept."""
    # Django's strip_tags refuses a text with many unclosed tags; this must take whatever somebody typed.
    parts = (
        unescape("".join(text for is_tag, text in tags_and_text(part) if not is_tag)) for part in BLOCK_END.split(html)
    )
    return [" ".join(part.split()) for part in parts if part.strip()]


def page_lines(page) -> list[str]:
    """Everything a page says to a reader, source marks kept."""
    lines = [page.lead, *page.in_brief_lines]
    for field in page.SECTIONS:
        lines += html_lines(getattr(page, field))
    lines += type_of(page).lines(page)
    for row in page.questions.all():
        lines += [row.question, *html_lines(row.answer)]
    return [line for line in lines if line]


def readable(lines: list[str]) -> str:
    """Lines as the reading grade takes them: without source marks."""
    return "\n".join(NUMBER.sub("", line) for line in lines)
