"""Logs say which route answered, and nothing of a patient."""

import pytest
from django.db import DataError

from tests.factories import valid_request_data

pytestmark = pytest.mark.django_db

MARKS = {"name": "Zebulon", "email": "zebulon@patient.example", "phone": "+1 212 555 0142", "message": "Xylophone"}


def test_a_request_leaves_its_route_in_the_log_and_no_answer_or_address(client, office, printed):
    url = client.post("/request/?from=zebulon", valid_request_data(**MARKS)).url
    client.get(url)
    client.get("/search/?q=zebulon")
    lines = printed()
    assert '"route": "received"' in lines
    assert '"status": 302' in lines
    for secret in ("Zebulon", "zebulon", "patient.example", "5550142", "555 0142", "Xylophone", url):
        assert secret not in lines


def test_an_error_is_logged_by_its_kind_and_place_without_the_value_it_choked_on(client, office, printed, monkeypatch):
    def choke(**answers):
        raise DataError(f"value too long: {answers['answers']}")

    monkeypatch.setattr("appointments.patient.views.receive", choke)
    response = client.post("/request/", valid_request_data(**MARKS))
    lines = printed()
    assert response.status_code == 503
    assert "DataError" in lines
    assert "views.py" in lines
    assert "Zebulon" not in lines
    assert "Xylophone" not in lines
