"""Every question of the request form, declared once: how it is asked, and where staff read its answer.

The patient's form, the telephone form, the desk, the call sheet and the export all follow QUESTIONS. Headings and
layout are the templates'.
"""

import re
from collections.abc import Callable

import phonenumbers
from django import forms

from appointments.models import Inquiry
from appointments.office.typed import one_line
from appointments.requests import consent, fields
from appointments.requests.question import Answer, Part, Question, Shown, Spoken

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

LINE, ELSEWHERE, NOWHERE = Shown
IN_CAUTIONS = Answer(desk=ELSEWHERE, paper=ELSEWHERE, export=ELSEWHERE)  # Inquiry.cautions reads it out


def dialled(inquiry: Inquiry) -> str:
    """The number as New York dials it: (212) 555-0142, 011 44 20 7946 0958.

    It begins with no plus, which a spreadsheet would take for a formula, and is no number that could lose a zero.
    One that no number plan knows stays as it was typed; of bare digits, in groups: 041-234-5678.
    """
    phone = inquiry.phone
    if not phone:
        return ""
    if phone.is_valid():
        return phonenumbers.format_out_of_country_calling_number(phone, "US")
    typed = one_line(str(phone.raw_input)).replace("+", "011 ")
    if re.search(r"[-()]|[^\W\d_]", typed):
        return typed
    digits = re.sub(r"\D", "", typed)
    return re.sub(r"(\d{3})(?=\d{3})", r"\1-", digits)


def about(inquiry: Inquiry) -> str:
    """What they chose, in the words it had then."""
    return inquiry.topic_name or str(inquiry.topic or ("something else" if inquiry.is_other_topic else ""))


