"""What the form's template pack needs beyond Django's own."""

from django import template

register = template.Library()


@register.filter
def hint_of(field, choice) -> str:
    """The hint under one choice of a question, where there is one."""
    return getattr(field.field, "hints", {}).get(choice.data["value"], "")
