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
from appointments.office.words import promise
from appointments.privacy import form_key
from appointments.requests import consent
from appointments.requests.questions import RequestForm, answers_of, topics
from appointments.requests.receive import receive

LONGEST_AGO = timedelta(days=62)
COUNTS_FROM_HERE = "New York time. The promise counts from here."


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
        widget=DateAndTime("it came"),
        error_messages={"required": "Enter when it came"},
    )

    # In staff's words: what belongs together, each question with its label and, where it helps, a hint
    PARTS = {
        "How it came": {"came_by": ("How did it come?", ""), "received_at": ("When did it come?", COUNTS_FROM_HERE)},
        "Who it is for": {
            "for_whom": ("Who asks?", ""),
            "name": ("Name of the patient", ""),
            "contact_name": ("Whom may we contact?", "Only if somebody asks for a child or another person."),
            "language": ("Language", ""),
            "wants_interpreter": ("They would like an interpreter", ""),
        },
        "How to reach them": {
            "reach_by": ("How shall we reach them?", ""),
            "phone": ("Phone number", "Any country, with an extension if there is one."),
            "email": ("Email address", "They get a mail with the promise and a private link."),
            "may_leave_voicemail": ("We may leave a voicemail", ""),
            "may_say_who_calls": ("We may say who is calling", ""),
            "speaking_is_hard": ("Speaking on the telephone is hard for them", ""),
        },
        "What it is about": {
            "topic": ("Topic", ""),
            "began": ("When did it start?", "In the last 3 days, or sudden: 911, or a doctor today."),
            "message": ("What they told us", "In their own words."),
        },
        "When it suits": {"days": ("Days that suit", ""), "time_of_day": ("Time of day", "")},
        "Agreement": {"consent": (consent.WORDINGS[consent.SPOKEN], "")},
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        del self.fields["trap"]
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"  # a colleague's browser knows colleagues, and callers before
        for questions in self.PARTS.values():
            for name, (label, hint) in questions.items():
                self.fields[name].label, self.fields[name].help_text = label, hint
        self.fields["for_whom"].initial = Inquiry.ForWhom.ME
        self.fields["for_whom"].choices = [("me", "The patient asks"), ("child", "A parent asks"), ("other", "Another")]

    def clean_received_at(self):
        received_at = self.cleaned_data["received_at"]
        if received_at > timezone.now():
            raise forms.ValidationError("This is in the future. Enter when it came.")
        if received_at < timezone.now() - LONGEST_AGO:
            raise forms.ValidationError("This is more than two months ago. Check the date.")
        return received_at

    @property
    def parts(self):
        """Each heading with its fields, to print."""
        return [(heading, [self[name] for name in questions]) for heading, questions in self.PARTS.items()]

    @property
    def answers(self) -> dict:
        ours = {"came_by", "received_at"}
        return {name: value for name, value in super().answers.items() if name not in ours}


def take_request(model_admin, request):
    """Save it as if the patient had sent it when it came, and open it."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    now = OfficeNow.read()
    form = TakenRequestForm(
        request.POST or None,
        topics=topics(),
        now=now,
        initial={"key": form_key.issue(), "received_at": now.at},
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
        by = f"We promised a reply by {promise(inquiry.reply_by)}." if inquiry.reply_by else ""
        messages.success(request, f"Saved as {inquiry.reference}. {by} Read out the reference and the time.")
        return redirect("admin:appointments_inquiry_change", inquiry.pk)
    context = model_admin.admin_site.each_context(request) | {
        "title": "A request by telephone or fax",
        "opts": model_admin.opts,
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/taken.html", context)
