"""The details of /status belong to whoever runs the site."""

import pytest

from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(settings, office):
    settings.IS_HTTPS, settings.STATUS_TOKEN = True, "a-token-of-a-monitor"
    make_inquiry()


def test_a_stranger_learns_only_whether_a_person_should_look(client, public):
    answer = client.get("/status")
    assert answer.json() == {"ok": False}
    assert answer.status_code == 503  # no pump has turned in this test


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", "Bearer a-token-of-a-monitor-and-more", "Bearer é"])
def test_another_token_opens_nothing(client, public, sent):
    assert list(client.get("/status", headers={"authorization": sent}).json()) == ["ok"]


def test_a_monitor_with_the_token_sees_the_counts(client, public):
    answer = client.get("/status", headers={"authorization": "Bearer a-token-of-a-monitor"})
    assert answer.json()["open_requests"] == 1


def test_without_a_token_in_the_settings_nobody_sees_them(client, public, settings):
    settings.STATUS_TOKEN = ""
    assert list(client.get("/status", headers={"authorization": "Bearer "}).json()) == ["ok"]
