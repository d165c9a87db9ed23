"""The questions we ask a patient. Every error says what to do."""

import phonenumbers
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK, render_field
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from phonenumber_field.phonenumber import PhoneNumber

from appointments import consent
from appointments.models import Inquiry
from appointments.models.inquiry import MESSAGE_LIMIT

NOT_SURE = ("", "I am not sure")


class PossiblePhoneField(forms.CharField):
    """Any number that could exist in any country, with its extension.

    Possible, not valid: number plans change, and a patient turned away is worse than a wrong digit.
    """

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "narrow"})
    default_error_messages = {
        "impossible": "Check the phone number. From outside the US, begin with + and the country code."
    }

    def to_python(self, value):
        value = super().to_python(value)
        if not value:
            return ""
        try:
            number = PhoneNumber.from_string(value, region="US")
        except phonenumbers.NumberParseException:
            raise ValidationError(self.error_messages["impossible"], code="impossible") from None
        if not phonenumbers.is_possible_number(number):
            raise ValidationError(self.error_messages["impossible"], code="impossible")
        return number


class FormPart(LayoutObject):
    """A calm heading and one reassurance at the left, questions at the right."""

    template = "clinic/layout/form_part.html"

    def __init__(self, heading, *fields, words=""):
        self.heading, self.words, self.fields = heading, words, list(fields)

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        questions = "".join(render_field(field, form, context, template_pack=template_pack) for field in self.fields)
        return render_to_string(self.template, {"heading": self.heading, "words": self.words, "questions": questions})


class SendPart(FormPart):
    """The last part: agreement, the exact promise, the button."""

    template = "clinic/layout/send_part.html"

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        questions = "".join(render_field(field, form, context, template_pack=template_pack) for field in self.fields)
        return render_to_string(self.template, {"questions": questions, "reply_by": context.get("reply_by")})


class RequestForm(forms.Form):
    """A consultation request. One way to reach the patient is enough; one letter is a name."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label="Name of the person this is for",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": "Enter the name of the person this is for",
            "max_length": "Shorten the name to 200 letters",
        },
    )
    reach_by = forms.ChoiceField(
        label="How should we reach you?",
        choices=Inquiry.Channel,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how we should reach you",
            "invalid_choice": "Choose how we should reach you",
        },
    )
    phone = PossiblePhoneField(
        label="Phone number",
        max_length=60,
        required=False,
        help_text="For calls or relay. Numbers from any country are fine, with an extension if you have one.",
        error_messages={"max_length": "Shorten the phone number to 60 characters"},
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        required=False,
        help_text="If you chose email, or as a second way.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": "Check the email address. It should look like name@example.com",
            "max_length": "Shorten the email address to 254 characters",
        },
    )
    topic = forms.ChoiceField(
        label="What is it about?",
        required=False,
        error_messages={"invalid_choice": "Choose a topic from the list, or “I am not sure”"},
    )
    message = forms.CharField(
        label="Anything you would like us to know",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Your own words are best. Two are enough.",
    )
    consent = forms.BooleanField(
        label=consent.WORDINGS[consent.CURRENT],
        error_messages={"required": "Tick the box so that we may use your answers to reply"},
    )

    def __init__(self, *args, topics, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = [NOT_SURE, *topics]
        for name in ("topic", "message"):
            self.fields[name].is_optional = True  # the label says so
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "key",
            FormPart(
                "Who it is for",
                "name",
                words="Any name is fine, even one letter. Write it the way you like it said.",
            ),
            FormPart(
                "How to reach you",
                "reach_by",
                "phone",
                "email",
                words="All ways are equal to us. We use the one you choose.",
            ),
            FormPart(
                "What it is about",
                "topic",
                "message",
                words="You can skip this part. We will ask when we talk.",
            ),
            SendPart("Send", "consent"),
        )

    def clean_message(self):
        message = self.cleaned_data["message"].replace("\r\n", "\n")
        if len(message) > MESSAGE_LIMIT:
            over = len(message) - MESSAGE_LIMIT
            raise ValidationError(
                f"Shorten your message by {over:,} characters. {MESSAGE_LIMIT:,} is the most we can take."
            )
        return message

    def clean(self):
        """The chosen way needs its number or address."""
        answers = super().clean()
        match answers.get("reach_by"):
            case Inquiry.Channel.EMAIL if not answers.get("email") and "email" not in self.errors:
                self.add_error("email", "Enter an email address we can write to")
            case Inquiry.Channel.CALL if not answers.get("phone") and "phone" not in self.errors:
                self.add_error("phone", "Enter a phone number we can call")
            case Inquiry.Channel.RELAY if not answers.get("phone") and "phone" not in self.errors:
                self.add_error("phone", "Enter a phone number we can reach through the relay service")
        return answers
