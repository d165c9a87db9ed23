"""`python -m tests.migrations_are_complete`: fail with a sentence if a model changed and its migration is missing."""

import sys

from django.core.management import call_command

from tests.standalone import django_in_a_folder


def main() -> None:
    with django_in_a_folder("check"):  # models are compared with migration files; the database stays empty
        try:
            call_command("makemigrations", check_changes=True, dry_run=True)
        except SystemExit:
            sys.exit("A model has changed without its migration. Run `manage.py makemigrations` and commit the file.")


if __name__ == "__main__":
    main()
