"""The desk's page of one request, as a browser that shows it would send it back."""

from django.test.html import parse_html
from django.urls import reverse

from appointments.admin.desk_form import DeskForm
from appointments.admin.two_at_once import posted
from appointments.models import Inquiry


def desk_url(inquiry) -> str:
    return reverse("admin:appointments_inquiry_change", args=[inquiry.pk])


def as_shown(inquiry) -> dict:
    """Every field as the page shows it now, untouched."""
    data = {}
    for field in DeskForm(instance=Inquiry.objects.get(pk=inquiry.pk)):
        if field.name in ("contact", "visit_anyway", "cancel_visit"):
            continue  # buttons, and boxes without a tick
        values = posted(field)
        data |= values
        if field.field.show_hidden_initial:
            data |= {f"initial-{name}": value for name, value in values.items()}
    return data


def press_save(client, inquiry, page: dict | None = None, **typed):
    """Change these fields on a page, opened now unless given, and press Save. The answer."""
    return client.post(desk_url(inquiry), (page or as_shown(inquiry)) | typed)


def still_typed(response) -> dict:
    """What a browser that got this page back would send by Save, nothing on it touched."""
    page = parse_html(response.content.decode())
    (form,) = [one for one in elements(page, "form") if dict(one.attributes).get("id") == "inquiry_form"]
    data = {}
    for one in elements(form, "input", "select", "textarea"):
        has = dict(one.attributes)
        if one.name == "select":
            options = [dict(option.attributes) for option in elements(one, "option")]
            data[has["name"]] = next((option["value"] for option in options if "selected" in option), "")
        elif one.name == "textarea":
            data[has["name"]] = "".join(map(str, one.children))
        elif has.get("type") != "checkbox" or "checked" in has:
            data[has["name"]] = has.get("value", "")
    return data


def elements(parent, *names: str):
    """Every element of these names within another, in order."""
    for one in getattr(parent, "children", []):
        if getattr(one, "name", "") in names:
            yield one
        yield from elements(one, *names)
