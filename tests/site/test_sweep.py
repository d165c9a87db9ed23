"""Every address and every list of the desk, asked as no browser asks: a plain answer, never a 500, never quoted."""

import itertools
from collections import Counter
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from appointments.privacy import link_token
from tests.factories import make_condition, make_inquiry, make_region, make_treatment

pytestmark = pytest.mark.django_db

MARK = "Zebulon"
HOSTILE = {
    "nul": f"{MARK}%00",
    "bad utf-8": f"{MARK}%ff%fe%80",
    "overlong": f"{MARK}%c0%af",
    "huge number": "9" * 400,
    "beyond 64 bits": str(2**63),
    "negative": "-1",
    "float": "1e309",
    "surrogate": f"{MARK}%ed%a0%80",
    "brackets": f"{MARK}%5b%5d%7b%7d%27%22%3b--",
    "newline": f"{MARK}%0d%0aSet-Cookie:a=b",
    "long": MARK * 800,
    "empty": "",
}
METHODS = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]
BODIES = {
    "form": (
        b"action=%00&q=%ff&_selected_action=999999999999999999999&index=x&_saveasnew=1&page=-1",
        "application/x-www-form-urlencoded",
    ),
    "multipart without end": (
        b'--x\r\nContent-Disposition: form-data; name="a\0"\r\n\r\nZebulon',
        "multipart/form-data; boundary=x",
    ),
    "multipart without boundary": (b"Zebulon", "multipart/form-data"),
    "json": (b'{"Zebulon": [', "application/json"),
    "charset": (b"a=Zebulon", "application/x-www-form-urlencoded; charset=zebulon"),
    "bytes": (bytes(range(256)) * 8, "application/octet-stream"),
    "nothing": (b"", ""),
}


MACHINES = {"/readyz", "/status"}  # their 503 is an answer, and they read no parameter


def addresses(inquiry) -> list[str]:
    """Every address of the site once, with values that lead somewhere where they can."""
    known = {
        "token": link_token.make("private", inquiry),
        "pk": str(inquiry.pk),
        "object_id": str(inquiry.pk),
        "slug": "test-palsy",
        "kind": "privacy",
        "content_type_id": "1",
        "app_label": "appointments",
        "url": "nothing",
    }
    found = []

    def walk(patterns, prefix=""):
        for pattern in patterns:
            route = prefix + str(pattern.pattern).replace("^", "").replace("$", "").replace("\\Z", "")
            if isinstance(pattern, URLPattern):
                found.append(route)
            else:
                walk(pattern.url_patterns, route)

    walk(get_resolver().url_patterns)
    paths = []
    for route in found:
        for name, value in known.items():
            for kind in ("str:", "slug:", "path:", "int:", ""):
                route = route.replace(f"<{kind}{name}>", value)
        paths.append(
            "/"
            + route.replace("(?P<app_label>auth|appointments|conditions)", "appointments").replace("(?P<url>.*)", "x")
        )
    return sorted(set(paths) - MACHINES)


@pytest.fixture
def visitors(office, staff):
    """Somebody from the street, and somebody who may do everything."""
    street, desk = Client(), Client()
    desk.force_login(staff)
    for visitor in (street, desk):
        visitor.raise_request_exception = False
    make_condition(), make_treatment(), make_region()
    return {"street": street, "desk": desk}


def ask(visitor, method: str, path: str, body=(b"", "")) -> int:
    """The status. Everything is undone afterwards."""
    with transaction.atomic():
        answer = visitor.generic(
            method.upper(), path, body[0], content_type=body[1], headers={"Sec-Fetch-Site": "same-origin"}
        )
        transaction.set_rollback(True)
    return answer.status_code


def test_every_address_answers_every_method_and_body_plainly(visitors, printed):
    paths, counts, failed = addresses(make_inquiry()), Counter(), []
    assert len(paths) > 100
    for who, visitor in visitors.items():
        for path in paths:
            asked = [(method, ("", (b"", ""))) for method in METHODS] + [("post", body) for body in BODIES.items()]
            for method, (what, body) in asked:
                status = ask(visitor, method, path, body)
                counts[status] += 1
                if status >= 500:
                    failed.append((who, method, path, what, status))
    assert failed == []
    assert set(counts) <= {200, 301, 302, 400, 403, 404, 405, 410, 411, 413}
    assert sum(counts.values()) == len(visitors) * len(paths) * (len(METHODS) + len(BODIES))
    assert MARK not in printed()


