"""What every template may use."""

from django.conf import settings


def site(request) -> dict:
    """The site's own address, and this page's without its query."""
    return {"site_url": settings.SITE_URL, "canonical_path": request.path}
