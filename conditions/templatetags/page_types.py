"""The types of page, for the parts that every page has."""

from django import template

from conditions.page_types import PAGE_TYPES, PageType

register = template.Library()


@register.simple_tag
def page_types_beside_the_header() -> list[PageType]:
    """Those whose list the header does not name."""
    return [page_type for page_type in PAGE_TYPES if not page_type.is_in_header]
