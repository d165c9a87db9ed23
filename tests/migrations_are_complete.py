"""`python -m tests.migrations_are_complete`: fail with a sentence if a model changed and its migration is missing."""

import os
import sys
import tempfile


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nyfp-check-") as folder:
        # Models are compared with migration files; the database stays empty.
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "nyfp_site.settings",
        }
        import django
        from django.core.management import call_command

        import tests.environment  # noqa: F401

        django.setup()
        try:
            call_command("makemigrations", check_changes=True, dry_run=True)
        except SystemExit:
            sys.exit("A model has changed without its migration. Run `manage.py makemigrations` and commit the file.")


if __name__ == "__main__":
    main()
