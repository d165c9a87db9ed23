"""What patients wrote lies encrypted, and can be read only in the row and the column where it was written."""

import base64
import copy
import pickle
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection, models, transaction
from django.db.models import F

from appointments.models import Inquiry, InquiryEvent
from appointments.privacy.encryption import EncryptedTextField, Undecryptable, Unreadable
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db

MESSAGE, NOTE = ("appointments_inquiry", "message"), ("appointments_inquiryevent", "note")


def stored(place, row) -> str:
    """A text as it lies on the disk."""
    table, column = place
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def store(place, row, value: str, **also) -> None:
    """Write past the models, as somebody with the database's password could."""
    table, column = place
    values = {column: value} | also
    assignments = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {assignments} WHERE id = %s", [*values.values(), row.pk])


def message_of(row) -> str:
    return Inquiry.objects.get(pk=row.pk).message


def note_of(row) -> str:
    return InquiryEvent.objects.get(pk=row.pk).note


@pytest.fixture
def inquiry():
    return make_inquiry(message="Mine")


@pytest.fixture
def event(inquiry):
    return inquiry.events.create(kind="note", note="Noted")


def test_a_text_comes_back_and_lies_encrypted_under_a_version_mark(inquiry, event):
    assert (message_of(inquiry), note_of(event)) == ("Mine", "Noted")
    for value in (stored(MESSAGE, inquiry), stored(NOTE, event)):
        assert value.startswith("v1:")
        assert b"Mine" not in base64.urlsafe_b64decode(value[3:])
    assert stored(MESSAGE, make_inquiry(message="Mine")) != stored(MESSAGE, inquiry)
    assert stored(MESSAGE, make_inquiry(message="")) == ""


# A text that was moved


def test_a_message_copied_to_another_request_is_unreadable_there_and_readable_at_home(inquiry):
    other = make_inquiry(message="Theirs")
    store(MESSAGE, other, stored(MESSAGE, inquiry))
    assert isinstance(message_of(other), Unreadable)
    assert message_of(inquiry) == "Mine"


def test_a_note_copied_to_another_line_is_unreadable_there(inquiry, event):
    other = inquiry.events.create(kind="note", note="Other")
    store(NOTE, other, stored(NOTE, event))
    assert isinstance(note_of(other), Unreadable)
    assert note_of(event) == "Noted"


def test_a_line_moved_to_another_request_is_unreadable_there(event):
    other = make_inquiry()
    InquiryEvent.objects.filter(pk=event.pk).update(inquiry=other)
    assert isinstance(note_of(event), Unreadable)


def test_a_text_copied_to_another_column_is_unreadable_there(inquiry, event):
    store(NOTE, event, stored(MESSAGE, inquiry))
    assert isinstance(note_of(event), Unreadable)
    store(MESSAGE, inquiry, stored(NOTE, inquiry.events.create(kind="note", note="Noted")))
    assert isinstance(message_of(inquiry), Unreadable)


def test_a_changed_letter_of_a_stored_text_makes_it_unreadable(inquiry):
    value = stored(MESSAGE, inquiry)
    for place in (4, len(value) // 2, -3):
        changed = list(value)
        changed[place] = "A" if changed[place] != "A" else "B"
        store(MESSAGE, inquiry, "".join(changed))
        assert isinstance(message_of(inquiry), Unreadable), place


@pytest.mark.parametrize("value", ["v1:", "v1:AAAA", "v1:ü", "v2:AAAA", "Mine", "v1:" + "A" * 400])
def test_a_value_of_another_making_is_unreadable(inquiry, value):
    store(MESSAGE, inquiry, value)
    assert isinstance(message_of(inquiry), Unreadable)


def test_a_fernet_token_under_the_same_key_is_no_text_of_ours(inquiry, settings):
    store(MESSAGE, inquiry, "v1:" + Fernet(settings.FIELD_KEYS[0]).encrypt(b"Planted").decode())
    assert isinstance(message_of(inquiry), Unreadable)


# Keys


def test_a_new_key_in_front_encrypts_and_the_old_one_still_reads(inquiry, settings):
    old, new = settings.FIELD_KEYS, Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *old]
    assert message_of(inquiry) == "Mine"
    later = make_inquiry(message="Later")
    settings.FIELD_KEYS = [new]
    assert message_of(later) == "Later"
    assert isinstance(message_of(inquiry), Unreadable)
    settings.FIELD_KEYS = old
    assert isinstance(message_of(later), Unreadable)


# Every way in and out


