"""Who works on requests."""

from django.contrib.auth import get_user_model


def colleagues():
    """Active accounts that may change requests, by name: those who can own one."""
    users = get_user_model().objects.with_perm("appointments.change_inquiry").filter(is_staff=True)
    return users.order_by("username")
