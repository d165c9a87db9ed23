"""What wraps every request: a line in the log, and an honest page when the database is away."""

import logging
import re
import time
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, InterfaceError
from django.shortcuts import render
from django.utils import timezone

from appointments.background import health
from appointments.models import Heartbeat
from appointments.privacy.sender import comes_through_an_unannounced_proxy, parse, who_sent
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


def own_origin_only(get_response):
    """Headers that Django does not know: nobody embeds what is ours, and no page asks for camera or place."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
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
        # What no database can look up: an odd address, or a number that SQLite has no room for.
        if isinstance(exception, OverflowError) or (isinstance(exception, DataError) and request.method == "GET"):
            return views.bad_request(request, exception)
        if isinstance(exception, DatabaseError | InterfaceError):
            log.exception("database error", exc_info=exception)
            return views.service_unavailable(request)
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]  # where Django looks
    return middleware


def possible_rows(get_response):
    """Refuse keys that no row can have, where a list of the desk is sent: Django looks them up as they are."""

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        model_admin = getattr(view, "model_admin", None)
        if request.method != "POST" or model_admin is None:
            return None
        key = model_admin.opts.pk
        of_a_row = re.compile(rf"form-\d+-{key.name}")
        keys = [value for name, value in request.POST.items() if of_a_row.fullmatch(name)]
        keys += request.POST.getlist("_selected_action")
        try:
            for value in keys:
                key.to_python(value)
            if any("\0" in value for value in keys):
                raise ValidationError("PostgreSQL knows no NUL.")
        except ValidationError as error:
            return views.bad_request(request, error)
        return None

    middleware.process_view = process_view
    return middleware


def staff_networks(get_response):
    """Keep the desk to the practice's own networks, where STAFF_NETWORKS names any.

    Asked of the view that was found, not of the address's letters: /%61dmin/ leads there too.
    """

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        if settings.STAFF_NETWORKS and "admin" in request.resolver_match.namespaces:
            address = parse(who_sent(request))
            if not any(address in network for network in settings.STAFF_NETWORKS if address):
                return render(request, "403.html", {"database_is_down": True}, status=403)
        return None

    middleware.process_view = process_view
    return middleware
