"""The desk's page of one request, as a browser that shows it would send it back."""

from django.urls import reverse

from appointments.admin.desk_form import DeskForm, posted
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
    """What the page that came back holds, to send once more."""
    return dict(response.context["adminform"].form.data.items())
