"""The questions we ask a patient. Every error says what to do."""

from datetime import timedelta

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK, render_field
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from appointments.models import Inquiry
from appointments.models.inquiry import MESSAGE_LIMIT
from appointments.models.office import WEEKDAYS
from appointments.models.office_now import OfficeNow
from appointments.requests import consent, fields
from conditions.models import Condition

NOT_SURE = ("", "I am not sure")
SOMETHING_ELSE = ("else", "Something else")

# English first, then those most spoken in New York, by their English names; "Another language" leaves none out.
LANGUAGES = (
    "English",
    "American Sign Language (ASL)",
    "Arabic",
    "Bengali",
    "Chinese (Cantonese)",
    "Chinese (Mandarin)",
    "French",
    "Haitian Creole",
    "Italian",
    "Korean",
    "Polish",
    "Russian",
    "Spanish",
    "Urdu",
    "Yiddish",
    "Another language",
)

CHANNEL_HINTS = {
    Inquiry.Channel.RELAY: "We call you through a relay operator. You can also call us through 711.",
}
SOON = timedelta(weeks=3)  # within which a first visit may be offered
BEGAN_HINTS = {Inquiry.Began.DAYS: "See a doctor today; do not wait for our reply."}
PHONE_ERRORS = {
    Inquiry.Channel.CALL: "Enter a phone number we can call",
    Inquiry.Channel.TEXT: "Enter a phone number we can send a text to",
    Inquiry.Channel.RELAY: "Enter a phone number we can reach through the relay service",
}


class FormPart(LayoutObject):
    """A calm heading and one reassurance at the left, questions at the right."""

    template = "clinic/layout/form_part.html"

    def __init__(self, heading, *fields, words=""):
        self.heading, self.words, self.fields = heading, words, list(fields)

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        questions = "".join(render_field(field, form, context, template_pack=template_pack) for field in self.fields)
        return render_to_string(
            self.template,
            {
                "heading": self.heading,
                "words": self.words,
                "questions": questions,
                "reply_by": context.get("reply_by"),
                "trap": form["trap"],
            },
        )


class Ticks(LayoutObject):
    """Boxes that belong together, under one question. All may stay empty."""

    template = "clinic/layout/ticks.html"

    def __init__(self, legend, *fields):
        self.legend, self.fields = legend, list(fields)

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        ticks = [form[field] for field in self.fields]
        return render_to_string(self.template, {"legend": self.legend, "ticks": ticks})


class SendPart(FormPart):
    """The last part: agreement, the exact promise, the button."""

    template = "clinic/layout/send_part.html"


