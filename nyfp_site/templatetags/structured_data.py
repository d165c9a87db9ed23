"""Print schema.org data. A data block is no script: the strict CSP lets it pass."""

import json

from django import template
from django.urls import reverse
from django.utils.safestring import mark_safe

from conditions.page_types import type_of
from nyfp_site import structured_data

register = template.Library()

HOME = ("Home", "/")


def data_block(*items: dict | None) -> str:
    found = [item for item in items if item]
    text = json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, separators=(",", ":"))
    # "</script>" inside a text must not end the block
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.simple_tag
def clinic_data(now):
    """The practice, on pages that show its address and hours."""
    return data_block(structured_data.clinic(now))


@register.simple_tag
def page_data(page):
    """A condition, a treatment or a page of another type."""
    return data_block(
        structured_data.about(page),
        structured_data.questions(page),
        structured_data.breadcrumbs(HOME, *type_of(page).trail(page)),
    )


@register.simple_tag
def region_data(region):
    """A page of the symptom finder."""
    return data_block(
        structured_data.breadcrumbs(
            HOME, ("Symptoms", reverse("symptom_list")), (region.name, region.get_absolute_url())
        )
    )
