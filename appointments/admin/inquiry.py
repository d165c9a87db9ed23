"""The queue of requests, and one request on one screen."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from appointments import spam, visits
from appointments.models import Inquiry, InquiryEvent, Office
from appointments.models.office import WEEKDAYS
from appointments.office_now import clock, day, promise
from appointments.templatetags.office import tel

DEFAULT_MINUTES = 30


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
        for value, label in [(None, "Open"), *self.lookup_choices]:
            change = (
                {"remove": [self.parameter_name]} if value is None else {"new_params": {self.parameter_name: value}}
            )
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(**change),
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
    outcome = forms.ChoiceField(
        label="Outcome, when you close it", required=False, choices=[("", "–"), *Inquiry.Outcome.choices]
    )
    contacted = forms.BooleanField(label="I reached the patient", required=False)
    note = forms.CharField(
        label="Note for colleagues",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Kept encrypted with the request. Patients never see it.",
    )
    visit_at = forms.SplitDateTimeField(
        label="Agreed visit",
        required=False,
        widget=admin.widgets.AdminSplitDateTime,
        help_text="New York time. The patient gets a mail about each new time, and a reminder. Empty: no visit.",
    )
    visit_minutes = forms.IntegerField(
        label="Length in minutes", required=False, min_value=5, max_value=480, initial=DEFAULT_MINUTES
    )
    visit_place = forms.CharField(
        label="Place", required=False, max_length=160, help_text="Leave empty for our office."
    )
    visit_anyway = forms.BooleanField(
        label="Keep this time although it overlaps or lies outside office hours", required=False
    )
    cancel_visit = forms.BooleanField(label="Cancel the agreed visit", required=False)

    class Meta:
        model = Inquiry
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now = Inquiry.Status(self.instance.status)
        self.fields["move_to"].choices = [("", f"{now.label} (no change)")] + [
            (status, status.label) for status in self.instance.next_statuses
        ]
        for widget, name in zip(self.fields["visit_at"].widget.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = f"{name} of the visit"
        visit = getattr(self.instance, "visit", None)
        if visit and not visit.cancelled_at:
            self.initial |= {
                "visit_at": timezone.localtime(visit.starts_at),
                "visit_minutes": visit.minutes,
                "visit_place": visit.place,
            }

    def clean(self):
        answers = super().clean()
        if (answers.get("move_to") == Inquiry.Status.CLOSED) != bool(answers.get("outcome")):
            self.add_error("outcome", "Choose an outcome when you close a request, and only then.")
        is_shut = self.instance.status in (Inquiry.Status.CLOSED, Inquiry.Status.SUSPECTED)
        if "visit_at" in self.changed_data and is_shut:
            self.add_error("visit_at", "Reopen or rescue the request first.")
        starts_at = answers.get("visit_at")
        if starts_at and "visit_at" in self.changed_data and starts_at <= timezone.now():
            self.add_error("visit_at", "Choose a time to come.")
        elif starts_at and {"visit_at", "visit_minutes"} & set(self.changed_data) and not answers.get("visit_anyway"):
            minutes = answers.get("visit_minutes") or DEFAULT_MINUTES
            for objection in visits.objections(self.instance, starts_at=starts_at, minutes=minutes):
                self.add_error("visit_anyway", f"{objection} Tick the box to keep the time.")
        return answers


@admin.register(Inquiry)
class InquiryAdmin(admin.ModelAdmin):
    """New onset first, then the earliest promise. Read-only where the patient speaks, append-only where staff do."""

    form = DeskForm
    list_display = ["reference", "waiting", "promised", "who", "reached_by", "status", "ledger"]
    list_display_links = ["reference"]
    list_filter = [WorkFilter, "reach_by"]
    search_fields = ["reference", "name", "contact_name", "email", "phone"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    ordering = [F("is_new_onset").desc(), F("reply_by").asc(nulls_first=True), "received_at"]
    actions = ["rescue"]
    fieldsets = [
        ("Before you reach out", {"fields": ["cautions", "telephone", "email", "language_wish"]}),
        ("Promise", {"fields": ["promised", "ledger", "received", "repeat", "suspicion"]}),
        ("What the patient wrote", {"fields": ["who", "about", "began", "wrote", "suits"]}),
        ("What you do", {"fields": ["move_to", "outcome", "contacted", "note"]}),
        ("Visit", {"fields": ["visit_at", "visit_minutes", "visit_place", "visit_anyway", "cancel_visit"]}),
        ("History", {"fields": ["history"]}),
    ]
    readonly_fields = [
        field for title, options in fieldsets if title not in {"What you do", "Visit"} for field in options["fields"]
    ]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("topic", "repeat_of", "visit")
            .annotate(told_at=Min("staff_notice__mails__sent_at"))
        )

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Requests, earliest promise first"} | (extra_context or {}))

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        schedule = Office.schedule()  # read once for the whole list: each row's waiting time needs it
        for inquiry in changelist.result_list:
            inquiry.schedule = schedule
        return changelist

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # retention removes requests, people do not

    def change_view(self, request, object_id, form_url="", extra_context=None):
        inquiry = self.get_object(request, object_id)
        if inquiry and request.method == "GET":
            inquiry.mark_opened(by=request.user)
        extra = {"show_save_and_add_another": False, "title": f"Request {inquiry}"} | (extra_context or {})
        return super().change_view(request, object_id, form_url, extra)

    @transaction.atomic
    def save_model(self, request, inquiry, form, change):
        answers = form.cleaned_data
        if answers["note"]:
            inquiry.add_note(answers["note"], by=request.user)
        if answers["contacted"]:
            inquiry.log_contact(by=request.user)
        if answers["cancel_visit"]:
            visits.cancel(inquiry, by=request.user)
        elif answers["visit_at"]:
            visits.agree(
                inquiry,
                starts_at=answers["visit_at"],
                minutes=answers["visit_minutes"] or DEFAULT_MINUTES,
                place=answers["visit_place"],
                by=request.user,
            )
        if answers["move_to"] and answers["move_to"] != inquiry.status:
            try:
                self.move(inquiry, answers["move_to"], answers["outcome"], by=request.user)
            except ValidationError as error:
                self.message_user(request, error.messages[0], messages.ERROR)

    @staticmethod
    def move(inquiry, status, outcome, *, by):
        if inquiry.is_suspected and status == Inquiry.Status.NEW:
            spam.rescue(inquiry, by=by)
        else:
            inquiry.change_status(status, outcome=outcome, by=by)

    @admin.action(description="Not spam: rescue the chosen requests")
    def rescue(self, request, queryset):
        rescued = 0
        for inquiry in queryset.filter(status=Inquiry.Status.SUSPECTED):
            spam.rescue(inquiry, by=request.user)
            rescued += 1
        self.message_user(request, f"{rescued} rescued. The normal mails go out.", messages.SUCCESS)

    def log_change(self, request, obj, message):
        """The request's own events say what happened, without a second copy of anyone's words."""

    # The queue's columns

    @admin.display(description="waiting, office hours")
    def waiting(self, inquiry):
        if inquiry.contacted_at or inquiry.status == Inquiry.Status.CLOSED:
            return "–"
        return in_hours(inquiry.schedule.working_time(inquiry.received_at, timezone.now()))

    @admin.display(description="reply by", ordering="reply_by")
    def promised(self, inquiry):
        if not inquiry.reply_by:
            return format_html('<span class="clock clock--late">{}</span>', "no moment was promised")
        local = timezone.localtime(inquiry.reply_by)
        late = inquiry.contacted_at is None and inquiry.reply_by < timezone.now()
        css = "clock clock--late" if late and inquiry.status != Inquiry.Status.CLOSED else "clock"
        onset = format_html('<span class="stop">{}</span>', "New onset") if inquiry.is_new_onset else ""
        return format_html('<span class="{}">{}, {}</span>{}', css, clock(local), day(local), onset)

    @admin.display(description="who", ordering="name")
    def who(self, inquiry):
        if inquiry.for_whom == Inquiry.ForWhom.ME:
            return inquiry.name
        relation = inquiry.get_for_whom_display()
        return f"{inquiry.name} ({relation.lower()}; contact {inquiry.contact_name})"

    @admin.display(description="reach by", ordering="reach_by")
    def reached_by(self, inquiry):
        return format_html("{}{}", inquiry.get_reach_by_display(), self.stops(inquiry))

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

    # One request

    @admin.display(description="reach by")
    def cautions(self, inquiry):
        return format_html("<b>{}</b>{}", inquiry.get_reach_by_display(), self.stops(inquiry))

    @staticmethod
    def stops(inquiry):
        """What must not be done or said, in words."""
        stops = []
        if inquiry.phone and not inquiry.may_leave_voicemail:
            stops.append("No voicemail.")
        if inquiry.phone and not inquiry.may_say_who_calls:
            stops.append("Do not say who we are.")
        if inquiry.speaking_is_hard:
            stops.append("Speaking is hard: yes or no questions.")
        if inquiry.wants_interpreter:
            stops.append(f"Interpreter: {inquiry.language}.")
        return format_html_join("", '<span class="quiet-text stop">{}</span>', ([stop] for stop in stops))

    @admin.display(description="telephone")
    def telephone(self, inquiry):
        if not inquiry.phone:
            return "none given"
        if not inquiry.phone.is_valid():
            return str(inquiry.phone.raw_input)
        return format_html('<a href="{}">{}</a>', inquiry.phone.as_rfc3966, tel(inquiry.phone))

    @admin.display(description="language")
    def language_wish(self, inquiry):
        return f"{inquiry.language}, with an interpreter" if inquiry.wants_interpreter else inquiry.language

    @admin.display(description="about")
    def about(self, inquiry):
        return str(inquiry.topic or ("something else" if inquiry.is_other_topic else "not sure"))

    @admin.display(description="message")
    def wrote(self, inquiry):
        return format_html('<p class="words">{}</p>', inquiry.message) if inquiry.message else "no message"

    @admin.display(description="days and time that suit")
    def suits(self, inquiry):
        days = ", ".join(WEEKDAYS[number] for number in inquiry.days) or "any day"
        return f"{days}; {inquiry.get_time_of_day_display().lower()}"

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
            '<ol class="history">{}</ol>', format_html_join("", "<li>{}. {}</li>", map(event_in_words, events))
        )


def event_in_words(event: InquiryEvent) -> tuple[str, str]:
    """When it happened, and what, and by whom."""
    local = timezone.localtime(event.at)
    words = event.get_kind_display()
    if event.status:
        words += f": {event.get_status_display()}"
    if event.note:
        words += f": {event.note}"
    by = f", by {event.by}" if event.by else ""
    return f"{day(local)}, {clock(local)}", f"{words}{by}"
