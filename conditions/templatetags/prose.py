"""How a page's texts are printed."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from conditions.citations import NUMBER, link_citations

ANCHOR_OR_NUMBER = re.compile(r"(<a\b.*?</a>|<[^>]*>)|\b(911|988)\b", re.DOTALL)

register = template.Library()


@register.filter
def prose(html):
    """Rich text, cleaned when it was saved, with its [1] linked to the sources, and 911 and 988 to the telephone."""
    return link_emergency_numbers(link_citations(mark_safe(html)))


@register.filter
def cited(text):
    """Plain text with its [1] linked to the sources, and 911 and 988 to the telephone."""
    return link_emergency_numbers(link_citations(text))


@register.filter
def summary(text):
    """Plain text as a list of pages prints it: without [1], whose sources are elsewhere; 911 and 988 as links."""
    return link_emergency_numbers(conditional_escape(NUMBER.sub("", text)))


def link_emergency_numbers(html: SafeString) -> SafeString:
    """Whoever reads "call 911" can touch it. What is a link already stays as it is."""

    def link(found: re.Match) -> str:
        return found[1] or f'<a href="tel:{found[2]}">{found[2]}</a>'

    return mark_safe(ANCHOR_OR_NUMBER.sub(link, html))


@register.simple_tag
def sections(page):
    """The page's filled sections in order: anchor, heading, rich text, and the field's name."""
    return [
        {"anchor": anchor, "heading": heading, "html": getattr(page, field), "field": field}
        for field, (anchor, heading) in page.SECTIONS.items()
        if getattr(page, field)
    ]
