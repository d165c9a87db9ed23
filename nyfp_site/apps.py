from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "nyfp_site"

    def ready(self):
        from nyfp_site import staff_groups  # noqa: F401  registers its check
