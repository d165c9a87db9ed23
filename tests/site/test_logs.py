"""Logs say which route answered, and nothing of a patient."""

import logging

import pytest
from django.db import DataError, connection

from nyfp_site import postgres_log
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


def test_what_others_say_is_shown_as_where_it_comes_from(printed):
    for name in ("django.request", "gunicorn.error", "asyncio", "py.warnings", "some.library"):
        logging.getLogger(name).error("Not Found: %s", "/my-request/Zebulon/", extra={"words": "Zebulon"})
    lines = printed()
    assert "Zebulon" not in lines
    assert "test_logs.py:" in lines


def test_a_warning_is_shown_by_its_file_line_and_kind(printed):
    words = "/site/models.py:12: RuntimeWarning: DateTimeField got a naive datetime (Zebulon)"
    logging.getLogger("py.warnings").warning("%s", words)
    assert "/site/models.py:12: RuntimeWarning" in printed()
    assert "Zebulon" not in printed()


def test_every_logger_of_django_has_a_handler_so_that_python_prints_nothing_by_itself(capfd):
    for name in ("django", "django.request", "django.security.csrf", "django.security.DisallowedHost", "django.db"):
        logger = logging.getLogger(name)
        assert logger.hasHandlers(), name
        logger.error("/my-request/Zebulon/")
    assert "Zebulon" not in "".join(capfd.readouterr())


def test_postgres_quotes_no_row_in_its_log_and_a_check_says_when_it_does():
    assert postgres_log.the_log_is_quiet(None, databases=["default"]) == []
    if connection.vendor == "postgresql":
        assert connection.settings_dict["OPTIONS"]["server_side_binding"]
        with connection.cursor() as cursor:
            cursor.execute("SET log_error_verbosity = verbose")
            (loud,) = postgres_log.the_log_is_quiet(None, databases=["default"])
            cursor.execute("SET log_error_verbosity = terse")
        assert "log_error_verbosity" in loud.msg
        assert "ALTER SYSTEM" in loud.hint