# Each name is a section of its own: a browser that fills in one person's details never fills in another's name.
QUESTIONS = (
    Question(
        "for_whom",
        Part.WHO,
        field=forms.ChoiceField(
            label="Who is this for?",
            choices=Inquiry.ForWhom,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose who this is for", "invalid_choice": "Choose who this is for"},
        ),
        spoken=Spoken(
            "Who asks?",
            choices=(
                (Inquiry.ForWhom.ME, "The patient asks"),
                (Inquiry.ForWhom.CHILD, "A parent asks"),
                (Inquiry.ForWhom.OTHER, "Another"),
            ),
        ),
        answer=Answer("For", desk=LINE, paper=NOWHERE, export=NOWHERE),
        in_a_row=True,
    ),
    Question(
        "name",
        Part.WHO,
        field=fields.NameField(
            label="Name of the person this is for",
            max_length=200,
            widget=forms.TextInput(attrs={"autocomplete": "section-patient name"}),
            error_messages={
                "required": "Enter the name of the person this is for",
                "max_length": "Shorten the name to 200 letters",
            },
        ),
        spoken=Spoken("Name of the patient"),
        answer=Answer("Name", desk=LINE, paper=ELSEWHERE, export=LINE),
    ),
    Question(
        "contact_name",
        Part.WHO,
        field=fields.NameField(
            label="Who may we contact?",
            max_length=200,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "section-contact name"}),
            help_text="Only if you ask for a child or someone else: your name, or whoever we should speak with.",
            error_messages={"max_length": "Shorten the name to 200 letters"},
        ),
        spoken=Spoken("Whom may we contact?", "Only if somebody asks for a child or another person."),
        answer=Answer("Contact", desk=LINE, paper=ELSEWHERE, export=LINE, unsaid=""),
    ),
    Question(
        "reach_by",
        Part.REACH,
        field=forms.ChoiceField(
            label="How should we reach you?",
            widget=forms.RadioSelect,
            error_messages={
                "required": "Choose how we should reach you",
                "invalid_choice": "Choose how we should reach you",
            },
        ),
        spoken=Spoken("How shall we reach them?"),
        answer=Answer("Reach by", desk=ELSEWHERE, paper=ELSEWHERE, export=LINE),
        hints={Inquiry.Channel.RELAY: "We call you through a relay operator. You can also call us through 711."},
    ),
    Question(
        "phone",
        Part.REACH,
        columns=("phone", "phone_note"),
        field=fields.PhoneField(
            label="Phone number",
            max_length=60,
            required=False,
            help_text="Not needed if you chose email. Any country is fine, and an extension if you have one.",
            error_messages={"max_length": "Shorten the phone number to 60 characters"},
        ),
        spoken=Spoken("Phone number", "Any country, with an extension if there is one."),
        answer=Answer("Telephone", desk=ELSEWHERE, paper=ELSEWHERE, export=LINE, words=dialled),
    ),
    Question(
        "email",
        Part.REACH,
        field=fields.EmailField(
            label="Email address",
            max_length=254,
            required=False,
            help_text="If you chose email, or as a second way.",
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            error_messages={
                "invalid": "Check the email address. It should look like name@example.com",
                "max_length": "Shorten the email address to 254 characters",
            },
        ),
        spoken=Spoken("Email address", "They get a mail with the promise and a private link."),
        answer=Answer("E-mail", desk=ELSEWHERE, paper=ELSEWHERE, export=LINE),
    ),
    Question(
        "may_leave_voicemail",
        Part.REACH,
        field=forms.BooleanField(label="You may leave a voicemail", required=False),
        spoken=Spoken("We may leave a voicemail"),
        answer=IN_CAUTIONS,
        ticks="When we call",
    ),
    Question(
        "may_say_who_calls",
        Part.REACH,
        field=forms.BooleanField(
            label="You may say who is calling",
            required=False,
            help_text="Our name says “facial paralysis”. "
            "If you leave this empty, we give only a first name and a number.",
        ),
        spoken=Spoken("We may say who is calling"),
        answer=IN_CAUTIONS,
        ticks="When we call",
    ),
    Question(
        "speaking_is_hard",
        Part.REACH,
        field=forms.BooleanField(
            label="Speaking on the telephone is hard for me",
            required=False,
            help_text="We will write instead, or keep the call short and ask yes or no questions.",
        ),
        spoken=Spoken("Speaking on the telephone is hard for them"),
        answer=IN_CAUTIONS,
        ticks="Speech and hearing",
    ),
    Question(
        "language",
        Part.REACH,
        field=forms.TypedChoiceField(
            label="Language you would like us to use",
            choices=[(language, language) for language in LANGUAGES],
            initial=LANGUAGES[0],
            empty_value=LANGUAGES[0],
            required=False,
            error_messages={"invalid_choice": "Choose a language from the list"},
            widget=forms.Select(attrs={"class": "narrow"}),
        ),
        spoken=Spoken("Language"),
        answer=Answer("Language", desk=LINE, paper=LINE, export=LINE),
    ),
    Question(
        "wants_interpreter",
        Part.REACH,
        field=forms.BooleanField(label="I would like an interpreter", required=False),
        spoken=Spoken("They would like an interpreter"),
        answer=Answer("Interpreter", desk=LINE, paper=ELSEWHERE, export=ELSEWHERE, unsaid=""),
        ticks="Interpreter",
    ),
    Question(
        "topic",
        Part.ABOUT,
        columns=("topic", "is_other_topic"),
        field=forms.ChoiceField(
            label="What is it about?",
            required=False,
            error_messages={"invalid_choice": "Choose a topic from the list, or “I am not sure”"},
        ),
        spoken=Spoken("Topic"),
        answer=Answer("About", desk=LINE, paper=NOWHERE, export=LINE, words=about, unsaid="not sure"),
        is_optional=True,
    ),
    Question(
        "began",
        Part.ABOUT,
        field=forms.ChoiceField(
            label="When did it start?",
            choices=Inquiry.Began,
            widget=forms.RadioSelect,
            required=False,
            error_messages={"invalid_choice": "Choose when it started, or leave it empty"},
        ),
        spoken=Spoken("When did it start?", "In the last 3 days, or sudden: 911, or a doctor today."),
        answer=Answer("Began", desk=LINE, paper=NOWHERE, export=LINE),
        is_optional=True,
        hints={Inquiry.Began.DAYS: "See a doctor today; do not wait for our reply."},
    ),
    Question(
        "message",
        Part.ABOUT,
        field=fields.TextField(
            label="Anything you would like us to know",
            required=False,
            widget=forms.Textarea(attrs={"rows": 5}),
            help_text="Your own words are best. Two are enough.",
        ),
        spoken=Spoken("What they told us", "In their own words."),
        answer=Answer(desk=ELSEWHERE, paper=NOWHERE, export=NOWHERE),
        is_optional=True,
    ),
    Question(
        "days",
        Part.WHEN,
        field=forms.TypedMultipleChoiceField(
            label="Days that suit you",
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choose from the days the office is open"},
        ),
        spoken=Spoken("Days that suit"),
        answer=Answer("Days and time", desk=LINE, paper=LINE, export=NOWHERE, words=lambda inquiry: inquiry.suits),
        is_optional=True,
        in_a_row=True,
    ),
    Question(
        "time_of_day",
        Part.WHEN,
        field=forms.TypedChoiceField(
            label="Time of day",
            widget=forms.RadioSelect,
            required=False,
            initial=Inquiry.TimeOfDay.ANY,
            empty_value=Inquiry.TimeOfDay.ANY,
            error_messages={"invalid_choice": "Choose a time of day from the list"},
        ),
        spoken=Spoken("Time of day"),
        answer=Answer(desk=ELSEWHERE, paper=ELSEWHERE, export=NOWHERE),
        is_optional=True,
    ),
    Question(
        "consent",
        Part.AGREEMENT,
        columns=("consent_version",),
        field=forms.BooleanField(
            label=consent.WORDINGS[consent.CURRENT],
            error_messages={"required": "Tick the box so that we may use your answers to reply"},
        ),
        spoken=Spoken(consent.WORDINGS[consent.SPOKEN]),
        answer=Answer(desk=NOWHERE, paper=NOWHERE, export=NOWHERE),
    ),
)


def asked_of_patients() -> list[Question]:
    return [question for question in QUESTIONS if question.of_patients]


def asked_by_staff() -> list[Question]:
    return [question for question in QUESTIONS if question.spoken]


def at_desk(inquiry: Inquiry) -> list[tuple[str, str]]:
    """What the patient answered, in the order of the form: each short name with its words."""
    lines = [(one.answer.short, one.read(inquiry) or one.answer.unsaid) for one in QUESTIONS if one.answer.desk is LINE]
    return [(short, words) for short, words in lines if words]


def on_paper(inquiry: Inquiry) -> list[tuple[str, str]]:
    """What a call sheet says of the answers."""
    lines = [(one.answer.short, one.read(inquiry)) for one in QUESTIONS if one.answer.paper is LINE]
    return [(short, words) for short, words in lines if words]


def in_export() -> dict[str, Callable[[Inquiry], str]]:
    """The columns of the export that are answers."""
    return {one.answer.short: one.read for one in QUESTIONS if one.answer.export is LINE}
