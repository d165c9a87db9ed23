"""Who may post: pages of our own origin. Stands in for a CSRF cookie on the public forms."""

from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied


def same_origin_post(view):
    """Refuse a POST that a browser says another site caused.

    From browsers too old to send Sec-Fetch-Site, a view that `takes_hidden_origin` takes `Origin: null`. A client
    that says nothing is no browser that a hostile page could be using.
    """

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        taken = getattr(view, "takes_hidden_origin", False) and hides_origin(request)
        if request.method == "POST" and not taken and is_from_our_page(request) is False:
            raise PermissionDenied("This form was sent from another site.")
        return view(request, *args, **kwargs)

    wrapper.csrf_exempt = True  # type: ignore[attr-defined]  # where Django looks
    return wrapper


def takes_hidden_origin(view):
    """Mark a view that has another way to tell its own pages: a secret address, or one more press."""
    view.takes_hidden_origin = True
    return view


def hides_origin(request) -> bool:
    """Whether an old browser does not say which page caused this: some hide it after `no-referrer` or a redirect."""
    return "Sec-Fetch-Site" not in request.headers and request.headers.get("Origin") == "null"


def is_from_our_page(request) -> bool | None:
    """Whether the browser says that a page of ours caused this request; None when it does not say.

    Sec-Fetch-Site is asked first, because a page with `Referrer-Policy: no-referrer` sends `Origin: null`.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    if origin := request.headers.get("Origin"):
        # Our own address too: behind a proxy that is not counted, a request seems to come by http.
        return origin in (f"{request.scheme}://{request.get_host()}", settings.SITE_URL)
    return None
