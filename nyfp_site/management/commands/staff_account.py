"""Make a staff account: `make staff`. Interactive, or from STAFF_USERNAME, STAFF_EMAIL, STAFF_PASSWORD, STAFF_GROUP."""

import getpass
import os

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Create a staff account: of the kind that STAFF_GROUP names, else one that may do everything in the admin."

    def handle(self, **options):
        users = get_user_model().objects
        username = os.environ.get("STAFF_USERNAME") or input("User name: ").strip()
        if not username:
            raise CommandError("A staff account needs a user name.")
        if users.filter(username=username).exists():
            raise CommandError(f"There is already an account named {username}.")
        group = self.find_group(asks=not os.environ.get("STAFF_USERNAME"))
        email = os.environ.get("STAFF_EMAIL") or input("E-mail: ").strip()
        password = os.environ.get("STAFF_PASSWORD") or self.ask_password()
        try:
            validate_password(password, user=get_user_model()(username=username, email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if group:
            users.create_user(username=username, email=email, password=password, is_staff=True).groups.add(group)
        else:
            users.create_superuser(username=username, email=email, password=password)
        self.stdout.write(f"{username} can sign in at /admin/, as {group or 'a superuser, who may do everything'}.")

    def find_group(self, *, asks: bool) -> Group | None:
        """The group that STAFF_GROUP or the answer names; none for an account that may do everything."""
        names = ", ".join(Group.objects.order_by("name").values_list("name", flat=True))
        name = os.environ.get("STAFF_GROUP", "")
        if not name and asks:
            name = input(f"Kind of staff ({names}; empty: may do everything): ").strip()
        group = Group.objects.filter(name__iexact=name).first()
        if name and not group:
            raise CommandError(f"There is no kind of staff named {name}. There are: {names or 'none yet'}.")
        return group

    def ask_password(self) -> str:
        password = getpass.getpass("Password (at least 12 characters): ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ.")
        return password
