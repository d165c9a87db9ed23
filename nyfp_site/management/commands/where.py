"""Say which release this is, where the site is, where its mail goes, and how to make the first staff account."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from nyfp_site import __version__


class Command(BaseCommand):
    help = "Print the release, the address, where mail goes, and what is still missing."

    def handle(self, **options):
        if settings.EMAIL_URL:
            server = urlsplit(settings.EMAIL_URL)
            mail = f"through {server.hostname}"
        else:
            mail = f"into files under {settings.EMAIL_FILE_PATH}, not to anyone (set EMAIL_URL)"
        lines = [
            f"New York Facial Paralysis {__version__}",
            f"Site:   {settings.SITE_URL}",
            f"Staff:  {settings.SITE_URL}/admin/",
            f"Mail:   {mail}",
        ]
        if not get_user_model().objects.filter(is_staff=True).exists():
            place = "" if settings.DATA_DIR == settings.BASE_DIR / "var" else f" DATA_DIR={settings.DATA_DIR}"
            lines.append(f"There is no staff account yet: run `make staff{place}` in a second terminal.")
        if not settings.IS_HTTPS:
            lines.append("NOT FOR PATIENTS: SITE_URL is http, so cookies and pages travel unprotected.")
        self.stdout.write("\n".join(lines) + "\nCtrl-C stops everything.")
