"""Promises about the repository itself."""

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
# The house: each room, and the rooms it may import. Faces -> deeds -> facts, never up, and no face imports another.
FACTS = {"office", "privacy", "models"}
DEEDS = {"requests", "mail"}
HOUSE = {
    "conditions": {
        "conditions": set(),
    },
    "appointments": {
        "office": set(),
        "privacy": set(),
        "models": {"office", "privacy", "conditions"},
        "requests": FACTS | {"conditions"},
        "mail": FACTS | {"requests", "conditions"},
        "patient": FACTS | DEEDS | {"conditions"},
        "admin": FACTS | DEEDS | {"conditions"},
        "background": FACTS | DEEDS | {"conditions"},
        # What Django looks for by name: commands call faces and deeds, tags print facts.
        "management": FACTS | DEEDS | {"background", "conditions"},
        "templatetags": FACTS,
        "migrations": {"models", "privacy"},
        "checks": {"models", "mail"},
        "apps": {"checks"},
    },
}
OURS = {"conditions", "appointments", "nyfp_site"}


def rooms_of(app: str) -> set[str]:
    """The folders and loose modules of an app that hold code."""
    found = {path.relative_to(ROOT / app).parts[0].removesuffix(".py") for path in (ROOT / app).rglob("*.py")}
    return found - {"__init__"}


