"""The whole site's addresses on one screen."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from nyfp_site import views
from nyfp_site.sitemaps import SITEMAPS

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("conditions.urls")),  # each page type's, as /conditions/; /symptoms/ /search/ /started-suddenly/
    path("", include("appointments.patient.urls")),  # /request/
    path("visit/", views.visit, name="visit"),
    path("about/", views.about, name="about"),
    path("for-clinicians/", views.for_clinicians, name="for_clinicians"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("notices/<slug:kind>/", views.practice_notice, name="practice_notice"),
    path("site.webmanifest", views.web_manifest, name="web_manifest"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("status", views.status, name="status"),
    path("admin/", admin.site.urls),
]

handler400 = "nyfp_site.views.bad_request"
handler403 = "nyfp_site.views.forbidden"
handler404 = "nyfp_site.views.not_found"
handler500 = "nyfp_site.views.server_error"
