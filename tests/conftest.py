"""What every test may use."""

import logging
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from nyfp_site.logs import JsonFormatter
from nyfp_site.management.commands.prepare import Command as Prepare
from tests import passwords, starter_pages

NEW_YORK = ZoneInfo("America/New_York")


def pytest_configure(config):
    """Static files are collected once, before the workers start.

    What a process does once in life and a test does each time is made cheap here, for the tests' own process. The
    site's processes, in tests/browser/ and tests/faults/, are as in life.
    """
    if not hasattr(config, "workerinput"):
        Prepare().collect_static()
    passwords.are_quick()
    settings.WHITENOISE_AUTOREFRESH = True  # looks a static file up when asked, and does not list all for each client


def pytest_report_header(config):
    return f"database: {connection.vendor}"


@pytest.fixture
def office(db):
    """The practice's office: its address, hours and one mailbox."""
    from appointments.models import Mailbox, Office

    call_command("set_up_office")
    Mailbox.objects.create(email="desk@example.org")
    return Office.objects.get()


@pytest.fixture
def pages(db):
    """Every page of the starter content, as `load_starter_content` makes them."""
    starter_pages.load()


@pytest.fixture
def at():
    """Freeze the clock at a moment of New York: at(2026, 11, 25, 14, 15)."""
    travellers = []

    def freeze(*moment: int):
        traveller = time_machine.travel(datetime(*moment, tzinfo=NEW_YORK), tick=False)
        travellers.append(traveller)
        return traveller.start()

    yield freeze
    for traveller in reversed(travellers):
        traveller.stop()


@pytest.fixture
def printed():
    """Everything that reaches the root logger, as stdout would show it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def staff(db, django_user_model):
    """A colleague who may do everything."""
    return django_user_model.objects.create_superuser("desk", "desk@example.org", "a-long-enough-password")


@pytest.fixture
def staff_client(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def no_daily_jobs(monkeypatch):
    """The pump without the day's own jobs, whose mails would stand among those that a file of tests looks for.

    A file says so itself: pytestmark = pytest.mark.usefixtures("no_daily_jobs"). Others have the jobs as in life.
    """
    monkeypatch.setattr("appointments.background.daily.JOBS", {})
