"""Give a new site its office: address, ordinary hours, and the mailboxes of STAFF_INBOX. Once."""

from datetime import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from appointments.models import Mailbox, Office, OpeningHours, PracticeNotice

MONDAY_TO_FRIDAY = range(5)


class Command(BaseCommand):
    help = "Create the office's rows if there is no office yet. Never changes what staff have edited."

    @transaction.atomic
    def handle(self, **options):
        _, is_new = Office.objects.get_or_create(pk=1)
        if is_new:
            for weekday in MONDAY_TO_FRIDAY:
                OpeningHours.objects.create(weekday=weekday, opens_at=time(8, 30), closes_at=time(17))
        for kind in PracticeNotice.Kind:
            PracticeNotice.objects.get_or_create(kind=kind)
        if settings.STAFF_INBOX and not Mailbox.objects.exists():
            for address in settings.STAFF_INBOX:
                Mailbox.objects.create(email=address)
        if is_new:
            self.stdout.write("Office: address, hours and mailboxes added.")
