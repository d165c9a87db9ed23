"""Are the database's tables this release's? It is asked itself: what it has recorded may not be what it has."""

from collections import defaultdict
from functools import cache

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# Each table's columns, and whether a new row must bring a value for it.
COLUMNS = {
    "sqlite": """
        SELECT tables.name, columns.name,
               columns."notnull" AND columns.dflt_value IS NULL AND columns.pk = 0 AND columns.hidden = 0
        FROM sqlite_master AS tables JOIN pragma_table_xinfo(tables.name) AS columns WHERE tables.type = 'table'""",
    "postgresql": """
        SELECT relname, attname, attnotnull AND NOT atthasdef AND attidentity = ''
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relkind IN ('r', 'p') AND pg_table_is_visible(attrelid) AND relnamespace = current_schema()::regnamespace
              AND attnum > 0 AND NOT attisdropped""",
}


def trouble() -> str:
    """Why this release cannot work on the database, in a sentence; empty when it can.

    More than this release knows is no trouble: the next one may have migrated already, and works beside this one.
    """
    if missing := sorted(migrations() - MigrationRecorder(connection).applied_migrations().keys()):
        return f"Migrations are missing: {', '.join('.'.join(key) for key in missing)}."
    found, demanded = columns_there()
    for table, columns in columns_here().items():
        if lacking := columns - found[table]:
            return f"The tables are not this release's: {table} lacks {', '.join(sorted(lacking))}."
        if strange := demanded[table] - columns:
            return f"The tables are not this release's: {table} demands {', '.join(sorted(strange))}."
    return ""


@cache
def migrations() -> frozenset[tuple[str, str]]:
    """This release's, by app and name. Its files do not change while it runs."""
    return frozenset(MigrationLoader(None).graph.nodes)


@cache
def columns_here() -> dict[str, set[str]]:
    """The columns that this release reads and writes, by table."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    tables: defaultdict[str, set[str]] = defaultdict(set)
    for model in models:
        tables[model._meta.db_table] |= {field.column for field in model._meta.local_concrete_fields if field.column}
    return dict(tables)


def columns_there() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The columns that the database has, by table, and those among them that a new row must fill."""
    found, demanded = defaultdict(set), defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS[connection.vendor])
        for table, column, must_be_filled in cursor.fetchall():
            found[table].add(column)
            if must_be_filled:
                demanded[table].add(column)
    return found, demanded
