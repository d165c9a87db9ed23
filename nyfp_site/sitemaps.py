"""What search engines may know of: every published page, under SITE_URL."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from conditions.models import Condition, Region, Treatment


class SiteSitemap(Sitemap):
    """Addresses under SITE_URL, whatever host a request came by."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc


class PageSitemap(SiteSitemap):
    """Conditions and treatments."""

    def items(self):
        return [*Condition.objects.published(), *Treatment.objects.published()]

    def lastmod(self, page):
        return page.updated_at


class FixedSitemap(SiteSitemap):
    """Pages that are always there, and the face's regions."""

    NAMES = (
        "home",
        "condition_list",
        "symptom_list",
        "treatment_list",
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
            *(region.get_absolute_url() for region in Region.objects.all()),
        ]

    def location(self, path):
        return path


SITEMAPS = {"pages": PageSitemap, "fixed": FixedSitemap}
