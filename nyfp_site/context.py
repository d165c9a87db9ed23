"""What every template may use."""

from django.conf import settings
from django.urls import reverse


def site(request) -> dict:
    """The site's own address, this page's without its query, and where the search field leads."""
    return {"site_url": settings.SITE_URL, "canonical_path": request.path, "search_url": reverse("search")}
