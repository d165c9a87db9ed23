"""Gather and send what is due, once. The web workers' pump does the same all the time."""

from django.core.management.base import BaseCommand

from appointments.background import pump


class Command(BaseCommand):
    help = "Tell staff of new requests if the office is open, and send every mail that is due."

    def handle(self, **options):
        pump.turn()
