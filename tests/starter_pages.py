"""The starter content as rows, read from its files once in each process that tests.

Whoever asks first has the command load it; later ones, whose database is as empty, get the very rows it left.
"""

from io import StringIO

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

COMMAND = "load_starter_content"
_rows: list[tuple[str, list[tuple]]] = []  # with the statement that writes them


def load() -> None:
    """Fill the database with every page. What a test has made already stays, as with the command."""
    is_empty = not any(model.objects.exists() for model in _models())
    if is_empty and _rows:
        _write()
    else:
        call_command(COMMAND, stdout=StringIO())
        if is_empty:
            _rows.extend(map(_read, _models()))


def _models() -> list[type]:
    return list(apps.get_app_config("conditions").get_models(include_auto_created=True))


def _read(model) -> tuple[str, list[tuple]]:
    """What a table holds, and the statement that writes it."""
    columns = [field.column for field in model._meta.local_concrete_fields if not field.generated]
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {table} ORDER BY 1")
        rows = cursor.fetchall()
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ({places})", rows


def _write() -> None:
    """In one transaction, at whose end each row must find the row that it points to."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, rows in _rows:
            cursor.executemany(statement, rows)
        for model in _models():
            if moments := _moments(model):
                model._base_manager.update(**moments)


def _moments(model) -> dict:
    """What the clock, which a test may have set, says into the fields that ask it."""
    fields = model._meta.local_concrete_fields
    asked = {field.name: field.default() for field in fields if field.default in (timezone.now, timezone.localdate)}
    return asked | {field.name: timezone.now() for field in fields if getattr(field, "auto_now", False)}
