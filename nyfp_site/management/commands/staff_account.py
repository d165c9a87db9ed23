"""Make a staff account: `make staff`. Interactive, or from STAFF_USERNAME, STAFF_EMAIL and STAFF_PASSWORD."""

import getpass
import os

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Create a staff account that may do everything in the admin."

    def handle(self, **options):
        users = get_user_model().objects
        username = os.environ.get("STAFF_USERNAME") or input("User name: ").strip()
        if not username:
            raise CommandError("A staff account needs a user name.")
        if users.filter(username=username).exists():
            raise CommandError(f"There is already an account named {username}.")
        email = os.environ.get("STAFF_EMAIL") or input("E-mail: ").strip()
        password = os.environ.get("STAFF_PASSWORD") or self.ask_password()
        try:
            validate_password(password, user=get_user_model()(username=username, email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        users.create_superuser(username=username, email=email, password=password)
        self.stdout.write(f"{username} can sign in at /admin/.")

    def ask_password(self) -> str:
        password = getpass.getpass("Password (at least 12 characters): ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ.")
        return password
