from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "nyfp_site"

    def ready(self):
        from nyfp_site import postgres_log, staff_groups  # noqa: F401  registers their checks and signals
