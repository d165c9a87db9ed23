"""Headers on every answer, and what the MDN HTTP Observatory says of them."""

import os
import re
import subprocess
import sys

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

from appointments.privacy import link_token
from tests.factories import make_inquiry
from tests.test_architecture import PUBLIC, ROOT

pytestmark = pytest.mark.django_db

ALWAYS = {
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Referrer-Policy": r"same-origin|no-referrer",
    "Strict-Transport-Security": r"max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.fixture
def https(settings):
    """The site as the public sees it: behind one proxy that ends https."""
    settings.TRUSTED_PROXY_COUNT = 1
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    client = Client(headers={"X-Forwarded-Proto": "https"})
    client.raise_request_exception = False
    return client


def every_kind_of_answer(client, monkeypatch) -> dict:
    inquiry = make_inquiry()
    private = f"/my-request/{link_token.make('private', inquiry)}/"
    answers = {
        "page": client.get("/"),
        "form": client.get("/request/"),
        "private page": client.get(private),
        "static file": client.get(staticfiles_storage.url("css/site.css")),
        "missing file": client.get("/static/css/nothing.css"),
        "sign-in": client.get("/admin/login/"),
        "desk, signed out": client.get("/admin/"),
        "robots": client.get("/robots.txt"),
        "health": client.get("/healthz"),
        "status": client.get("/status"),
        "redirect": client.get("/request"),
        "400": client.get("/", headers={"Host": "evil.example"}),
        "403": client.post("/request/", headers={"Sec-Fetch-Site": "cross-site"}),
        "404": client.get("/nothing/"),
        "405": client.put("/request/"),
        "413": client.post("/request/", b"x" * 2_100_000, content_type="text/plain"),
        "not changed": client.get(staticfiles_storage.url("css/site.css"), headers={"If-None-Match": '"x"'}),
    }
    monkeypatch.setattr("nyfp_site.views.TemplateResponse", lambda *args: 1 / 0)
    answers["500"] = client.get("/about/")
    for answer in answers.values():
        b"".join(answer)  # files stay open else
    return answers


def test_every_answer_has_every_header(https, office, monkeypatch):
    answers = every_kind_of_answer(https, monkeypatch)
    assert {answer.status_code for answer in answers.values()} >= {200, 301, 302, 400, 403, 404, 405, 413, 500}
    missing = {
        (what, name): answer.get(name)
        for what, answer in answers.items()
        for name, pattern in ALWAYS.items()
        if not re.search(pattern, answer.get(name, ""))
    }
    assert missing == {}


def test_sign_out_leaves_nothing_in_the_browser(https, office, staff):
    https.force_login(staff)
    answer = https.post("/admin/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert https.get("/admin/").status_code == 302


def test_staff_cookies_belong_to_this_host_alone(https, office, staff):
    page = https.get("/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
    data = {"username": "desk", "password": "a-long-enough-password", "csrfmiddlewaretoken": token}
    answer = https.post("/admin/login/?next=/admin/", data)
    assert set(answer.cookies) == {"__Host-sessionid", "__Host-csrftoken"}
    for cookie in answer.cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["samesite"]) == (True, "/", "", "Lax")
        assert cookie["httponly"]


# The MDN HTTP Observatory: from 100, each rule adds or takes; 100 and more is A+


def csp(answer) -> int:
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    text = answer["Content-Security-Policy"]
    if "'unsafe-inline'" in text or "'unsafe-eval'" in text or "http:" in text or "data:" in text:
        return -20
    return (
        10 if policy["default-src"] == "'none'" and {"base-uri", "form-action", "frame-ancestors"} <= set(policy) else 0
    )


OBSERVATORY = {
    "content-security-policy": csp,
    "cookies": lambda answer: -20 if answer.cookies else 0,
    "cross-origin-resource-sharing": lambda answer: -50 if answer.get("Access-Control-Allow-Origin") else 0,
    "referrer-policy": lambda answer: 5 if answer["Referrer-Policy"] in ("same-origin", "no-referrer") else -5,
    "strict-transport-security": lambda answer: (
        0 if int(re.search(r"max-age=(\d+)", answer["Strict-Transport-Security"])[1]) >= 15_768_000 else -10
    ),
    "subresource-integrity": lambda answer: (
        -50 if re.search(r'<script[^>]+src="(?:https?:)?//', answer.content.decode()) else 0
    ),
    "x-content-type-options": lambda answer: 0 if answer["X-Content-Type-Options"] == "nosniff" else -5,
    "x-frame-options": lambda answer: 5 if "frame-ancestors 'none'" in answer["Content-Security-Policy"] else -20,
    "cross-origin-resource-policy": lambda answer: (
        10 if answer["Cross-Origin-Resource-Policy"] in ("same-origin", "same-site") else 0
    ),
}


@pytest.mark.parametrize("path", ["/", "/request/", "/search/?q=eye", "/conditions/"])
def test_the_observatory_gives_an_a_plus(https, office, path):
    answer = https.get(path)
    marks = {rule: judge(answer) for rule, judge in OBSERVATORY.items()}
    assert [rule for rule, mark in marks.items() if mark < 0] == []
    assert 100 + sum(marks.values()) == 130


def test_the_observatorys_redirection_rule_http_leads_to_https_of_the_same_host_first(https, office):
    answer = Client().get("/conditions/?a=b", headers={"Host": "127.0.0.1"})
    assert (answer.status_code, answer.url) == (301, "https://127.0.0.1/conditions/?a=b")


def test_a_public_sites_deploy_check_is_clean():
    known = {"PATH": os.environ["PATH"], "DATA_DIR": os.environ["DATA_DIR"] + "/nothing-here"}
    secret = {"SECRET_KEY": "kq3v9x7m2w8r5t1y6u4i0o-pasdfghjklzxcvbnmQWERTYUIOP"}
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=ROOT, env=known | PUBLIC | secret, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
