"""How a page's texts are printed."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from conditions.citations import NUMBER, link_citations

TAG = re.compile(r"(<[^<>]*>)")
EMERGENCY_NUMBER = re.compile(r"\b(911|988)\b")

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
    parts, in_link = TAG.split(html), False
    for place, part in enumerate(parts):
        if place % 2:
            in_link = part.startswith("<a ") or (in_link and part != "</a>")
        elif not in_link:
            parts[place] = EMERGENCY_NUMBER.sub(r'<a href="tel:\1">\1</a>', part)
    return mark_safe("".join(parts))


@register.simple_tag
def sections(page):
    """The page's filled sections in order: anchor, heading, rich text, and the field's name."""
    return [
        {"anchor": anchor, "heading": heading, "html": getattr(page, field), "field": field}
        for field, (anchor, heading) in page.SECTIONS.items()
        if getattr(page, field)
    ]
