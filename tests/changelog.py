"""What CHANGELOG.md says of the releases, for the tests that hold to it."""

import re
from pathlib import Path
from typing import NamedTuple

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


class Release(NamedTuple):
    version: str
    commit: str  # empty until it is released


def releases() -> list[Release]:
    """Every release, latest first."""
    entries = re.split(r"^## ", CHANGELOG.read_text(), flags=re.MULTILINE)[1:]
    commits = [re.search(r"^commit: ([0-9a-f]{40})$", entry, re.MULTILINE) for entry in entries]
    return [
        Release(entry.split()[0], commit[1] if commit else "") for entry, commit in zip(entries, commits, strict=True)
    ]


def released() -> list[Release]:
    """Those that are out, latest first."""
    return [release for release in releases() if release.commit]
