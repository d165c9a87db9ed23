"""What docs/ says, held against the pages and the code there are."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from conditions.page_types import PAGE_TYPES

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "conditions" / "starter_content"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
NOTE = (ROOT / "docs" / "content-quality.md").read_text(encoding="utf-8")
DISCERN_ITEMS = 16
GOALS = {"DISCERN": 63, "understandability": 80, "actionability": 70}
COUNTED = re.compile(r"(\d+)% \((\d+)/(\d+)\)")


def score_rows() -> dict[str, list[str]]:
    """The rows of the table under "Scores", by the page's slug."""
    table = NOTE.split("\n## Scores\n")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len({row[0] for row in rows}) == len(rows), "a page stands in the table twice"
    return {row[0]: row[1:] for row in rows}


ROWS = score_rows()


def test_the_table_names_exactly_the_pages_of_the_starter_content():
    pages = {path.stem for page_type in PAGE_TYPES for path in (STARTER / page_type.prefix).glob("*.md")}
    assert len(pages) == 20
    assert set(ROWS) == pages


@pytest.mark.parametrize("slug", ROWS)
def test_every_total_is_the_sum_of_its_items(slug):
    *items, total, _understandability, _actionability = ROWS[slug]
    assert len(items) == DISCERN_ITEMS
    assert {int(item) for item in items} <= {1, 2, 3, 4, 5}
    assert int(total) == sum(int(item) for item in items)


@pytest.mark.parametrize("slug", ROWS)
def test_every_percentage_is_its_count(slug):
    for cell in ROWS[slug][-2:]:
        percent, agreed, applicable = (int(number) for number in COUNTED.fullmatch(cell).groups())
        assert percent == round(100 * agreed / applicable), cell


@pytest.mark.parametrize("measure", GOALS)
@pytest.mark.parametrize("slug", ROWS)
def test_every_page_meets_every_goal(slug, measure):
    *_items, total, understandability, actionability = ROWS[slug]
    score = {"DISCERN": total, "understandability": understandability, "actionability": actionability}[measure]
    assert int(re.match(r"\d+", score)[0]) >= GOALS[measure]


def test_the_runbook_knows_every_problem_that_the_site_can_name():
    """A problem that names a day or a job stands there by the words around it."""
    code = (ROOT / "appointments" / "background" / "health.py").read_text(encoding="utf-8")
    problems = re.findall(r'Problem\(f?"([^"]+)"', code)
    headings = [line.removeprefix("## ") for line in RUNBOOK.splitlines() if line.startswith("## ")]
    unknown = [words for words in problems if not any(is_about(heading, words) for heading in headings)]
    assert len(problems) >= 8
    assert unknown == []


def is_about(heading: str, problem: str) -> bool:
    return heading == problem or ("{" in problem and heading.startswith(problem.split("{")[0].rstrip(": ")))


def test_every_command_of_the_runbook_exists():
    commands = set(re.findall(r"`manage.py (\w+)`", RUNBOOK))
    assert commands
    assert commands <= set(get_commands())


WORDS = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")


def names_in_code() -> set[str]:
    """Every class, function and file of ours by its name, and what a class holds as Class.name."""
    names = {path.name for path in (ROOT / "templates").rglob("*.html")}
    for app in ("appointments", "conditions", "nyfp_site"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    names.add(node.name)
                if isinstance(node, ast.ClassDef):
                    names |= {f"{node.name}.{name}" for statement in node.body for name in named_by(statement)}
    return names


def named_by(statement: ast.stmt) -> list[str]:
    """The names that a statement gives."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def test_every_name_in_the_list_of_words_exists_in_code():
    named = set(re.findall(r"`([^`]+)`", WORDS)) - {"code"}
    assert len(named) > 30
    assert named <= names_in_code()


def test_no_word_stands_twice_in_the_list():
    words = re.findall(r"\*\*([^*]+)\*\*", WORDS)
    assert len(words) >= 20
    assert len(words) == len(set(words))


def test_every_decision_has_a_name_and_its_month():
    _, *paragraphs = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8").strip().split("\n\n")[1:]
    assert len(paragraphs) > 15
    assert [words for words in paragraphs if not re.match(r"\*\*[^*]+\*\* \(20\d\d-(0[1-9]|1[0-2])\)", words)] == []


def test_the_readme_is_read_to_its_end():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 80
