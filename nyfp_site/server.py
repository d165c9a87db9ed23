"""gunicorn's threaded worker, in which no client holds a thread for long.

A worker has few threads. As gunicorn has it, whoever sends a byte a minute keeps one of them for hours, and eight such
clients are the whole site. A proxy that waits for whole requests ends this too, but the site must not need one.
"""

import socket
import threading
import time
from contextlib import suppress

from gunicorn.workers.gthread import ThreadWorker

SEND_WITHIN = 20  # seconds for a whole request: its head and its body
ALL_WITHIN = 90  # seconds until its answer has been taken; longer than the database may keep us waiting


class PatientWorker(ThreadWorker):
    """Patient with its clients, up to a point."""

    def init_process(self):
        self._since = {}
        threading.Thread(target=self._watch, name="watch", daemon=True).start()
        super().init_process()

    def handle(self, conn):
        self._since[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self._since[conn]

    def _watch(self):
        while True:
            time.sleep(1)
            now = time.monotonic()
            for conn, since in list(self._since.items()):
                if now - since > SEND_WITHIN:
                    # What is read later ends here; an answer still goes out.
                    how = socket.SHUT_RDWR if now - since > ALL_WITHIN else socket.SHUT_RD
                    with suppress(OSError):
                        conn.sock.shutdown(how)
