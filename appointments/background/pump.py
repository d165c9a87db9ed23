"""The thread in each web worker that gathers and sends mail, and shows that it lives.

Start it after the worker has forked, stop it before the worker goes: see gunicorn.conf.py.
"""

import logging
import random
import threading
import time
from functools import partial

from django.db import close_old_connections, connections
from django.utils import timezone

from appointments.background import daily
from appointments.mail import outbox
from appointments.models import Heartbeat, owed_mail
from appointments.requests import promises, spam

log = logging.getLogger("appointments.pump")

PAUSE = 5  # seconds between turns, so that staff hear well within a minute
LONGEST_TURN = 20  # seconds, then the rest waits: behind a slow mail server new requests would not be gathered
HEARTBEAT = "pump"


def turn(should_stop=lambda: False) -> None:
    """One turn: show life, watch the promises, gather what waits, do the day's jobs, send what is due."""
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": timezone.now()})
    deliver = partial(outbox.deliver_due, should_stop)
    for task in (promises.watch, owed_mail.gather, daily.run_due, deliver, spam.forget_old_posts):
        try:
            task()
        except Exception as error:  # one kind of work that fails must not stop the others
            log.exception("part of a turn failed", exc_info=error)


class Pump:
    """Turns until stopped. An error ends a turn, never the pump."""

    def __init__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail-pump", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Let the mail in hand be finished and marked, for at most `timeout` seconds; begin no other."""
        self._stop.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                turn(partial(self._must_end, time.monotonic() + LONGEST_TURN))
            except Exception as error:
                log.exception("a turn of the pump failed", exc_info=error)
            close_old_connections()
            self._stop.wait(PAUSE * random.uniform(0.8, 1.2))  # noqa: S311  spreads the workers, hides nothing
        connections.close_all()

    def _must_end(self, at: float) -> bool:
        return self._stop.is_set() or time.monotonic() >= at
