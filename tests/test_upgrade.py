"""From the last release to this one and back: nothing is lost, and both work on the new tables at the same time.

The last release is built from the commit that CHANGELOG.md names, and makes, fills and serves its own database. It runs
with the packages of today.
"""

import io
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from django.apps import apps
from django.db import connection

from appointments.models import Inquiry
from appointments.privacy.encryption import Unreadable
from nyfp_site import tables
from tests import released_migrations
from tests.changelog import released
from tests.processes import BASE_DIR, Server, Site, models_on, new_database

RUN_DATABASE = os.environ["DATABASE_URL"]
STAFF = {"STAFF_USERNAME": "upgrader", "STAFF_EMAIL": "up@example.org", "STAFF_PASSWORD": "correct-horse-battery"}
A_WHILE = 240  # seconds that preparing and filling may take on a busy machine
ANSWERS = {"for_whom": "me", "reach_by": "email", "consent": "on"}
DESK = ["", "?view=all", "?view=wrote", "?view=closed"]
ADMIN_PAGES = [
    "/admin/",
    *(f"/admin/appointments/inquiry/{view}" for view in DESK),
    "/admin/appointments/outgoingmail/",
    "/admin/appointments/access/",
    "/admin/appointments/office/",
    "/admin/conditions/condition/",
    "/admin/conditions/source/",
]


# The last release


def last_release_into(folder: Path, releases=None, repository: Path = BASE_DIR) -> Path:
    """The code of the last release, in this folder. Fails with a sentence where it cannot be had."""
    releases = released() if releases is None else releases
    if not releases:
        pytest.fail("CHANGELOG.md names no release's commit, so there is nothing to upgrade from. Write it there.")
    version, commit = releases[0]
    built = subprocess.run(["git", "archive", commit], cwd=repository, capture_output=True, check=False)
    if built.returncode:
        pytest.fail(
            f"CHANGELOG.md says that {version} is commit {commit}, which is not in this clone. The upgrade is tested "
            "from there: fetch the whole history (git fetch --unshallow)."
        )
    with tarfile.open(fileobj=io.BytesIO(built.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


class Visitor:
    """A browser of a patient or a colleague, with cookies, at one server."""

    def __init__(self, server: Server):
        self.address = f"http://127.0.0.1:{server.port}"
        self._open = build_opener(HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str) -> str:
        """The page. Fails where it does not open."""
        status, page = self._ask(path)
        assert status == 200, f"{path} answered {status}: {page[:300]}"
        return page

    def send(self, path: str, **answers: str) -> str:
        """Fill in the form of a page and send it. The page that it leads to."""
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.get(path))
        assert hidden, f"{path} shows no form"
        status, page = self._ask(path, urlencode(dict(hidden) | answers).encode())
        assert status == 200, f"{path} was sent and answered {status}: {page[:300]}"
        return page

    def _ask(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        request = Request(self.address + path, body, {"Sec-Fetch-Site": "same-origin"})
        try:
            with self._open(request, timeout=30) as response:
                return response.status, response.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()


def ask(server: Server, name: str) -> str:
    """A patient sends a request, and opens the received page and the private one. The private page's path."""
    patient = Visitor(server)
    answers = ANSWERS | {"name": name, "email": f"{name}@example.com", "message": f"{name}: my eye closes."}
    received = patient.send("/request/", **answers)
    private = re.search(r'href="(?:http://[^/"]+)?(/my-request/[^"]+)"', received)
    assert private, f"no success page: {received[:2000]}"
    patient.get(private[1])
    return private[1]


def walk(server: Server, private_pages: list[str]) -> None:
    """Open every public page, these private ones, and the desk with each request that this test sent."""
    visitor, colleague = Visitor(server), Visitor(server)
    assert visitor.get("/readyz") == "ready\n"
    public = re.findall(r"<loc>http://[^/]+(/[^<]*)</loc>", visitor.get("/sitemap.xml"))
    assert len(public) > 30
    for path in [*public, "/search/?q=eye", *private_pages]:
        visitor.get(path)
    name, password = STAFF["STAFF_USERNAME"], STAFF["STAFF_PASSWORD"]
    colleague.send("/admin/login/", username=name, password=password, next="/admin/")
    for path in ADMIN_PAGES:
        assert 'id="login-form"' not in colleague.get(path), f"{path} asks to sign in"
    for inquiry in Inquiry.objects.filter(email__endswith="@example.com", name__startswith="Upgrade"):
        assert f"{inquiry.name}: my eye closes." in colleague.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/")


# The rows


def counts() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


def read_every_row() -> None:
    """Every column of every row reads with today's models, encrypted ones too."""
    for model in apps.get_models():
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                assert not isinstance(value, Unreadable), f"{model._meta.label} {row.pk}: {field.name}"


@contextmanager
def two_releases(folder: Path) -> Iterator[tuple[Site, Site]]:
    """The last release's site and this one's, on one empty database. This thread's models are on it."""
    data = folder / "data"
    data.mkdir()
    with (
        new_database(RUN_DATABASE, folder) as url,
        models_on(url),
        Site(data, url) as last,
        Site(data, url) as this,
    ):
        last.code = last_release_into(folder / "code")
        last.env["DEBUG"] = "1"  # its static files, which nobody looks at here, would be compressed for a long time
        yield last, this


@pytest.mark.processes
def test_the_last_releases_database_serves_both_releases(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), two_releases(tmp_path) as (last, this):
        # The last release lives
        last.run("manage.py", "prepare", seconds=A_WHILE)
        last.run("-m", "tests.fill", seconds=A_WHILE)
        last.run("manage.py", "staff_account", **STAFF)
        old_server = last.serve(workers=1)
        private = [ask(old_server, "UpgradeBefore")]
        before = counts()

        # This one takes over, while the last one still serves
        this.run("manage.py", "prepare", seconds=A_WHILE)
        assert not tables.trouble()
        after = counts()
        ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
        lost = {table for table in before.keys() & ours if after.get(table, 0) < before[table]}
        assert not lost - {"appointments_recentpost", "django_session"}
        assert before["appointments_inquiry"] > 400
        read_every_row()
        private.append(ask(old_server, "UpgradeMeanwhile"))
        new_server = this.serve(workers=1)
        private.append(ask(new_server, "UpgradeAfter"))
        walk(new_server, private)
        Visitor(new_server).get("/an-old-address/")
        walk(old_server, private)

        # And it is rolled back: the last release starts on the new tables
        new_server.stop()
        old_server.stop()
        last.run("manage.py", "prepare", seconds=A_WHILE)
        private.append(ask(last.serve(workers=1), "UpgradeBack"))
        read_every_row()
        assert Inquiry.objects.filter(name__startswith="Upgrade").count() == len(private) == 4


@pytest.mark.one_database
def test_a_clone_without_the_last_release_fails_with_a_sentence(tmp_path):
    with pytest.raises(pytest.fail.Exception, match=r"9\.9\.9 is commit 0{40}, which is not in this clone"):
        last_release_into(tmp_path, [("9.9.9", "0" * 40)])
    with pytest.raises(pytest.fail.Exception, match="names no release's commit"):
        last_release_into(tmp_path, [])


@pytest.mark.one_database
def test_every_migration_of_the_last_release_is_on_the_list(tmp_path):
    folder = last_release_into(tmp_path)
    listed = released_migrations.migrations_released()
    paths = [file.relative_to(folder).as_posix() for file in folder.glob("*/migrations/[0-9]*.py")]
    assert paths
    assert not [path for path in paths if path not in listed]
