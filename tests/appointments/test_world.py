"""Names, numbers and sentences of the whole world go in, stay as they are, and come out whole. The data: world.yaml."""

import csv
import random
from datetime import timedelta
from io import StringIO
from pathlib import Path

import phonenumbers
import pytest
import yaml
from django.core.exceptions import ValidationError
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from appointments.admin import export
from appointments.models import Inquiry
from appointments.requests import spam
from appointments.requests.fields import EmailField, LineField, NameField, PhoneField, TextField

WORLD = yaml.safe_load(Path(__file__).with_name("world.yaml").read_text())
NAMES, SENTENCES = WORLD["names"], WORLD["sentences"]
ONE_LINK = " My photos: https://photos.example/a"


def test_the_data_is_two_hundred_names_and_forty_sentences():
    assert (len(set(NAMES)), len(set(SENTENCES))) == (200, 40)


# Nobody is suspected for a name, or for words


def filed_for(monkeypatch, *, name="Maria Okafor", message="", fast=False, busy=False) -> str:
    monkeypatch.setattr(spam, "posts_since", lambda sender, window, now: 20 if busy and window == spam.BUSY[0] else 0)
    now = timezone.now()
    answers = {"name": name, "contact_name": name, "message": message}
    read = timedelta(seconds=1 if fast else 60)
    return spam.suspicion(spam.signs(answers=answers, trap="", rendered_at=now - read, sender="x", now=now))


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("link", ["", ONE_LINK])
def test_nobody_is_suspected_for_a_name_or_a_sentence_with_a_link_or_a_fast_press(monkeypatch, link, fast):
    everyone = [{"name": name, "message": f"My eye closes.{link}"} for name in NAMES]
    everyone += [{"message": sentence + link} for sentence in SENTENCES]
    suspected = [
        person
        for person in everyone
        for busy in (False, True)
        if filed_for(monkeypatch, **person, fast=fast, busy=busy)
    ]
    assert suspected == []


def test_every_sentence_together_with_a_link_a_fast_press_and_a_shared_address_is_still_innocent(monkeypatch):
    assert filed_for(monkeypatch, message=" ".join(SENTENCES) + ONE_LINK, fast=True, busy=True) == ""


# Names


def test_every_name_is_taken_and_kept_as_it_is():
    field = NameField(max_length=200)
    assert [field.clean(name) for name in NAMES] == [" ".join(name.split()) for name in NAMES]


@pytest.mark.django_db
def test_every_name_comes_out_of_the_export_whole():
    rows = [Inquiry(name=name, contact_name=name, email="a@example.com", reply_by=timezone.now()) for name in NAMES]
    read = list(csv.DictReader(StringIO(export.as_csv(rows).decode("utf-8-sig"))))
    names = [" ".join(name.split()) for name in NAMES]
    assert [row["Name"] for row in read] == [row["Contact"] for row in read] == names


@pytest.mark.parametrize("name", ["O", "o", "李", "É", "ש", "ก", "Q."])
def test_one_letter_of_any_script_is_a_name(name):
    assert NameField().clean(name) == name


@pytest.mark.parametrize(
    "name", ["\u200b", "\u3164\u3164", "\u202e", "\ufeff \u2060", "\u00ad", "\u2800", "\U000e0041"]
)
def test_a_name_of_nothing_but_unseen_signs_is_none(name):
    with pytest.raises(ValidationError, match="required"):
        NameField().clean(name)


@pytest.mark.parametrize("name", ["123", "...", "❤️", "()", "\u0301", "-"])
def test_a_name_without_a_letter_is_asked_for_one(name):
    with pytest.raises(ValidationError, match="Enter a name with at least one letter"):
        NameField().clean(name)


UNSEEN = "\0\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"


@pytest.mark.parametrize("field", [NameField(), LineField(), TextField()])
@pytest.mark.parametrize("sign", UNSEEN)
def test_signs_that_nobody_sees_are_taken_out_silently(field, sign):
    assert field.clean(f"{sign}An{sign}na{sign}") == "Anna"


def test_joiners_stay_where_a_script_needs_them_and_go_where_they_are_only_unseen():
    assert NameField().clean("علی\u200cرضا") == "علی\u200cرضا"
    assert TextField().clean("👩\u200d🦰 ශ්\u200dරී") == "👩\u200d🦰 ශ්\u200dරී"
    assert NameField().clean("\u200dAn\u200cna\u200d\u200d") == "Anna"


