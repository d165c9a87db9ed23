"""The request form: the questions we ask a patient, and how their answers fit together. Every error says what to do."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from appointments.models import Inquiry
from appointments.models.inquiry import MESSAGE_LIMIT
from appointments.models.office import WEEKDAYS
from appointments.models.office_now import OfficeNow
from appointments.requests import fields, questions
from appointments.requests.question import Part, Question
from conditions.models import Condition

NOT_SURE = ("", "I am not sure")
SOMETHING_ELSE = ("else", "Something else")
SOON = timedelta(weeks=3)  # within which a first visit may be offered
PHONE_ERRORS = {
    Inquiry.Channel.CALL: "Enter a phone number we can call",
    Inquiry.Channel.TEXT: "Enter a phone number we can send a text to",
    Inquiry.Channel.RELAY: "Enter a phone number we can reach through the relay service",
}


class RequestForm(forms.Form):
    """A consultation request. One way to reach the patient is enough; one letter is a name."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    # Nobody sees it; programs fill it in. An autofilling browser may too, so it never decides alone.
    trap = fields.LineField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args, topics, now: OfficeNow, **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = self.asked()
        for question in self.questions:
            self.fields[question.name] = self.new_field(question)
        self.fields["topic"].choices = [NOT_SURE, *topics, SOMETHING_ELSE]
        self.fields["reach_by"].choices = [(channel, Inquiry.Channel(channel).label) for channel in now.office.channels]
        # No hours are known, or the database is away: any day may suit.
        self.fields["days"].choices = now.open_weekdays if now.hours else list(enumerate(WEEKDAYS))
        self.fields["days"].hints = days_off(now)
        self.fields["time_of_day"].choices = now.parts_of_day if now.hours else Inquiry.TimeOfDay.choices

    def asked(self) -> list[Question]:
        """The questions of this form, in order."""
        return questions.asked_of_patients()

    def new_field(self, question: Question) -> forms.Field:
        return question.new_field()

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
    def parts(self) -> dict[str, list[BoundField]]:
        """The questions of each part, in order, to draw."""
        return {part: [self[one.name] for one in self.questions if one.part == part] for part in Part}

    @property
    def answers(self) -> dict:
        """The valid answers under the inquiry's names; the topic is still its slug."""
        not_answers = {"consent", "topic"}
        names = [question.name for question in self.questions if question.name not in not_answers]
        answers = {name: self.cleaned_data[name] for name in names}
        return answers | {"phone_note": getattr(answers["phone"], "note", "")}


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
