"""Requests that came by telephone or fax, typed in by staff: the same questions, promise and ledger."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from appointments.admin.widgets import DateAndTime
from appointments.models import Inquiry
from appointments.models.office_now import OfficeNow
from appointments.office import words
from appointments.privacy import form_key
from appointments.requests import questions
from appointments.requests.receive import receive
from appointments.requests.request_form import RequestForm, answers_of, topics

LONGEST_AGO = timedelta(days=62)


class TakenRequestForm(RequestForm):
    """The patient's questions, as a colleague reads them out or copies them from a fax."""

    came_by = forms.ChoiceField(
        label="How did it come?",
        choices=[(way, way.label) for way in (Inquiry.CameBy.PHONE, Inquiry.CameBy.FAX)],
        initial=Inquiry.CameBy.PHONE,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it came"},
    )
    received_at = forms.SplitDateTimeField(
        label="When did it come?",
        help_text="New York time. The promise counts from here.",
        widget=DateAndTime("it came"),
        error_messages={"required": "Enter when it came"},
    )

    trap = None  # only a stranger is suspected

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"  # a colleague's browser knows colleagues, and callers before

    def asked(self):
        return questions.asked_by_staff()

    def new_field(self, question):
        return question.new_spoken_field()

    def clean_received_at(self):
        received_at = self.cleaned_data["received_at"]
        if received_at > timezone.now():
            raise forms.ValidationError("This is in the future. Enter when it came.")
        if received_at < timezone.now() - LONGEST_AGO:
            raise forms.ValidationError("This is more than two months ago. Check the date.")
        return received_at


def take_request(model_admin, request):
    """Save it as if the patient had sent it when it came, and open it."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    now = OfficeNow.read()
    form = TakenRequestForm(
        request.POST or None,
        topics=topics(),
        now=now,
        initial={"key": form_key.issue(), "received_at": now.at, "for_whom": Inquiry.ForWhom.ME},
    )
    if form.is_valid():
        received_at = form.cleaned_data["received_at"]
        key = form_key.read(form.cleaned_data["key"]) or form_key.read(form_key.issue())
        reply_by = now.reply_by(received_at)
        if reply_by and reply_by <= now.at:
            reply_by = now.reply_by(now.at)  # nobody was promised a moment that was over before we wrote it down
        inquiry = receive(
            answers=answers_of(form),
            form_key=key.id,
            received_at=received_at,
            reply_by=reply_by,
            came_by=form.cleaned_data["came_by"],
            taken_by=request.user,
        )
        by = f"We promised a reply by {words.moment(inquiry.reply_by)}." if inquiry.reply_by else ""
        messages.success(request, f"Saved as {inquiry.reference}. {by} Read out the reference and the time.")
        return redirect("admin:appointments_inquiry_change", inquiry.pk)
    context = model_admin.admin_site.each_context(request) | {
        "title": "A request by telephone or fax",
        "opts": model_admin.opts,
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/taken.html", context)
