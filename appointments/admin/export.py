"""Requests as a CSV file that a spreadsheet opens as it is: no formula, no lost digit, no broken accent.

What patients and colleagues wrote is not in it. It stays in the database.
"""

import codecs
import csv
import re
from io import StringIO

import phonenumbers
from django.utils import timezone

from appointments.models import Inquiry

SEPARATOR = re.compile(r"(?<=[;\t])")
UNSEEN = " \u00a0\u200b\ufeff\x0b\x0c"  # what a spreadsheet may skip before a formula
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def dialled(phone) -> str:
    """The number as New York dials it: (212) 555-0142, 011 44 20 7946 0958.

    It begins with no plus, which a spreadsheet would take for a formula, and is no number that could lose a zero.
    """
    if not phone:
        return ""
    if not phone.is_valid():
        return str(phone.raw_input)
    return phonenumbers.format_out_of_country_calling_number(phone, "US")


def moment(at) -> str:
    """2026-11-25 14:15, New York time: it sorts, and every spreadsheet reads it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


COLUMNS = {
    "Reference": lambda inquiry: inquiry.reference,
    "Came by": lambda inquiry: inquiry.get_came_by_display(),
    "Received (New York time)": lambda inquiry: moment(inquiry.received_at),
    "Reply by (New York time)": lambda inquiry: moment(inquiry.reply_by),
    "Contacted (New York time)": lambda inquiry: moment(inquiry.contacted_at),
    "Status": lambda inquiry: inquiry.get_status_display(),
    "Outcome": lambda inquiry: inquiry.get_outcome_display(),
    "Owner": lambda inquiry: str(inquiry.owner or ""),
    "Follow up": lambda inquiry: str(inquiry.follow_up_on or ""),
    "Name": lambda inquiry: inquiry.name,
    "Contact": lambda inquiry: inquiry.contact_name,
    "Reach by": lambda inquiry: inquiry.get_reach_by_display(),
    "Telephone": lambda inquiry: dialled(inquiry.phone),
    "E-mail": lambda inquiry: inquiry.email,
    "Cautions": lambda inquiry: " ".join(inquiry.cautions),
    "Language": lambda inquiry: inquiry.language,
    "About": lambda inquiry: inquiry.topic_name or str(inquiry.topic or ""),
    "Started": lambda inquiry: inquiry.get_began_display(),
}


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: what could begin a formula gets an apostrophe in front.

    Where lists are separated by semicolons or tabs, a spreadsheet begins a cell after each of them.
    """
    return "".join(
        f"'{part}" if part.lstrip(UNSEEN).startswith(FORMULA_SIGNS) else part for part in SEPARATOR.split(cell)
    )


def as_csv(inquiries: list[Inquiry]) -> bytes:
    """UTF-8 with the mark that spreadsheets look for, every cell quoted."""
    file = StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for inquiry in inquiries:
        writer.writerow(harmless(cell_of(inquiry)) for cell_of in COLUMNS.values())
    return codecs.BOM_UTF8 + file.getvalue().encode()
