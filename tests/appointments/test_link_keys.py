"""Private links: their own keys, a short received page, and a desk that can switch them off."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from appointments.mail import outbox
from appointments.models import Inquiry, InquiryEvent, OutgoingMail
from appointments.privacy import form_key, link_token
from appointments.requests import questions
from tests.factories import make_condition, make_inquiry, valid_request_data

pytestmark = pytest.mark.django_db


def page_of(inquiry, purpose="private") -> str:
    name = {"private": "my_request", "received": "received"}[purpose]
    return reverse(name, args=[link_token.make(purpose, inquiry)])


@pytest.fixture
def own_keys(settings):
    settings.LINK_KEYS = ["the first key"]


def test_links_and_open_forms_survive_another_secret_key(client, office, settings, own_keys):
    inquiry = make_inquiry()
    link, data = page_of(inquiry), valid_request_data()
    settings.SECRET_KEY = "another"
    assert client.get(link).status_code == 200
    assert client.post("/request/", data).status_code == 302


def test_older_keys_open_what_they_made_and_the_newest_makes_what_is_new(client, office, settings, own_keys):
    inquiry = make_inquiry()
    old_link, key = page_of(inquiry), form_key.issue()
    settings.LINK_KEYS = ["the second key", "the first key"]
    assert client.get(old_link).status_code == 200
    assert form_key.read(key)
    new_link = page_of(inquiry)
    assert new_link != old_link
    settings.LINK_KEYS = ["the second key"]
    assert client.get(new_link).status_code == 200
    assert client.get(old_link).status_code == 404
    assert form_key.read(key) is None


def test_a_second_press_after_another_key_finds_the_first_request(client, office, settings, own_keys):
    data = valid_request_data()
    client.post("/request/", data)
    settings.LINK_KEYS = ["the second key", "the first key"]
    client.post("/request/", data)
    assert Inquiry.objects.count() == 1


def test_without_keys_of_their_own_links_are_signed_as_before(settings):
    assert settings.LINK_KEYS == [settings.SECRET_KEY]


def test_the_received_page_is_shown_for_a_day_and_then_hands_out_nothing(client, office):
    inquiry = make_inquiry(received_at=timezone.now() - timedelta(hours=23))
    assert page_of(inquiry) in client.get(page_of(inquiry, "received")).content.decode()
    Inquiry.objects.update(received_at=timezone.now() - timedelta(hours=25))
    answer = client.get(page_of(inquiry, "received"))
    page = answer.content.decode()
    assert answer.status_code == 410
    assert "my-request" not in page
    assert inquiry.reference not in page
    assert "(212) 434-4050" in page
    assert answer["Referrer-Policy"] == "no-referrer"


# The desk


def new_link(inquiry) -> str:
    return reverse("admin:appointments_inquiry_new_link", args=[inquiry.pk])


def test_wrong_address_at_the_desk_kills_the_old_links_and_the_mail_that_waits(client, staff_client, staff, office):
    inquiry = make_inquiry()
    OutgoingMail.objects.create(inquiry=inquiry, kind=OutgoingMail.Kind.PATIENT_RECEIVED)
    old = [page_of(inquiry), page_of(inquiry, "received")]
    assert new_link(inquiry) in staff_client.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()
    staff_client.post(new_link(inquiry))
    assert [client.get(link).status_code for link in old] == [404, 404]
    inquiry.refresh_from_db()
    assert client.get(page_of(inquiry)).status_code == 200
    event = inquiry.events.get(kind=InquiryEvent.Kind.LINK_RENEWED)
    assert event.by == staff
    outbox.deliver_due()
    assert mail.outbox == []


def test_a_look_at_the_address_of_the_desks_button_changes_nothing(staff_client, office):
    inquiry = make_inquiry()
    assert staff_client.get(new_link(inquiry)).status_code == 405
    inquiry.refresh_from_db()
    assert inquiry.link_version == 1


def test_who_may_only_look_kills_no_link(client, office, django_user_model):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_inquiry"))
    client.force_login(user)
    inquiry = make_inquiry()
    assert client.post(new_link(inquiry)).status_code == 403
    assert "new-link" not in client.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()


# What a patient chose stays what it was


def test_an_editor_who_renames_or_deletes_a_page_changes_no_request(client, staff_client, office):
    condition = make_condition(name="Synkinesis")
    client.post("/request/", valid_request_data(topic=condition.slug))
    inquiry = Inquiry.objects.get()
    condition.name = "Something quite different"
    condition.save()
    desk = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
    assert "Synkinesis" in staff_client.get(desk).content.decode()
    condition.delete()
    assert "Synkinesis" in staff_client.get(desk).content.decode()
    assert questions.about(Inquiry.objects.get()) == "Synkinesis"
