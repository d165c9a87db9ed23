"""Everything between an installed checkout and a server: tables, groups, office, pages, files. Safe to repeat."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from nyfp_site import staff_groups, tables

STAMP = "prepared.txt"


class Command(BaseCommand):
    help = "Migrate the database, fill a new site, collect static files if they changed."

    def handle(self, **options):
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        if trouble := tables.trouble():
            raise CommandError(f"{trouble} Code that was no release made this database, or a newer one changed it.")
        if made := staff_groups.prepare():
            self.stdout.write(f"Kinds of staff: {', '.join(made)}.")
        call_command("set_up_office")
        call_command("load_starter_content")
        if not settings.WHITENOISE_USE_FINDERS:
            self.collect_static()
        call_command("check", databases=["default"])

    def collect_static(self):
        """Hashing and compressing takes seconds, so do it only for files that differ from last time."""
        stamp = settings.STATIC_ROOT / STAMP
        seen = fingerprint()
        if stamp.exists() and stamp.read_text() == seen:
            return
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(seen)
        self.stdout.write("Static files: hashed and compressed.")


def fingerprint() -> str:
    """Each static file's path, size and time, as text to compare."""
    lines = []
    for finder in get_finders():
        for path, storage in finder.list(None):
            stat = Path(storage.path(path)).stat()
            lines.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return "\n".join(sorted(lines))
