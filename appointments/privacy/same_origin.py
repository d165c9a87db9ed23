"""Who may post: pages of our own origin. Stands in for a CSRF cookie on the public forms."""

from functools import wraps

from django.core.exceptions import PermissionDenied


def same_origin_post(view):
    """Refuse a POST that a browser says another site caused.

    From browsers too old to send Sec-Fetch-Site, a private page takes `Origin: null`: its secret address stands in
    for the origin. A client that says nothing is no browser that a hostile page could be using.
    """

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        hides_origin = getattr(view, "hides_origin", False)
        if request.method == "POST" and is_from_our_page(request, hides_origin=hides_origin) is False:
            raise PermissionDenied("This form was sent from another site.")
        return view(request, *args, **kwargs)

    wrapper.csrf_exempt = True  # type: ignore[attr-defined]  # where Django looks
    return wrapper


def is_from_our_page(request, *, hides_origin: bool = False) -> bool | None:
    """Whether the browser says that a page of ours caused this request; None when it does not say.

    Sec-Fetch-Site is asked first, because a page with `Referrer-Policy: no-referrer` sends `Origin: null`.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    if origin := request.headers.get("Origin"):
        return origin == f"{request.scheme}://{request.get_host()}" or (hides_origin and origin == "null")
    return None
