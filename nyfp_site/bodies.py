"""What a client sends with a request: read at once, at most two megabytes of it, and never kept in a file.

Longer is answered unread. A body of unknown length (`Transfer-Encoding: chunked`) is read like any other where the
web server tells its end. One that breaks off is not taken for a whole one.
"""

from io import BytesIO

from django.conf import settings

MOST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class TooLong(Exception):
    """More than we take. Nothing of it was kept."""


class LengthRequired(Exception):
    """Nobody says where it ends."""


class CutOff(Exception):
    """It ended before its end, or was not what it said."""


def read(request) -> None:
    """Give the request its body, for everything that looks at it later."""
    environ = request.META
    chunked, length = environ.get("HTTP_TRANSFER_ENCODING"), environ.get("CONTENT_LENGTH") or "0"
    if chunked:
        if not environ.get("wsgi.input_terminated"):
            raise LengthRequired
        body = _take(environ["wsgi.input"], MOST + 1)
        if len(body) > MOST:
            raise TooLong
    else:
        if not (length.isascii() and length.isdecimal()):
            raise CutOff
        expected = int(length)
        if expected > MOST:
            raise TooLong
        body = _take(environ["wsgi.input"], expected) if expected else b""
        if len(body) < expected:
            raise CutOff
    environ["CONTENT_LENGTH"] = str(len(body))
    request._stream = BytesIO(body)  # where Django reads from


def _take(stream, size: int) -> bytes:
    """Up to so many bytes. The web server raises errors of its own for what is no body."""
    try:
        return stream.read(size)
    except Exception as error:
        raise CutOff from error
