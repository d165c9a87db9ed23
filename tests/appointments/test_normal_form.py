"""One form for all the ways in which a name or an address may be typed, for search and for repeats."""

import unicodedata
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from appointments.models import Inquiry
from appointments.models.normal_form import normal_email, normal_name
from appointments.requests.receive import receive
from tests.factories import make_inquiry

NBSP, NO_BREAK_HYPHEN, SOFT_HYPHEN, ZERO_WIDTH = "\u00a0", "\u2011", "\u00ad", "\u200b"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("O'Neil", "oneil"),
        ("O’Neil", "oneil"),
        ("O´NEIL", "oneil"),
        ("Oʼneil", "oneil"),
        ("Siobhán", "siobhan"),
        (unicodedata.normalize("NFD", "Siobhán"), "siobhan"),
        ("NÚÑEZ", "nunez"),
        ("Łukasz", "lukasz"),
        ("Nguyễn", "nguyen"),
        (unicodedata.normalize("NFD", "NGUYỄN"), "nguyen"),
        ("Đặng Søren Weiß Æther", "dang soren weiss aether"),
        ("IŞIK Diyarbakır", "isik diyarbakir"),
        ("İpek", "ipek"),
        (f"Garcia{NO_BREAK_HYPHEN}Lopez", "garcia lopez"),
        ("Garcia-Lopez", "garcia lopez"),
        (f"García{SOFT_HYPHEN}{ZERO_WIDTH}Lopez", "garcialopez"),
        (f" Anna{NBSP}\t\n Lee ", "anna lee"),
        ("Ａｎｎａ Ｌｅｅ", "anna lee"),
        ("St. John, Jr.", "st john jr"),
        ("ГЁТЕ", "гете"),
        ("陳大文", "陳大文"),
        ("सुनील", "सुनील"),
        ("がく", "がく"),
        (unicodedata.normalize("NFD", "김"), "김"),
        ("…", ""),
        ("", ""),
    ],
)
def test_a_name_has_one_form_however_it_is_typed(typed, normal):
    assert normal_name(typed) == normal


@given(st.text())
def test_a_normal_name_is_its_own_normal_form_whatever_was_typed(text):
    once = normal_name(text)
    assert normal_name(once) == once
    assert normal_name(unicodedata.normalize("NFD", text)) == once
    assert once == " ".join(once.split())


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Anna.Lee@Example.COM", "anna.lee@example.com"),
        (f"anna{ZERO_WIDTH}@exam\u202eple.com ", "anna@example.com"),
        ("anna＠example．com", "anna@example.com"),
        ("ANNA@BÜCHER.example", "anna@bücher.example"),
        ("anna+face@example.com", "anna+face@example.com"),  # another mailbox, for all we know
        ("", ""),
    ],
)
def test_an_address_has_one_form_however_it_is_typed(typed, normal):
    assert normal_email(typed) == normal


@given(st.text())
def test_a_normal_address_is_its_own_normal_form_whatever_was_typed(text):
    assert normal_email(normal_email(text)) == normal_email(text)


# Kept beside what was typed


def forms_of(inquiry) -> tuple[str, str, str]:
    fields = ("name_normal", "contact_name_normal", "email_normal")
    return Inquiry.objects.filter(pk=inquiry.pk).values_list(*fields).get()


TYPED = {"name": "Zoë O’Neil", "contact_name": "ŁUKASZ", "email": "Zoe@Example.com"}
NORMAL = ("zoe oneil", "lukasz", "zoe@example.com")


@pytest.mark.django_db
def test_the_forms_are_kept_on_every_way_into_the_table():
    assert forms_of(make_inquiry(**TYPED)) == NORMAL
    plain = {"form_key": uuid4(), "reach_by": "email", "consent_version": "2026-11"}
    [bulk] = Inquiry.objects.bulk_create([Inquiry(**plain, **TYPED)])
    assert forms_of(bulk) == NORMAL
    changed = make_inquiry()
    Inquiry.objects.filter(pk=changed.pk).update(**TYPED)
    assert forms_of(changed) == NORMAL
    saved = make_inquiry()
    for name, value in TYPED.items():
        setattr(saved, name, value)
    saved.save(update_fields=list(TYPED))
    assert forms_of(saved) == NORMAL
    partly = Inquiry.objects.only("name").get(pk=make_inquiry().pk)
    partly.name = TYPED["name"]
    partly.save()
    assert forms_of(partly)[0] == NORMAL[0]
    without = Inquiry.objects.defer("name", "email").get(pk=saved.pk)
    without.save()
    assert forms_of(saved) == NORMAL


@pytest.mark.django_db
def test_a_change_whose_form_we_cannot_know_is_refused():
    inquiry = make_inquiry()
    inquiry.name = "Anna Lee"
    with pytest.raises(TypeError, match="name"), transaction.atomic():
        Inquiry.objects.bulk_update([inquiry], ["name"])
    assert forms_of(inquiry)[0] == "maria okafor"


