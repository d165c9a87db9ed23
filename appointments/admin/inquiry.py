"""One request on one screen: how to reach the person, what they wrote, what we did, what to do next."""

from datetime import timedelta

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from appointments.admin.desk_form import DEFAULT_MINUTES, DeskForm
from appointments.admin.queue import QueueAdmin
from appointments.admin.queue_row import QueueRow
from appointments.admin.taken import take_request
from appointments.models import Access, Inquiry, OutgoingMail
from appointments.office.words import lately, length
from appointments.requests import handling, questions, spam, visits
from appointments.requests.dangers import dangers_of

JUST_NOW = timedelta(minutes=15)  # within which a colleague may still have it on the screen
MOST_RELATED = 10


@admin.register(Inquiry)
class InquiryAdmin(QueueAdmin):
    """Read-only where the patient speaks, append-only where staff do."""

    form = DeskForm
    change_form_template = "admin/appointments/inquiry/desk.html"

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.renew_link))
        return [path("<int:pk>/new-link/", view, name="appointments_inquiry_new_link"), *super().get_urls()]

    def renew_link(self, request, pk):
        """A link that went to a wrong address opens nothing any more."""
        inquiry = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, inquiry):
            raise PermissionDenied
        handling.renew_link(inquiry, by=request.user)
        words = "The old link opens nothing now, and no mail waits. Reach the patient another way."
        self.message_user(request, words, messages.SUCCESS)
        return redirect("admin:appointments_inquiry_change", pk)

    def get_form(self, request, obj=None, change=False, **kwargs):
        return DeskForm

    def get_fieldsets(self, request, obj=None):
        return [(None, {"fields": list(DeskForm.base_fields) if self.has_change_permission(request, obj) else []})]

    def has_delete_permission(self, request, obj=None):
        return False  # retention removes requests, people do not

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Django takes a copy of any row that is asked for so, also where it offers none."""
        if "_saveasnew" in request.POST:
            raise BadRequest("A request is never copied.")
        return super().changeform_view(request, object_id, form_url, extra_context)

    def add_view(self, request, form_url="", extra_context=None):
        return take_request(self, request)

    def get_object(self, request, object_id, from_field=None):
        """Held until it is saved, so that of two who save at once the second sees what the first did."""
        if request.method == "POST" and str(object_id).isdecimal():
            Inquiry.objects.select_for_update().filter(pk=object_id).first()
        return super().get_object(request, object_id, from_field)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        handling.mark_opened(obj, by=request.user)
        Access.write(Access.Action.OPENED, [obj], by=request.user)
        if context["adminform"].form.news:
            context["errors"] = []  # the news says what to do; nothing is wrong
        context |= {"title": f"Request {obj}", "subtitle": None} | on_one_screen(obj, user=request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @transaction.atomic
    def save_model(self, request, inquiry, form, change):
        """Each thing that changed, by its own method and with its own event. The last move of status comes last."""
        answers, by = form.cleaned_data, request.user
        changed = set(form.changed_data)
        moves = "status" in changed
        leaves = moves and answers["status"] not in Inquiry.OPEN
        if answers["note"]:
            handling.add_note(inquiry, answers["note"], by=by)
        if "owner" in changed:
            handling.assign_to(inquiry, answers["owner"], by=by)
        if moves and not leaves:
            move(inquiry, answers["status"], by=by)
        if answers["contact"]:
            handling.log_contact(inquiry, answers["contact"], by=by)
        if "follow_up_on" in changed and not leaves:
            handling.follow_up(inquiry, answers["follow_up_on"], by=by)
        if answers["cancel_visit"]:
            visits.cancel(inquiry, by=by)
        elif answers["visit_at"] and form.visit_is_changed:
            visits.agree(
                inquiry,
                starts_at=answers["visit_at"],
                minutes=answers["visit_minutes"] or DEFAULT_MINUTES,
                place=answers["visit_place"],
                by=by,
            )
        if not inquiry.email and (answers["cancel_visit"] or form.visit_is_changed):
            self.message_user(
                request, "They gave no e-mail address: tell them about the visit yourself.", messages.WARNING
            )
        if leaves:
            move(inquiry, answers["status"], outcome=answers["outcome"], duplicate_of=answers["duplicate_of"], by=by)

    def response_change(self, request, obj):
        """A logged contact stays on the page: a date or a closing often follows."""
        if request.POST.get("contact"):
            self.message_user(request, f"Logged: {Inquiry.Contact(request.POST['contact']).label}.")
            return HttpResponseRedirect(request.get_full_path())
        return super().response_change(request, obj)

    def log_change(self, request, obj, message):
        """The request's own events say what happened, without a second copy of anyone's words."""


def move(inquiry: Inquiry, status: str, *, by, **closing) -> None:
    """Change the status; out of suspicion it is a rescue, which also sends the normal mails."""
    if inquiry.is_suspected and status == Inquiry.Status.NEW:
        spam.rescue(inquiry, by=by)
    else:
        handling.change_status(inquiry, status, by=by, **closing)


def on_one_screen(inquiry: Inquiry, *, user) -> dict:
    """Everything the page of one request shows beside its form."""
    now = timezone.now()
    (row,) = QueueRow.of_each([inquiry])
    seen_by = Access.objects.filter(inquiry=inquiry, action=Access.Action.OPENED, at__gt=now - JUST_NOW)
    others = seen_by.exclude(by=user).order_by("at").values_list("username", "at")
    return {
        "inquiry": inquiry,
        "row": row,
        "others": [(name, length(now - at)) for name, at in dict(others).items()],
        "facts": facts(inquiry),
        "dangers": [danger.staff for danger in dangers_of(inquiry)] if inquiry.is_new_onset else [],
        "undelivered": list(OutgoingMail.objects.unsettled().filter(inquiry=inquiry)),
        "related": list(Inquiry.objects.same_person(inquiry).select_related("owner")[:MOST_RELATED]),
        "contacts": [
            (contact, contact.label, inquiry.objection_to_contact(contact))
            for contact in Inquiry.Contact
            if contact != Inquiry.Contact.REACHED
        ],
        "events": reversed(inquiry.events.select_related("by")),
    }


def facts(inquiry: Inquiry) -> list[tuple[str, str]]:
    """What the patient answered, in the order of the form, and how it came."""
    came = f"{lately(inquiry.received_at)}, by {inquiry.get_came_by_display().lower()}"
    return [*questions.at_desk(inquiry), ("Came", came)]
