"""`make bench`: how long the server takes for each page of the desk, with 1,000, 10,000 and 50,000 requests.

A figure is the median and the slowest of 15, and the queries it took. A search is the form that is sent and the page
that it leads to. Pages are asked for within this process: nothing of a network or a browser is in it. What else runs
on this machine is.
"""

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from io import StringIO
from itertools import count
from pathlib import Path
from statistics import median

import time_machine
from django.db import connection
from django.test import Client

from tests.standalone import django_in_a_folder

SIZES = (1_000, 10_000, 50_000)
WARM_UPS, TIMES = 3, 15
A_PERSON_WAITS = 300  # ms: a page that takes longer is too slow
FOR_EVER = 100  # ms: what runs every few seconds for ever may take at most this
RUNS_FOR_EVER = ("turn of the pump", "/status", "/readyz")
QUEUE = "/admin/appointments/inquiry/"

Act = Callable[[], object]


@dataclass
class Measure:
    """What one thing took each time."""

    milliseconds: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{median(self.milliseconds):>6.0f}{max(self.milliseconds):>6.0f}{max(self.queries):>5}"


class Stopwatch:
    """Measures time and counts queries while it runs."""

    def __init__(self):
        self.seconds, self.queries = 0.0, 0

    @contextmanager
    def running(self) -> Iterator[None]:
        started = time.perf_counter()
        with connection.execute_wrapper(self._count):
            yield
        self.seconds += time.perf_counter() - started

    def _count(self, execute, *query):
        self.queries += 1
        return execute(*query)


class Browser(Client):
    """A colleague's browser, whose watch runs while the server works."""

    watch = Stopwatch()

    def request(self, **request):
        with self.watch.running():
            response = super().request(**request)
        if response.status_code >= 400:
            sys.exit(f"{request['PATH_INFO']} answered {response.status_code}: {response.content.decode()[:500]}")
        return response

    def measure(self, act: Act) -> Measure:
        measure = Measure()
        for number in range(WARM_UPS + TIMES):
            self.watch = Stopwatch()
            act()
            if number >= WARM_UPS:
                measure.milliseconds.append(self.watch.seconds * 1000)
                measure.queries.append(self.watch.queries)
        return measure


def main() -> None:
    with django_in_a_folder("bench") as folder:
        from django.conf import settings

        from tests.postgres import a_postgres

        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        logging.disable(logging.INFO)
        with a_postgres() as url:
            columns = {f"PostgreSQL {size:,}": found for size, found in on_a_new_site(url, SIZES)}
        columns |= {f"SQLite {size:,}": found for size, found in on_a_new_site(f"sqlite:///{folder}", SIZES[-1:])}
        report(columns)