@pytest.mark.django_db
def test_the_longest_name_of_letters_that_grow_is_saved():
    grows = "\ufdfa" * 200  # one letter that folds into eighteen
    inquiry = make_inquiry(name=grows)
    assert forms_of(inquiry)[0] == normal_name(grows)
    assert len(normal_name(grows)) == 200


# What the desk finds


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("O’Neil", ["o'neil", "O’NEIL", "oneil", "o´neil"]),
        (unicodedata.normalize("NFD", "Siobhán"), ["siobhan", "Siobhán", "SIOBHÁN"]),
        ("NÚÑEZ", ["nunez", "núñez", "Nuñez"]),
        ("Łukasz", ["lukasz", "łukasz", "ŁUKASZ"]),
        ("Nguyễn", ["nguyen", "nguyễn", unicodedata.normalize("NFD", "Nguyễn")]),
        (f"Anna Garcia{NO_BREAK_HYPHEN}Lopez", ["garcia-lopez", "garcia lopez", "lopez anna", f"anna{NBSP}lopez"]),
        ("ЁЛКИНА", ["ёлкина", "елкина"]),
    ],
)
@pytest.mark.parametrize("field", ["name", "contact_name"])
def test_a_name_is_found_however_it_and_the_search_are_typed(field, typed, words):
    sought = make_inquiry(**{field: typed})
    make_inquiry(name="Somebody Else")
    for one in words:
        assert list(Inquiry.objects.found_by(one)) == [sought], one


@pytest.mark.django_db
def test_an_address_is_found_by_any_piece_of_it_in_any_case():
    sought = make_inquiry(email="Zoë_Quill@Bücher.example")
    make_inquiry()
    for words in ("zoë_quill@", "ZOË_QUILL@BÜCHER.EXAMPLE", "@bücher", "_quill", "maria@bücher zoë"):
        expected = [] if "maria" in words else [sought]
        assert list(Inquiry.objects.found_by(words)) == expected, words


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["…", "’", "%", "- '", ZERO_WIDTH])
def test_a_search_without_a_letter_finds_nobody(words):
    make_inquiry()
    assert not Inquiry.objects.found_by(words).exists()


@pytest.mark.django_db
def test_a_search_takes_one_query_however_it_is_typed(django_assert_num_queries):
    make_inquiry(name="O’Neil")
    with django_assert_num_queries(1):
        list(Inquiry.objects.found_by("anna siobhán o'neil garcia-lopez"))


# Repeats


def answers(**changes) -> dict:
    return {
        "for_whom": "me",
        "name": "Anna Lee",
        "reach_by": "email",
        "email": "anna@example.com",
        "phone": "",
        "message": "My eye closes when I smile.",
        "began": "",
        "topic": None,
    } | changes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"name": "Anna  Lee"}, {}),
        ({"name": "Anna O'Neil"}, {"name": "anna o’neil"}),
        ({"email": "Anna@Example.com"}, {"message": "Again."}),
        ({"name": "ŁUCJA Núñez"}, {"name": "Lucja Nunez"}),
        ({"phone": "+12124344050", "email": ""}, {"phone": "+12124344050", "email": "", "name": "ANNA LEE"}),
    ],
)
def test_a_repeat_is_recognised_however_the_name_and_the_address_are_typed(office, first, second):
    now = timezone.now()
    earlier, later = (
        receive(answers=answers(**typed), form_key=uuid4(), received_at=at, reply_by=now + timedelta(days=9))
        for typed, at in ((first, now - timedelta(days=1)), (second, now))
    )
    assert later.repeat_of == earlier


@pytest.mark.django_db
@pytest.mark.parametrize("second", [{"name": "Ann Lee"}, {"email": "anna+son@example.com"}])
def test_another_name_or_another_address_is_no_repeat(office, second):
    now = timezone.now()
    for typed in (answers(), answers(**second)):
        last = receive(answers=typed, form_key=uuid4(), received_at=now, reply_by=now + timedelta(days=9))
    assert last.repeat_of is None


@pytest.mark.django_db
def test_requests_from_one_address_are_the_same_person_however_it_is_typed():
    one, other = make_inquiry(email="Zoë@Bücher.example"), make_inquiry(email="ZOË@BÜCHER.EXAMPLE")
    make_inquiry()
    assert list(Inquiry.objects.same_person(one)) == [other]


@pytest.mark.django_db
def test_who_gave_no_address_is_not_the_same_person_as_others_without_one():
    one = make_inquiry(email="", phone="+12124344050")
    make_inquiry(email="", phone="+12124344051")
    assert not Inquiry.objects.same_person(one).exists()


@pytest.mark.django_db
def test_requests_of_an_address_are_found_through_an_index():
    plan = str(Inquiry.objects.filter(email_normal="a@example.com").explain())
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, Inquiry._meta.db_table)
    assert {"inquiry_email", "inquiry_name"} <= set(names)
    assert connection.vendor == "postgresql" or "inquiry_email" in plan  # an empty table needs no index there
