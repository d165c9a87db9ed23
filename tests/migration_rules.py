"""What a migration may do to tables on which the last release is still at work.

During an upgrade the last release serves patients on the new tables, and after a rollback again. So a migration adds;
what the last release needs is taken away one release after the code stopped needing it. Such a migration says so:

    READY_SINCE = "1.1.0"  # this release neither reads nor writes what goes here

We read the operations ourselves. django-migration-linter, the known tool, reads the SQL that Django would send: on
SQLite, which builds tables anew for many changes, it takes columns that may be empty for NOT NULL ones, and it knows
nothing of a release that is ready.
"""

from collections.abc import Iterator

from django.db import models
from django.db.migrations import Migration
from django.db.migrations import operations as do
from django.db.migrations.state import ProjectState

HARMLESS = (
    do.CreateModel,
    do.AddIndex,
    do.RemoveIndex,
    do.RenameIndex,
    do.RemoveConstraint,
    do.AlterModelOptions,
    do.AlterModelManagers,
    do.AlterModelTableComment,
    do.RunPython,
)
TAKES_AWAY = (do.RemoveField, do.RenameField, do.DeleteModel, do.RenameModel, do.AlterModelTable)
DEMANDS = (do.AddConstraint, do.AlterUniqueTogether)
WIDENS = {("CharField", "TextField"), ("SmallIntegerField", "IntegerField"), ("IntegerField", "BigIntegerField")}
LATER = "Do it one release after the code is ready for it, and say so with READY_SINCE."


def objections(
    migration: Migration, *, before: ProjectState, last: ProjectState, out: set[str], ready_since: str = ""
) -> list[str]:
    """Why the last release would fail after this migration, each in a sentence.

    `last` is what the last release knows, `out` the releases that are out, `ready_since` what the migration declares.
    """
    if ready_since:
        return [] if ready_since in out else [f"READY_SINCE says {ready_since}, which is not released."]
    return list(_objections(migration.app_label, migration.operations, before.clone(), last))


def _objections(app: str, operations: list, state: ProjectState, last: ProjectState) -> Iterator[str]:
    for operation in operations:
        if isinstance(operation, do.SeparateDatabaseAndState):
            yield from _forgotten(app, operation, state)
            yield from _objections(app, operation.database_operations, state.clone(), last)
        elif is_known_to(last, app, operation):
            yield from _objection(app, operation, state)
        operation.state_forwards(app, state)


def is_known_to(last: ProjectState, app: str, operation) -> bool:
    """Whether the last release knows the table, and the column where one is named."""
    model = getattr(operation, "model_name_lower", None) or getattr(operation, "name_lower", "")
    if isinstance(operation, do.RunSQL) or not model:
        return True
    if (app, model) not in last.models:
        return False
    column = getattr(operation, "old_name", None) or getattr(operation, "name", "")
    takes_or_alters = isinstance(operation, do.RemoveField | do.RenameField | do.AlterField)
    return not takes_or_alters or column in last.models[app, model].fields


def _forgotten(app: str, operation: do.SeparateDatabaseAndState, state: ProjectState) -> Iterator[str]:
    """Code that forgets a column leaves it to the database, which must then fill it by itself."""
    for forgets in operation.state_operations:
        if not isinstance(forgets, do.RemoveField) or operation.database_operations:
            continue
        if not fills_itself(state.models[app, forgets.model_name_lower].fields[forgets.name]):
            yield f"{forgets.describe()}: nobody would fill it. First make it null or give it a db_default."


def _objection(app: str, operation, state: ProjectState) -> Iterator[str]:
    what = operation.describe()
    if isinstance(operation, do.AddField):
        if not fills_itself(operation.field):
            yield f"{what}: the last release writes rows without it. Make it null or give it a db_default."
        elif operation.field.unique and not operation.field.null:
            yield f"{what}: all rows of the last release would have the same. Make it null."
    elif isinstance(operation, do.AlterField):
        old = state.models[app, operation.model_name_lower].fields[operation.name]
        if reason := narrows(old, operation.field):
            yield f"{what}: {reason}. {LATER}"
    elif isinstance(operation, DEMANDS):
        yield f"{what}: the last release may write what this refuses. {LATER}"
    elif isinstance(operation, TAKES_AWAY):
        yield f"{what}: the last release still uses it. {LATER}"
    elif not isinstance(operation, HARMLESS):
        yield f"{what}: nobody can tell what this does to the last release. {LATER}"


def fills_itself(field: models.Field) -> bool:
    """Whether the database knows what to write where nobody says anything."""
    return field.null or field.has_db_default() or field.many_to_many or field.generated


def narrows(old: models.Field, new: models.Field) -> str:
    """Why a row that the last release writes may not fit the changed column; empty when all do."""
    types = old.get_internal_type(), new.get_internal_type()
    if old.null and not new.null:
        return "the last release may leave it empty"
    if new.unique and not old.unique:
        return "the last release may write the same twice"
    if old.has_db_default() and not fills_itself(new):
        return "who does not know it needs its db_default"
    if types[0] != types[1] and types not in WIDENS:
        return "the last release reads and writes another type"
    if new.max_length is not None and (old.max_length is None or new.max_length < old.max_length):
        return "the last release may write more than fits"
    if old.db_column != new.db_column:
        return "the last release knows the column by its old name"
    return ""
