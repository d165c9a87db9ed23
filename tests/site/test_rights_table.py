"""Every kind of staff against every address of the desk and every action on many rows: the whole table.

It is compared with rights_table.txt, line by line. After a change that is meant, read the difference and put it there
by hand: a right that nobody meant shows up nowhere else.
"""

from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from conditions.models import OldAddress
from nyfp_site import staff_groups
from tests.site.test_every_admin_page import ROWS

TABLE = Path(__file__).with_name("rights_table.txt")
ENDS_A_SESSION = {"logout"}
KINDS = ["nobody", "no kind", *staff_groups.KINDS, "superuser"]


@pytest.fixture
def colleagues(office, django_user_model):
    """One of each kind, by name, and a row of every model; nobody is a visitor."""
    staff_groups.prepare()
    ROWS[OldAddress]()  # it brings a condition
    users = {}
    for kind in KINDS[1:]:
        users[kind] = django_user_model.objects.create_user(kind, is_staff=True, is_superuser=kind == "superuser")
        if kind in staff_groups.KINDS:
            users[kind].groups.add(Group.objects.get(name=kind))
    return users


def addresses() -> dict[str, str]:
    """Every page of the desk by a name that does not change: lists, rows, what is beside them."""
    found = {"index": reverse("admin:index")}
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label):
        row = model._default_manager.first() or ROWS[model]()
        for pattern in model_admin.get_urls():
            if not pattern.name:
                continue
            for args in ([], [row.pk] if row else []):
                try:
                    found[pattern.name] = reverse(f"admin:{pattern.name}", args=args)
                    break
                except NoReverseMatch:
                    continue
    return found


def actions_of(user, model_admin) -> str:
    request = RequestFactory().get("/admin/")
    request.user = user
    return " ".join(sorted(model_admin.get_actions(request))) or "-"


@pytest.mark.django_db
def test_the_whole_table_is_as_it_was_meant(colleagues):
    clients = {kind: Client(raise_request_exception=False) for kind in KINDS}
    for kind, user in colleagues.items():
        clients[kind].force_login(user)
    lines = []
    for name, address in addresses().items():
        if name in ENDS_A_SESSION:
            continue
        for method in ("get", "post"):
            answers = [getattr(clients[kind], method)(address).status_code for kind in KINDS]
            lines.append(f"{name:<48}{method:<6}{' '.join(map(str, answers))}")
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label):
        for kind, user in colleagues.items():
            lines.append(f"actions on {model._meta.label:<38}{kind:<12}{actions_of(user, model_admin)}")
    assert lines == TABLE.read_text().splitlines()[1:]
