"""Promises about the repository itself."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_readme_quotes_make_targets_that_exist_and_no_other_command():
    readme = (ROOT / "README.md").read_text()
    quoted = set(re.findall(r"\bmake ([a-z]+)", readme))
    assert {"run", "test", "check", "staff", "bench"} <= quoted
    assert quoted <= make_targets()
    assert not re.findall(r"^\s*(?:\$ )?(?:python3?|pip|docker|gunicorn|\./manage\.py) ", readme, re.MULTILINE)


def test_every_phony_target_is_declared():
    declared = re.search(r"\.PHONY: (.*)", (ROOT / "Makefile").read_text())[1].split()
    assert set(declared) == make_targets()


def test_ci_calls_make_check_and_make_test_and_nothing_else():
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make check", "make test"]


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


def test_keys_that_are_no_keys_are_refused():
    assert settings_say(**PUBLIC | {"FIELD_KEYS": "secret"}) != "started"


def test_a_site_on_http_starts_without_mail_settings():
    alone = {name: PUBLIC[name] for name in ("SECRET_KEY", "FIELD_KEYS")}
    assert settings_say(**alone) == "started"
