"""Two people at one row, for any form: what was typed stays, what was left alone follows the row."""

from datetime import timedelta

import pytest
from django import forms
from django.utils import timezone

from appointments.admin.two_at_once import SHOWN, SeesNews, posted
from appointments.models import Visit
from appointments.requests import handling
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db


class PlaceForm(SeesNews):
    """Where a visit is, and how long it takes."""

    place = forms.CharField(required=False, **SHOWN)
    minutes = forms.IntegerField(**SHOWN)

    class Meta:
        model = Visit
        fields = ["place", "minutes"]

    def latest_event(self):
        return self.instance.inquiry.events.order_by("-pk").values_list("pk", flat=True).first()

    def events_after(self, seen):
        return self.instance.inquiry.events.filter(pk__gt=seen)


@pytest.fixture
def visit():
    return Visit.objects.create(inquiry=make_inquiry(), starts_at=timezone.now() + timedelta(days=1), place="Room 1")


def as_shown(visit) -> dict:
    shown = {name: value for field in PlaceForm(instance=visit) for name, value in posted(field).items()}
    return shown | {f"initial-{name}": value for name, value in shown.items()}


def sent(visit, page: dict, **typed) -> PlaceForm:
    return PlaceForm(page | typed, instance=Visit.objects.get(pk=visit.pk))


def changed_meanwhile(visit, **fields) -> None:
    Visit.objects.filter(pk=visit.pk).update(**fields)
    handling.add_note(visit.inquiry, "Moved", by=None)


def test_without_news_the_first_press_saves(visit):
    form = sent(visit, as_shown(visit), place="Room 2")
    assert form.is_valid()
    assert form.news == []


def test_news_hold_the_save_back_once_and_keep_what_was_typed(visit):
    page = as_shown(visit)
    changed_meanwhile(visit, minutes=45)
    form = sent(visit, page, place="Room 2")
    assert not form.is_valid()
    assert [event.note for event in form.news] == ["Moved"]
    assert (form["place"].value(), form["minutes"].value()) == ("Room 2", "45")
    again = PlaceForm(form.data, instance=Visit.objects.get())
    assert again.is_valid()
    again.save()
    assert Visit.objects.values_list("place", "minutes").get() == ("Room 2", 45)


def test_where_both_changed_a_field_it_says_what_it_became(visit):
    page = as_shown(visit)
    changed_meanwhile(visit, place="Room 3")
    form = sent(visit, page, place="Room 2")
    assert not form.is_valid()
    assert (form["place"].meanwhile, form["place"].value()) == ("Room 3", "Room 2")
