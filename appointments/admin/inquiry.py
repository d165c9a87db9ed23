"""The queue of requests, and one request on one screen."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from appointments.models import Inquiry, InquiryEvent, Office
from appointments.office_now import clock, day, promise
from appointments.templatetags.office import tel


def in_hours(length) -> str:
    """2 h 5 min"""
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


class WorkFilter(admin.SimpleListFilter):
    """Opens on work to do."""

    title = "work"
    parameter_name = "show"

    def lookups(self, request, model_admin):
        return [("late", "Past its promise"), ("closed", "Closed"), ("suspected", "Suspected spam"), ("all", "All")]

    def choices(self, changelist):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Open",
        }
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request, queryset):
        match self.value():
            case "late":
                return queryset.past_promise(timezone.now())
            case "closed":
                return queryset.filter(status=Inquiry.Status.CLOSED)
            case "suspected":
                return queryset.filter(status=Inquiry.Status.SUSPECTED)
            case "all":
                return queryset
        return queryset.open()


class DeskForm(forms.ModelForm):
    """What staff do with a request. What the patient wrote is not here: nobody edits it."""

    move_to = forms.ChoiceField(label="Status", required=False)
    contacted = forms.BooleanField(label="I reached the patient", required=False)
    note = forms.CharField(
        label="Note for colleagues",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Kept encrypted with the request. Patients never see it.",
    )

    class Meta:
        model = Inquiry
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now = Inquiry.Status(self.instance.status)
        self.fields["move_to"].choices = [("", f"{now.label} (no change)")] + [
            (status, status.label) for status in self.instance.next_statuses
        ]


@admin.register(Inquiry)
class InquiryAdmin(admin.ModelAdmin):
    """Earliest promise first. Read-only where the patient speaks, append-only where staff do."""

    form = DeskForm
    list_display = ["reference", "waiting", "promised", "who", "reached_by", "status", "ledger"]
    list_display_links = ["reference"]
    list_filter = [WorkFilter, "reach_by"]
    search_fields = ["reference", "name", "email", "phone"]
    search_help_text = "Reference, name, e-mail or telephone number"
    list_per_page = 50
    ordering = [F("reply_by").asc(nulls_first=True), "received_at"]
    readonly_fields = [
        "reference",
        "status",
        "promised",
        "ledger",
        "who",
        "reached_by",
        "email",
        "telephone",
        "about",
        "wrote",
        "received",
        "repeat",
        "history",
    ]
    fieldsets = [
        ("Promise", {"fields": ["promised", "ledger", "received", "repeat"]}),
        ("How to reach the patient", {"fields": ["who", "reached_by", "telephone", "email"]}),
        ("What the patient wrote", {"fields": ["about", "wrote"]}),
        ("What you do", {"fields": ["move_to", "contacted", "note"]}),
        ("History", {"fields": ["history"]}),
    ]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("topic", "repeat_of")
            .annotate(told_at=Min("staff_notice__mails__sent_at"))
        )

    def get_changelist_instance(self, request):
        # Read once for the whole list: each row's waiting time needs it.
        request.schedule = Office.schedule()
        changelist = super().get_changelist_instance(request)
        for inquiry in changelist.result_list:
            inquiry.schedule = request.schedule
        return changelist

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # retention removes requests, people do not

    def change_view(self, request, object_id, form_url="", extra_context=None):
        inquiry = self.get_object(request, object_id)
        if inquiry and request.method == "GET":
            inquiry.mark_opened(by=request.user)
        return super().change_view(
            request, object_id, form_url, {"show_save_and_add_another": False} | (extra_context or {})
        )

    @transaction.atomic
    def save_model(self, request, inquiry, form, change):
        answers = form.cleaned_data
        if answers["note"]:
            inquiry.add_note(answers["note"], by=request.user)
        if answers["contacted"]:
            inquiry.log_contact(by=request.user)
        if answers["move_to"]:
            try:
                inquiry.change_status(answers["move_to"], by=request.user)
            except ValidationError as error:
                self.message_user(request, error.messages[0], messages.ERROR)

    def log_change(self, request, obj, message):
        """The request's own events say what happened, without a second copy of anyone's words."""

    @admin.display(description="waiting, office hours")
    def waiting(self, inquiry):
        if inquiry.contacted_at or inquiry.status == Inquiry.Status.CLOSED:
            return "–"
        return in_hours(inquiry.schedule.working_time(inquiry.received_at, timezone.now()))

    @admin.display(description="reply by", ordering="reply_by")
    def promised(self, inquiry):
        if not inquiry.reply_by:
            return format_html('<span class="clock clock--late">{}</span>', "No moment was promised")
        local = timezone.localtime(inquiry.reply_by)
        late = inquiry.contacted_at is None and inquiry.reply_by < timezone.now()
        css = "clock clock--late" if late and inquiry.status != Inquiry.Status.CLOSED else "clock"
        return format_html('<span class="{}">{}, {}</span>', css, clock(local), day(local))

    @admin.display(description="who", ordering="name")
    def who(self, inquiry):
        return inquiry.name

    @admin.display(description="reach by", ordering="reach_by")
    def reached_by(self, inquiry):
        return inquiry.get_reach_by_display()

    @admin.display(description="ledger")
    def ledger(self, inquiry):
        steps = [
            ("saved", inquiry.received_at),
            ("staff told", inquiry.told_at),
            ("opened", inquiry.opened_at),
            ("contacted", inquiry.contacted_at),
        ]
        return format_html(
            '<ul class="ledger">{}</ul>',
            format_html_join(
                "",
                '<li class="{}">{}</li>',
                (("done", name) if at else ("", f"{name}: not yet") for name, at in steps),
            ),
        )

    @admin.display(description="telephone")
    def telephone(self, inquiry):
        if not inquiry.phone:
            return "none given"
        return (
            format_html('<a href="{}">{}</a>', inquiry.phone.as_rfc3966, tel(inquiry.phone))
            if (inquiry.phone.is_valid())
            else str(inquiry.phone.raw_input)
        )

    @admin.display(description="about")
    def about(self, inquiry):
        return str(inquiry.topic) if inquiry.topic else "not sure"

    @admin.display(description="message")
    def wrote(self, inquiry):
        return format_html('<p class="words">{}</p>', inquiry.message) if inquiry.message else "no message"

    @admin.display(description="received")
    def received(self, inquiry):
        return promise(inquiry.received_at)

    @admin.display(description="possible repeat of")
    def repeat(self, inquiry):
        return inquiry.repeat_of or "none"

    @admin.display(description="what happened")
    def history(self, inquiry):
        events = inquiry.events.select_related("by")
        return format_html(
            '<ol class="history">{}</ol>', format_html_join("", "<li>{}. {}</li>", map(self.event_in_words, events))
        )

    @staticmethod
    def event_in_words(event: InquiryEvent) -> tuple[str, str]:
        local = timezone.localtime(event.at)
        words = event.get_kind_display()
        if event.status:
            words += f": {event.get_status_display()}"
        if event.note:
            words += f": {event.note}"
        by = f", by {event.by}" if event.by else ""
        return f"{day(local)}, {clock(local)}", f"{words}{by}"
