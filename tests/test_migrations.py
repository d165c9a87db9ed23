"""Released migrations never change, and new ones leave the last release at work."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests import released_migrations
from tests.changelog import released
from tests.migration_rules import objections

OURS = [config for config in apps.get_app_configs() if (released_migrations.BASE_DIR / config.label).is_dir()]


def is_released(key: tuple[str, str]) -> bool:
    """Whether a migration is on the list; those of Django and of packages come with their own releases."""
    app, name = key
    path = f"{app}/migrations/{name}.py"
    return app not in {config.label for config in OURS} or path in released_migrations.migrations_released()


def test_no_released_migration_was_changed():
    here, listed = released_migrations.migrations_here(), released_migrations.migrations_released()
    assert len(listed) >= 3
    assert not released_migrations.complaints(here, listed)


@pytest.mark.parametrize(
    ("here", "words"), [({"a.py": "2"}, "a.py is changed. A released migration never changes"), ({}, "a.py is gone.")]
)
def test_a_changed_or_removed_released_migration_is_named(here, words):
    [complaint] = released_migrations.complaints(here, {"a.py": "1"})
    assert words in complaint


def test_a_new_migration_is_added_to_the_list_and_a_changed_one_is_not(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(released_migrations, "BASE_DIR", tmp_path)
    monkeypatch.setattr(released_migrations, "LIST", tmp_path / "list.txt")
    monkeypatch.setattr("sys.argv", ["released_migrations", "--write"])
    folder = tmp_path / "app/migrations"
    folder.mkdir(parents=True)
    for name in ("0001_initial.py", "0002_more.py"):
        (folder / name).write_text("operations = []")
        released_migrations.main()
    assert list(released_migrations.migrations_released()) == [
        f"app/migrations/{name}" for name in ("0001_initial.py", "0002_more.py")
    ]
    (folder / "0001_initial.py").write_text("operations = [1]")
    with pytest.raises(SystemExit, match=r"0001_initial\.py is changed"):
        released_migrations.main()


def test_new_migrations_leave_the_last_release_at_work():
    loader = MigrationLoader(None)
    old = [key for key in loader.graph.nodes if is_released(key)]
    last, out = loader.project_state(old), {release.version for release in released()}
    found = [
        f"{key}: {objection}"
        for key in loader.graph.nodes
        if not is_released(key)
        for objection in objections(
            loader.graph.nodes[key],
            before=loader.project_state(key, at_end=False),
            last=last,
            out=out,
            ready_since=getattr(import_module(loader.graph.nodes[key].__module__), "READY_SINCE", ""),
        )
    ]
    assert not found


# Made-up migrations

TEXT = models.CharField(max_length=20)
TABLES = ProjectState(
    {
        ("app", "patient"): ModelState(
            "app",
            "Patient",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", TEXT),
                ("note", models.CharField(max_length=20, null=True)),
                ("age", models.IntegerField(db_default=0)),
            ],
        )
    }
)


def judged(*operations, ready_since: str = "") -> list[str]:
    migration = migrations.Migration("0002_made_up", "app")
    migration.operations = list(operations)
    return objections(migration, before=TABLES, last=TABLES, out={"1.0.0"}, ready_since=ready_since)


def add(field, model="patient") -> migrations.AddField:
    return migrations.AddField(model, "pronoun", field)


def alter(name, field) -> migrations.AlterField:
    return migrations.AlterField("patient", name, field)


def forget(name) -> migrations.SeparateDatabaseAndState:
    return migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("patient", name)])


BAD = {
    "a column nobody fills": add(models.CharField(max_length=20)),
    "a column only the new code fills": add(models.CharField(max_length=20, default="")),
    "a key nobody fills": add(models.ForeignKey("app.Patient", models.CASCADE)),
    "a column in which all are alike": add(models.CharField(max_length=20, db_default="", unique=True)),
    "a column that goes": migrations.RemoveField("patient", "note"),
    "a column with another name": migrations.RenameField("patient", "name", "full_name"),
    "a table that goes": migrations.DeleteModel("Patient"),
    "a table with another name": migrations.RenameModel("Patient", "Person"),
    "a table put elsewhere": migrations.AlterModelTable("patient", "persons"),
    "empty no more": alter("note", TEXT),
    "empty no more, for the new code": alter("note", models.CharField(max_length=20, default="")),
    "empty no more, in the database": alter("note", models.CharField(max_length=20, db_default="")),
    "no default any more": alter("age", models.IntegerField()),
    "shorter": alter("name", models.CharField(max_length=10)),
    "another type": alter("name", models.IntegerField()),
    "unique": alter("name", models.CharField(max_length=20, unique=True)),
    "a column called otherwise": alter("name", models.CharField(max_length=20, db_column="full_name")),
    "a new rule": migrations.AddConstraint("patient", models.CheckConstraint(condition=models.Q(age=1), name="rule")),
    "unique together": migrations.AlterUniqueTogether("patient", {("name", "age")}),
    "SQL": migrations.RunSQL("ALTER TABLE app_patient DROP COLUMN note"),
    "SQL beside the state": migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL("DROP TABLE x")]
    ),
    "what we have never seen": TrigramExtension(),
    "forgotten and filled by nobody": forget("name"),
}
GOOD = {
    "a column that may be empty": add(models.CharField(max_length=20, null=True)),
    "a column that the database fills": add(models.CharField(max_length=20, db_default="")),
    "a key that may be empty": add(models.OneToOneField("app.Patient", models.CASCADE, null=True)),
    "a list of others": add(models.ManyToManyField("app.Patient")),
    "a computed column": add(
        models.GeneratedField(expression=models.F("age"), output_field=models.IntegerField(), db_persist=True)
    ),
    "a table": migrations.CreateModel("Guide", [("id", models.BigAutoField(primary_key=True)), ("name", TEXT)]),
    "an index": migrations.AddIndex("patient", models.Index(fields=["name"], name="by_name")),
    "other words": alter("name", models.CharField(max_length=20, verbose_name="full name", choices=[("a", "A")])),
    "longer": alter("name", models.CharField(max_length=40)),
    "longer without end": alter("name", models.TextField()),
    "may be empty": alter("name", models.CharField(max_length=20, null=True)),
    "rows": migrations.RunPython(migrations.RunPython.noop),
    "forgotten, and the database fills it": forget("age"),
    "forgotten, and empty": forget("note"),
}


@pytest.mark.parametrize("operation", BAD.values(), ids=BAD)
def test_what_the_last_release_would_not_survive_is_refused(operation):
    [objection] = judged(operation)
    assert objection.endswith(".")


@pytest.mark.parametrize("operation", GOOD.values(), ids=GOOD)
def test_what_adds_is_allowed(operation):
    assert judged(operation) == []


def test_what_the_last_release_does_not_know_may_change():
    table = GOOD["a table"]
    made_and_changed = [
        table,
        migrations.AddField("guide", "title", models.CharField(max_length=20)),
        migrations.AddConstraint("guide", models.CheckConstraint(condition=~models.Q(name=""), name="named")),
        add(models.CharField(max_length=20, null=True)),
        migrations.RemoveField("patient", "pronoun"),
        migrations.DeleteModel("Guide"),
    ]
    assert judged(*made_and_changed) == []


@pytest.mark.parametrize("operation", BAD.values(), ids=BAD)
def test_a_migration_says_which_release_is_ready_for_it_and_that_one_must_be_out(operation):
    assert judged(operation, ready_since="1.0.0") == []
    assert judged(operation, ready_since="9.9.9") == ["READY_SINCE says 9.9.9, which is not released."]
