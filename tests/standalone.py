"""Django, set up for a program of the tests' own that runs without pytest: benchmarks, faults, checks."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def django_in_a_folder(purpose: str) -> Iterator[Path]:
    """A folder for its data, gone afterwards, with Django set up on an SQLite there. Import models only inside."""
    with tempfile.TemporaryDirectory(prefix=f"nyfp-{purpose}-") as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "nyfp_site.settings",
        }
        import django

        import tests.environment  # noqa: F401

        django.setup()
        yield Path(folder)
