"""[1] in a text points to the page's first source."""

import re
from collections.abc import Iterator

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

MARK = re.compile(r"(?<!\s)\s*((?:\[\d{1,2}\])+)")  # begun once a gap: from each space of it, a long gap takes for ever
TAG_MARK = re.compile(r"[\"'>]")
NUMBER = re.compile(r"\[(\d{1,2})\]")


def cited_numbers(text: str) -> set[int]:
    """The numbers of the sources that a text cites."""
    return {int(number) for number in NUMBER.findall(text)}


def link_citations(text: str) -> SafeString:
    """Turn [1] into a raised link to the source. Plain text is escaped; cleaned rich text is marked safe first."""

    def links(marks: re.Match) -> str:
        anchors = (
            f'<a href="#source-{n}"><span class="visually-hidden">Source </span>{n}</a>'
            for n in NUMBER.findall(marks[1])
        )
        return f"<sup>{' '.join(anchors)}</sup>"

    html = conditional_escape(text)
    return mark_safe("".join(part if is_tag else MARK.sub(links, part) for is_tag, part in tags_and_text(html)))


def tags_and_text(html: str) -> Iterator[tuple[bool, str]]:
    """Each tag and each text between tags: (is it a tag, the piece). An address in a tag may hold [1] or >."""
    at = 0
    while (begin := html.find("<", at)) >= 0:
        yield False, html[at:begin]
        at, quote = begin, ""
        for mark in TAG_MARK.finditer(html, begin):
            if quote:
                quote = "" if mark[0] == quote else quote
            elif mark[0] == ">":
                at = mark.end()
                break
            else:
                quote = mark[0]
        if at == begin:  # it never ends, so it is none
            break
        yield True, html[begin:at]
    yield False, html[at:]
