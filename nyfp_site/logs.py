"""Logs: one JSON object a line on stdout, without a word, name, number or address of a patient.

Only our own code and the web server's master choose their words with that in mind. Anybody else's line (Django's, the
parser's of the web server, a library's, a Python warning) may quote an address, a body or a value, so it is shown as
where it comes from.
"""

import logging
import re
import sys
import threading
import traceback

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from nyfp_site import __version__

OURS = {"appointments", "conditions", "nyfp_site"}
WARNED_AT = re.compile(r"(\S+\.py:\d+: \w+Warning):")  # file, line and kind, in front of a warning's words
WORDLESS = "said by others: see their code"


class JsonFormatter(BaseJsonFormatter):
    """Print the release, time, level, logger, message and our own extras; of others the place that spoke, and no word.

    An exception is shown as its type and the places it passed through, never its text: database and
    validation errors quote the values they choked on.
    """

    def __init__(self):
        super().__init__(
            "{asctime} {levelname} {name} {message}",
            style="{",
            rename_fields={"asctime": "at"},
            static_fields={"release": __version__},
        )

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record if may_speak(record) else without_words(record))

    def formatException(self, exc_info) -> str:
        kind, _, trace = exc_info
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return " < ".join([kind.__name__, *reversed(places)])


def may_speak(record: logging.LogRecord) -> bool:
    """Whether a line's words are known to be harmless: ours, and what gunicorn's master says of its workers."""
    is_the_master = record.name == "gunicorn.error" and record.module == "arbiter"
    return is_the_master or record.name.split(".")[0] in OURS


def without_words(record: logging.LogRecord) -> logging.LogRecord:
    """The same line by its level, logger, place and exception; no message and no extras."""
    bare = logging.LogRecord(
        record.name, record.levelno, record.pathname, record.lineno, WORDLESS, (), record.exc_info, record.funcName
    )
    bare.place = f"{record.pathname}:{record.lineno}"
    if record.name == "py.warnings" and (warned := WARNED_AT.match(record.getMessage())):
        bare.place = warned[1]
    return bare


def tame_python() -> None:
    """What Python itself would print to stderr (warnings, errors of threads and of dying objects) goes the same way."""
    log = logging.getLogger("nyfp_site.logs")

    def in_thread(args):
        log.error("a thread ended", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def unraisable(args):
        log.error("an object ended badly", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    logging.captureWarnings(True)
    threading.excepthook, sys.unraisablehook = in_thread, unraisable


def to_stdout() -> dict:
    """A logging configuration, for Django and for gunicorn, that prints every line so."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"handlers": ["stdout"], "level": "INFO"},
    }
