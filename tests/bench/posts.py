"""`make bench`: requests saved a second by the running site, beside what its database could do at best.

The database's own rate is that of the smallest durable work: one row, one commit, on the same disk, in the same
minute. The ratio says what the site costs on top. Posts, site and clients share this machine's cores.
"""

import logging
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import psycopg

from tests.standalone import django_in_a_folder

ROUNDS = 3
POSTS = 500
CLIENTS = 8
WORKERS = 2
PG_SHOWN = ("server_version", "fsync", "synchronous_commit")
SECONDS = 2  # for each measurement of the database's own rate

Rates = dict[str, list[float]]


def main() -> None:
    with django_in_a_folder("bench") as folder:
        from nyfp_site.management.commands.prepare import Command as Prepare
        from tests.postgres import a_postgres

        Prepare().collect_static()
        logging.disable(logging.INFO)  # the site's processes log as ever; here it would bury the figures
        print(f"{POSTS} requests posted by {CLIENTS} clients to {WORKERS} web workers, median of {ROUNDS} rounds")
        file = folder / "commits.sqlite3"
        report(
            f"SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL)",
            measure(
                os.environ["DATABASE_URL"],
                {
                    "commits, 1 process": lambda: commits_a_second(sqlite_commits, [file]),
                    "commits, 2 processes": lambda: commits_a_second(sqlite_commits, [file, file]),
                },
            ),
        )
        with a_postgres() as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE TABLE commits (id bigserial PRIMARY KEY, words text)")
                shown = [connection.execute(f"SHOW {name}").fetchone()[0] for name in PG_SHOWN]
            report(
                "PostgreSQL {} (fsync={}, synchronous_commit={})".format(*shown),
                measure(
                    url,
                    {
                        "commits, 1 connection": lambda: commits_a_second(postgres_commits, [url]),
                        "commits, 2 connections": lambda: commits_a_second(postgres_commits, [url, url]),
                    },
                ),
            )


def measure(database_url: str, own_rates: dict[str, Callable[[], float]]) -> Rates:
    """Rates of a fresh site on this database and, between its rounds, of the database alone."""
    from tests.processes import Site, models_on, new_database, office_is_closed

    rates: Rates = {name: [] for name in ("posts", *own_rates)}
    with (
        tempfile.TemporaryDirectory(prefix="nyfp-bench-") as folder,
        new_database(database_url, Path(folder)) as url,
        Site(Path(folder), url) as site,
        models_on(url),
    ):
        site.manage("migrate", "--verbosity=0")
        site.manage("set_up_office")
        office_is_closed()
        site.env["TRUSTED_PROXY_COUNT"] = "1"  # else all patients are one address, and a flood
        for number in range(1, ROUNDS + 1):
            server = site.serve(WORKERS)
            rates["posts"].append(posts_a_second(server, rows_afterwards=number * POSTS))
            server.stop()
            for name, own_rate in own_rates.items():
                rates[name].append(own_rate())
    return rates


def posts_a_second(server, rows_afterwards: int) -> float:
    """Every post must have been saved, or there is no rate to tell."""
    from appointments.models import Inquiry
    from tests.factories import valid_request_data

    forms = [valid_request_data(message=f"My question is number {n}.") for n in range(POSTS)]
    homes = [f"2001:db8::{n:x}" for n in range(POSTS)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        started = time.perf_counter()
        codes = Counter(clients.map(lambda form, home: server.post("/request/", form, home)[0], forms, homes))
        seconds = time.perf_counter() - started
    if codes != {302: POSTS} or Inquiry.objects.count() != rows_afterwards:
        sys.exit(f"Not every request was saved: answers {dict(codes)}, {Inquiry.objects.count()} rows")
    return POSTS / seconds


def commits_a_second(commit: Callable, targets: Iterable) -> float:
    """Single-row commits a second, by one process for each target."""
    targets = list(targets)
    with get_context("spawn").Pool(len(targets)) as pool:
        return sum(pool.map(commit, targets, chunksize=1)) / SECONDS


def sqlite_commits(file: Path) -> int:
    connection = sqlite3.connect(file, timeout=20, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS commits (id INTEGER PRIMARY KEY, words TEXT)")
    count = count_for_a_while(lambda: connection.execute("INSERT INTO commits (words) VALUES (?)", ["one row"]))
    connection.close()
    return count


def postgres_commits(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        return count_for_a_while(lambda: connection.execute("INSERT INTO commits (words) VALUES (%s)", ["one row"]))


def count_for_a_while(commit: Callable) -> int:
    count, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        commit()
        count += 1
    return count


def report(database: str, rates: Rates) -> None:
    posts = median(rates["posts"])
    print(f"\n{database}")
    for name, found in rates.items():
        spread = f"{min(found):,.0f} to {max(found):,.0f}"
        share = "" if name == "posts" else f"   posts are {posts / median(found):.1%} of it"
        print(f"  {name:<24}{median(found):>8,.0f} a second   ({spread}){share}", flush=True)


if __name__ == "__main__":
    main()
