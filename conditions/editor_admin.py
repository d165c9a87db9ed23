"""Admin pages with the rich-text editor, under the strict Content-Security-Policy."""

from django.contrib import admin
from js_asset import Media as MediaWithNonce


class OfferedFilters:
    """A list is filtered by what it offers and nothing else: a page's address must not ask about patients' requests."""

    def lookup_allowed(self, lookup, value, request=None):
        offered = [name if isinstance(name, str) else name[0] for name in self.list_filter]
        return lookup in {f"{name}{how}" for name in offered for how in ("", "__exact", "__id__exact", "__isnull")}


class EditorAdmin(OfferedFilters, admin.ModelAdmin):
    """The editor needs one inline import map; a nonce, on these pages only, lets the policy pass it."""

    change_form_template = "admin/editor_change_form.html"

    class Media:
        js = ["js/name-editors.js"]

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = MediaWithNonce.from_media(context["media"], nonce=request.csp_nonce)
        return super().render_change_form(request, context, *args, **kwargs)
