"""Real servers, workers and mail servers, for tests that starve, kill and flood them.

A Site is one installation: a database of its own and the processes that work on it. Nothing in it knows that
it is tested; time passes when a test moves the moments in its rows.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import environ
import psutil
import psycopg
from django.conf import settings
from django.db import ConnectionHandler, connections
from django.utils import timezone

BASE_DIR = Path(__file__).resolve().parent.parent
START = 30  # seconds a process may take to start, on a busy machine
RECEIVED = "/request/received/"
STAFF = ("desk@example.org", "deputy@example.org")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def wait_until(what: str, happened: Callable, seconds: float = 20):
    """Return what `happened` returns as soon as it is true. Raises AssertionError that names what never came."""
    deadline = time.monotonic() + seconds
    while not (result := happened()):
        assert time.monotonic() < deadline, f"Within {seconds} seconds this did not come: {what}"
        time.sleep(0.05)
    return result


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port that nobody else is given while this lasts, and where nobody listens until we do."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


# Databases


@contextmanager
def new_database(server_url: str, folder: Path, copy_of: str = "") -> Iterator[str]:
    """An empty database, or a copy of an idle one, on the server that the URL names; for SQLite, in the folder."""
    name = f"nyfp_{uuid4().hex[:12]}"
    if server_url.startswith("sqlite"):
        path = folder / f"{name}.sqlite3"
        if copy_of:
            shutil.copy(copy_of.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    # Not from the database that is to be copied, which must be idle. Not with one connection: a test may cut it.
    server_url = urlsplit(server_url)._replace(path="/postgres").geturl()
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} " + (f"TEMPLATE {urlsplit(copy_of).path[1:]}" if copy_of else ""))
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def models_on(url: str) -> Iterator[None]:
    """For a while this thread's models read and write the database of this URL."""
    usual = connections["default"]
    database = environ.Env.db_url_config(url)
    if url.startswith("sqlite"):
        # The site's processes write too. As there, a transaction takes the lock before it reads: one that has read
        # already is not let wait, however patient, when another has written since.
        database["OPTIONS"] = settings.DATABASES["default"]["OPTIONS"] | {"timeout": START}
    connections["default"] = ConnectionHandler({"default": database})["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual


# The site


class Site:
    """One installation and the processes that work on it. Close it to end every one of them."""

    def __init__(self, folder: Path, database_url: str, email_url: str = ""):
        self.folder = folder
        self.code = BASE_DIR  # whose programs it runs; an upgrade's test has the last release's too
        self.launcher: list[str] = []  # what starts each Python command, such as ["-m", "tests.faults.launcher"]
        self._ending = ExitStack()
        self.port = self._ending.enter_context(reserved_port())
        self.log = self._ending.enter_context((folder / "log.txt").open("ab"))
        self.env = os.environ | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "EMAIL_URL": email_url,
            "PORT": str(self.port),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
        }

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._ending.close()

    def start(self, *command: str, **env: str) -> subprocess.Popen:
        """Start a Python command in a process group of its own. What is left of it ends with the site."""
        process = subprocess.Popen(
            [sys.executable, *self.launcher, *command],
            cwd=self.code,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self._ending.callback(end_group, process)
        return process

    def start_manage(self, *arguments: str) -> subprocess.Popen:
        return self.start("manage.py", *arguments)

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end, which must be a good one."""
        self.run("manage.py", *arguments)

    def run(self, *command: str, seconds: float = START, **env: str) -> None:
        """Run a Python command to its end, which must be a good one."""
        assert self.start(*command, **env).wait(seconds) == 0, f"{command} failed: {self.words()}"

    def another_port(self) -> int:
        """For a second web server."""
        return self._ending.enter_context(reserved_port())

    def serve(self, workers: int = 2, port: int = 0, **env: str) -> "Server":
        """Start the web server as `make run` does, and return when it answers."""
        port = port or self.port
        env |= {"WEB_CONCURRENCY": str(workers), "PORT": str(port)}
        server = Server(self.start("-m", "gunicorn", "nyfp_site.wsgi", **env), port)
        try:
            wait_until(f"an answer from {workers} web workers", lambda: server.is_up(workers), START)
        except AssertionError as error:
            error.add_note(self.words())
            raise
        return server

    def words(self) -> str:
        """What the processes said so far."""
        self.log.flush()
        return (self.folder / "log.txt").read_text()


class Server:
    """A running gunicorn with its workers."""

    def __init__(self, process: subprocess.Popen, port: int):
        self.process = process
        self.port = port

    def is_up(self, workers: int) -> bool:
        assert self.process.poll() is None, "gunicorn ended while it was starting"
        with suppress(OSError, psutil.NoSuchProcess):
            # A worker's third thread, after its watch, is its pump, the last thing it starts.
            pumps = [child for child in self._children() if child.num_threads() > 2]
            return self.get("/healthz")[0] == 200 and len(pumps) == workers
        return False

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        with self._answer("GET", path) as response:
            return response.status, response.read().decode()

    def post(self, path: str, data: dict, address: str = "") -> tuple[int, str]:
        """Status, and where it leads, of a form sent by a browser; at an address, if a proxy is trusted to tell it."""
        return self.post_and_read(path, data, address)[:2]

    def post_and_read(self, path: str, data: dict, address: str = "") -> tuple[int, str, str]:
        """The same, and the text of the page."""
        with self._answer("POST", path, urlencode(data), address) as response:
            return response.status, response.getheader("Location", ""), response.read().decode()

    @contextmanager
    def _answer(self, method: str, path: str, body: str | None = None, address: str = "") -> Iterator[HTTPResponse]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=START)
        headers = {"Sec-Fetch-Site": "same-origin"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if address:
            headers["X-Forwarded-For"] = address
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                yield response
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        return [child.pid for child in self._children()]

    def worker_at(self, port: int) -> int | None:
        """The process id of the worker that talks from this port."""
        for child in self._children():
            with suppress(psutil.NoSuchProcess):
                if any(end.laddr.port == port for end in child.net_connections("tcp")):
                    return child.pid
        return None

    def _children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ask the server to end and return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(40)

    def kill(self) -> None:
        """End it and its workers as a power cut does."""
        end_group(self.process)


def reference_of(page: str) -> str:
    """The reference that the success page at this address shows; empty when it is no success page's address."""
    from appointments.privacy import link_token

    return link_token.claimed_reference(page.removeprefix(RECEIVED)) if page.startswith(RECEIVED) else ""


def end_group(process: subprocess.Popen) -> None:
    """End a process that we started, with its children, and collect it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@contextmanager
def prepared_database(server_url: str, folder: Path) -> Iterator[str]:
    """The URL of a database as a new site has it: tables, office, hours. To copy, not to touch."""
    with new_database(server_url, folder) as url, Site(folder, url) as site:
        site.manage("migrate", "--verbosity=0")
        site.manage("set_up_office")
        yield url


@contextmanager
def an_open_site(prepared: str, folder: Path, email_url: str) -> Iterator[Site]:
    """A site with a database of its own, beside the prepared one. This thread's models are on that database.

    The office is open around the clock and has two mailboxes.
    """
    from appointments.models import Mailbox

    with (
        new_database(prepared, folder, copy_of=prepared) as url,
        Site(folder, url, email_url) as site,
        models_on(url),
    ):
        office_is_open()
        Mailbox.objects.bulk_create(Mailbox(email=mailbox) for mailbox in STAFF)
        yield site


# Time, as rows


def office_is_open() -> None:
    """Replace the opening hours: open at every hour of every day."""
    opens_daily(clock.min, clock.max)
    days_jobs_are_done()


def opens_daily(opens_at: clock, closes_at: clock) -> None:
    """Replace the opening hours by these, on all seven days."""
    from appointments.models import OpeningHours

    OpeningHours.objects.all().delete()
    for weekday in range(7):
        OpeningHours.objects.create(weekday=weekday, opens_at=opens_at, closes_at=closes_at)


def days_jobs_are_done() -> None:
    """The day's own mails went out before the story begins."""
    from appointments.background.daily import JOBS
    from appointments.models import DailyJob

    today = timezone.localdate()
    for day in (today, today + timedelta(days=1)):
        for name in JOBS:
            DailyJob.objects.get_or_create(name=name, day=day, defaults={"ran_at": timezone.now()})


def office_is_closed() -> None:
    """Replace the opening hours: closed now, open again three days from now."""
    from appointments.models import OpeningHours

    OpeningHours.objects.all().delete()
    weekday = (timezone.localdate().weekday() + 3) % 7
    OpeningHours.objects.create(weekday=weekday, opens_at=clock(8, 30), closes_at=clock(17))


def retries_are_due() -> None:
    """Let the pauses between attempts pass."""
    from appointments.models import OutgoingMail

    now = timezone.now()
    OutgoingMail.objects.waiting().filter(due_at__gt=now).update(due_at=now)


def leases_lapse() -> None:
    """Let the time pass that a silent worker's mail waits for it."""
    from appointments.models import OutgoingMail

    now = timezone.now()
    OutgoingMail.objects.filter(leased_until__gt=now).update(leased_until=now)


def notice_pause_passes() -> None:
    """Let the minute pass that staff are left in peace after a notice."""
    from appointments.models import StaffNotice

    StaffNotice.objects.exclude(created_at=LONG_AGO).update(created_at=LONG_AGO)