def on_a_new_site(server_url: str, sizes: tuple[int, ...]) -> Iterator[tuple[int, dict[str, Measure]]]:
    """Every measure at each of these sizes, of one site that grows."""
    from django.core.management import call_command

    from appointments.background import pump
    from tests.bench.three_years import NOW, ThreeYears
    from tests.processes import models_on, new_database

    with (
        tempfile.TemporaryDirectory(prefix="nyfp-bench-") as folder,
        new_database(server_url, Path(folder)) as url,
        models_on(url),
        time_machine.travel(NOW) as clock,
    ):
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            call_command("prepare")
        practice = ThreeYears()
        for size in sizes:
            started = time.perf_counter()
            practice.grow_to(size)
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")  # as autovacuum does; SQLite has nobody who does it
            clock.shift(timedelta(minutes=2))  # so that staff may hear of what is new: then nothing is due
            pump.turn()
            filled = time.perf_counter()
            browser = Browser()
            browser.force_login(practice.colleagues[0])
            found = {name: browser.measure(act) for name, act in things_to_do(browser).items()}
            print(
                f"{connection.vendor}, {size:,} requests: filled in {filled - started:.0f} s, "
                f"measured in {time.perf_counter() - filled:.0f} s, load average {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            yield size, found


def things_to_do(browser: Browser) -> dict[str, Act]:
    """Each thing that is measured, by its name. What leaves work for the pump comes after the pump."""
    from appointments.background import pump
    from appointments.models import Inquiry
    from appointments.requests.queue_views import FOUND, VIEWS
    from tests.bench.three_years import RARE_NAME
    from tests.desk import desk_url, press_save
    from tests.factories import valid_request_data

    def turn():
        with browser.watch.running():
            pump.turn()

    def queue(**parameters):
        return partial(browser.get, QUEUE, parameters)

    def search(words: str):
        return partial(browser.post, f"{QUEUE}find/", {"words": words}, follow=True)

    one = Inquiry.objects.open().exclude(phone="").exclude(email="").latest("received_at")
    all_open = {"action": "export_csv", "select_across": 1, "_selected_action": [one.pk]}
    last_page = Inquiry.objects.count() // 50
    numbers = count(1)
    return {
        "turn of the pump": turn,
        "/status": partial(browser.get, "/status"),
        "/readyz": partial(browser.get, "/readyz"),
        "first page": partial(browser.get, "/admin/"),
        **{f"queue: {view.label.lower()}": queue(view=key) for key, view in VIEWS.items() if key != FOUND},
        "queue: all, page 200 or last": queue(view="all", p=min(200, last_page)),
        "queue: all, last page": queue(view="all", p=last_page),
        "search: common name": search("Maria"),
        "search: rare name": search(RARE_NAME),
        "search: nobody's name": search("Nobody Nowhere"),
        "search: last four digits": search(one.phone.as_national[-4:]),
        "search: (212) 555-0142": search(one.phone.as_national),
        "search: e-mail": search(one.email),
        "search: reference": search(one.reference),
        "one request": partial(browser.get, desk_url(one)),
        "save a note": lambda: must_be_saved(press_save(browser, one, note="Calls back on Friday.")),
        "export 200 requests": partial(browser.post, QUEUE, all_open),
        "mail": partial(browser.get, "/admin/appointments/outgoingmail/"),
        "who looked": partial(browser.get, "/admin/appointments/access/"),
        "a patient sends a request": lambda: must_be_saved(
            # Each from an address of its own: many from one are suspected, and take another way.
            browser.post("/request/", valid_request_data(), REMOTE_ADDR=f"2001:db8::{next(numbers):x}")
        ),
    }


def must_be_saved(response) -> None:
    """A form that was saved leads on to another page; one with an error would be no measure."""
    if response.status_code != 302:
        sys.exit(f"{response.request['PATH_INFO']} did not save what was sent")


def report(columns: dict[str, dict[str, Measure]]) -> None:
    """One table, and what in it is too slow or takes more queries the more there is."""
    print(f"\nMilliseconds, median and slowest of {TIMES}, and queries")
    print(f"{'':<30}", *(f"{heading:>17}" for heading in columns), sep=" |")
    slow, growing = [], []
    for name in next(iter(columns.values())):
        measures = {heading: column[name] for heading, column in columns.items()}
        print(f"{name:<30}", *(str(measure) for measure in measures.values()), sep=" |")
        limit = FOR_EVER if name in RUNS_FOR_EVER else A_PERSON_WAITS
        on_postgres = [measure for heading, measure in measures.items() if heading.startswith("PostgreSQL")]
        slow += [name] if any(median(measure.milliseconds) >= limit for measure in on_postgres) else []
        growing += [name] if len({number for measure in on_postgres for number in measure.queries}) > 1 else []
    print(
        f"\nOver {A_PERSON_WAITS} ms on PostgreSQL ({FOR_EVER} ms for what runs for ever): {', '.join(slow) or 'none'}"
    )
    print(f"Takes more queries at times: {', '.join(growing) or 'none'}", flush=True)


if __name__ == "__main__":
    main()
