"""Staff accounts and groups. Nobody gives, changes or takes what they may not do themselves."""

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q

admin.site.unregister(User)
admin.site.unregister(Group)


def own_rights(user):
    """The permissions of an account, switched off or not; every one there is for a superuser."""
    if user.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(user=user) | Q(group__user=user)).distinct()


def may_more(user, than) -> bool:
    """Whether somebody may do anything that the other may not."""
    if than.is_superuser:
        return False
    return user.is_superuser or own_rights(user).exclude(pk__in=own_rights(than).values("pk")).exists()


def groups_within(user):
    """Groups of which every permission is the account's own too."""
    beyond = Permission.objects.exclude(pk__in=own_rights(user).values("pk"))
    return Group.objects.exclude(pk__in=Group.objects.filter(permissions__in=beyond).values("pk"))


def is_last_superuser(user) -> bool:
    """Whether nobody else could sign in and do everything."""
    those = User.objects.filter(is_superuser=True, is_active=True, is_staff=True)
    return those.filter(pk=user.pk).exists() and not those.exclude(pk=user.pk).exists()


@admin.register(User)
class StaffAccountAdmin(UserAdmin):
    """Accounts with more rights than one's own are only looked at; the last superuser stays."""

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj), "last_login", "date_joined"]
        if obj and is_last_superuser(obj):
            fields += ["is_active", "is_staff", "is_superuser"]
        return fields if request.user.is_superuser else [*fields, "is_superuser", "user_permissions"]

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name == "groups":
            kwargs["queryset"] = groups_within(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and may_more(obj, request.user))

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and (may_more(obj, request.user) or is_last_superuser(obj)))

    def delete_queryset(self, request, queryset):
        """At least one superuser is left, also where all were chosen at once."""
        superusers = User.objects.filter(is_superuser=True, is_active=True, is_staff=True)
        if not superusers.exclude(pk__in=queryset.values("pk")).exists():
            self.message_user(request, "The last superuser stays.", messages.ERROR)
            raise PermissionDenied
        super().delete_queryset(request, queryset)


@admin.register(Group)
class KindOfStaffAdmin(GroupAdmin):
    """A group gives no more than its editor has, and one that gives more is only looked at."""

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name == "permissions":
            kwargs["queryset"] = own_rights(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.is_within(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.is_within(request, obj)

    @staticmethod
    def is_within(request, group) -> bool:
        return group is None or groups_within(request.user).filter(pk=group.pk).exists()
