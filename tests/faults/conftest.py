"""A site of its own for each test, on the database of this run."""

import os

import pytest

from tests.mail_server import a_mail_server
from tests.processes import Site, models_on, new_database, office_is_open

RUN_DATABASE = os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def prepared_database(tmp_path_factory):
    """The URL of a database as a new site has it: tables, office, hours. To copy, not to touch."""
    folder = tmp_path_factory.mktemp("prepared")
    with new_database(RUN_DATABASE, folder) as url, Site(folder, url) as site:
        site.manage("migrate", "--verbosity=0")
        site.manage("set_up_office")
        yield url


@pytest.fixture
def mail_server():
    with a_mail_server() as server:
        yield server


@pytest.fixture
def site(tmp_path, prepared_database, mail_server, django_db_blocker):
    """An open office with two mailboxes, and a mail server. The test's own models are on its database."""
    from appointments.models import Mailbox

    with (
        new_database(RUN_DATABASE, tmp_path, copy_of=prepared_database) as url,
        Site(tmp_path, url, email_url=mail_server.url) as site,
        django_db_blocker.unblock(),
        models_on(url),
    ):
        office_is_open()
        Mailbox.objects.bulk_create([Mailbox(email="desk@example.org"), Mailbox(email="deputy@example.org")])
        yield site
