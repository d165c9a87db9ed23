"""A site under load, on which a fault happens: eight clients who ask, a mail server, and time that can pass."""

import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from functools import cache
from http.client import HTTPException
from itertools import count
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from appointments.models import Heartbeat, Inquiry, OutgoingMail
from appointments.office.hours import NEW_YORK
from tests.factories import valid_request_data
from tests.faults.invariants import Happened, Post, Row
from tests.mail_server import MailServer, ReceivedMail
from tests.postgres import Postgres, a_postgres_to_stop
from tests.processes import (
    STAFF,
    Server,
    Site,
    leases_lapse,
    notice_pause_passes,
    prepared_database,
    reference_of,
    retries_are_due,
    wait_until,
)

CLIENTS = 8
UNSURE = "We are not sure that your request was saved"
DEAD = 1.5  # seconds in which a living holder of a lease would at least have called the mail server


@dataclass(frozen=True)
class Pace:
    """How long a fault is looked at."""

    posts: int  # answered before, during and after the fault, each
    rounds: int  # how often it strikes
    pause: float  # seconds that a client waits between two posts
    in_a_hurry: bool  # whether the site's own pauses are short


SHORT = Pace(posts=16, rounds=1, pause=0.2, in_a_hurry=True)
FULL = Pace(posts=40, rounds=2, pause=0.3, in_a_hurry=False)


class Patients:
    """Eight clients. Each asks as one patient after another, each from a home of its own."""

    def __init__(self, servers: list[Server], pause: float):
        self.posts: list[Post] = []
        self.have_email = True  # else they are called back, and no mail goes to them
        self._forms: dict[str, dict] = {}
        self._servers = servers
        self._pause = pause
        self._numbers = count(1)
        self._enough = threading.Event()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """They post as long as this lasts."""
        self._enough.clear()
        with ThreadPoolExecutor(CLIENTS) as clients:
            done = [clients.submit(self._keep_asking) for _ in range(CLIENTS)]
            try:
                yield
            finally:
                self._enough.set()
            for client in done:
                client.result()

    def ask(self) -> Post:
        """One more patient asks."""
        return self.press(f"Patient {next(self._numbers)}")

    def press(self, patient: str) -> Post:
        """Press the button of this patient's form, perhaps not for the first time."""
        number = int(patient.split()[1])
        if self.have_email:
            reached = {"email": f"patient{number}@example.com"}
        else:
            reached = {"email": "", "phone": "+12125550187", "reach_by": "call"}
        form = self._forms.setdefault(patient, valid_request_data(name=patient, message=patient, **reached))
        post = self._send(patient, form, number)
        self.posts.append(post)
        return post

    def a_new_refusal(self) -> Callable[[], bool]:
        """Whether somebody who asks from now on is told that it was not saved."""
        so_far = len(self.posts)
        return lambda: any(post.was_refused for post in self.posts[so_far:])

    def _keep_asking(self) -> None:
        while not self._enough.is_set():
            self.ask()
            self._enough.wait(self._pause)

    def _send(self, patient: str, form: dict, number: int) -> Post:
        for attempt in count(number):
            servers = list(self._servers)  # as a proxy knows them
            server = servers[attempt % len(servers)]
            try:
                _, leads_to, page = server.post_and_read("/request/", form, f"2001:db8::{number:x}")
            except ConnectionRefusedError:
                time.sleep(0.05)  # nobody took it, so it goes to the next server
                continue
            except (OSError, HTTPException):
                return Post(patient, was_cut_off=True)
            return Post(patient, reference_of(leads_to), was_cut_off=UNSURE in page)
        raise AssertionError("unreachable")


