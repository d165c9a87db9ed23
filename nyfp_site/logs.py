"""Logs: one JSON object a line on stdout, without a word, name, number or address of a patient."""

import traceback

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from nyfp_site import __version__


class JsonFormatter(BaseJsonFormatter):
    """Print the release, time, level, logger, message and our own extras.

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

    def formatException(self, exc_info) -> str:
        kind, _, trace = exc_info
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return " < ".join([kind.__name__, *reversed(places)])
