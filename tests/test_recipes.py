"""CONTRIBUTING.md's recipes: a thing that is added is whole, or a test names what is missing of it."""

from pathlib import Path

import pytest

from appointments.mail import emails
from appointments.models import OutgoingMail
from tests.appointments.test_patient_mails import EVENTS

ROOT = Path(__file__).resolve().parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = ["A question of the request form", "An e-mail", "A page type"]
KINDS = set(OutgoingMail.Kind.values) | {function.__name__ for function in emails.RENDERERS.values()}
TEMPLATES = {path.name.split(".")[0] for path in (ROOT / "templates/emails").glob("[!_]*.txt")}


def recipe(heading: str) -> str:
    return CONTRIBUTING.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def missing_of_mail(name: str) -> list[str]:
    """What the recipe asks for and an e-mail of this name does not have yet."""
    needed = {
        f"{name.upper()} in OutgoingMail.Kind, appointments/models/mail.py": name in OutgoingMail.Kind.values,
        "a name that begins with staff_ or patient_": name.startswith(("staff_", "patient_")),
        f"a function {name} in appointments/mail/emails.py": callable(getattr(emails, name, None)),
        "its line in RENDERERS": emails.RENDERERS.get(name) is getattr(emails, name, NotImplemented),
        f"templates/emails/{name}.subject.txt": (ROOT / f"templates/emails/{name}.subject.txt").is_file(),
        f"templates/emails/{name}.txt": (ROOT / f"templates/emails/{name}.txt").is_file(),
        "its event in EVENTS, tests/appointments/test_patient_mails.py": name in EVENTS or name.startswith("staff_"),
    }
    return [what for what, is_there in needed.items() if not is_there]


def test_there_are_three_recipes():
    assert [line.removeprefix("## ") for line in CONTRIBUTING.splitlines() if line.startswith("## ")] == RECIPES


@pytest.mark.parametrize("name", sorted(KINDS | TEMPLATES | set(map(str, EVENTS))))
def test_an_e_mail_is_whole(name):
    assert missing_of_mail(name) == []


def test_of_an_e_mail_that_is_only_thought_of_everything_is_missing_and_the_recipe_says_where_it_goes():
    missing = missing_of_mail("patient_thank_you")
    assert len(missing) == 6
    for place in ("OutgoingMail.Kind", "RENDERERS", "EVENTS", "patient_thank_you.subject.txt", "patient_thank_you.txt"):
        assert any(place in what for what in missing), place
        assert place in recipe("An e-mail"), place
