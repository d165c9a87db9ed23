"""Every page of the desk, with a row present, for each kind of staff: it opens, or it says that they may not."""

from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone

from appointments.models import (
    Access,
    Closure,
    Inquiry,
    Mailbox,
    Office,
    OpeningHours,
    OutgoingMail,
    PracticeNotice,
    Shutdown,
    SuggestedClosure,
)
from conditions.models import Condition, OldAddress, Region, ReviewPolicy, Source, Symptom, Treatment
from nyfp_site import staff_groups
from tests.factories import make_condition, make_inquiry, make_region, make_symptom, make_treatment

pytestmark = pytest.mark.django_db

DAY = date(2030, 12, 24)
MAIL = OutgoingMail.Kind.PATIENT_RECEIVED

# How a row of each model of the desk comes to be. Those that `set_up_office` makes are there already.
ROWS = {
    Access: lambda: Access.objects.create(action=Access.Action.OPENED, reference="K7M4-2QX9", username="desk"),
    Closure: lambda: Closure.objects.create(first_day=DAY, last_day=DAY),
    Condition: make_condition,
    Group: lambda: Group.objects.create(name="Volunteers"),
    Inquiry: make_inquiry,
    Mailbox: lambda: Mailbox.objects.get(),
    Office: lambda: Office.objects.get(),
    OldAddress: lambda: OldAddress.objects.create(path="/old", page=make_condition().page),
    OpeningHours: lambda: OpeningHours.objects.first(),
    OutgoingMail: lambda: OutgoingMail.objects.create(kind=MAIL, inquiry=make_inquiry()),
    PracticeNotice: lambda: PracticeNotice.objects.first(),
    Region: make_region,
    ReviewPolicy: lambda: ReviewPolicy.objects.create(),
    Shutdown: lambda: Shutdown.objects.create(closed_until=timezone.now() + timedelta(hours=1), reason="Snow"),
    Source: lambda: Source.objects.create(key="Bylund17", authors="Bylund N", title="On synkinesis"),
    SuggestedClosure: lambda: SuggestedClosure.objects.create(day=DAY, name="Christmas Eve"),
    Symptom: make_symptom,
    Treatment: make_treatment,
    User: lambda: User.objects.create_user("a-colleague", is_staff=True),
}
# A page of a model opens for those who have any of these permissions, unless its admin opens it for nobody.
PAGES = {
    "changelist": ["view", "change"],
    "add": ["add"],
    "change": ["view", "change"],
    "history": ["view", "change"],
    "delete": ["delete"],
}
EVERYTHING = "May do everything"
KINDS = [EVERYTHING, *staff_groups.KINDS]
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture(autouse=True)
def _office(office):
    """Every desk stands in the practice's office."""


@pytest.fixture
def colleague(client):
    """A colleague of a kind, signed in."""

    def sign_in(kind: str) -> User:
        user = User.objects.create_user(kind, is_staff=True, is_superuser=kind == EVERYTHING)
        if kind != EVERYTHING:
            staff_groups.prepare()
            user.groups.add(Group.objects.get(name=kind))
        client.force_login(user)
        return user

    return sign_in


def row_of(model):
    if model not in ROWS:
        pytest.fail(
            f"{model._meta.label} has an admin page: say in ROWS of tests/site/test_every_admin_page.py how "
            "one row of it comes to be."
        )
    return ROWS[model]()


def opens_for_nobody(model, page: str, row, rf) -> bool:
    """Whether the model's admin refuses even somebody who may do everything."""
    request = rf.get("/admin/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    model_admin = admin.site._registry[model]
    match page:
        case "add":
            return not model_admin.has_add_permission(request)
        case "delete":
            return not model_admin.has_delete_permission(request, row)
    return not model_admin.has_view_or_change_permission(request, row)


def may(kind: str, model, page: str) -> bool:
    opts = model._meta
    names = {f"{opts.app_label}.{action}_{opts.model_name}" for action in PAGES[page]}
    return kind == EVERYTHING or bool(names & staff_groups.KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_page_opens_for_those_who_may_and_for_nobody_else(client, colleague, rf, model, kind):
    row = row_of(model)
    colleague(kind)
    for page in PAGES:
        arguments = [] if page in ("changelist", "add") else [row.pk]
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)
        expected = 200 if may(kind, model, page) and not opens_for_nobody(model, page, row, rf) else 403
        assert client.get(address).status_code == expected, page


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_some_kind_of_staff_works_with_each_model(model):
    assert any(may(kind, model, "changelist") for kind in staff_groups.KINDS)


@pytest.mark.parametrize(
    "model", [m for m in MODELS if admin.site._registry[m].search_fields], ids=lambda model: model._meta.label
)
def test_a_search_of_a_list_answers(client, colleague, model):
    row_of(model)
    colleague(EVERYTHING)
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert client.get(address, {"q": "x 7"}).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_page_opens_for_each_kind_of_staff(client, colleague, kind):
    make_inquiry()
    colleague(kind)
    assert client.get("/admin/").status_code == 200
