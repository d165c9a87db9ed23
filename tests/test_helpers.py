"""The tests' own helpers: what stands in for life must stand in for it faithfully."""

import re
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.core.management import call_command
from django.db import connection, connections, transaction

from appointments.background import daily
from conditions.models import Condition, Page, Region, Source, Symptom, Treatment
from tests import passwords, starter_pages
from tests.processes import models_on

HERE = Path(__file__).resolve().parent
WORDS = {Page: "slug", Condition: "slug", Treatment: "slug", Region: "slug", Symptom: "slug", Source: "key"}


def content() -> list[type]:
    """Every kind of row that conditions has, those that join two others too."""
    return list(apps.get_app_config("conditions").get_models(include_auto_created=True))


def what_rows_say() -> dict[str, list]:
    """Without keys, which differ from one loading to the next."""
    said = {}
    for model in content():
        names = [field.name for field in model._meta.concrete_fields if not (field.primary_key or field.is_relation)]
        pointers = [
            f"{field.name}__{WORDS[field.related_model]}"
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model in WORDS
        ]
        said[model.__name__] = sorted(model.objects.values_list(*names, *pointers), key=str)
    return said


def empty() -> None:
    with connection.cursor() as cursor:
        for model in content():
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


@pytest.mark.django_db
def test_pages_are_those_that_the_command_loads_at_that_moment(at, pages):
    empty()
    at(2026, 12, 1, 10, 0)
    starter_pages.load()
    from_rows = what_rows_say()
    empty()
    call_command("load_starter_content", stdout=StringIO())
    assert from_rows == what_rows_say()
    assert len(from_rows["Condition"]) >= 10


@pytest.mark.django_db
def test_pages_that_a_test_made_before_stay(pages):
    starter_pages.load()
    assert Condition.objects.count() == Condition.objects.values("slug").distinct().count() >= 10


def test_a_password_is_quick_here_and_real_where_a_site_must_know_it():
    quick = make_password("five-branches-of-a-nerve")
    with passwords.are_real():
        real = make_password("five-branches-of-a-nerve")
    assert identify_hasher(quick).algorithm == "md5"
    assert identify_hasher(real).algorithm == "pbkdf2_sha256"
    assert check_password("five-branches-of-a-nerve", real)


@pytest.mark.one_database
def test_a_transaction_beside_a_running_site_takes_the_lock_before_it_reads(tmp_path, django_db_blocker):
    """Else the site may write between its reading and its writing, and SQLite says "database is locked" at once."""
    path = tmp_path / "site.sqlite3"
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as site:
        site.execute("PRAGMA journal_mode=WAL")
        site.execute("CREATE TABLE row (id INTEGER)")
        with django_db_blocker.unblock(), models_on(f"sqlite:///{path}"):
            beside = connections["default"]
            with transaction.atomic(), beside.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM row")
                with pytest.raises(sqlite3.OperationalError, match="locked"):
                    site.execute("INSERT INTO row VALUES (1)")
                cursor.execute("INSERT INTO row VALUES (2)")
        assert site.execute("SELECT id FROM row").fetchall() == [(2,)]


def test_a_test_that_asks_for_nothing_sees_the_days_jobs_as_in_life():
    assert "opening_mail" in daily.JOBS


def test_the_map_names_every_helper_and_no_other():
    helpers = {
        str(path.relative_to(HERE))
        for path in HERE.rglob("*.py")
        if not path.name.startswith("test_") and path.name != "__init__.py"
    }
    mapped = set(re.findall(r"^    ([\w/]+\.py)  ", (HERE / "README.md").read_text(), re.MULTILINE))
    assert mapped == helpers
