"""What is done to many requests at once."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone

from appointments.admin import export
from appointments.models import Access, Inquiry
from appointments.requests import handling, spam
from appointments.requests.colleagues import colleagues

NOBODY = "nobody"
MOST_SAID = 10  # refusals, each in a sentence of its own


class ActionsForm(ActionForm):
    """What to do with the chosen requests, and for "Assign", to whom."""

    owner = forms.ChoiceField(label="Assign to:", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = [(user.pk, str(user)) for user in colleagues()]
        self.fields["owner"].choices = [("", "me"), (NOBODY, "nobody"), *others]


@admin.action(description="Assign", permissions=["change"])
def assign(model_admin, request, queryset):
    owners = {"": request.user, NOBODY: None} | {str(user.pk): user for user in colleagues()}
    owner = owners[request.POST.get("owner", "")]  # one of these: the actions' form has seen to it
    each(model_admin, request, queryset, lambda one: handling.assign_to(one, owner, by=request.user), "assigned")


@admin.action(description="Mark as suspected spam", permissions=["change"])
def mark_suspected(model_admin, request, queryset):
    status = Inquiry.Status.SUSPECTED
    each(model_admin, request, queryset, lambda one: handling.change_status(one, status, by=request.user), "marked")


@admin.action(description="Not spam: rescue", permissions=["change"])
def rescue(model_admin, request, queryset):
    if each(model_admin, request, queryset, lambda one: spam.rescue(one, by=request.user), "rescued"):
        model_admin.message_user(request, "The normal mails go out.", messages.SUCCESS)


@admin.action(description="Export as CSV", permissions=["export"])
def export_csv(model_admin, request, queryset):
    rows = list(queryset.select_related("topic", "owner"))
    Access.write(Access.Action.EXPORTED, rows, by=request.user)
    response = HttpResponse(export.as_csv(rows), content_type="text/csv; charset=utf-8")
    name = f"requests-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def each(model_admin, request, queryset, act: Callable[[Inquiry], object], done: str) -> int:
    """Do it to each, say how many it was done to and which could not be; the others stay as they are."""
    count, refused = 0, []
    for inquiry in not_too_many(model_admin, request, queryset):
        try:
            act(inquiry)
            count += 1
        except ValidationError as error:
            refused.append(f"{inquiry.reference}: {error.messages[0]}")
    if count:
        model_admin.message_user(request, f"{count} {done}.", messages.SUCCESS)
    for words in refused[:MOST_SAID]:
        model_admin.message_user(request, words, messages.WARNING)
    if len(refused) > MOST_SAID:
        more = len(refused) - MOST_SAID
        model_admin.message_user(request, f"And {more} more could not be {done}.", messages.WARNING)
    return count


def not_too_many(model_admin, request, queryset) -> list[Inquiry]:
    """The chosen rows, or none and a sentence, where a slip of the hand would reach the whole table."""
    most = model_admin.MOST_AT_ONCE
    rows = list(queryset[: most + 1])
    if len(rows) > most:
        model_admin.message_user(request, f"Choose at most {most} at once.", messages.ERROR)
        return []
    return rows
