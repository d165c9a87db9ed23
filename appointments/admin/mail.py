"""What was sent, what waits, what a mail server refused."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from appointments.models import OutgoingMail


class MailStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("waiting", "Waiting"), ("refused", "Given up: a person must act"), ("sent", "Sent")]

    def queryset(self, request, queryset):
        match self.value():
            case "waiting":
                return queryset.waiting()
            case "refused":
                return queryset.unsettled()
            case "sent":
                return queryset.filter(sent_at__isnull=False)
        return queryset


@admin.register(OutgoingMail)
class OutgoingMailAdmin(admin.ModelAdmin):
    list_display = ["kind", "mailbox", "about", "state", "created_at", "sent_at", "attempts", "last_error"]
    list_filter = [MailStateFilter, "kind"]
    search_fields = ["mailbox"]
    actions = ["send_again"]
    list_select_related = ["inquiry"]
    fields = readonly_fields = [
        "kind",
        "mailbox",
        "about",
        "state",
        "created_at",
        "due_at",
        "attempts",
        "last_error",
        "sent_at",
        "refused_at",
    ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="request")
    def about(self, mail):
        """The patient's request that it is about: where a person goes on when a mail was given up."""
        if not mail.inquiry:
            return "–"
        url = reverse("admin:appointments_inquiry_change", args=[mail.inquiry.pk])
        return format_html('<a href="{}">{}</a>', url, mail.inquiry)

    @admin.action(description="Try the chosen refused mail again", permissions=["change"])
    def send_again(self, request, queryset):
        count = queryset.refused().update(refused_at=None, due_at=timezone.now(), attempts=0)
        self.message_user(request, f"{count} put back into the queue.", messages.SUCCESS)
