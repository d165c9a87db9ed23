"""Nobody gives, changes or takes what they may not do themselves; the last superuser stays."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from nyfp_site import staff_groups

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-battery"
FORM = {"is_active": "on", "is_staff": "on", "date_joined_0": "2026-11-22", "date_joined_1": "10:00"}


@pytest.fixture
def practice(client):
    """A manager who is signed in, a colleague of each kind, and a group that may more than a manager."""
    staff_groups.prepare()
    stronger = Group.objects.create(name="Stronger")
    stronger.permissions.add(Permission.objects.get(codename="delete_user"))
    people = {}
    for name in (*staff_groups.KINDS, "Stronger"):
        people[name] = User.objects.create_user(name.lower().replace(" ", "-"), password="before", is_staff=True)
        people[name].groups.add(Group.objects.get(name=name))
    people["root"] = User.objects.create_superuser("root", password="before")
    client.force_login(people["Manager"])
    return people


def change(client, user, **data):
    return client.post(reverse("admin:auth_user_change", args=[user.pk]), {"username": user.username} | FORM | data)


def groups_of(user) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_a_manager_gives_groups_within_her_own_rights_and_no_other(client, practice):
    pk = {group.name: group.pk for group in Group.objects.all()}
    change(client, practice["Editor"], groups=[pk["Editor"], pk["Front desk"]])
    assert groups_of(practice["Editor"]) == {"Editor", "Front desk"}
    for user in (practice["Editor"], practice["Manager"]):
        before = groups_of(user)
        assert change(client, user, groups=[pk["Stronger"]]).status_code == 200
        assert groups_of(user) == before


@pytest.mark.parametrize("who", ["Stronger", "root"])
@pytest.mark.parametrize("is_active", [True, False])
def test_who_may_more_is_only_looked_at(client, practice, who, is_active):
    target = practice[who]
    User.objects.filter(pk=target.pk).update(is_active=is_active)
    practice["Manager"].user_permissions.add(Permission.objects.get(codename="delete_user"))
    Group.objects.get(name="Stronger").permissions.add(Permission.objects.get(codename="add_group"))
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    assert change(client, target, username="mine").status_code == 403
    password = reverse("admin:auth_user_password_change", args=[target.pk])
    assert client.post(password, passwords).status_code == 403
    assert client.post(reverse("admin:auth_user_delete", args=[target.pk]), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [target.pk], "post": "yes"}
    client.post(reverse("admin:auth_user_changelist"), chosen)
    target.refresh_from_db()
    assert target.username == who.lower()
    assert target.check_password("before")


def test_a_manager_sets_the_password_of_who_may_less(client, practice):
    address = reverse("admin:auth_user_password_change", args=[practice["Editor"].pk])
    client.post(address, {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"})
    practice["Editor"].refresh_from_db()
    assert practice["Editor"].check_password(PASSWORD)


def test_a_group_gives_no_more_than_its_editor_has(client, practice):
    manager, group = practice["Manager"], Group.objects.get(name="Editor")
    manager.user_permissions.add(*Permission.objects.filter(codename__in=["change_group", "delete_group", "add_group"]))
    beyond = Permission.objects.get(codename="delete_user")
    own = Permission.objects.get(codename="view_office")
    address = reverse("admin:auth_group_change", args=[group.pk])
    assert client.post(address, {"name": "Editor", "permissions": [own.pk, beyond.pk]}).status_code == 200
    assert not group.permissions.filter(pk=beyond.pk).exists()
    assert client.post(address, {"name": "Editor", "permissions": [own.pk]}).status_code == 302
    assert list(group.permissions.all()) == [own]
    stronger = Group.objects.get(name="Stronger")
    for page in ("change", "delete"):
        data = {"name": "Weaker", "post": "yes"}
        assert client.post(reverse(f"admin:auth_group_{page}", args=[stronger.pk]), data).status_code == 403
    assert Group.objects.filter(name="Stronger").exists()


def test_the_last_superuser_stays(client, practice):
    root = practice["root"]
    client.force_login(root)
    change(client, root)  # the ticks left out, as somebody would who makes a slip
    assert client.post(reverse("admin:auth_user_delete", args=[root.pk]), {"post": "yes"}).status_code == 403
    other = User.objects.create_superuser("other")
    chosen = {"action": "delete_selected", "_selected_action": [root.pk, other.pk], "post": "yes"}
    assert client.post(reverse("admin:auth_user_changelist"), chosen).status_code == 403
    root.refresh_from_db()
    assert (root.is_superuser, root.is_active, root.is_staff) == (True, True, True)
    assert client.post(reverse("admin:auth_user_delete", args=[other.pk]), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=other.pk).exists()
