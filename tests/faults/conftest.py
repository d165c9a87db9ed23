"""A site of its own for each test, on the database of this run."""

import os

import pytest

from tests.mail_server import a_mail_server
from tests.processes import an_open_site, prepared_database

RUN_DATABASE = os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    with prepared_database(RUN_DATABASE, tmp_path_factory.mktemp("prepared")) as url:
        yield url


@pytest.fixture
def mail_server():
    with a_mail_server() as server:
        yield server


@pytest.fixture
def site(tmp_path, prepared, mail_server, django_db_blocker):
    """An open office with two mailboxes, and a mail server. The test's own models are on its database."""
    with django_db_blocker.unblock(), an_open_site(prepared, tmp_path, mail_server.url) as site:
        yield site
