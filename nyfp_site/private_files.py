"""What the site writes is for its own account: no other user of the machine reads patients' words, mails or keys."""

import os
import stat
from pathlib import Path

UMASK = 0o077
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def loose(folder: Path) -> list[Path]:
    """The folder and what lies in it that others may read, write or enter."""
    if not folder.exists():
        return []
    return [
        path
        for path in (folder, *sorted(folder.rglob("*")))
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & OTHERS
    ]


def tighten(folder: Path) -> str:
    """Take every right from others, and say in a sentence what was done; empty when there was nothing to do.

    Raises PermissionError with a sentence where it cannot be done.
    """
    found = loose(folder)
    if found and (folder.stat().st_mode & stat.S_ISVTX or folder.stat().st_uid != os.geteuid()):
        raise PermissionError(
            f"{folder} belongs to others too, and patients' words may not lie there. "
            "Set DATA_DIR to a folder of this site's own account."
        )
    for path in found:
        try:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
        except PermissionError:
            raise PermissionError(
                f"Others may read {path}, and this account may not change it. "
                f"Run `chown -R` on {folder}, then start again."
            ) from None
    return f"Others could read {folder}. Now only this account can." if found else ""
