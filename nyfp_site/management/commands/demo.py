"""Fill an empty, prepared site with a made-up practice: `make demo`."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from appointments.models import Inquiry, Mailbox, Office
from nyfp_site import staff_groups
from nyfp_site.demo.people import PEOPLE
from nyfp_site.demo.stories import Tale
from nyfp_site.demo.weeks import Weeks, it_is

LENGTH = timedelta(weeks=3)


class Command(BaseCommand):
    help = "Three weeks of a made-up practice, and an account of each kind of staff. Only where no request is stored."

    def handle(self, **options):
        if Inquiry.objects.exists():
            raise CommandError(
                "This database has requests already, and a demo is never mixed with them. Choose an empty DATA_DIR "
                "for a new demo, or see this one with `make run`."
            )
        if settings.EMAIL_URL:
            raise CommandError("The demo writes many mails that must reach nobody: leave EMAIL_URL unset.")
        ends = timezone.localtime()
        begins = (ends - LENGTH).replace(hour=0, minute=30, second=0, microsecond=0)
        with transaction.atomic():
            with it_is(begins):
                passwords = self.open_practice()
            self.live(Weeks(begins, ends), ends)
        self.stdout.write(f"Demo: {len(PEOPLE)} requests of the last three weeks, all made up. Sign in at /admin/ as")
        for kind, (username, password) in passwords.items():
            self.stdout.write(f"  {username:<12}{password}   {kind}")

    def open_practice(self) -> dict[str, tuple[str, str]]:
        """Every way to be reached, a mailbox, an account of each kind. The kinds with user names and passwords."""
        Office.objects.update(offers_text=True, offers_relay=True)
        Mailbox.objects.get_or_create(email="desk@example.org")
        hired = {}
        for kind in staff_groups.KINDS:
            username, password = kind.lower().replace(" ", "-"), secrets.token_urlsafe(12)
            user = get_user_model().objects.create_user(username, f"{username}@example.org", password, is_staff=True)
            user.groups.add(Group.objects.get(name=kind))
            hired[kind] = username, password
        return hired

    def live(self, weeks: Weeks, today) -> None:
        for number, person in enumerate(PEOPLE, start=1):
            weeks.add(today - timedelta(days=person.days_ago), Tale(person, number).story())
        weeks.pass_by()