def test_lines_of_a_text_stay_lines_and_a_line_stays_one():
    assert TextField().clean("One\r\ntwo\u2028three\x0bfour") == "One\ntwo\nthree\nfour"
    assert LineField().clean("Anna \u00a0\n Lee") == "Anna Lee"


# E-mail addresses


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("maria@example.com", "maria@example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("o’neil@example.com", "o'neil@example.com"),
        ("maria+face@mail.example.co.uk", "maria+face@mail.example.co.uk"),
        ("maria@bücher.example", "maria@bücher.example"),
        ("maria@例え.jp", "maria@例え.jp"),
        ("maria\u200b@exam\u2060ple\u202e.com", "maria@example.com"),
        ("maria@exam\u200dple.com", "maria@example.com"),
        ("maria＠example．com", "maria@example.com"),
        ("maria@example。com", "maria@example.com"),
        ("maria @ example.com", "maria@example.com"),
        ("Maria Okafor <maria@example.com>", "maria@example.com"),
        ("mailto:maria@example.com", "maria@example.com"),
        ("maria@example.com.", "maria@example.com"),
        ("\0maria@example.com", "maria@example.com"),
    ],
)
def test_an_address_is_mended_where_only_one_can_be_meant(typed, kept):
    assert EmailField().clean(typed) == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("josé@example.com", "Mail cannot reach an address with “é” before the @"),
        ("mаria@example.com", "with “а” of another alphabet before the @"),
        ("用户@example.com", "with “用” of another alphabet before the @"),
        ("maria okafor@example.com", "with a space before the @"),
        ("maria,x@example.com", "with “,” before the @"),
        (".maria@example.com", "A dot before the @ needs a letter or number on each side"),
        ("m@" + "a" * 64 + ".com", "Mail cannot reach “aaa"),
        ("maria@אa.com", "Mail cannot reach “אa.com”"),
        ("maria@exa mple.com", "Mail cannot reach “exa mple.com”"),
        ("maria@-example.com", "Mail cannot reach “-example.com”"),
        ("maria@[127.0.0.1]", "Mail cannot reach “[127.0.0.1]”"),
        ("maria@example", "It should look like name@example.com"),
        ("maria", "It should look like name@example.com"),
        ("m" * 65 + "@example.com", "No more than 64 letters can stand before the @"),
    ],
)
def test_an_address_that_no_mail_reaches_is_refused_and_the_sign_that_is_the_matter_is_named(typed, words):
    with pytest.raises(ValidationError) as refused:
        EmailField(max_length=254).clean(typed)
    (said,) = refused.value.messages
    assert said.startswith("Check the email address. ")
    assert words in said


def test_every_address_that_is_taken_can_be_written_into_a_mail():
    from django.core.mail import EmailMessage

    for address in ("o'neil@example.com", "maria@bücher.example", "m@例え.jp", "maria+x@example.com"):
        headers = EmailMessage("s", "b", "office@example.org", [EmailField().clean(address)]).message().as_bytes()
        assert b"To: " in headers
        assert b"=?" not in headers.split(b"To: ")[1].split(b"\n")[0], "no encoded word: no server would know it"


# Telephone numbers


def examples() -> list[phonenumbers.PhoneNumber]:
    """An example of each kind of number that each region of the world has, in the library's own data."""
    kinds = range(11)
    found = [
        phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in kinds
    ]
    return [number for number in found if number]


def writings(number) -> list[str]:
    """Four ways to write a number that say the same from New York."""
    formats = phonenumbers.PhoneNumberFormat
    ways = [phonenumbers.format_number(number, way) for way in (formats.E164, formats.INTERNATIONAL, formats.RFC3966)]
    return [*ways, phonenumbers.format_out_of_country_calling_number(number, "US")]


def stored(number) -> PhoneNumber:
    """As it comes back from its column."""
    column = PhoneNumberField()
    return column.to_python(column.get_prep_value(number))


def exported(number) -> str:
    """The cell that a spreadsheet shows."""
    row = Inquiry(name="O", phone=number, reply_by=timezone.now())
    (read,) = csv.DictReader(StringIO(export.as_csv([row]).decode("utf-8-sig")))
    return read["Telephone"]


