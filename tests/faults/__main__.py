"""`make faults`: every fault on both databases, with real processes, and a table of what came of it.

Whatever follows `python -m tests.faults` are words; only faults with one of them in their name happen.
"""

import logging
import os
import sqlite3
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.standalone import django_in_a_folder


@dataclass
class Line:
    """One line of the table."""

    fault: str
    database: str
    seconds: float
    happened: object = None
    trouble: tuple[str, ...] = ()

    HEAD = (
        f"{'fault':<58}{'database':<18}{'posts':>6}{'success':>9}{'rows':>6}{'staff mails':>13}{'repeats':>9}"
        f"{'unshown/cut off':>17}{'seconds':>9}  ok"
    )

    def __str__(self) -> str:
        happened, figures = self.happened, " " * 60
        if happened:
            unshown = f"{len(happened.rows_without_success_page)}/{len(happened.cut_off)}"
            figures = (
                f"{len(happened.posts):>6}{len(happened.success_pages):>9}{len(happened.rows):>6}"
                f"{len(happened.staff_mails):>13}{len(happened.repeats):>9}{unshown:>17}"
            )
        ok = "NO" if self.trouble else "yes"
        line = f"{self.fault:<58}{self.database:<18}{figures}{self.seconds:>9.0f}  {ok}"
        return "\n".join([line, *(f"    {words}" for words in self.trouble)])


def main(words: list[str]) -> int:
    with django_in_a_folder("faults") as folder:
        from nyfp_site.management.commands.prepare import Command as Prepare
        from tests.everything import postgres_version
        from tests.postgres import a_postgres

        Prepare().collect_static()
        logging.disable(logging.CRITICAL)  # the site's processes log as ever; here it would bury the table
        with a_postgres() as url, ThreadPoolExecutor() as both:
            databases = ((f"SQLite {sqlite3.sqlite_version}", os.environ["DATABASE_URL"]), (postgres_version(url), url))
            # At the same time: a fault is mostly waiting. Each thread's models are on its own database.
            found = [both.submit(faults_on, name, url, folder, words) for name, url in databases]
            lines = [line for future in found for line in future.result()]
    print(f"\n{Line.HEAD}")
    print("\n".join(str(line) for line in lines), flush=True)
    bad = sum(bool(line.trouble) for line in lines)
    print(f"\n{len(lines)} faults, {bad} of them not borne" if bad else f"\n{len(lines)} faults, all borne")
    return 1 if bad or not lines else 0


def faults_on(database: str, url: str, folder: Path, words: list[str]) -> list[Line]:
    """Let every fault of this database happen. Each line is shown as it comes, too."""
    from tests.faults.scene import FULL
    from tests.faults.stories import FAULTS
    from tests.processes import prepared_database

    lines = []
    with tempfile.TemporaryDirectory(dir=folder) as own, prepared_database(url, Path(own)) as prepared:
        for fault in FAULTS:
            if not fault.is_on(url) or (words and not any(word in fault.name for word in words)):
                continue
            if not fault.is_possible():
                print(f"{fault.name:<58}{database:<18}left out: this machine does not allow it", flush=True)
                continue
            with tempfile.TemporaryDirectory(dir=own) as place:
                lines.append(line_of(fault, database, prepared, Path(place), FULL))
                print(lines[-1], flush=True)
    return lines


def line_of(fault, database: str, prepared: str, place: Path, pace) -> Line:
    started = time.monotonic()
    try:
        happened = fault.happen(prepared, place, pace)
        trouble = tuple(happened.broken())
    except Exception as error:
        traceback.print_exc()
        happened, trouble = None, (f"{type(error).__name__}: {error}",)
    return Line(fault.name, database, time.monotonic() - started, happened, trouble)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
