"""How a page's texts are printed."""

from django import template
from django.utils.safestring import mark_safe

from conditions.citations import link_citations

register = template.Library()


@register.filter
def prose(html):
    """Rich text, cleaned when it was saved, with its [1] linked to the sources."""
    return link_citations(mark_safe(html))


@register.filter
def cited(text):
    """Plain text with its [1] linked to the sources."""
    return link_citations(text)


@register.simple_tag
def sections(page):
    """The page's filled sections in order: anchor, heading, rich text, and the field's name."""
    return [
        {"anchor": anchor, "heading": heading, "html": getattr(page, field), "field": field}
        for field, (anchor, heading) in page.SECTIONS.items()
        if getattr(page, field)
    ]
