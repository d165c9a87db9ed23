"""Form fields for what people type about themselves: names, addresses, numbers, words.

Each takes out what nobody sees, mends what it can, and says what to do about the rest.
"""

import re

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from phonenumber_field.phonenumber import PhoneNumber

from appointments.office.typed import as_address, has_a_letter, one_line, readable, unreachable

NO_NUMBER = {"", "0", "n", "na", "n/a", "nil", "no", "nope", "none", "no phone", "no number", "no telephone"}
NO_NUMBER |= {"not applicable", "i have none", "don't have one", "i don't have one", "i do not have one"}
OF_AN_EXTENSION = re.compile(r"(?i)\b(?:extension|extn?|x|tel)\b|(?<=\d)\s*x(?=\s*\d)|\bx(?=\d)")
LETTER = re.compile(r"[^\W\d_]")
AROUND_A_NOTE = " ,;:/|-–—.&#"


class TextField(forms.CharField):
    """Words in any script, on any number of lines."""

    def to_python(self, value):
        return super().to_python(readable(value) if isinstance(value, str) else value)


class LineField(forms.CharField):
    """Words on one line."""

    def to_python(self, value):
        return super().to_python(one_line(value) if isinstance(value, str) else value)


class NameField(LineField):
    """Any name that can be seen: one letter, of any script, is enough."""

    default_error_messages = {"no_letter": "Enter a name with at least one letter"}

    def validate(self, value):
        super().validate(value)
        if value and not has_a_letter(value):
            raise ValidationError(self.error_messages["no_letter"], code="no_letter")


class EmailField(forms.EmailField):
    """An address that mail can reach; the error says which sign is the matter."""

    def to_python(self, value):
        return super().to_python(as_address(value) if isinstance(value, str) else value)

    def run_validators(self, value):
        """Our reason first: Django's says only that the address is not valid."""
        if value and (reason := unreachable(value)):
            raise ValidationError(f"Check the email address. {reason}", code="invalid")
        super().run_validators(value)


class PhoneField(forms.CharField):
    """Any number that could exist in any country, with its extension.

    Possible, not valid: number plans change, and a patient turned away is worse than a wrong digit. What stands
    beside the number, "cell" or a second number, is kept as its `note`. Words for "I have none" are empty.
    """

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "narrow"})
    default_error_messages = {
        "impossible": "Check the phone number. From outside the US, begin with + and the country code."
    }

    def to_python(self, value):
        text = one_line(super().to_python(value))
        if text.strip(" .-–—/_").replace("’", "'").casefold() in NO_NUMBER:
            return ""
        number, note = number_and_note(text)
        if number is None:
            hint = self.error_messages["impossible"]
            if meant := perhaps_meant(text):
                hint = f"{hint.rstrip('.')}. Did you mean {meant}?"
            raise ValidationError(hint, code="impossible")
        number.note = note
        return number


def number_and_note(text: str) -> tuple[PhoneNumber | None, str]:
    """The first number in a text, and the rest of the text.

    Where words stand beside a number, the number is looked for first: read as a whole, the letters of "cell" would
    count as keys to press. 1-800-FLOWERS is read as a whole, because no number that exists stands in it otherwise.
    """
    text = re.sub(r"^00(?=\s*[1-9])", "+", text)
    as_a_whole, within = [(possible(text), "")], found_in(text)
    if in_brackets := re.fullmatch(r"(.+?)\s*\(([^()]*[^\W\d_][^()]*)\)", text):  # 1-800-FLOWERS (office)
        as_a_whole.append((possible(in_brackets[1]), in_brackets[2].strip(AROUND_A_NOTE)))
    has_words = LETTER.search(OF_AN_EXTENSION.sub("", text))
    readings = [one for one in (within + as_a_whole if has_words else as_a_whole + within) if one[0]]
    if has_words:
        readings.sort(key=lambda one: not one[0].is_valid())
    return readings[0] if readings else (None, "")


def possible(text: str) -> PhoneNumber | None:
    try:
        number = PhoneNumber.from_string(text, region="US")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def found_in(text: str) -> list[tuple[PhoneNumber | None, str]]:
    """Each number in a text with what stands around it; those that exist today come first."""
    found = []
    for match in phonenumbers.PhoneNumberMatcher(text, "US", leniency=phonenumbers.Leniency.POSSIBLE):
        note = one_line(f"{text[: match.start]} {text[match.end :]}").strip(AROUND_A_NOTE)
        note = re.sub(r"^\(([^()]*)\)$", r"\1", note)
        found.append((possible(match.raw_string), note))
    return sorted(found, key=lambda one: not (one[0] and one[0].is_valid()))


def perhaps_meant(text: str) -> str:
    """The number with its country code, for one dialled as at home in Britain, or without the plus; else nothing."""
    digits = re.sub(r"\D", "", text)
    region, dialled = ("GB", digits) if digits.startswith("0") else (None, f"+{digits}")
    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return ""
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, international) if phonenumbers.is_valid_number(number) else ""