def imported(path: Path) -> set[str]:
    """What a file imports of ours, as dotted names: `from appointments import checks` is appointments.checks."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in OURS}


def room_of(name: str, home: str) -> str:
    """The room a dotted name lies in, as a file of the app `home` sees it: another app is one room."""
    app, _, rest = name.partition(".")
    return rest.split(".")[0] if app == home == "appointments" else app


def test_every_room_of_appointments_has_its_place_in_the_house():
    assert rooms_of("appointments") == set(HOUSE["appointments"])


@pytest.mark.parametrize("room", HOUSE["appointments"])
def test_a_room_imports_only_rooms_below_it(room):
    folder = ROOT / "appointments" / room
    files = list(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    assert files
    strays = {
        str(path.relative_to(ROOT)): stray
        for path in files
        if (stray := {room_of(name, "appointments") for name in imported(path)} - HOUSE["appointments"][room] - {room})
    }
    assert not strays


def test_conditions_imports_nothing_of_ours():
    files = list((ROOT / "conditions").rglob("*.py"))
    assert len(files) > 5
    assert not {str(path) for path in files for name in imported(path) if not name.startswith("conditions")}


def test_events_are_written_by_the_names_of_their_kinds():
    """A word in quotes may be mistyped, and nobody would notice."""
    for path in (ROOT / "appointments").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "attr", "") or getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name in ("write_event", "InquiryEvent"):
                kinds = node.args[:1] + [keyword.value for keyword in node.keywords if keyword.arg == "kind"]
                assert kinds, path
                assert not isinstance(kinds[0], ast.Constant), path


def test_the_readme_names_every_room():
    readme = (ROOT / "README.md").read_text()
    told = rooms_of("appointments") - {"migrations", "management", "templatetags", "checks", "apps"}
    assert not {room for room in told if f"    {room}/" not in readme}


def test_env_example_lists_exactly_the_settings_that_are_read():
    read = set()
    for name in ("nyfp_site/settings.py", "nyfp_site/first_run.py", "gunicorn.conf.py"):
        text = (ROOT / name).read_text()
        read |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
        read |= set(re.findall(r'required\(\s*"([A-Z_]+)"', text))
        read |= set(re.findall(r'os\.environ\.get\("([A-Z_]+)"', text))
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed == read


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "must_quote"),
    [
        ("README.md", {"run", "test", "check", "staff", "bench", "dev", "demo", "quick"}),
        ("CONTRIBUTING.md", {"dev", "demo", "quick", "check", "test"}),
        ("tests/README.md", {"quick", "test"}),
    ],
)
def test_readme_quotes_make_targets_that_exist_and_no_other_command(name, must_quote):
    text = (ROOT / name).read_text()
    quoted = set(re.findall(r"\bmake ([a-z-]+)", text))
    assert must_quote <= quoted
    assert quoted <= make_targets()
    assert not re.findall(r"^\s*(?:\$ )?(?:python3?|pip|docker|gunicorn|\./manage\.py) ", text, re.MULTILINE)


def test_every_phony_target_is_declared():
    declared = re.search(r"\.PHONY: (.*)", (ROOT / "Makefile").read_text())[1].split()
    assert set(declared) == make_targets()


def test_ci_calls_make_check_and_make_test_and_nothing_else():
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make check", "make test"]


def test_the_hook_before_a_commit_is_make_check_and_nothing_else():
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (hook,) = repository["hooks"]
    assert repository["repo"] == "local"
    assert hook["entry"] == "make check"
    assert hook["always_run"] is True


def test_each_dependency_says_why_it_is_here():
    for name in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-c")):
                assert "  # " in line or line.startswith("pytest"), line


@pytest.mark.parametrize("app", ["templates", "conditions", "appointments"])
def test_no_seal_and_no_promise_of_a_cure_is_claimed(app):
    for path in (ROOT / app).rglob("*"):
        if path.suffix in {".html", ".md", ".txt"}:
            assert not re.search(r"HIPAA[- ]compliant|guarantee|\bcures?\b", path.read_text(), re.IGNORECASE), path


def settings_say(**environment) -> str:
    """What the settings answer in a process of their own."""
    known = {"PATH": os.environ["PATH"], "DATA_DIR": os.environ["DATA_DIR"] + "/nothing-here"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=known | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "started" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


PUBLIC = {
    "SITE_URL": "https://www.example.org",
    "SECRET_KEY": "x" * 50,
    "FIELD_KEYS": "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtMTI=",
    "EMAIL_URL": "submission://user:p%40ss@mail.example.org",
    "MAIL_FROM": "Suite 501 office <office@example.org>",
    "STAFF_INBOX": "desk@example.org",
    "TRUSTED_PROXY_COUNT": "1",
}


def test_a_public_site_starts_when_everything_is_set():
    assert settings_say(**PUBLIC) == "started"


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_KEYS", "EMAIL_URL", "MAIL_FROM", "STAFF_INBOX", "TRUSTED_PROXY_COUNT"]
)
def test_a_public_site_refuses_to_start_without_a_value_and_says_how_to_set_it(name):
    said = settings_say(**{key: value for key, value in PUBLIC.items() if key != name})
    assert f"{name} is not set. " in said
    assert len(said.split(f"{name} is not set. ")[1]) > 20


def test_a_mail_server_address_that_makes_no_sense_is_refused():
    assert "EMAIL_URL must look like" in settings_say(**PUBLIC | {"EMAIL_URL": "mail.example.org"})


def test_a_public_site_without_anything_is_told_everything_at_once():
    said = settings_say(SITE_URL=PUBLIC["SITE_URL"])
    for name in ("SECRET_KEY", "FIELD_KEYS", "EMAIL_URL", "MAIL_FROM", "STAFF_INBOX"):
        assert f"{name} is not set. " in said


# One wrong value, and what must be said of it
WRONG = [
    ({"STAFF_INBOX": "desk@example.org;boss@example.org"}, "STAFF_INBOX must be separated by commas"),
    ({"STAFF_INBOX": "desk@example.org, Desk@example.org"}, "STAFF_INBOX names Desk@example.org twice"),
    ({"STAFF_INBOX": "désk@example.org"}, "Mail cannot reach an address with “é” before the @"),
    ({"STAFF_INBOX": "Desk <desk@example.org>"}, "STAFF_INBOX holds 'Desk <desk@example.org>'"),
    ({"STAFF_INBOX": "desk"}, "STAFF_INBOX holds 'desk'. It should look like name@example.com."),
    ({"STAFF_INBOX": " , "}, "STAFF_INBOX names no mailbox"),
    ({"MAIL_FROM": "Suite 501, office <office@example.org>"}, "A name with a comma needs quotes"),
    ({"MAIL_FROM": "Suite 501 office"}, "MAIL_FROM must be one name and address"),
    ({"MAIL_FROM": "Suite 501 office <öffice@example.org>"}, "Mail cannot reach an address with “ö” before the @"),
    ({"MAIL_FROM": "a@example.org, b@example.org"}, "MAIL_FROM must be one name and address"),
    ({"EMAIL_URL": "smtp://mail.example.org:many"}, "EMAIL_URL must look like"),
    ({"EMAIL_URL": "submission://user:p#ss@mail.example.org"}, "Write @ / : # and % in a password as"),
    ({"EMAIL_URL": "http://mail.example.org"}, "EMAIL_URL must look like"),
    ({"SITE_URL": "www.example.org"}, "SITE_URL must be like https://www.example.org"),
    ({"SITE_URL": "https://www.example.org/clinic"}, "SITE_URL must be like https://www.example.org"),
    ({"SITE_URL": "https://www.example.org:https"}, "SITE_URL must be like https://www.example.org"),
    ({"SITE_URL": "https:///"}, "SITE_URL must be like https://www.example.org"),
    ({"ALLOWED_HOSTS": "https://www.example.org"}, "ALLOWED_HOSTS must be host names only"),
    ({"ALLOWED_HOSTS": "www.example.org:443"}, "ALLOWED_HOSTS must be host names only"),
    ({"ALLOWED_HOSTS": "www.example.org,www.example.org/"}, "ALLOWED_HOSTS must be host names only"),
    ({"ALLOWED_HOSTS": "example.org"}, "ALLOWED_HOSTS leaves out www.example.org"),
    ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT must be a whole number from 0 to 10"),
    ({"TRUSTED_PROXY_COUNT": "one"}, "TRUSTED_PROXY_COUNT must be a whole number from 0 to 10"),
    ({"PORT": "http"}, "PORT must be a whole number from 1 to 65535"),
    ({"PORT": "80800"}, "PORT must be a whole number from 1 to 65535"),
    ({"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY must be a whole number from 1 to 200"),
    ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY must be a whole number from 1 to 200"),
    ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0"),
    ({"DEBUG": "1"}, "DEBUG shows visitors what went wrong inside."),
    ({"FIELD_KEYS": "secret"}, "FIELD_KEYS: number 1 is not a key."),
    ({"FIELD_KEYS": f"{PUBLIC['FIELD_KEYS']},{PUBLIC['FIELD_KEYS'][:-2]}"}, "FIELD_KEYS: number 2 is not a key."),
    ({"FIELD_KEYS": ","}, "FIELD_KEYS is not set."),
    ({"DATABASE_URL": "the database"}, "DATABASE_URL must look like"),
    ({"DATABASE_URL": "mysql://user@host/name"}, "DATABASE_URL must look like"),
    ({"DATABASE_URL": "postgres://user:p#ss@host/name"}, "Write @ / : # and % in a password as"),
    ({"DATABASE_URL": "postgres://user@host"}, "DATABASE_URL must look like"),
    ({"DATABASE_URL": "postgres://user@host:words/name"}, "DATABASE_URL must look like"),
    ({"DATABASE_URL": "sqlite://db.sqlite3"}, "DATABASE_URL must look like"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must look like"),
]


def mistakes(monkeypatch, **environment) -> str:
    """What is said of these settings, read here: a process for each would take a minute."""
    import environ

    monkeypatch.setattr(os, "environ", {"DATA_DIR": os.environ["DATA_DIR"] + "/nothing-here"} | environment)
    monkeypatch.setattr(environ.Env, "ENVIRON", os.environ)
    try:
        runpy.run_path(str(ROOT / "nyfp_site/settings.py"))
    except ImproperlyConfigured as error:
        return str(error)
    return "started"


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_a_value_that_would_fail_later_is_refused_at_once_in_a_sentence(monkeypatch, wrong, words):
    said = mistakes(monkeypatch, **PUBLIC | wrong)
    assert words in said
    assert said.endswith(".")
    (name,) = wrong
    others = set(PUBLIC) - {name}
    assert not [other for other in others if f"{other} is not set" in said], "what is right is not complained of"


def test_every_mistake_is_said_in_one_line(monkeypatch):
    wrong = {"STAFF_INBOX": "a;b", "MAIL_FROM": "office", "PORT": "x", "DATABASE_URL": "?", "EMAIL_URL": "mail"}
    said = mistakes(monkeypatch, **PUBLIC | wrong | {"TRUSTED_PROXY_COUNT": "-1", "DEBUG": "?", "FIELD_KEYS": "x"})
    for name in [*wrong, "TRUSTED_PROXY_COUNT", "DEBUG", "FIELD_KEYS"]:
        assert name in said
    assert "\n" not in said


GOOD = [
    {"MAIL_FROM": '"Suite 501, office" <office@example.org>'},
    {"MAIL_FROM": "office@example.org"},
    {"STAFF_INBOX": " desk@example.org , boss@bücher.example,"},
    {"EMAIL_URL": "smtps://user%40example.org:p%2Fss@mail.example.org:465"},
    {"EMAIL_URL": "smtp://127.0.0.1:2525"},
    {"SITE_URL": "https://www.example.org/"},
    {"SITE_URL": "http://127.0.0.1:8123"},
    {"SITE_URL": "http://[::1]:8000"},
    {"ALLOWED_HOSTS": ".example.org"},
    {"ALLOWED_HOSTS": "www.example.org, health.internal,10.0.3.7"},
    {"DATABASE_URL": "postgres://user:p%23ss@host:5432/name"},
    {"DATABASE_URL": "postgresql:///name?host=/var/run/postgresql"},
    {"DATABASE_URL": "sqlite:////folder/db.sqlite3"},
    {"DEBUG": "0", "TRUSTED_PROXY_COUNT": "1", "WEB_CONCURRENCY": "4", "PORT": "80"},
    {"DEBUG": "", "WEB_CONCURRENCY": ""},
]


@pytest.mark.parametrize("good", GOOD)
def test_a_value_that_works_is_not_refused(monkeypatch, good):
    assert mistakes(monkeypatch, **PUBLIC | good) == "started"


def test_keys_that_are_no_keys_are_refused():
    assert settings_say(**PUBLIC | {"FIELD_KEYS": "secret"}) != "started"


def test_a_site_on_http_starts_without_mail_settings():
    alone = {name: PUBLIC[name] for name in ("SECRET_KEY", "FIELD_KEYS")}
    assert settings_say(**alone) == "started"
