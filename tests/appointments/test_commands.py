"""Commands for whoever looks after the site."""

from io import StringIO
from unittest.mock import patch

import pytest
from django.core import mail as django_mail
from django.core.management import CommandError, call_command

from appointments.models import Inquiry, InquiryEvent, Mailbox, OutgoingMail, StaffNotice

pytestmark = pytest.mark.django_db

SEND = "django.core.mail.EmailMessage.send"


@pytest.fixture(autouse=True)
def _office(office, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def run(name: str) -> str:
    out = StringIO()
    call_command(name, stdout=out)
    return out.getvalue()


def nothing_is_left() -> bool:
    return not (
        Inquiry.objects.exists()
        or InquiryEvent.objects.exists()
        or OutgoingMail.objects.exists()
        or StaffNotice.objects.exists()
    )


def test_check_mail_tells_each_mailbox_and_writes_the_result_down():
    Mailbox.objects.create(email="second@example.org")
    assert "desk@example.org: accepted" in run("check_mail")
    assert sorted(message.to[0] for message in django_mail.outbox) == ["desk@example.org", "second@example.org"]
    assert all(mailbox.tested_at and mailbox.test_result == "accepted" for mailbox in Mailbox.objects.all())
    assert nothing_is_left()


def test_check_mail_fails_and_says_which_mailbox_did_not_accept():
    with patch(SEND, side_effect=ConnectionRefusedError), pytest.raises(CommandError, match="1 of 1"):
        run("check_mail")
    assert Mailbox.objects.get().test_result == "ConnectionRefusedError"
    assert nothing_is_left()


def test_check_mail_works_on_a_saturday_night_because_a_person_asked(at):
    at(2026, 12, 5, 23, 0)
    assert "accepted" in run("check_mail")


@pytest.mark.parametrize("command", ["check_mail", "canary"])
def test_without_a_mailbox_a_command_says_so_and_fails(command):
    Mailbox.objects.all().delete()
    with pytest.raises(CommandError, match="no staff mailbox"):
        run(command)


def test_the_canary_goes_the_whole_way_and_leaves_nothing_behind():
    said = run("canary")
    for step in ("form", "database", "outbox", "SMTP"):
        assert f"canary: {step} ok" in said
    assert len(django_mail.outbox) == 1
    assert "Canary" not in django_mail.outbox[0].message().as_string()
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("broken", "step"),
    [
        ("appointments.management.commands.canary.RequestForm.is_valid", "form"),
        ("appointments.management.commands.canary.receive", "database"),
        ("appointments.models.owed_mail.announce", "outbox"),
        (SEND, "SMTP"),
    ],
)
def test_the_canary_names_the_step_that_fails_and_cleans_up(broken, step):
    with patch(broken, side_effect=OSError("broken")), pytest.raises(CommandError, match=f"canary: {step} failed"):
        run("canary")
    assert nothing_is_left()


@pytest.mark.usefixtures("no_daily_jobs")
def test_no_pump_announces_a_canary_on_its_way(at):
    from appointments.background import pump
    from appointments.management.commands.canary import Command

    at(2026, 12, 1, 10, 0)
    command = Command(stdout=StringIO())
    command.save(command.fill_in())
    pump.turn()
    assert not django_mail.outbox


def test_a_staff_account_needs_a_good_password(monkeypatch, django_user_model):
    monkeypatch.setenv("STAFF_USERNAME", "front")
    monkeypatch.setenv("STAFF_EMAIL", "front@example.org")
    monkeypatch.setenv("STAFF_PASSWORD", "password1234")
    with pytest.raises(CommandError, match="too common"):
        run("staff_account")
    monkeypatch.setenv("STAFF_PASSWORD", "correct-horse-battery")
    assert "front can sign in" in run("staff_account")
    user = django_user_model.objects.get(username="front")
    assert user.is_staff
    assert user.check_password("correct-horse-battery")
    with pytest.raises(CommandError, match="already an account"):
        run("staff_account")
