"""What a question of the request form is: how it is asked, and where staff read its answer."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import KW_ONLY, dataclass
from enum import Enum, StrEnum
from typing import NamedTuple

from django import forms

from appointments.models import Inquiry


class Part(StrEnum):
    """Where in the forms a question stands. The templates give each part its heading."""

    WHO = "who"
    REACH = "reach"
    ABOUT = "about"
    WHEN = "when"
    AGREEMENT = "agreement"


class Shown(Enum):
    """How an answer is seen in one place."""

    LINE = "in a line or column of its own, under its short name"
    ELSEWHERE = "where the page itself puts it, or in another line"
    NOWHERE = "not there"


class Spoken(NamedTuple):
    """A question in the words of a colleague who takes it by telephone, or copies it from a fax."""

    label: str
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # where they too are worded for staff


@dataclass(frozen=True)
class Answer:
    """Where staff read an answer, and how. Each place is decided on: paper lies about, a file leaves the house."""

    short: str = ""  # what staff call it
    _: KW_ONLY
    desk: Shown
    paper: Shown  # the call sheet
    export: Shown
    words: Callable[[Inquiry], str] | None = None  # how it reads, where its column alone does not say it
    unsaid: str = "not said"  # what the desk reads when there is none; empty: no line


@dataclass(frozen=True)
class Question:
    """One question, and every place where it or its answer is seen."""

    name: str  # of the field in the forms, and of the inquiry's column
    part: Part
    _: KW_ONLY
    field: forms.Field  # as the patient meets it: label, hint, input, errors
    of_patients: bool = True  # False: only staff ask it
    spoken: Spoken | None  # None: only the patient's form asks it
    answer: Answer
    columns: tuple[str, ...] = ()  # that keep the answer, where it is not one of the question's name

    # How it is drawn
    is_optional: bool = False  # the patient's label says so
    in_a_row: bool = False  # choices side by side
    ticks: str = ""  # the heading over this box and its neighbors
    hints: dict[str, str] | None = None  # under its choices

    def new_field(self) -> forms.Field:
        """The field of one form, as the patient meets it."""
        field = deepcopy(self.field)
        field.is_optional = self.is_optional
        field.in_a_row = self.in_a_row
        field.ticks = self.ticks
        field.hints = self.hints or {}
        return field

    def new_spoken_field(self) -> forms.Field:
        """The same in words for staff."""
        field = self.new_field()
        field.label, field.help_text, choices = self.spoken
        if choices:
            field.choices = choices
        return field

    def read(self, inquiry: Inquiry) -> str:
        """The answer as staff read it. Empty when there is none."""
        if self.answer.words:
            return self.answer.words(inquiry)
        display = getattr(inquiry, f"get_{self.name}_display", None)
        value = display() if display else getattr(inquiry, self.name)
        if isinstance(value, bool):
            return "yes" if value else ""
        return "" if value is None else str(value)
