"""The practice desk: Django's admin under the practice's words."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class PracticeDesk(AdminSite):
    site_header = "Practice desk"
    site_title = "Practice desk"
    index_title = "Today"
    enable_nav_sidebar = False

    WORK_FIRST = ("appointments", "conditions")

    def index(self, request, extra_context=None):
        """The day: what waits, what is stuck, what was done by itself, what is ahead."""
        from nyfp_site.today.page import the_day  # here, because models are not loaded yet when the site is made

        return super().index(request, the_day(request.user) | (extra_context or {}))

    def logout(self, request, extra_context=None):
        """Nothing of the desk stays behind in a browser that others use too."""
        response = super().logout(request, extra_context)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def get_app_list(self, request, app_label=None):
        """What waits for a person stands above what is set up once."""
        apps = super().get_app_list(request, app_label)
        places = {label: place for place, label in enumerate(self.WORK_FIRST)}
        return sorted(apps, key=lambda app: places.get(app["app_label"], len(places)))


class PracticeDeskConfig(AdminConfig):
    default_site = "nyfp_site.admin_site.PracticeDesk"
