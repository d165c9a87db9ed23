"""STAFF_NETWORKS keeps the desk to the practice's own networks, however its address is written."""

from ipaddress import ip_network

import pytest
from django.conf import settings as site_settings
from django.contrib import admin
from django.test import Client

from tests.test_architecture import PUBLIC, settings_say

pytestmark = pytest.mark.django_db

INSIDE, OUTSIDE = ["198.51.100.7", "2001:db8::5", "::ffff:198.51.100.7"], ["203.0.113.5", "2001:db9::1", "", "unknown"]
DESK = [
    "/admin/",
    "/admin/login/",
    "/%61dmin/login/",
    "/%61%64%6d%69%6e/",
    "/admin/appointments/inquiry/",
    "/admin/nothing/",
]
PUBLIC_PAGES = ["/", "/request/", "/healthz", "/nothing/"]


@pytest.fixture
def two_networks(settings):
    settings.STAFF_NETWORKS = [ip_network("198.51.100.0/24"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize("path", DESK)
@pytest.mark.parametrize("address", OUTSIDE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_outside_reaches_the_desk(two_networks, office, staff, path, address, method):
    visitor = Client(REMOTE_ADDR=address)
    visitor.force_login(staff)
    answer = getattr(visitor, method)(path, {"username": "desk"} if method == "post" else {})
    assert answer.status_code == 403
    assert "Practice desk" not in answer.content.decode()


@pytest.mark.parametrize("address", INSIDE)
def test_staff_inside_reach_it(two_networks, office, address):
    assert Client(REMOTE_ADDR=address).get("/%61dmin/login/").status_code == 200


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_patients_are_served_from_anywhere(two_networks, office, path):
    assert Client(REMOTE_ADDR="203.0.113.5").get(path).status_code in (200, 404)


def test_the_address_is_the_one_our_proxies_tell_and_none_that_a_visitor_claims(two_networks, office, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    passed_on = {"X-Forwarded-For": "198.51.100.7, 203.0.113.5"}
    headers = {"X-Original-URL": "/", "X-Rewrite-URL": "/", "X-Forwarded-Prefix": "/", "X-Real-IP": "198.51.100.7"}
    assert Client(REMOTE_ADDR="10.0.0.1", headers=passed_on | headers).get("/admin/login/").status_code == 403
    passed_on = {"X-Forwarded-For": "203.0.113.5, 198.51.100.7"}
    assert Client(REMOTE_ADDR="10.0.0.1", headers=passed_on).get("/admin/login/").status_code == 200


def test_without_networks_staff_may_come_from_anywhere(office):
    assert site_settings.STAFF_NETWORKS == []
    assert admin.site.name == "admin"
    assert Client(REMOTE_ADDR="203.0.113.5").get("/admin/login/").status_code == 200


def test_a_network_that_is_none_is_refused_with_a_sentence():
    assert "STAFF_NETWORKS must list networks such as" in settings_say(**PUBLIC, STAFF_NETWORKS="the office")
    assert settings_say(**PUBLIC, STAFF_NETWORKS="198.51.100.0/24, 2001:db8::/32") == "started"