def test_every_address_takes_every_hostile_parameter_and_part(visitors, printed):
    failed, asked = [], 0
    paths = addresses(make_inquiry())
    for who, visitor in visitors.items():
        for path, (what, value) in itertools.product(paths, HOSTILE.items()):
            for target in (
                f"{path}?q={value}&page={value}&p={value}&o={value}&topic={value}&saved={value}",
                f"{path}{value}/",
            ):
                asked += 1
                status = ask(visitor, "get", target)
                if status >= 500:
                    failed.append((who, what, target[:120], status))
    assert failed == []
    assert asked == len(visitors) * len(paths) * len(HOSTILE) * 2
    assert MARK not in printed()


@pytest.mark.parametrize(
    "number", [str(2**63), "9" * 400, "9" * 5000, "-1", "1e309", "x\0", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_every_form_of_the_desk_takes_every_hostile_choice(visitors, number):
    """In each field that names a row, and as a chosen row of a list."""
    failed = []
    for model in admin.site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        names = [field.name for field in model._meta.get_fields()] + ["seen", "duplicate_of", "visit_minutes", "topic"]
        row = model.objects.first()
        data = dict.fromkeys(names, number)
        for rows in ("citations", "steps", "questions"):
            data |= {f"{rows}-TOTAL_FORMS": "1", f"{rows}-INITIAL_FORMS": "0"}
            data |= {f"{rows}-0-{name}": number for name in ("id", "page", "source", "treatment", "position")}
        chosen = {"_selected_action": number, "index": "0", "owner": number, "post": "yes"}
        posts = [
            (f"{path}add/", data),
            *((path, chosen | {"action": action}) for action in ("delete_selected", "assign")),
        ]
        posts += [(f"{path}{row.pk}/change/", data)] if row else []
        posts += [(path, {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": number, "_save": "Save"})]
        for address, body in posts:
            status = ask(
                visitors["desk"], "post", address, (urlencode(body).encode(), "application/x-www-form-urlencoded")
            )
            if status >= 500:
                failed.append((address, status))
    assert failed == []


OF_EVERY_LIST = ["view", "state", "e", "q", "p", "o", "all", "pk", "id__in", "_to_field", "_popup", "_facets"]


def test_every_list_of_the_desk_takes_every_hostile_filter(visitors, printed):
    failed, asked = [], 0
    for model, model_admin in admin.site._registry.items():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        fields = [field.name for field in model._meta.get_fields()]
        offered = [
            getattr(name, "parameter_name", None) or (name if isinstance(name, str) else name[0])
            for name in model_admin.list_filter
        ]
        names = [str(name) + how for name in offered for how in ("", "__exact", "__id__exact", "__isnull", "__gte")]
        questions = [*itertools.product([*OF_EVERY_LIST, *names], HOSTILE)]
        questions += itertools.product(fields, ["nul", "huge number"])
        for name, what in questions:
            asked += 1
            status = ask(visitors["desk"], "get", f"{path}?{name}={HOSTILE[what][:500]}")
            if status >= 500:
                failed.append((what, f"{path}?{name}", status))
    assert failed == []
    assert asked > 3000
    assert MARK not in printed()


@pytest.mark.parametrize(
    "lookup", ["inquiries__id", "inquiries__name__startswith", "inquiries__isnull", "regions__symptoms__id"]
)
@pytest.mark.parametrize("model", ["condition", "treatment", "symptom", "source", "region"])
def test_no_list_of_pages_can_be_asked_about_requests(visitors, lookup, model):
    path = f"/admin/conditions/{model}/?{lookup}=1"
    assert ask(visitors["desk"], "get", path) in (302, 400)


@pytest.mark.parametrize("path", ["/", "/request/", "/search/?q=", "/admin/login/", "/my-request/x/"])
def test_a_parameter_of_a_megabyte_is_answered_plainly(visitors, path):
    joiner = "&a=" if "?" in path else "?a="
    assert ask(visitors["street"], "get", path + joiner + "x" * 1_000_000) < 500
    body = (b"q=" + b"x" * 1_000_000, "application/x-www-form-urlencoded")
    assert ask(visitors["street"], "post", path, body) < 500
