"""Pages about the practice, error pages, and what machines ask."""

from datetime import timedelta
from hmac import compare_digest

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from appointments.background import health
from appointments.models import Office, PracticeNotice
from appointments.privacy.same_origin import is_from_our_page
from conditions.models import Condition, Page, Region
from nyfp_site import __version__, kept_words, tables

PRIVATE = ("/admin/", "/request/received/", "/my-request/", "/search/")


@require_safe
def home(request):
    return TemplateResponse(
        request,
        "site/home.html",
        {"conditions": Condition.objects.published(), "regions": Region.objects.all()},
    )


@require_safe
def visit(request):
    return TemplateResponse(request, "site/visit.html", {"section": "visit"})


@require_safe
def about(request):
    return TemplateResponse(request, "site/about.html")


@require_safe
def for_clinicians(request):
    return TemplateResponse(request, "site/for_clinicians.html")


@require_safe
def privacy(request):
    return TemplateResponse(request, "site/privacy.html")


@require_safe
def accessibility(request):
    return TemplateResponse(request, "site/accessibility.html")


@require_safe
def practice_notice(request, kind):
    """A notice in the practice's own words; there is none until staff have filled it in."""
    notice = get_object_or_404(PracticeNotice.objects.exclude(text=""), kind=kind)
    return TemplateResponse(request, "site/practice_notice.html", {"notice": notice})


@require_safe
def web_manifest(request):
    return JsonResponse(
        {
            "name": "New York Facial Paralysis",
            "short_name": "NYFP",
            "start_url": "/",
            "display": "browser",
            "background_color": "#f4f0ec",
            "theme_color": "#f4f0ec",
            "icons": [
                {"src": static(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
                for size in (192, 512)
            ],
        },
        content_type="application/manifest+json",
    )


@require_safe
def robots(request):
    """Search engines may read everything but the staff's desk and what belongs to one patient."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
def security(request):
    """Where to report a weakness (RFC 9116). It must expire, within a year, so it always says when."""
    office = Office.objects.current()
    expires = timezone.now().replace(microsecond=0) + timedelta(days=180)
    contacts = [f"mailto:{office.email}"] if office.email else []
    contacts.append(office.phone.as_rfc3966)
    lines = [*(f"Contact: {contact}" for contact in contacts), f"Expires: {expires.isoformat()}"]
    lines += ["Preferred-Languages: en", f"Canonical: {settings.SITE_URL}/.well-known/security.txt"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


# Error pages. None needs the database, each carries 911 and the telephone. Staff find what they typed on theirs.


def bad_request(request, exception=None):
    return render(request, "400.html", {"database_is_down": True}, status=400)


def length_required(request):
    return render(request, "411.html", {"database_is_down": True}, status=411)


def too_long(request):
    return render(request, "413.html", {"database_is_down": True}, status=413)


def forbidden(request, exception=None):
    kept = kept_words.page(request, kept_words.NOT_ALLOWED)
    return kept or render(request, "403.html", {"database_is_down": True}, status=403)


def csrf_failure(request, reason=""):
    """A form of the desk from before the last sign-in, or one that another site sent."""
    if kept := kept_words.page(request, kept_words.STALE):
        return kept
    if request.path == reverse("admin:login") and is_from_our_page(request):
        return redirect(request.get_full_path())  # an old sign-in form; who is signed in already gets to the desk
    return forbidden(request)


def not_found(request, exception=None):
    """An address that a page once had leads to it; any other gets a page that helps."""
    # PostgreSQL knows no NUL, so no address with one was ever ours.
    path = request.path.replace("\0", "")
    try:
        page = Page.objects.in_full().filter(old_addresses__path=path).first()
    except (DatabaseError, InterfaceError):
        return service_unavailable(request)
    if page:
        return HttpResponsePermanentRedirect(page.get_absolute_url())
    return render(request, "404.html", {"database_is_down": True}, status=404)


def server_error(request):
    kept = kept_words.page(request, kept_words.FAILED)
    return kept or render(request, "500.html", {"database_is_down": True}, status=500)


def service_unavailable(request):
    kept = kept_words.page(request, kept_words.AWAY)
    response = kept or render(request, "503.html", {"database_is_down": True}, status=503)
    response["Retry-After"] = "120"
    return response


# For machines


@require_safe
@never_cache
def healthz(request):
    """The process answers. Nothing else is asked, so that no other trouble restarts it."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """The database answers and its tables are this release's. Mail trouble never takes the site down."""
    trouble = tables.trouble()
    return HttpResponse(f"{trouble or 'ready'}\n", status=503 if trouble else 200, content_type="text/plain")


@require_safe
@never_cache
def status(request):
    """The release, counts and ages of what must not stand still; 503 when a person should look now.

    Of a public site whoever sends no STATUS_TOKEN learns only whether a person should look.
    """
    report = health.report()
    shown = {"release": __version__} | report if may_see_details(request) else {"ok": not report["alarms"]}
    return JsonResponse(shown, status=503 if report["alarms"] else 200, json_dumps_params={"indent": 2})


def may_see_details(request) -> bool:
    """Whether a monitor sent `Authorization: Bearer STATUS_TOKEN`; a site on http is nobody's public site."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.STATUS_TOKEN
    return not settings.IS_HTTPS or (bool(token) and compare_digest(sent.encode(), token.encode()))
