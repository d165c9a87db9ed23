"""The queue: what waits, who has it, what was promised. It opens on work to do."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from appointments.admin.actions import ActionsForm, assign, export_csv, mark_suspected, rescue
from appointments.admin.call_sheets import call_sheets, printed
from appointments.admin.queue_row import QueueRow
from appointments.models import Access, Inquiry, OutgoingMail
from appointments.models.reference import as_reference
from appointments.office.typed import one_line
from appointments.requests.queue_views import FOUND, OPEN, VIEWS, Look, View, counted

SOUGHT = "sought"  # the session's key to the last search: names have no place in an address


def view_of(request) -> View:
    """The view that an address asks for."""
    return VIEWS.get(request.GET.get(ViewFilter.parameter_name, OPEN), VIEWS[OPEN])


def look_of(request) -> Look:
    return Look(timezone.now(), request.user, request.session.get(SOUGHT, ""))


class ViewFilter(admin.SimpleListFilter):
    """One question at a time about the queue."""

    title = "requests"
    parameter_name = "view"
    template = "admin/appointments/inquiry/filter.html"

    def lookups(self, request, model_admin):
        return [(view.key, view.label) for view in VIEWS.values()]

    def choices(self, changelist):
        chosen = self.value() if self.value() in VIEWS else OPEN
        for view in VIEWS.values():
            if view.key == FOUND and chosen != FOUND:
                continue
            here = self.parameter_name
            change = {"remove": [here]} if view.key == OPEN else {"new_params": {here: view.key}}
            yield {
                "selected": chosen == view.key,
                "query_string": changelist.get_query_string(**change),
                "display": view.label,
            }

    def queryset(self, request, queryset):
        return view_of(request).rows(queryset, look_of(request))


class ReachByFilter(admin.ChoicesFieldListFilter):
    """How they asked to be reached: calls are made in one go."""

    template = "admin/appointments/inquiry/filter.html"


class QueueList(ChangeList):
    """One page of the queue."""

    @cached_property
    def rows(self) -> list[QueueRow]:
        """What _rows.html draws."""
        return QueueRow.of_each(self.result_list)


class QueueAdmin(admin.ModelAdmin):
    """The list of requests, its views and its search."""

    change_list_template = "admin/appointments/inquiry/queue.html"
    list_filter = [ViewFilter, ("reach_by", ReachByFilter)]
    sortable_by = []  # the order is the work's; views and search do the rest
    list_per_page = 50
    list_select_related = ["owner", "visit"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    action_form = ActionsForm
    actions = [assign, mark_suspected, rescue, call_sheets, export_csv]
    MOST_AT_ONCE = 500

    def get_urls(self):
        admin_view = self.admin_site.admin_view
        return [
            path("find/", admin_view(require_POST(self.find)), name="appointments_inquiry_find"),
            path("<int:pk>/call-sheet/", admin_view(self.call_sheet), name="appointments_inquiry_call_sheet"),
            *super().get_urls(),
        ]

    def get_changelist(self, request, **kwargs):
        return QueueList

    def get_ordering(self, request):
        return list(view_of(request).order)

    def lookup_allowed(self, lookup, value, request=None):
        """The views and how to reach them, nothing else: a name or number has no place in an address."""
        return lookup in (ViewFilter.parameter_name, "reach_by__exact")

    def has_export_permission(self, request) -> bool:
        return request.user.has_perm("appointments.export_inquiry")

    def changelist_view(self, request, extra_context=None):
        view, look = view_of(request), look_of(request)
        lists = {Inquiry: "", OutgoingMail: reverse("admin:appointments_outgoingmail_changelist")}
        extra = {
            "title": view.title,
            "tallies": counted("on_queue", look, lists.get),
            "now": timezone.localtime(look.now),
            "sought": look.sought if view.key == FOUND else "",
        }
        if self.has_view_or_change_permission(request):
            Access.write(Access.Action.LISTED, [], by=request.user)
        return super().changelist_view(request, extra | (extra_context or {}))

    def find(self, request):
        """Keep the words in the session, not in the address, and show what they find; a whole reference opens."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        words = one_line(request.POST.get("words", ""))[:200]
        request.session[SOUGHT] = words
        if (reference := as_reference(words)) and (found := Inquiry.objects.filter(reference=reference).first()):
            return redirect("admin:appointments_inquiry_change", found.pk)
        queue = reverse("admin:appointments_inquiry_changelist")
        return redirect(f"{queue}?{ViewFilter.parameter_name}={FOUND}" if words else queue)

    def call_sheet(self, request, pk):
        """One request's sheet, to print."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return printed(self, request, [get_object_or_404(self.get_queryset(request), pk=pk)])
