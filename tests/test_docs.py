"""What docs/content-quality.md says of the pages, held against the pages there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "conditions" / "starter_content"
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
    pages = {path.stem for kind in ("conditions", "treatments") for path in (STARTER / kind).glob("*.md")}
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
