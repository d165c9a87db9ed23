"""`make test`: every test on SQLite, every test but the browser's again on PostgreSQL, then a table of what ran.

Whatever follows `python -m tests.everything` is handed to pytest. With CI=true a missing browser or PostgreSQL
is a failure; elsewhere it is said loudly and the rest runs.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.postgres import a_postgres

BASE_DIR = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ICAL_FOLDER = BASE_DIR / ".venv" / "ical"
ICAL_JS = ICAL_FOLDER / "node_modules" / "ical.js" / "dist" / "ical.js"
ICAL_VERSION = "2.2.1"
SUMMARY = re.compile(r"(passed|failed|errors?|skipped|deselected|no tests ran)\b.* in [\d.]+s")
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


@dataclass
class Run:
    """One run of pytest and how it ended."""

    database: str
    browser: str = ""
    seconds: float = 0
    exit_code: int = 1
    counts: dict = field(default_factory=dict)
    summary: str = "pytest ended without a summary"

    @property
    def ran(self) -> int:
        return self.counts.get("passed", 0) + self.counts.get("failed", 0)

    @property
    def is_good(self) -> bool:
        return self.exit_code == 0 and self.ran > 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", dest="marks", default="")
    options, for_pytest = parser.parse_known_args(arguments)
    without_browser = f"({options.marks}) and not browser" if options.marks else "not browser"

    browser = browser_version()
    install_ical_js()
    runs = [
        run_pytest(
            f"SQLite {sqlite3.sqlite_version}",
            [*for_pytest, "-m", options.marks if browser else without_browser],
            browser=browser,
        )
    ]
    with postgres_if_possible() as url:
        if url:
            arguments = [*for_pytest, "-m", f"{without_browser} and not one_database"]
            runs.append(run_pytest(postgres_version(url), arguments, database_url=url))
    print_table(runs)
    return 0 if all(run.is_good for run in runs) else 1


def run_pytest(database: str, arguments: list[str], *, database_url: str = "", browser: str = "") -> Run:
    """Run pytest on one database. Its output is shown as it comes."""
    run = Run(database, browser)
    say(f"Tests on {database}" + (f", and in {browser}" if browser else ""))
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nyfp-tests-") as folder:
        tally = Path(folder) / "tally.json"
        env = os.environ | {
            "CHROMIUM": CHROMIUM,
            "DATA_DIR": folder,
            "DATABASE_URL": database_url or f"sqlite:///{folder}/db.sqlite3",
            "TALLY": str(tally),
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "pytest", "-p", "tests.tally", "-n", "2", "-q", "--color=no", *arguments]
        with subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                print(line, end="", flush=True)
                if SUMMARY.search(line):
                    run.summary = line.strip()
        run.exit_code = process.returncode
        if tally.exists():
            run.counts = json.loads(tally.read_text())
    run.seconds = time.monotonic() - started
    return run


def print_table(runs: list[Run]) -> None:
    """How many tests ran on which database and in which browser. pytest's own last lines come last."""
    say("What ran")
    print(f"{'database':<20}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}  browser")
    for run in runs:
        passed, failed, skipped = (run.counts.get(name, 0) for name in ("passed", "failed", "skipped"))
        in_browser = f"{run.counts.get('in a browser', 0)} of them in {run.browser}" if run.browser else "-"
        print(f"{run.database:<20}{passed:>8}{failed:>8}{skipped:>9}{run.seconds:>9.0f}  {in_browser}")
        if not run.is_good:
            print(f"  ^ not good: pytest ended with {run.exit_code} after {run.ran} tests")
    print(flush=True)
    for run in runs:
        print(run.summary, flush=True)


def browser_version() -> str:
    """Name and version of the browser, installed now if it is missing and we may. Empty when there is none."""
    if not Path(CHROMIUM).exists() and "CHROMIUM" not in os.environ and os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium (once)")
        quietly = {"stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-q"], check=False, **quietly)
        subprocess.run(["apt-get", "install", "-y", "-q", "chromium"], check=False, **quietly)
    try:
        told = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        missing(f"no browser: {CHROMIUM} does not run ({type(error).__name__}). Browser tests are left out.")
        return ""
    return " ".join(told.stdout.split()[:2])


def install_ical_js() -> None:
    """The calendar reader of many mail programs, fetched once through npm. It runs in node."""
    if not ICAL_JS.exists() and shutil.which("npm"):
        say("Installing ical.js (once)")
        ICAL_FOLDER.mkdir(parents=True, exist_ok=True)
        quiet = ["--silent", "--no-audit", "--no-fund", "--prefix", str(ICAL_FOLDER)]
        subprocess.run(["npm", "install", *quiet, f"ical.js@{ICAL_VERSION}"], check=False)
    if not (ICAL_JS.exists() and shutil.which("node")):
        missing("no node with ical.js. Calendar files are read by the other readers only.")


@contextmanager
def postgres_if_possible() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, or nothing where none starts."""
    manager = a_postgres()
    try:
        url = manager.__enter__()
    except Exception as error:
        missing(f"no PostgreSQL: it did not start ({type(error).__name__}: {error}). Its run is left out.")
        yield ""
        return
    try:
        yield url
    finally:
        manager.__exit__(None, None, None)


def postgres_version(url: str) -> str:
    import psycopg

    with psycopg.connect(url) as connection:
        return "PostgreSQL " + connection.execute("SHOW server_version").fetchone()[0]


def missing(what: str) -> None:
    """In CI what is missing is a failure; elsewhere it is said loudly."""
    if IN_CI:
        sys.exit(f"FAILED, {what}")
    say(f"SKIPPED, {what}")


def say(words: str) -> None:
    print(f"\n=== {words} ===", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
