from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "nyfp_site"
