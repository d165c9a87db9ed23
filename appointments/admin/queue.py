"""The queue: what waits, who has it, what was promised. It opens on work to do."""

from datetime import datetime

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Min
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from appointments.admin import export
from appointments.models import Access, Inquiry, Office, OutgoingMail
from appointments.models.inquiry import as_reference
from appointments.office.hours import ONE_DAY
from appointments.office.typed import one_line
from appointments.office.words import day, lately, length
from appointments.requests import handling, spam
from appointments.requests.colleagues import colleagues
from appointments.requests.ledger import midnight
from appointments.requests.promises import Standing, standing

SOUGHT = "sought"  # the session's key to the last search: names have no place in an address
NOBODY = "nobody"

OPEN = "open"
VIEWS = {
    OPEN: ("Open", "Open requests, earliest promise first"),
    "mine": ("Mine", "My open requests"),
    "wrote": ("News from the patient", "News from the patient, not acted on yet"),
    "to-answer": ("To answer", "Requests that nobody has answered"),
    "unowned": ("No owner", "Open requests that nobody has taken"),
    "late": ("Past promise", "Past the promised moment"),
    "today": ("Follow up today", "To follow up today"),
    "visits": ("Visits this week", "Visits agreed for this week"),
    "suspected": ("Suspected spam", "Suspected spam, latest first"),
    "closed": ("Closed", "Closed requests, latest first"),
    "all": ("All", "All requests"),
    "found": ("Found", "Found"),
}
LATEST_FIRST = {"suspected": "-received_at", "closed": "-closed_at", "all": "-received_at", "found": "-received_at"}


def this_week() -> tuple[datetime, datetime]:
    """From Monday to Monday, midnight in New York."""
    today = timezone.localdate()
    monday = today - today.weekday() * ONE_DAY
    return midnight(monday), midnight(monday + 7 * ONE_DAY)


class ViewFilter(admin.SimpleListFilter):
    """One question at a time about the queue."""

    title = "requests"
    parameter_name = "view"
    template = "admin/appointments/inquiry/filter.html"

    def lookups(self, request, model_admin):
        return [(view, label) for view, (label, _) in VIEWS.items()]

    def choices(self, changelist):
        chosen = self.value() or OPEN
        for view, (label, _) in VIEWS.items():
            if view == "found" and chosen != "found":
                continue
            change = {"remove": [self.parameter_name]} if view == OPEN else {"new_params": {self.parameter_name: view}}
            yield {
                "selected": chosen == view,
                "query_string": changelist.get_query_string(**change),
                "display": label,
            }

    def queryset(self, request, queryset):
        match self.value():
            case "mine":
                return queryset.open().filter(owner=request.user)
            case "wrote":
                return queryset.with_news_from_patient()
            case "to-answer":
                return queryset.open().unanswered()
            case "unowned":
                return queryset.unowned()
            case "late":
                return queryset.past_promise(timezone.now())
            case "today":
                return queryset.follow_up_due(timezone.localdate())
            case "visits":
                return queryset.with_visit_between(*this_week())
            case "suspected":
                return queryset.suspected()
            case "closed":
                return queryset.filter(status=Inquiry.Status.CLOSED)
            case "all":
                return queryset
            case "found":
                return queryset.found_by(request.session.get(SOUGHT, ""))
        return queryset.open()


class ReachByFilter(admin.ChoicesFieldListFilter):
    """How they asked to be reached: calls are made in one go."""

    template = "admin/appointments/inquiry/filter.html"


