"""Who looked at which request, and when. To read only."""

from django.contrib import admin

from appointments.models import Access


@admin.register(Access)
class AccessAdmin(admin.ModelAdmin):
    list_display = ["at", "username", "action", "reference"]
    list_display_links = None  # a line says everything
    sortable_by = []
    list_filter = ["action", "at"]
    search_fields = ["reference", "username"]
    search_help_text = "A reference, or a colleague’s user name."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = readonly_fields = ("at", "username", "action", "reference")

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Who looked, latest first"} | (extra_context or {}))

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
