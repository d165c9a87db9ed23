"""Requests as a CSV file that a spreadsheet opens as it is: no formula, no lost digit, no broken accent.

What patients and colleagues wrote is not in it. It stays in the database.
"""

import codecs
import csv
import re
from collections.abc import Callable
from io import StringIO

from django.utils import timezone

from appointments.models import Inquiry
from appointments.office.typed import one_line
from appointments.requests import questions

SEPARATOR = re.compile(r"(?<=[;\t])")
UNSEEN = " \u00a0\u200b\ufeff\x0b\x0c"  # what a spreadsheet may skip before a formula
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def moment(at) -> str:
    """2026-11-25 14:15, New York time: it sorts, and every spreadsheet reads it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


OURS = {
    "Reference": lambda inquiry: inquiry.reference,
    "Came by": lambda inquiry: inquiry.get_came_by_display(),
    "Received (New York time)": lambda inquiry: moment(inquiry.received_at),
    "Reply by (New York time)": lambda inquiry: moment(inquiry.reply_by),
    "Contacted (New York time)": lambda inquiry: moment(inquiry.contacted_at),
    "Status": lambda inquiry: inquiry.get_status_display(),
    "Outcome": lambda inquiry: inquiry.get_outcome_display(),
    "Owner": lambda inquiry: str(inquiry.owner or ""),
    "Follow up": lambda inquiry: str(inquiry.follow_up_on or ""),
}


def columns() -> dict[str, Callable[[Inquiry], str]]:
    """Each heading with what stands under it: the request, the patient's answers, what to beware of."""
    cautions = {"Cautions": lambda inquiry: " ".join(inquiry.cautions)}
    return OURS | questions.in_export() | cautions


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: what could begin a formula gets an apostrophe in front.

    Nor does it turn the direction of its neighbours. It gets no sign of direction either: a cell is laid out by
    itself, and the sign would become part of the name wherever it is pasted. Where lists are separated by semicolons
    or tabs, a spreadsheet begins a cell after each of them.
    """
    return "".join(
        f"'{part}" if part.lstrip(UNSEEN).startswith(FORMULA_SIGNS) else part
        for part in SEPARATOR.split(one_line(cell))
    )


def as_csv(inquiries: list[Inquiry]) -> bytes:
    """UTF-8 with the mark that spreadsheets look for, every cell quoted."""
    file = StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    cells = columns()
    writer.writerow(cells)
    for inquiry in inquiries:
        writer.writerow(harmless(cell_of(inquiry)) for cell_of in cells.values())
    return codecs.BOM_UTF8 + file.getvalue().encode()
