"""What wraps every request: a line in the log, and an honest page when the database is away."""

import logging
import time
from contextlib import suppress

from django.db import DatabaseError, DataError, InterfaceError
from django.utils import timezone

from appointments.background import health
from appointments.models import Heartbeat
from appointments.privacy.sender import comes_through_an_unannounced_proxy
from nyfp_site import bodies, views

log = logging.getLogger("nyfp_site.request")

SIGHTING_PAUSE = 60  # seconds


def request_log(get_response):
    """Log the route's name, the status and the milliseconds. Never the address: it may hold a private link."""

    def middleware(request):
        started = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": (match and match.view_name) or "none",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            },
        )
        return response

    return middleware


def unannounced_proxy(get_response):
    """Write down, at most once a minute, that a proxy we were not told of is in front: staff see it as a problem."""
    last = float("-inf")

    def middleware(request):
        nonlocal last
        if comes_through_an_unannounced_proxy(request) and time.monotonic() - last > SIGHTING_PAUSE:
            last = time.monotonic()
            with suppress(DatabaseError, InterfaceError):
                Heartbeat.objects.update_or_create(name=health.PROXY, defaults={"at": timezone.now()})
        return get_response(request)

    return middleware


def whole_body(get_response):
    """Read what the client sends before anything else looks at it, and answer what cannot be taken."""

    def middleware(request):
        try:
            bodies.read(request)
        except bodies.TooLong:
            return views.too_long(request)
        except bodies.LengthRequired:
            return views.length_required(request)
        except bodies.CutOff:
            return views.bad_request(request)
        return get_response(request)

    return middleware


def database_down(get_response):
    """Answer 503 with the telephone number and 911 where a view let a database error through."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        if isinstance(exception, DataError) and request.method == "GET":
            return views.bad_request(request, exception)  # an address that no database can look up
        if isinstance(exception, DatabaseError | InterfaceError):
            log.exception("database error", exc_info=exception)
            return views.service_unavailable(request)
        return None

    middleware.process_exception = process_exception
    return middleware
