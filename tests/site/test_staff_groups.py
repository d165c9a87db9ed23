"""The kinds of staff: made once, then the practice's own."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from nyfp_site import staff_groups

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds():
    staff_groups.prepare()


def permissions_of(group: str) -> set[str]:
    rows = Permission.objects.filter(group__name=group).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_a_new_site_gets_one_group_for_each_kind_of_staff():
    assert staff_groups.prepare() == ["Front desk", "Clinician", "Editor", "Manager"]
    for kind, wanted in staff_groups.KINDS.items():
        assert permissions_of(kind) == wanted


def test_preparing_makes_the_groups(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("nyfp_site.management.commands.prepare.Command.collect_static", lambda self: None)
    settings.DATA_DIR = tmp_path
    out = StringIO()
    call_command("prepare", stdout=out)
    assert "Kinds of staff: Front desk, Clinician, Editor, Manager." in out.getvalue()
    assert Group.objects.count() == 4


def test_what_the_practice_takes_away_or_gives_stays_so(kinds):
    desk = Group.objects.get(name="Front desk")
    desk.permissions.remove(Permission.objects.get(codename="change_office"))
    desk.permissions.add(Permission.objects.get(codename="view_source"))
    before = permissions_of("Front desk")
    assert staff_groups.prepare() == []
    assert permissions_of("Front desk") == before


def test_a_group_that_the_practice_renamed_or_deleted_is_not_made_again(kinds):
    Group.objects.filter(name="Front desk").update(name="Reception")
    Group.objects.filter(name="Editor").delete()
    assert staff_groups.prepare() == []
    assert set(Group.objects.values_list("name", flat=True)) == {"Reception", "Clinician", "Manager"}


def test_a_group_of_the_practices_own_gains_nothing_from_bearing_the_same_name():
    Group.objects.create(name="Manager")
    assert "Manager" not in staff_groups.prepare()
    assert permissions_of("Manager") == set()


def test_a_later_release_gives_what_is_new_and_nothing_else(kinds, monkeypatch):
    Group.objects.get(name="Editor").permissions.clear()
    monkeypatch.setitem(staff_groups.KINDS, "Editor", staff_groups.EDITOR | {"appointments.view_mailbox"})
    staff_groups.prepare()
    assert permissions_of("Editor") == {"appointments.view_mailbox"}


def test_a_later_release_may_bring_another_kind(kinds, monkeypatch):
    monkeypatch.setitem(staff_groups.KINDS, "Auditor", {"appointments.view_outgoingmail"})
    assert staff_groups.prepare() == ["Auditor"]
    assert permissions_of("Auditor") == {"appointments.view_outgoingmail"}


def test_every_permission_exists():
    assert staff_groups.permissions_exist(None) == []


def test_a_permission_that_does_not_exist_is_named(monkeypatch):
    monkeypatch.setitem(staff_groups.KINDS, "Editor", {"appointments.change_ofice"})
    (error,) = staff_groups.permissions_exist(None)
    assert "Editor may appointments.change_ofice, which no model knows." in error.msg


def test_an_editor_sees_no_request_and_no_mail():
    private = {"inquiry", "inquiryevent", "visit", "outgoingmail", "staffnotice"}
    assert not {name for name in staff_groups.EDITOR if name.split("_")[-1] in private}


def test_nobody_deletes_a_request_a_mail_or_an_account():
    kept = {"appointments.delete_inquiry", "appointments.delete_outgoingmail", "auth.delete_user"}
    assert not any(wanted & kept for wanted in staff_groups.KINDS.values())


def test_a_manager_may_do_all_that_the_others_may():
    for wanted in staff_groups.KINDS.values():
        assert wanted <= staff_groups.MANAGER


# Accounts


@pytest.fixture
def account(monkeypatch, django_user_model):
    """Make an account of a kind and return it."""

    def make(group: str):
        monkeypatch.setenv("STAFF_USERNAME", "maria")
        monkeypatch.setenv("STAFF_EMAIL", "maria@example.org")
        monkeypatch.setenv("STAFF_PASSWORD", "correct-horse-battery")
        monkeypatch.setenv("STAFF_GROUP", group)
        call_command("staff_account", stdout=StringIO())
        return django_user_model.objects.get(username="maria")

    return make


def test_make_staff_makes_an_account_of_one_kind(kinds, account):
    user = account("front desk")
    assert user.is_staff
    assert not user.is_superuser
    assert user.has_perm("appointments.change_inquiry")
    assert not user.has_perm("conditions.change_condition")


def test_make_staff_without_a_kind_makes_an_account_that_may_do_everything(kinds, account):
    assert account("").is_superuser


def test_make_staff_names_the_kinds_there_are_when_it_does_not_know_one(kinds, account, django_user_model):
    with pytest.raises(CommandError, match="There are: Clinician, Editor, Front desk, Manager"):
        account("Desk")
    assert not django_user_model.objects.exists()


def test_make_staff_asks_for_the_kind_when_it_asks_at_all(kinds, monkeypatch, django_user_model):
    answers = {"User name": "paul", "Kind of staff": "Editor", "E-mail": "paul@example.org"}
    for name in ("STAFF_USERNAME", "STAFF_EMAIL", "STAFF_GROUP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STAFF_PASSWORD", "correct-horse-battery")
    monkeypatch.setattr("builtins.input", lambda question: answers[question.split(" (")[0].split(":")[0]])
    call_command("staff_account", stdout=StringIO())
    assert [group.name for group in django_user_model.objects.get(username="paul").groups.all()] == ["Editor"]


@pytest.fixture
def manager(kinds, client, django_user_model):
    user = django_user_model.objects.create_user("manager", is_staff=True)
    user.groups.add(Group.objects.get(name="Manager"))
    client.force_login(user)
    return user


def test_a_manager_raises_nobody_above_the_kinds(client, manager):
    address = f"/admin/auth/user/{manager.pk}/change/"
    everything = [permission.pk for permission in Permission.objects.all()]
    client.post(
        address,
        {
            "username": "manager",
            "first_name": "Ana",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "user_permissions": everything,
            "groups": [Group.objects.get(name="Manager").pk],
            "date_joined_0": "2026-11-22",
            "date_joined_1": "10:00",
        },
    )
    manager.refresh_from_db()
    assert manager.first_name == "Ana"
    assert not manager.is_superuser
    assert not manager.user_permissions.exists()


@pytest.mark.parametrize("page", ["change", "password"])
def test_a_manager_does_not_take_over_the_account_of_a_superuser(client, manager, staff, page):
    data = {"username": "mine", "password1": "correct-horse-battery", "password2": "correct-horse-battery"}
    assert client.post(f"/admin/auth/user/{staff.pk}/{page}/", data).status_code == 403
    staff.refresh_from_db()
    assert staff.username == "desk"
    assert not staff.check_password("correct-horse-battery")


def test_a_superuser_still_makes_another(staff_client, django_user_model):
    other = django_user_model.objects.create_user("paul", is_staff=True)
    data = {"username": "paul", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    staff_client.post(
        f"/admin/auth/user/{other.pk}/change/", data | {"date_joined_0": "2026-11-22", "date_joined_1": "10:00"}
    )
    other.refresh_from_db()
    assert other.is_superuser
