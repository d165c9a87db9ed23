"""[1] in a text points to the page's first source."""

import re

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

MARK = re.compile(r"\s*((?:\[\d{1,2}\])+)")
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

    return mark_safe(MARK.sub(links, conditional_escape(text)))