class Scene:
    """What a fault may use."""

    def __init__(self, site: Site, mail_server: MailServer, stage: "Stage", pace: Pace):
        self.site = site
        self.mail_server = mail_server
        self.stage = stage
        self.pace = pace
        self.staffs_pauses_are_short = True
        self._perhaps_unmarked: set[str] = set()
        self.servers: list[Server] = []
        self.patients = Patients(self.servers, pace.pause)
        site.launcher = ["-m", "tests.faults.launcher"]
        site.env["TRUSTED_PROXY_COUNT"] = "1"  # else all patients are one address, and a flood
        if pace.in_a_hurry:
            site.env["HURRY"] = "1"

    def serve(self, **env: str) -> Server:
        """Start a web server with two workers; the patients' requests are spread over all that were started."""
        port = self.site.another_port() if self.servers else self.site.port
        server = self.site.serve(2, port, **env)
        self.servers.append(server)
        return server

    def some_posts(self) -> None:
        """Go on when so many more requests have been answered, or cut off."""
        posts = self.patients.posts
        enough = len(posts) + self.pace.posts
        self.wait_until(f"{self.pace.posts} posts", lambda: len(posts) >= enough, 60)

    def wait_until(self, what: str, happened: Callable, seconds: float = 30):
        """Wait for it. Meanwhile staff are not left in peace for the usual minute after a notice, unless asked."""

        def look():
            if result := happened():
                return result
            try:
                if self.staffs_pauses_are_short:
                    notice_pause_passes()
            except (OperationalError, InterfaceError):
                connection.close()  # the database is away just now
            time.sleep(0.1)
            return None

        return wait_until(what, look, seconds)

    def a_sender_was_killed(self) -> None:
        """Perhaps between a reply and its mark: whatever is not marked now may go once more."""
        waiting = OutgoingMail.objects.waiting().values_list("pk", flat=True)
        self._perhaps_unmarked |= {f"<{pk}@127.0.0.1>" for pk in waiting}

    def those_cut_off_press_again(self, happened: Happened) -> None:
        """Each is shown the success page of the request they have, if it was saved."""
        saved = {row.patient: row.reference for row in happened.rows}
        for post in happened.cut_off:
            again = self.patients.press(post.patient).reference
            assert again, "a request that was cut off is not taken now"
            assert again == saved.get(post.patient, again), "a second press made a second request"

    def clock(self) -> "Clock":
        """The clock of the processes that are started with CLOCK."""
        return Clock(self.site.folder / "clock")

    def staff_know_of(self, post: Post) -> bool:
        return any(post.reference in mail.references for mail in self.mail_server.mails_to("desk@example.org"))

    def staff_mails(self) -> list[ReceivedMail]:
        return [mail for mail in self.mail_server.mails if mail.mailbox in STAFF]

    def next_turn(self) -> Callable[[], bool]:
        """Whether the pumps have begun two turns since now: then one has had its chance."""
        beats = {self._heartbeat()}

        def has_turned() -> bool:
            beats.add(self._heartbeat())
            return len(beats) > 2

        return has_turned

    def _heartbeat(self) -> datetime:
        return Heartbeat.objects.get().at

    def settle(self) -> Happened:
        """The fault is over. The site tells staff of one more request by itself, then of all that was held up.

        Return all that happened.
        """
        last = self.patients.ask()
        assert last.reference, "the site does not take requests again"

        def staff_know():
            retries_are_due()
            return self.staff_know_of(last)

        self.wait_until("a mail about a request made after the fault", staff_know, 60)
        held = HeldLeases()

        def all_is_sent():
            retries_are_due()
            if held.by_the_dead():
                leases_lapse()
            return not OutgoingMail.objects.waiting().exists() and not Inquiry.objects.untold().exists()

        self.wait_until("every mail", all_is_sent, 120)
        rows = [
            Row(row.reference, row.name, row.is_suspected)
            for row in Inquiry.objects.only("reference", "name", "status").order_by("pk")
        ]
        for mail in self.mail_server.mails:
            if mail.message_id in self._perhaps_unmarked:
                mail.was_answered = False
                self._perhaps_unmarked.remove(mail.message_id)  # once, not whenever it goes again
        return Happened(list(self.patients.posts), rows, list(self.mail_server.mails))


class Clock:
    """What time some processes believe it is, through a file that they read again and again."""

    def __init__(self, file: Path):
        self.file = file

    def is_fast_by(self, difference: timedelta) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(str(difference.total_seconds()))
        new.replace(self.file)
        time.sleep(0.1)  # by then all have looked

    def shows(self, day: date, hour: clock_time) -> None:
        """The first time that New York's clocks show it."""
        self.is_fast_by(datetime.combine(day, hour, NEW_YORK) - timezone.now())


class HeldLeases:
    """Tells leases whose holders were killed: all that is held has been held for a while, and nobody calls."""

    def __init__(self):
        self._held = frozenset()
        self._since = time.monotonic()

    def by_the_dead(self) -> bool:
        waiting = OutgoingMail.objects.waiting()
        held = frozenset(waiting.exclude(leased_until=None).values_list("lease", flat=True))
        if held != self._held:
            self._held, self._since = held, time.monotonic()
        return bool(held) and time.monotonic() - self._since > DEAD


# Where a fault happens


@dataclass
class Stage:
    """A place for a site's database, and what a fault may do to that place."""

    prepared: str  # URL of the database to copy
    folder: Path
    postgres: Postgres | None = None


@contextmanager
def usual_stage(prepared: str, folder: Path) -> Iterator[Stage]:
    yield Stage(prepared, folder)


@contextmanager
def a_postgres_of_its_own(prepared: str, folder: Path) -> Iterator[Stage]:
    """Others work on the PostgreSQL of this run, so another one is stopped."""
    with a_postgres_to_stop() as postgres, prepared_database(postgres.url, folder) as prepared_here:
        yield Stage(prepared_here, folder, postgres)


@contextmanager
def a_small_disk(prepared: str, folder: Path) -> Iterator[Stage]:
    """A real file system of a few megabytes."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], check=True, capture_output=True)
    try:
        yield Stage(prepared, disk)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)  # a killed process may hold it for a moment yet


@cache
def may_mount() -> bool:
    """Whether we may make a small disk: as root, and not in every container."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with a_small_disk("", Path(folder)):
                return True
        except (OSError, subprocess.SubprocessError):
            return False
