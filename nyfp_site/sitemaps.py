"""What search engines may know of: every published page, under SITE_URL."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from conditions.models import Region
from conditions.page_types import PAGE_TYPES, published_pages


class SiteSitemap(Sitemap):
    """Addresses under SITE_URL, whatever host a request came by."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc


class PageSitemap(SiteSitemap):
    """Conditions, treatments and every other type of page."""

    def items(self):
        return list(published_pages())

    def lastmod(self, page):
        return page.updated_at


class FixedSitemap(SiteSitemap):
    """Pages that are always there, the list of each type of page, and the face's regions."""

    NAMES = (
        "home",
        "symptom_list",
        "started_suddenly",
        "ask",
        "visit",
        "about",
        "for_clinicians",
        "privacy",
        "accessibility",
    )

    def items(self):
        return [
            *(reverse(name) for name in self.NAMES),
            *(page_type.list_address for page_type in PAGE_TYPES),
            *(region.get_absolute_url() for region in Region.objects.all()),
        ]

    def location(self, path):
        return path


SITEMAPS = {"pages": PageSitemap, "fixed": FixedSitemap}
