"""The office on every page. `{% current_office as now %}` stands once, at the top of base.html."""

from django import template

from appointments.models.office_now import OfficeNow
from appointments.office import words

register = template.Library()


@register.simple_tag(takes_context=True)
def current_office(context) -> OfficeNow:
    """The office at this moment. A view that has read it already passes it as `now`."""
    if "now" in context:
        return context["now"]
    return OfficeNow.without_database() if context.get("database_is_down") else OfficeNow.read()


register.filter("moment", words.moment)
register.filter("lately", words.lately)
register.filter("day", words.day)


@register.filter
def tel(number) -> str:
    """(212) 434-4050"""
    return number.as_national if number.country_code == 1 else number.as_international
