"""Opening hours, closures, the office's facts, and who is told of new requests."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from appointments.models import Closure, Mailbox, Office, OpeningHours, PracticeNotice, Shutdown, SuggestedClosure
from appointments.requests.promises import move_open_promises, promises_on_closed_time
from conditions.editor_admin import EditorAdmin


@admin.register(Office)
class OfficeAdmin(admin.ModelAdmin):
    fieldsets = [
        ("Address", {"fields": ["building", "street", "city", "also_at"]}),
        ("How patients reach us", {"fields": ["phone", "face_line", "fax", "email"]}),
        ("How we reach patients", {"fields": ["offers_call", "offers_text", "offers_email", "offers_relay"]}),
        ("Coming to us", {"fields": ["directions", "access", "languages"]}),
        ("Our promise", {"fields": ["reply_working_days"]}),
    ]

    def has_add_permission(self, request):
        return not Office.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


class HoursAdmin(admin.ModelAdmin):
    """What changes when the office is open. Promises never move by themselves: staff confirm it here."""

    change_list_template = "admin/appointments/hours_change_list.html"

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.move_promises))
        return [
            path("move-promises/", view, name=self.move_name),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        stranded = []
        if request.user.has_perm("appointments.change_inquiry"):
            stranded = promises_on_closed_time(timezone.now(), Office.schedule())
        context = {"stranded": stranded, "move_url": reverse(f"admin:{self.move_name}")}
        return super().changelist_view(request, context | (extra_context or {}))

    @property
    def move_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_move_promises"

    def move_promises(self, request):
        if not (self.has_change_permission(request) and request.user.has_perm("appointments.change_inquiry")):
            raise PermissionDenied
        moved = move_open_promises(by=request.user)
        self.message_user(
            request,
            f"{moved} promised moments moved. Those who gave an email address are told; call the others.",
            messages.SUCCESS,
        )
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


@admin.register(Shutdown)
class ShutdownAdmin(HoursAdmin):
    """The snow-day switch: closed from now until a moment, on every page, in the hours and in the mail."""

    list_display = ["closed_from", "closed_until", "reason", "is_on"]

    @admin.display(description="on now", boolean=True)
    def is_on(self, shutdown):
        return shutdown.closed_from <= timezone.now() < shutdown.closed_until


@admin.register(OpeningHours)
class OpeningHoursAdmin(HoursAdmin):
    list_display = ["weekday", "opens_at", "closes_at"]
    list_editable = ["opens_at", "closes_at"]
    list_display_links = ["weekday"]


@admin.register(Closure)
class ClosureAdmin(HoursAdmin):
    list_display = ["first_day", "last_day", "what_differs", "reason"]
    date_hierarchy = "first_day"
    search_fields = ["reason"]

    @admin.display(description="what differs")
    def what_differs(self, closure):
        return closure.in_words()


@admin.register(SuggestedClosure)
class SuggestedClosureAdmin(admin.ModelAdmin):
    """Holidays of next year. They close nothing until somebody here says so."""

    list_display = ["day", "name", "declined"]
    list_editable = ["declined"]
    actions = ["close_the_office"]

    def has_add_permission(self, request):
        return False

    @admin.action(description="Close the office on the chosen days", permissions=["change"])
    @transaction.atomic
    def close_the_office(self, request, queryset):
        days = list(queryset.select_for_update())  # of two presses at once, the second finds none
        Closure.objects.bulk_create(
            Closure(first_day=suggestion.day, last_day=suggestion.day, reason=suggestion.name) for suggestion in days
        )
        queryset.delete()
        self.message_user(request, f"Closed on {len(days)} more days.", messages.SUCCESS)


@admin.register(PracticeNotice)
class PracticeNoticeAdmin(EditorAdmin):
    list_display = ["kind", "is_shown"]

    @admin.display(description="shown on the site", boolean=True)
    def is_shown(self, notice):
        return bool(notice.text)


@admin.register(Mailbox)
class MailboxAdmin(admin.ModelAdmin):
    list_display = ["email", "is_active", "tested_at", "test_result"]
    list_editable = ["is_active"]
