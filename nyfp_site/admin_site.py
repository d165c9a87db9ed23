"""The practice desk: Django's admin under the practice's words."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class PracticeDesk(AdminSite):
    site_header = "Practice desk"
    site_title = "Practice desk"
    index_title = "Today"
    enable_nav_sidebar = False


class PracticeDeskConfig(AdminConfig):
    default_site = "nyfp_site.admin_site.PracticeDesk"
