"""`python -m tests.released_migrations`: which migrations are released, and whether one of them was changed since.

A released migration never changes: sites have run it, and would not run it again. The list holds a digest of each, as
sha256sum prints it. `--write` adds those that are not on it yet, as the last step before a release.
"""

import sys
from hashlib import sha256
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
LIST = BASE_DIR / "tests" / "released_migrations.txt"


def migrations_here() -> dict[str, str]:
    """The digest of each migration of ours, by its path."""
    files = sorted(BASE_DIR.glob("*/migrations/[0-9]*.py"))
    return {file.relative_to(BASE_DIR).as_posix(): sha256(file.read_bytes()).hexdigest() for file in files}


def migrations_released() -> dict[str, str]:
    """The digest that each had when it was released, by its path."""
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    return {path: digest for digest, path in (line.split() for line in lines)}


def complaints(here: dict[str, str], released: dict[str, str]) -> list[str]:
    """What was done to released migrations, each in a sentence."""
    return [
        f"{path} is {'changed' if path in here else 'gone'}. A released migration never changes: add a new one."
        for path, digest in released.items()
        if here.get(path) != digest
    ]


def main() -> None:
    here, released = migrations_here(), migrations_released()
    if found := complaints(here, released):
        sys.exit("\n".join(found))
    new = [path for path in here if path not in released]
    if "--write" in sys.argv:
        with LIST.open("a") as file:
            file.writelines(f"{here[path]}  {path}\n" for path in new)
    print(
        "\n".join(f"{'added' if '--write' in sys.argv else 'not released yet'}: {path}" for path in new) or "none new"
    )


if __name__ == "__main__":
    main()