@pytest.mark.django_db
def test_every_regions_numbers_come_out_of_the_export_as_they_are_dialled():
    field, written, wrong = PhoneField(), 0, []
    for number in examples():
        for text in writings(number):
            written += 1
            kept = field.clean(text)
            cell = exported(stored(kept))
            again = field.clean(cell.removeprefix("'"))
            if not (kept.note == "" and phonenumbers.format_number(number, 0) == kept.as_e164 == again.as_e164):
                wrong.append((text, cell))
            if not set(cell) & set(" ()-"):
                wrong.append((text, cell, "a spreadsheet would take it for a number"))
    assert wrong == []
    assert written >= 5_000, written


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("0412345678", "041-234-5678"),
        ("5550142", "555-0142"),
        ("00442079460958", "011 44 20 7946 0958"),
        ("+44 0791112345", "011-440-791-112-345"),
        ("0412 345 678", "041-234-5678"),
        ("0412-345-678", "0412-345-678"),
        ("+39 06 1234 5678", "011 39 06 1234 5678"),
    ],
)
@pytest.mark.django_db
def test_no_zero_is_lost_of_a_number_that_no_plan_knows(typed, cell):
    assert exported(stored(PhoneField().clean(typed))) == cell


@pytest.mark.parametrize(
    ("typed", "number", "note"),
    [
        ("212-555-0142 (cell)", "+12125550142", "cell"),
        ("cell: 212-555-0142", "+12125550142", "cell"),
        ("(212) 555-0142 call me after 5", "+12125550142", "call me after 5"),
        ("212-555-0142 or 646-555-0199", "+12125550142", "or 646-555-0199"),
        ("212-555-0142 / 646-555-0199 (work)", "+12125550142", "646-555-0199 (work)"),
        ("2125550142 6465550199", "+12125550142", "6465550199"),
        ("212-555-0142 ext. 12, ask for Ann", "+12125550142", "ask for Ann"),
        ("+49 30 1234 pm", "+49301234", "pm"),
        ("1-800-FLOWERS", "+18003569377", ""),
        ("1-212-371-FACE", "+12123713223", ""),
        ("1-212-371-FACE (office)", "+12123713223", "office"),
        ("0044 7911 123456", "+447911123456", ""),
        ("+44 (0) 7911 123456", "+447911123456", ""),
        ("\u202a+1 (212) 555-0142\u202c", "+12125550142", ""),
        ("２１２ ５５５ ０１４２", "+12125550142", ""),
        ("٢١٢٥٥٥٠١٤٢", "+12125550142", ""),
        ("tel:+1-212-555-0142;ext=12", "+12125550142", ""),
        ("212\0-555-0142", "+12125550142", ""),
    ],
)
def test_a_number_is_found_among_words_and_the_words_are_kept(typed, number, note):
    kept = PhoneField().clean(typed)
    assert (kept.as_e164, kept.note) == (number, note)


@pytest.mark.parametrize(
    "typed", ["212-555-0142 x12", "212-555-0142 ext. 12", "(212) 555-0142 Ext 12", "212.555.0142,,12"]
)
def test_an_extension_is_part_of_the_number_and_no_note(typed):
    kept = stored(PhoneField().clean(typed))
    assert (kept.as_e164, kept.extension) == ("+12125550142", "12")


@pytest.mark.parametrize(
    "typed", ["none", "None.", "N/A", "n/a", "-", "--", "no", "I don’t have one", "no phone", "0", "\u200b"]
)
def test_words_for_no_number_are_none(typed):
    assert PhoneField(required=False).clean(typed) == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("07911 123456", " Did you mean +44 7911 123456?"),
        ("07911 123456 (mobile)", " Did you mean +44 7911 123456?"),
        ("447911123456", " Did you mean +44 7911 123456?"),
        ("353 85 012 3456", " Did you mean +353 85 012 3456?"),
        ("12345", ""),
        ("ask my mother", ""),
    ],
)
def test_a_number_of_elsewhere_gets_a_hint_that_fits(typed, meant):
    with pytest.raises(ValidationError) as refused:
        PhoneField().clean(typed)
    (said,) = refused.value.messages
    assert said == f"Check the phone number. From outside the US, begin with + and the country code.{meant}"


# Formulas


@pytest.mark.parametrize("space", ["", " ", "\u3000", "\u2009", "\u00a0", "\u200b", "\ufeff", "\u202e", "\t", "\r\n"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_becomes_a_formula_whatever_stands_before_it(space, sign):
    cell = export.harmless(f"{space}{sign}HYPERLINK(1)")
    assert cell == f"'{sign}HYPERLINK(1)"


def test_words_beside_a_number_are_kept_whatever_their_script():
    draw = random.Random(7)
    for _ in range(300):
        words = draw.choice(NAMES)
        kept = PhoneField().clean(f"212-555-0142 {words}")
        assert kept.as_e164 == "+12125550142"
        assert kept.note
        assert {sign for sign in words if sign.isalpha()} <= set(kept.note)
