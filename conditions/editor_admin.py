"""Admin pages with the rich-text editor, under the strict Content-Security-Policy."""

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from js_asset import Media as MediaWithNonce


class OfferedFilters:
    """A list is filtered by what it offers and nothing else: a page's address must not ask about patients' requests."""

    def lookup_allowed(self, lookup, value, request=None):
        offered = [name if isinstance(name, str) else name[0] for name in self.list_filter]
        return lookup in {f"{name}{how}" for name in offered for how in ("", "__exact", "__id__exact", "__isnull")}


class ChosenRow(AutocompleteSelect):
    """Django's own, which fails where a form comes back with a key that no row can have."""

    def optgroups(self, name, value, attrs=None):
        return super().optgroups(name, [one for one in value if self.can_be(one)], attrs)

    def can_be(self, key) -> bool:
        try:
            self.field.target_field.to_python(key)
        except ValidationError:
            return False
        return True


class ChoosesRows:
    """What autocomplete_fields choose is drawn by ChosenRow."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = ChosenRow(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class EditorAdmin(OfferedFilters, admin.ModelAdmin):
    """The editor needs one inline import map; a nonce, on these pages only, lets the policy pass it."""

    change_form_template = "admin/editor_change_form.html"

    class Media:
        js = ["js/name-editors.js"]

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = MediaWithNonce.from_media(context["media"], nonce=request.csp_nonce)
        return super().render_change_form(request, context, *args, **kwargs)
