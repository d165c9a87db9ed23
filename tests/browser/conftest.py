"""One running site with the starter content, started as `make run` starts it, and the system's Chromium.

The server is the real one, in a process and on a database of its own: a browser gets the hashed, joined and
compressed files that a visitor gets, and no test's rows are another's.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import sync_playwright

from tests import passwords
from tests.browser.desk_pages import DeskPages
from tests.browser.pages import Website
from tests.factories import valid_request_data
from tests.processes import START, Site, models_on, new_database

RUN_DATABASE = os.environ["DATABASE_URL"]
BROWSER = shutil.which(os.environ.get("CHROMIUM", "chromium"))
MEASURE = Path(__file__).with_name("measure.js")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STAFF = {
    "STAFF_USERNAME": "desk",
    "STAFF_EMAIL": "desk@example.org",
    "STAFF_PASSWORD": "five-branches-of-a-nerve",
}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE = 10_000  # milliseconds, on a busy machine


@pytest.fixture(scope="session")
def launch():
    """Start the system's Chromium: launch("--one-more-switch"), launch(without=["--one-of-playwrights"]).

    Where there is none, CI fails and others are told.
    """
    if not BROWSER:
        words = "NO BROWSER: install Chromium or name one in CHROMIUM. Nothing that people see was tested."
        pytest.fail(words) if os.environ.get("CI", "").lower() in ("1", "true") else pytest.skip(words)
    with sync_playwright() as playwright:
        yield lambda *switches, without=(): playwright.chromium.launch(
            executable_path=BROWSER, args=[*QUIET, *switches], ignore_default_args=list(without)
        )


@pytest.fixture(scope="session")
def chromium(launch):
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def website(launch, tmp_path_factory):
    """The running site, with a colleague's account and one request sent."""
    folder = tmp_path_factory.mktemp("site")
    with new_database(RUN_DATABASE, folder) as url, Site(folder, url) as site:
        site.manage("prepare")
        account = site.start("manage.py", "staff_account", **STAFF)
        assert account.wait(START) == 0, site.words()
        server = site.serve(workers=1)
        status, received = server.post("/request/", valid_request_data())
        assert status == 302, "The first request was not saved"
        yield Website(f"http://127.0.0.1:{server.port}", received, database=url)


@pytest.fixture(scope="session")
def rows(website, django_db_blocker):
    """The running site's own rows: with rows(): make_inquiry(name="Rosa Klein")."""

    @contextmanager
    def on_the_site():
        with django_db_blocker.unblock(), models_on(website.database):
            yield

    return on_the_site


@pytest.fixture(scope="session")
def visiting(website):
    """A page of a browser that was never here: with visiting(chromium, color_scheme="dark") as page."""

    @contextmanager
    def visit(browser, **options):
        context = browser.new_context(base_url=website.url, **{"viewport": DESKTOP} | options)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(path=MEASURE)
        try:
            yield context.new_page()
        finally:
            context.close()

    return visit


@pytest.fixture
def page(chromium, visiting):
    """A new visitor's page, 1280 px wide."""
    with visiting(chromium) as page:
        yield page


@pytest.fixture(scope="module")
def reader(chromium, visiting):
    """One visitor's page for a whole file of tests that only look. Cheaper than a new visitor for each."""
    with visiting(chromium) as page:
        yield page


@pytest.fixture(scope="session")
def sign_in(chromium, visiting):
    """What a colleague's browser keeps after signing in: visiting(chromium, storage_state=sign_in("desk"))."""

    def sign_in_as(username):
        with visiting(chromium) as page:
            page.goto("/admin/")
            page.get_by_label("Username").fill(username)
            page.get_by_label("Password").fill(STAFF["STAFF_PASSWORD"])
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("heading", name="Today").wait_for()
            return page.context.storage_state()

    return sign_in_as


@pytest.fixture(scope="session")
def signed_in(sign_in):
    """The first colleague, signed in: visiting(chromium, storage_state=signed_in)."""
    return sign_in(STAFF["STAFF_USERNAME"])


@pytest.fixture
def desk(chromium, visiting, signed_in):
    """A colleague's page, signed in."""
    with visiting(chromium, storage_state=signed_in) as page:
        yield page


@pytest.fixture
def deputys_desk(chromium, visiting, sign_in, rows):
    """Another colleague's page, signed in."""
    with rows():
        users = get_user_model().objects
        if not users.filter(username="deputy").exists():
            with passwords.are_real():
                users.create_superuser("deputy", password=STAFF["STAFF_PASSWORD"])
    with visiting(chromium, storage_state=sign_in("deputy")) as page:
        yield page


@pytest.fixture(scope="session")
def desk_pages(rows):
    """Every page of the desk by name, with a request of every kind in the queue."""
    return DeskPages(rows)
