"""Which release this is, said everywhere alike; and whether the database's tables are its own."""

import json
import re
from io import StringIO
from statistics import median
from time import perf_counter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from nyfp_site import __version__
from tests.changelog import releases

pytestmark = pytest.mark.django_db


def change(statement: str) -> None:
    """As something did that was no migration of ours. It is rolled back with the test."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def readiness(client) -> tuple[int, str]:
    response = client.get("/readyz")
    return response.status_code, response.content.decode()


# Which release


def test_the_changelog_begins_with_this_release():
    assert releases()[0].version == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_every_release_but_the_one_in_the_making_names_its_commit():
    assert all(release.commit for release in releases()[1:])


def test_status_says_which_release_answers(client, office):
    assert client.get("/status").json()["release"] == __version__


def test_each_line_of_the_log_says_which_release_wrote_it(client, printed):
    client.get("/visit/")
    lines = [json.loads(line) for line in printed().splitlines()]
    assert lines
    assert {line["release"] for line in lines} == {__version__}


def test_the_start_says_which_release_it_is():
    said = StringIO()
    call_command("where", stdout=said)
    assert said.getvalue().startswith(f"New York Facial Paralysis {__version__}\n")


# Whose tables


def test_a_site_whose_tables_are_this_releases_is_ready(client):
    assert readiness(client) == (200, "ready\n")


def test_a_migration_that_was_not_run_is_named(client):
    change("DELETE FROM django_migrations WHERE app = 'conditions' AND name = '0001_initial'")
    assert readiness(client) == (503, "Migrations are missing: conditions.0001_initial.\n")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("ALTER TABLE appointments_inquiry DROP COLUMN language", "appointments_inquiry lacks language."),
        ("ALTER TABLE appointments_heartbeat RENAME COLUMN at TO moment", "appointments_heartbeat lacks at."),
        ("DROP TABLE conditions_oldaddress", "conditions_oldaddress lacks id, page_id, path."),
        (
            "ALTER TABLE appointments_heartbeat ADD COLUMN pronoun varchar(9) NOT NULL",
            "appointments_heartbeat demands pronoun.",
        ),
    ],
)
def test_tables_that_are_not_what_their_migrations_say_are_named_and_stop_the_start(client, statement, words):
    change(statement)
    assert readiness(client) == (503, f"The tables are not this release's: {words}\n")
    with pytest.raises(CommandError, match=re.escape(words)):
        call_command("prepare")


def test_a_site_is_ready_beside_a_newer_release_that_has_already_migrated(client):
    change("INSERT INTO django_migrations (app, name, applied) VALUES ('appointments', '0999', '2026-12-01')")
    change("ALTER TABLE appointments_heartbeat ADD COLUMN pronoun varchar(9) NOT NULL DEFAULT ''")
    change("ALTER TABLE appointments_heartbeat ADD COLUMN title varchar(9)")
    change("CREATE TABLE appointments_guide (id integer NOT NULL)")
    assert readiness(client) == (200, "ready\n")


def test_readiness_is_asked_of_the_database_each_time_and_quickly(client, django_assert_max_num_queries):
    assert readiness(client)[0] == 200
    times = []
    for _ in range(9):
        started = perf_counter()
        with django_assert_max_num_queries(3):
            assert readiness(client)[0] == 200
        times.append(perf_counter() - started)
    assert median(times) < 0.2  # about 5 ms on an idle machine
    change("ALTER TABLE appointments_inquiry DROP COLUMN language")
    assert readiness(client)[0] == 503
