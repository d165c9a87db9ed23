"""Opening hours, closures, the office's facts, and who is told of new requests."""

from django.contrib import admin

from appointments.models import Closure, Mailbox, Office, OpeningHours


@admin.register(Office)
class OfficeAdmin(admin.ModelAdmin):
    fieldsets = [
        ("Address", {"fields": ["building", "street", "city", "also_at"]}),
        ("How patients reach us", {"fields": ["phone", "face_line", "fax", "email"]}),
        ("Our promise", {"fields": ["reply_working_days"]}),
    ]

    def has_add_permission(self, request):
        return not Office.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(OpeningHours)
class OpeningHoursAdmin(admin.ModelAdmin):
    list_display = ["weekday", "opens_at", "closes_at"]
    list_editable = ["opens_at", "closes_at"]
    list_display_links = ["weekday"]


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):
    list_display = ["first_day", "last_day", "what_differs", "reason"]
    date_hierarchy = "first_day"
    search_fields = ["reason"]

    @admin.display(description="what differs")
    def what_differs(self, closure):
        return closure.in_words()


@admin.register(Mailbox)
class MailboxAdmin(admin.ModelAdmin):
    list_display = ["email", "is_active"]
    list_editable = ["is_active"]
