"""The kinds of staff, and what each may do when the practice starts out.

`manage.py prepare` makes one group for each kind, once. Whatever the practice then changes in the admin stays: a
permission taken away is not given back, a group renamed or deleted is not made again, a group that bears the name
already is left alone.

A later release gives more by adding to KINDS. Each gift is written down (GivenPermission), so what is not written
down is new, and a group that still bears its kind's name gets it at the next `prepare`.
"""

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group, Permission
from django.core.checks import Error, register
from django.db import transaction

from conditions.page_types import PAGE_TYPES
from nyfp_site.models import GivenPermission


def may(actions: str, app: str, *models: str) -> set[str]:
    """may("view change", "appointments", "office"): appointments.view_office and appointments.change_office."""
    return {f"{app}.{action}_{model}" for action in actions.split() for model in models}


PAGES = [*(page_type.name for page_type in PAGE_TYPES), "symptom", "region"]
PARTS_OF_PAGES = ["question", "conditiontreatment", "source", "citation"]

FRONT_DESK = (
    may("view add change", "appointments", "inquiry")
    | may("view change", "appointments", "outgoingmail", "office")
    | may("view add change", "appointments", "openinghours", "suggestedclosure", "mailbox")
    | may("view add change delete", "appointments", "closure", "shutdown")
)
CLINICIAN = may("view change", "appointments", "inquiry") | may("view change", "conditions", *PAGES, *PARTS_OF_PAGES)
EDITOR = (
    may("view add change delete", "conditions", *PAGES, *PARTS_OF_PAGES, "oldaddress")
    | may("view change", "conditions", "reviewpolicy")
    | may("view change", "appointments", "practicenotice")
    | may("view", "appointments", "office")
)
MANAGER = (
    FRONT_DESK
    | CLINICIAN
    | EDITOR
    | may("delete", "appointments", "openinghours", "mailbox")
    | {"appointments.export_inquiry"}
    | may("view", "appointments", "access")
    # An account is switched off, not deleted: what its owner did keeps a name.
    | may("view add change", "auth", "user")
    | may("view", "auth", "group")
)
KINDS = {"Front desk": FRONT_DESK, "Clinician": CLINICIAN, "Editor": EDITOR, "Manager": MANAGER}


@transaction.atomic
def prepare() -> list[str]:
    """Make the groups that never were, give what was never given, and return the names of the new groups."""
    made = []
    written_down = set(GivenPermission.objects.values_list("kind", "permission"))
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for kind, wanted in KINDS.items():
        new = {name for name in wanted if (kind, name) not in written_down}
        group, is_new = Group.objects.filter(name=kind).first(), False
        if new == wanted:  # nothing was ever given to this kind
            group, is_new = Group.objects.get_or_create(name=kind)
            made += [kind] if is_new else []
        if group and (is_new or new < wanted):
            group.permissions.add(*(permissions[name] for name in new))
        GivenPermission.objects.bulk_create(
            [GivenPermission(kind=kind, permission=name) for name in sorted(new)], ignore_conflicts=True
        )
    return made


@register()
def permissions_exist(app_configs, **kwargs):
    """A misspelt permission would stop the first start."""
    known = set()
    for model in apps.get_models():
        opts = model._meta
        codenames = [get_permission_codename(action, opts) for action in opts.default_permissions]
        codenames += [codename for codename, _ in opts.permissions]
        known |= {f"{opts.app_label}.{codename}" for codename in codenames}
    return [
        Error(
            f"{kind} may {name}, which no model knows.", hint="Correct nyfp_site/staff_groups.py.", id="nyfp_site.E001"
        )
        for kind, wanted in KINDS.items()
        for name in sorted(wanted - known)
    ]