def test_texts_written_together_are_each_bound_to_their_row():
    plain = {"reach_by": "email", "email": "a@example.com", "name": "A", "consent_version": "2026-11"}
    one, two = Inquiry.objects.bulk_create(
        [Inquiry(form_key=uuid4(), message=message, **plain) for message in ("One", "Two")]
    )
    assert (message_of(one), message_of(two)) == ("One", "Two")
    first, second = InquiryEvent.objects.bulk_create(
        [InquiryEvent(inquiry=one, kind="note", note=note) for note in ("First", "Second")]
    )
    assert (note_of(first), note_of(second)) == ("First", "Second")
    store(NOTE, first, stored(NOTE, second))
    assert isinstance(note_of(first), Unreadable)


def test_an_update_binds_the_text_to_each_row_it_changes(inquiry):
    other = make_inquiry()
    assert Inquiry.objects.update(message="Same", language="Polish") == 2
    assert (message_of(inquiry), message_of(other)) == ("Same", "Same")
    store(MESSAGE, other, stored(MESSAGE, inquiry))
    assert isinstance(message_of(other), Unreadable)
    assert Inquiry.objects.get(pk=other.pk).language == "Polish"
    assert Inquiry.objects.filter(pk=inquiry.pk).update(message="", name="B") == 1
    assert stored(MESSAGE, inquiry) == ""
    assert Inquiry.objects.get(pk=inquiry.pk).name_normal == "b"


def test_an_update_of_other_columns_leaves_the_text(inquiry, django_assert_num_queries):
    before = stored(MESSAGE, inquiry)
    with django_assert_num_queries(1):
        Inquiry.objects.update(language="Polish")
    assert stored(MESSAGE, inquiry) == before


@pytest.mark.parametrize(
    "write",
    [
        lambda inquiry: Inquiry.objects.bulk_update([inquiry], ["message"]),
        lambda inquiry: Inquiry.objects.update(message=F("name")),
        lambda inquiry: models.QuerySet(Inquiry).filter(pk=inquiry.pk).update(message="Clear"),
        lambda inquiry: inquiry.save_base(raw=True),
    ],
    ids=["bulk_update", "expression", "another queryset", "raw"],
)
def test_a_way_in_that_knows_no_row_is_refused(inquiry, write):
    inquiry.message = "Clear"
    with pytest.raises(TypeError, match="sealed by its row"), transaction.atomic():
        write(inquiry)
    assert message_of(inquiry) == "Mine"


def test_a_deferred_text_is_read_when_asked_for(inquiry):
    for rows in (Inquiry.objects.defer("message"), Inquiry.objects.only("name"), Inquiry.objects.only("message")):
        assert rows.get(pk=inquiry.pk).message == "Mine"
    later = Inquiry.objects.defer("message").get(pk=inquiry.pk)
    later.save()  # what was not read is not written
    later.refresh_from_db()
    assert later.message == "Mine"


def test_a_refreshed_row_shows_the_text_as_it_is_now(inquiry):
    Inquiry.objects.update(message="New")
    inquiry.refresh_from_db(fields=["message"])
    assert inquiry.message == "New"
    inquiry.message = "Unsaved"
    inquiry.refresh_from_db()
    assert inquiry.message == "New"


def test_a_row_saved_unread_keeps_its_text(inquiry):
    row = Inquiry.objects.get(pk=inquiry.pk)
    row.language = "Polish"
    row.save()
    assert message_of(inquiry) == "Mine"


def test_a_copied_row_reads_as_the_first(inquiry):
    row = Inquiry.objects.get(pk=inquiry.pk)
    assert copy.deepcopy(row).message == pickle.loads(pickle.dumps(row)).message == "Mine"


def test_values_without_their_row_stay_sealed_and_cannot_be_compared(inquiry):
    [value] = Inquiry.objects.values_list("message", flat=True)
    assert value.startswith("v1:")
    with pytest.raises(FieldError):
        Inquiry.objects.filter(message="Mine").exists()


def test_a_list_of_requests_opens_no_text_that_nobody_reads(inquiry, printed):
    store(MESSAGE, inquiry, "v1:broken")
    [row] = Inquiry.objects.all()
    assert "cannot be read" not in printed()
    assert isinstance(row.message, Unreadable)
    assert printed().count("a stored text cannot be read") == 1
    assert row.message is row.message
    with pytest.raises(Undecryptable):
        row.save()


@pytest.mark.parametrize("bound_to", [(), ("language",), ("reference", "nowhere")])
def test_a_text_bound_to_no_row_is_a_mistake_that_the_checks_name(bound_to, monkeypatch):
    field = Inquiry._meta.get_field("message")
    assert not field.check()
    monkeypatch.setattr(field, "bound_to", bound_to)
    assert [error.id for error in field.check()] == ["appointments.E003"]
    assert isinstance(field, EncryptedTextField)
