"""Pictures of numbers as the server draws them: places and sizes only, no script and no style."""

from collections.abc import Sequence
from dataclasses import dataclass

from nyfp_site.today.statistics import Week

FLOOR = 87.0  # percent of the picture's height: the months stand below
TALLEST = 74.0  # above a bar stands its number
BAR = 0.68  # of the place each bar has


@dataclass(frozen=True)
class Bar:
    """Places and sizes in percent, so that the picture grows with its column and its letters do not."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    week: Week
    month: str  # below the first bar of each month


def bars(weeks: Sequence[Week]) -> list[Bar]:
    """A bar for each week; the fullest week's is the tallest."""
    place, most = 100 / len(weeks), max(week.requests for week in weeks) or 1
    return [
        Bar(
            x=round(place * (n + (1 - BAR) / 2), 2),
            y=round(FLOOR - TALLEST * week.requests / most, 2),
            width=round(place * BAR, 2),
            height=round(TALLEST * week.requests / most, 2),
            middle=round(place * (n + 0.5), 2),
            week=week,
            month=month,
        )
        for n, (week, month) in enumerate(zip(weeks, months(weeks), strict=True))
    ]


def months(weeks: Sequence[Week]) -> list[str]:
    """The month below its first week. A month with a single week at the edge has no room for its name."""
    names = [f"{week.monday:%b}" for week in weeks]
    firsts = [name if n == 0 or name != names[n - 1] else "" for n, name in enumerate(names)]
    if firsts[1]:
        firsts[0] = ""
    return firsts
