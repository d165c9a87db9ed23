"""`python -m tests.faults.launcher [-m] what ...`: run a Python program of ours with a fault built in.

The site knows nothing of this. What is done to the process stands in its environment:

HURRY        the mail pump's pauses and the patience with a silent mail server are short
DIE_AFTER    "module:function": SIGKILL right after this function returned something, once for each time that ...
DIE_TOKEN    ... this file was made
CLOCK        this file holds by how many seconds the process's clock is wrong; read again all the time
MOST_PAGES   this file, while it is there, holds how many pages a SQLite database may have
FAILS        "module:function module:function": these raise an error that quotes all they were given, while ...
FAILS_WHILE  ... this file is there
READ_ONLY    while this file is there, a SQLite database takes no writes
NEXT_RELEASE the release after this one: the mail to a patient is of a kind that this one does not know
"""

import importlib
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from pathlib import Path

NEXT_KIND = "patient_received_2"


def hurry() -> None:
    from django.conf import settings

    from appointments.background import pump
    from appointments.models import owed_mail

    owed_mail.NOTICE_PAUSE = timedelta(seconds=2)
    pump.PAUSE, pump.LONGEST_TURN = 0.5, 2
    settings.EMAIL_TIMEOUT = 2


def die_after(where: str, token: Path) -> None:
    module_name, name = where.split(":")
    module = importlib.import_module(module_name)
    setattr(module, name, dying_after(getattr(module, name), token))


def dying_after(function: Callable, token: Path) -> Callable:
    @wraps(function)
    def until_death(*args, **kwargs):
        result = function(*args, **kwargs)
        if result:
            with suppress(FileNotFoundError):
                token.unlink()  # one process wins it
                os.kill(os.getpid(), signal.SIGKILL)
        return result

    return until_death


def follow_clock(file: Path) -> None:
    """Keep this process's clock as wrong as the file says, and every process's that is forked from it."""
    import time_machine

    def wrong_by() -> float:
        return float(file.read_text())

    last = wrong_by()
    clock = time_machine.travel(time.time() + last).start()

    def follow(last=last):
        while True:
            if last != (last := wrong_by()):
                clock.move_to(time_machine.escape_hatch.time.time() + last)
            time.sleep(0.02)

    def start():
        threading.Thread(target=follow, daemon=True).start()

    start()
    os.register_at_fork(after_in_child=start)


def keep_small(file: Path) -> None:
    """SQLite says that the disk is full at this many pages. The limit is a connection's, so each is told."""
    from django.db.backends.signals import connection_created

    def limit(connection, **kwargs):
        with suppress(FileNotFoundError), connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {int(file.read_text())}")

    connection_created.connect(limit, weak=False)


def fail_in(places: str, token: Path) -> None:
    """An error whose text holds every value that went in, as those of databases and validators do."""

    def failing(function: Callable) -> Callable:
        @wraps(function)
        def fails(*args, **kwargs):
            if token.exists():
                raise RuntimeError(f"{function.__name__} choked on {quoted(args)} {quoted(kwargs)}")
            return function(*args, **kwargs)

        return fails

    def quoted(values) -> str:
        return repr([getattr(value, "POST", value) for value in getattr(values, "values", lambda: values)()])

    for place in places.split():
        module_name, name = place.split(":")
        module = importlib.import_module(module_name)
        setattr(module, name, failing(getattr(module, name)))


def be_read_only(token: Path) -> None:
    """Each statement is told anew, for connections live long."""
    from django.db.backends.signals import connection_created

    def obey(execute, sql, params, many, context):
        if context["connection"].vendor == "sqlite":
            context["cursor"].cursor.execute(f"PRAGMA query_only = {int(token.exists())}")
        return execute(sql, params, many, context)

    def listen(connection, **kwargs):
        connection.execute_wrappers.append(obey)

    connection_created.connect(listen, weak=False)


def be_the_next_release() -> None:
    from django.db import models

    from appointments.mail import emails
    from appointments.models import OutgoingMail, owed_mail

    Kind, queue = OutgoingMail.Kind, owed_mail.queue
    kinds = [(kind.name, (kind.value, kind.label)) for kind in Kind]
    OutgoingMail.Kind = models.TextChoices("Kind", [*kinds, ("NEXT", (NEXT_KIND, "of the next release"))])

    def render_next(mail):
        mail.kind = Kind.PATIENT_RECEIVED  # its words are the same
        return emails.patient_received(mail)

    def queue_next(kind, **fields):
        return queue(NEXT_KIND if kind == Kind.PATIENT_RECEIVED else kind, **fields)

    emails.RENDERERS[NEXT_KIND] = render_next
    owed_mail.queue = queue_next


def run(arguments: list[str]) -> None:
    """As Python itself would."""
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "nyfp_site.settings"
    import django

    django.setup()
    env = os.environ
    if "CLOCK" in env:
        follow_clock(Path(env["CLOCK"]))
    if "HURRY" in env:
        hurry()
    if "DIE_AFTER" in env:
        die_after(env["DIE_AFTER"], Path(env["DIE_TOKEN"]))
    if "MOST_PAGES" in env:
        keep_small(Path(env["MOST_PAGES"]))
    if "FAILS" in env:
        fail_in(env["FAILS"], Path(env["FAILS_WHILE"]))
    if "READ_ONLY" in env:
        be_read_only(Path(env["READ_ONLY"]))
    if "NEXT_RELEASE" in env:
        be_the_next_release()
    run(sys.argv[1:])


if __name__ == "__main__":
    main()