class RequestForm(forms.Form):
    """A consultation request. One way to reach the patient is enough; one letter is a name."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    # Nobody sees it; programs fill it in. An autofilling browser may too, so it never decides alone.
    trap = fields.LineField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    for_whom = forms.ChoiceField(
        label="Who is this for?",
        choices=Inquiry.ForWhom,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who this is for", "invalid_choice": "Choose who this is for"},
    )
    # Each name is a section of its own: a browser that fills in one person's details never fills in another's name.
    name = fields.NameField(
        label="Name of the person this is for",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "section-patient name"}),
        error_messages={
            "required": "Enter the name of the person this is for",
            "max_length": "Shorten the name to 200 letters",
        },
    )
    contact_name = fields.NameField(
        label="Who may we contact?",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "section-contact name"}),
        required=False,
        help_text="Only if you ask for a child or someone else: your name, or whoever we should speak with.",
        error_messages={"max_length": "Shorten the name to 200 letters"},
    )
    reach_by = forms.ChoiceField(
        label="How should we reach you?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how we should reach you",
            "invalid_choice": "Choose how we should reach you",
        },
    )
    phone = fields.PhoneField(
        label="Phone number",
        max_length=60,
        required=False,
        help_text="Not needed if you chose email. Any country is fine, and an extension if you have one.",
        error_messages={"max_length": "Shorten the phone number to 60 characters"},
    )
    email = fields.EmailField(
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
    may_leave_voicemail = forms.BooleanField(label="You may leave a voicemail", required=False)
    may_say_who_calls = forms.BooleanField(
        label="You may say who is calling",
        required=False,
        help_text="Our name says “facial paralysis”. If you leave this empty, we give only a first name and a number.",
    )
    speaking_is_hard = forms.BooleanField(
        label="Speaking on the telephone is hard for me",
        required=False,
        help_text="We will write instead, or keep the call short and ask yes or no questions.",
    )
    language = forms.ChoiceField(
        label="Language you would like us to use",
        choices=[(language, language) for language in LANGUAGES],
        initial=LANGUAGES[0],
        required=False,
        error_messages={"invalid_choice": "Choose a language from the list"},
        widget=forms.Select(attrs={"class": "narrow"}),
    )
    wants_interpreter = forms.BooleanField(label="I would like an interpreter", required=False)
    topic = forms.ChoiceField(
        label="What is it about?",
        required=False,
        error_messages={"invalid_choice": "Choose a topic from the list, or “I am not sure”"},
    )
    began = forms.ChoiceField(
        label="When did it start?",
        choices=Inquiry.Began,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose when it started, or leave it empty"},
    )
    message = fields.TextField(
        label="Anything you would like us to know",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Your own words are best. Two are enough.",
    )
    days = forms.TypedMultipleChoiceField(
        label="Days that suit you",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the days the office is open"},
    )
    time_of_day = forms.ChoiceField(
        label="Time of day",
        widget=forms.RadioSelect,
        required=False,
        initial=Inquiry.TimeOfDay.ANY,
        error_messages={"invalid_choice": "Choose a time of day from the list"},
    )
    consent = forms.BooleanField(
        label=consent.WORDINGS[consent.CURRENT],
        error_messages={"required": "Tick the box so that we may use your answers to reply"},
    )

    OPTIONAL = ("topic", "began", "message", "days", "time_of_day")
    IN_A_ROW = ("for_whom", "days")

    def __init__(self, *args, topics, now: OfficeNow, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = [NOT_SURE, *topics, SOMETHING_ELSE]
        self.fields["reach_by"].choices = [(channel, Inquiry.Channel(channel).label) for channel in now.office.channels]
        # No hours are known, or the database is away: any day may suit.
        self.fields["days"].choices = now.open_weekdays if now.hours else list(enumerate(WEEKDAYS))
        self.fields["days"].hints = days_off(now)
        self.fields["time_of_day"].choices = now.parts_of_day if now.hours else Inquiry.TimeOfDay.choices
        self.fields["reach_by"].hints = CHANNEL_HINTS
        self.fields["began"].hints = BEGAN_HINTS
        for name in self.OPTIONAL:
            self.fields[name].is_optional = True  # the label says so
        for name in self.IN_A_ROW:
            self.fields[name].in_a_row = True
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "key",
            FormPart(
                "Who it is for",
                "for_whom",
                "name",
                "contact_name",
                words="Any name is fine, even one letter. Write it the way you like it said.",
            ),
            FormPart(
                "How to reach you",
                "reach_by",
                "phone",
                "email",
                Ticks("When we call", "may_leave_voicemail", "may_say_who_calls"),
                Ticks("Speech and hearing", "speaking_is_hard"),
                "language",
                Ticks("Interpreter", "wants_interpreter"),
                words="All ways are equal to us. We use the one you choose. Tick only what is OK for you.",
            ),
            FormPart(
                "What it is about",
                "topic",
                "began",
                "message",
                words="You can skip this part. We will ask when we talk.",
            ),
            FormPart(
                "When it suits you",
                "days",
                "time_of_day",
                words="This does not book a visit. It helps us offer you a time. All times are New York time.",
            ),
            SendPart("Send", "consent"),
        )

    @classmethod
    def as_filled_in(cls, data, *, now: OfficeNow) -> "RequestForm":
        """The form as it was sent, when the database cannot say what may be chosen: what was chosen stands."""
        topic, way = data.get("topic"), data.get("reach_by")
        form = cls(data, topics=[(topic, "As you chose before")] if topic not in (None, "", "else") else [], now=now)
        if way in Inquiry.Channel.values and way not in now.office.channels:
            form.fields["reach_by"].choices += [(way, Inquiry.Channel(way).label)]
        return form

    def clean_message(self):
        message = self.cleaned_data["message"]
        if len(message) > MESSAGE_LIMIT:
            over = len(message) - MESSAGE_LIMIT
            raise ValidationError(
                f"Shorten your message by {over:,} characters. {MESSAGE_LIMIT:,} is the most we can take."
            )
        return message

    def clean(self):
        """The chosen way needs its number or address; who asks for another says whom we may contact."""
        answers = super().clean()
        way = answers.get("reach_by")
        if way == Inquiry.Channel.EMAIL and not answers.get("email") and "email" not in self.errors:
            self.add_error("email", "Enter an email address we can write to")
        if way in PHONE_ERRORS and not answers.get("phone") and "phone" not in self.errors:
            self.add_error("phone", PHONE_ERRORS[way])
        for_another = answers.get("for_whom") in (Inquiry.ForWhom.CHILD, Inquiry.ForWhom.OTHER)
        if for_another and not answers.get("contact_name") and "contact_name" not in self.errors:
            self.add_error("contact_name", "Enter the name of the person we may contact")
        return answers

    @property
    def answers(self) -> dict:
        """The valid answers under the inquiry's names; the topic is still its slug."""
        not_answers = {"key", "trap", "consent", "topic"}
        answers = {name: value for name, value in self.cleaned_data.items() if name not in not_answers}
        answers["phone_note"] = getattr(answers["phone"], "note", "")
        answers["language"] = answers["language"] or LANGUAGES[0]
        answers["time_of_day"] = answers["time_of_day"] or Inquiry.TimeOfDay.ANY
        return answers


def days_off(now: OfficeNow) -> dict[int, str]:
    """For each weekday, the dates in the coming weeks on which the office stays closed."""
    today = now.at.date()
    hints = {}
    for date in now.schedule.closed_days(today, today + SOON):
        hints.setdefault(date.weekday(), []).append(f"{date:%B %-d}")
    return {weekday: f"Not on {' or '.join(dates)}" for weekday, dates in hints.items()}


def topics() -> list[tuple[str, str]]:
    """What a patient may say it is about."""
    return [(condition.slug, condition.title) for condition in Condition.objects.published().only("slug", "title")]


def answers_of(form) -> dict:
    """A valid form's answers, ready to be saved: with the condition behind the topic's slug."""
    slug = form.cleaned_data["topic"]
    topic = Condition.objects.published().filter(slug=slug).first()
    return form.answers | {"topic": topic, "is_other_topic": slug == SOMETHING_ELSE[0]}
