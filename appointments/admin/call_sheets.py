"""Call sheets: what a person needs beside the telephone, on paper. To print one is to look, and is written down."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.utils import timezone

from appointments.admin.actions import not_too_many
from appointments.models import Access, Inquiry
from appointments.requests import questions


@admin.action(description="Print call sheets", permissions=["view"])
def call_sheets(model_admin, request, queryset):
    if rows := not_too_many(model_admin, request, queryset):
        return printed(model_admin, request, rows)


def printed(model_admin, request, inquiries: list[Inquiry]) -> TemplateResponse:
    """A sheet for each of these, to print."""
    Access.write(Access.Action.PRINTED, inquiries, by=request.user)
    title = f"Call sheet {inquiries[0]}" if len(inquiries) == 1 else f"{len(inquiries)} call sheets"
    context = model_admin.admin_site.each_context(request) | {
        "title": title,
        "opts": model_admin.opts,
        "sheets": [(inquiry, questions.on_paper(inquiry)) for inquiry in inquiries],
        "now": timezone.localtime(),
    }
    return TemplateResponse(request, "admin/appointments/inquiry/call_sheets.html", context)
