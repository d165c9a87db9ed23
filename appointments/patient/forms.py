"""What a patient may do to an open request through the private page."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from appointments.models import Inquiry, InquiryEvent
from appointments.models.inquiry import MESSAGE_LIMIT
from appointments.requests import handling
from appointments.requests.fields import TextField


class PrivatePageForm(forms.Form):
    """One thing a patient may do to an open request, and not without end. It has one field."""

    MOST_A_DAY = 20

    def __init__(self, *args, inquiry: Inquiry, **kwargs):
        super().__init__(*args, **kwargs)
        self.inquiry = inquiry

    def clean(self):
        answers = super().clean()
        if problem := self._problem():
            self.add_error(next(iter(self.fields)), problem)
        return answers

    def _problem(self) -> str:
        if self.inquiry.closed_at:
            return "Nothing was saved: this request is closed. Please send a new request instead."
        done = self.inquiry.events.filter(
            kind__in=[InquiryEvent.Kind.PATIENT_NOTE, InquiryEvent.Kind.CHANNEL_CHANGED],
            at__gt=timezone.now() - timedelta(days=1),
        )
        if done.count() >= self.MOST_A_DAY:
            return "Nothing was saved: there were very many changes today. Please try tomorrow, or call us."
        return ""


class NoteForm(PrivatePageForm):
    """What a patient adds later."""

    prefix = "add"
    note = TextField(
        label="Your note",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="We read it with your request. It will not be shown on this page.",
        error_messages={"required": "Write your note first"},
    )

    def clean_note(self):
        note = self.cleaned_data["note"]
        if len(note) > MESSAGE_LIMIT:
            raise ValidationError(f"Shorten your note by {len(note) - MESSAGE_LIMIT:,} characters.")
        return note

    def save(self) -> None:
        handling.take_patient_note(self.inquiry, self.cleaned_data["note"])


class ChannelForm(PrivatePageForm):
    """Another way to be reached, among those we offer and the patient gave the means for."""

    prefix = "change"
    reach_by = forms.ChoiceField(
        label="Change it to",
        error_messages={"required": "Choose how we should reach you", "invalid_choice": "Choose a way from the list"},
    )

    def __init__(self, *args, inquiry: Inquiry, channels: list[str], **kwargs):
        super().__init__(*args, inquiry=inquiry, initial={"reach_by": inquiry.reach_by}, **kwargs)
        self.fields["reach_by"].choices = [
            (channel, Inquiry.Channel(channel).label)
            for channel in channels
            if (inquiry.email if channel == Inquiry.Channel.EMAIL else inquiry.phone)
        ]

    @property
    def offers_another(self) -> bool:
        """Whether there is anything to change to: the present way may since have been switched off."""
        return any(channel != self.inquiry.reach_by for channel, _ in self.fields["reach_by"].choices)

    def save(self) -> None:
        if self.cleaned_data["reach_by"] != self.inquiry.reach_by:
            handling.change_channel(self.inquiry, self.cleaned_data["reach_by"])