class ActionsForm(ActionForm):
    """What to do with the chosen requests, and for "Assign", to whom."""

    owner = forms.ChoiceField(label="Assign to:", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = [(user.pk, str(user)) for user in colleagues()]
        self.fields["owner"].choices = [("", "me"), (NOBODY, "nobody"), *others]


class QueueAdmin(admin.ModelAdmin):
    """The list of requests, its views, its search and what is done to many at once."""

    change_list_template = "admin/appointments/inquiry/queue.html"
    list_display = ["waiting", "promised", "who", "reached_by", "owned", "stage", "ledger"]
    list_display_links = ["who"]
    list_filter = [ViewFilter, ("reach_by", ReachByFilter)]
    sortable_by = []  # the order is the work's; views and search do the rest
    list_per_page = 50
    list_select_related = ["owner", "visit"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    action_form = ActionsForm
    actions = ["assign", "mark_suspected", "rescue", "call_sheets", "export_csv"]
    MOST_AT_ONCE = 500

    def get_urls(self):
        admin_view = self.admin_site.admin_view
        return [
            path("find/", admin_view(require_POST(self.find)), name="appointments_inquiry_find"),
            path("<int:pk>/call-sheet/", admin_view(self.call_sheet), name="appointments_inquiry_call_sheet"),
            *super().get_urls(),
        ]

    def get_ordering(self, request):
        view = request.GET.get("view")
        if view == "visits":
            return ["visit__starts_at"]
        return [LATEST_FIRST[view]] if view in LATEST_FIRST else list(Inquiry.ORDER_OF_WORK)

    def changelist_view(self, request, extra_context=None):
        _, title = VIEWS.get(request.GET.get("view", OPEN), VIEWS[OPEN])
        extra = {"title": title, "tallies": self.tallies(), "now": timezone.localtime(), "sought": ""}
        if request.GET.get("view") == "found":
            extra["sought"] = request.session.get(SOUGHT, "")
        if self.has_view_or_change_permission(request):
            Access.write(Access.Action.LISTED, [], by=request.user)
        return super().changelist_view(request, extra | (extra_context or {}))

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        tell_standing(changelist.result_list)
        return changelist

    @staticmethod
    def tallies() -> list[dict]:
        """What needs a person, counted: words, where to see them, and how urgent. Zero is shown."""
        now, today = timezone.now(), timezone.localdate()
        inquiries = Inquiry.objects
        due = inquiries.open().unanswered().filter(reply_by__gte=now, reply_by__lt=midnight(today + ONE_DAY))
        mail = reverse("admin:appointments_outgoingmail_changelist")
        found = [
            (inquiries.past_promise(now), "past the promise", "?view=late", "late"),
            (due, "to answer today", "?view=to-answer", "soon"),
            (inquiries.with_news_from_patient(), "news from patients", "?view=wrote", "soon"),
            (inquiries.unowned(), "with no owner", "?view=unowned", ""),
            (inquiries.follow_up_due(today), "to follow up", "?view=today", "soon"),
            (inquiries.suspected(), "suspected spam", "?view=suspected", "soon"),
            (OutgoingMail.objects.unsettled(), "mails given up", f"{mail}?state=refused", "late"),
        ]
        return [{"count": rows.count(), "words": words, "url": url, "mood": mood} for rows, words, url, mood in found]

    # Search

    def find(self, request):
        """Keep the words in the session, not in the address, and show what they find; a whole reference opens."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        words = one_line(request.POST.get("words", ""))[:200]
        request.session[SOUGHT] = words
        if (reference := as_reference(words)) and (found := Inquiry.objects.filter(reference=reference).first()):
            return redirect("admin:appointments_inquiry_change", found.pk)
        queue = reverse("admin:appointments_inquiry_changelist")
        return redirect(f"{queue}?view=found" if words else queue)

    # What is done to many at once

    @admin.action(description="Assign", permissions=["change"])
    def assign(self, request, queryset):
        owners = {"": request.user, NOBODY: None} | {str(user.pk): user for user in colleagues()}
        chosen = request.POST.get("owner", "")  # one of these: the actions' form has seen to it
        owner = owners[chosen]
        self.each(request, queryset, lambda inquiry: handling.assign_to(inquiry, owner, by=request.user), "assigned")

    @admin.action(description="Mark as suspected spam", permissions=["change"])
    def mark_suspected(self, request, queryset):
        status = Inquiry.Status.SUSPECTED
        self.each(request, queryset, lambda inquiry: handling.change_status(inquiry, status, by=request.user), "marked")

    @admin.action(description="Not spam: rescue", permissions=["change"])
    def rescue(self, request, queryset):
        rescued = self.each(request, queryset, lambda inquiry: spam.rescue(inquiry, by=request.user), "rescued")
        if rescued:
            self.message_user(request, "The normal mails go out.", messages.SUCCESS)

    def each(self, request, queryset, act, done: str) -> int:
        """Do it to each, say how many it was done to and which could not be; the others stay as they are."""
        count, refused = 0, []
        for inquiry in self.not_too_many(request, queryset):
            try:
                act(inquiry)
                count += 1
            except ValidationError as error:
                refused.append(f"{inquiry.reference}: {error.messages[0]}")
        if count:
            self.message_user(request, f"{count} {done}.", messages.SUCCESS)
        for words in refused[:10]:
            self.message_user(request, words, messages.WARNING)
        if len(refused) > 10:
            self.message_user(request, f"And {len(refused) - 10} more could not be {done}.", messages.WARNING)
        return count

    def not_too_many(self, request, queryset) -> list[Inquiry]:
        """The chosen rows, or none and a sentence, where a slip of the hand would reach the whole table."""
        rows = list(queryset[: self.MOST_AT_ONCE + 1])
        if len(rows) > self.MOST_AT_ONCE:
            self.message_user(request, f"Choose at most {self.MOST_AT_ONCE} at once.", messages.ERROR)
            return []
        return rows

    @admin.action(description="Print call sheets", permissions=["view"])
    def call_sheets(self, request, queryset):
        if rows := self.not_too_many(request, queryset):
            return self.printed(request, rows)

    def call_sheet(self, request, pk):
        """One request's sheet, to print."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return self.printed(request, [get_object_or_404(self.get_queryset(request), pk=pk)])

    def lookup_allowed(self, lookup, value, request=None):
        """The views and how to reach them, nothing else: a name or number has no place in an address."""
        return lookup in ("view", "reach_by__exact")

    def printed(self, request, inquiries: list[Inquiry]) -> TemplateResponse:
        Access.write(Access.Action.PRINTED, inquiries, by=request.user)
        title = f"Call sheet {inquiries[0]}" if len(inquiries) == 1 else f"{len(inquiries)} call sheets"
        context = self.admin_site.each_context(request) | {
            "title": title,
            "opts": self.opts,
            "inquiries": inquiries,
            "now": timezone.localtime(),
        }
        return TemplateResponse(request, "admin/appointments/inquiry/call_sheets.html", context)

    def has_export_permission(self, request) -> bool:
        return request.user.has_perm("appointments.export_inquiry")

    @admin.action(description="Export as CSV", permissions=["export"])
    def export_csv(self, request, queryset):
        rows = list(queryset.select_related("topic", "owner"))
        Access.write(Access.Action.EXPORTED, rows, by=request.user)
        response = HttpResponse(export.as_csv(rows), content_type="text/csv; charset=utf-8")
        name = f"requests-{timezone.localdate():%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store"
        return response

    # Columns

    @admin.display(description="waiting")
    def waiting(self, inquiry):
        if inquiry.contacted_at or inquiry.status == Inquiry.Status.CLOSED:
            return "–"
        return length(inquiry.schedule.working_time(inquiry.received_at, timezone.now()))

    @admin.display(description="reply by")
    def promised(self, inquiry):
        onset = format_html('<span class="onset">{}</span>', "New onset") if inquiry.is_new_onset else ""
        if not inquiry.reply_by:
            return format_html('{}<span class="clock clock--late">{}</span>', onset, "No moment was promised")
        return format_html(
            '{}<span class="clock clock--{}">{}</span><span class="quiet-text">{}</span>',
            onset,
            inquiry.standing,
            lately(inquiry.reply_by),
            time_left(inquiry),
        )

    @admin.display(description="who")
    def who(self, inquiry):
        came = f", by {inquiry.get_came_by_display().lower()}" if inquiry.came_by != Inquiry.CameBy.WEB else ""
        return format_html('<b>{}</b><span class="quiet-text">{}{}</span>', who(inquiry), inquiry.reference, came)

    @admin.display(description="reach by")
    def reached_by(self, inquiry):
        cautions = format_html_join("", '<span class="stop">{}</span>', ([words] for words in inquiry.cautions))
        return format_html("{}{}", inquiry.get_reach_by_display(), cautions)

    @admin.display(description="owner")
    def owned(self, inquiry):
        return format_html("<bdi>{}</bdi>", inquiry.owner) if inquiry.owner else "Nobody"

    @admin.display(description="status")
    def stage(self, inquiry):
        notes = []
        if inquiry.patient_wrote_at:
            notes.append(f"The patient wrote {lately(inquiry.patient_wrote_at)}")
        if inquiry.outcome:
            notes.append(inquiry.get_outcome_display())
        if inquiry.suspicion and inquiry.is_suspected:
            notes.append(inquiry.suspicion)
        if inquiry.follow_up_on:
            notes.append(f"Follow up {day(inquiry.follow_up_on)}")
        if (visit := getattr(inquiry, "visit", None)) and not visit.cancelled_at:
            notes.append(lately(visit.starts_at))
        words = format_html_join("", '<span class="quiet-text">{}</span>', ([note] for note in notes))
        return format_html("{}{}", inquiry.get_status_display(), words)

    @admin.display(description="ledger")
    def ledger(self, inquiry):
        steps = (("done", name) if at else ("", f"{name}: not yet") for name, at in ledger_steps(inquiry))
        return format_html('<ul class="ledger">{}</ul>', format_html_join("", '<li class="{}">{}</li>', steps))


def who(inquiry: Inquiry) -> str:
    """The patient, and whom to speak with, as HTML: each name runs its own way and turns nothing around it."""
    if inquiry.for_whom == Inquiry.ForWhom.ME:
        return format_html("<bdi>{}</bdi>", inquiry.name)
    whose = inquiry.get_for_whom_display().lower()
    return format_html("<bdi>{}</bdi> ({}; contact <bdi>{}</bdi>)", inquiry.name, whose, inquiry.contact_name)


def tell_standing(inquiries: list[Inquiry]) -> None:
    """Give each its promise's standing, the schedule that time is counted by, and when staff were told of it.

    Four queries, however many: as columns of the list's own query, rows of all earlier pages would pay for them.
    """
    schedule, now = Office.schedule(), timezone.now()
    sent = OutgoingMail.objects.filter(sent_at__isnull=False, notice__in={one.staff_notice_id for one in inquiries})
    told = dict(sent.order_by().values_list("notice").annotate(Min("sent_at")))
    for one in inquiries:
        one.schedule, one.standing, one.told_at = schedule, standing(one, schedule, now), told.get(one.staff_notice_id)


def ledger_steps(inquiry: Inquiry) -> list[tuple[str, datetime | None]]:
    """What has happened so far, and when. tell_standing() has brought `told_at`."""
    return [
        ("saved", inquiry.received_at),
        ("staff told", inquiry.told_at),
        ("opened", inquiry.opened_at),
        ("contacted", inquiry.contacted_at),
    ]


def time_left(inquiry: Inquiry) -> str:
    """Office time until or since the promised moment, or how it ended, in words."""
    now = timezone.now()
    match inquiry.standing:
        case Standing.RUNNING | Standing.SOON:
            return f"{length(inquiry.schedule.working_time(now, inquiry.reply_by))} left"
        case Standing.LATE:
            over = inquiry.schedule.working_time(inquiry.reply_by, now)
            return f"{length(over)} over" if over else "over"
        case Standing.KEPT:
            return "answered in time"
        case Standing.MISSED:
            return "answered late"
    return ""
