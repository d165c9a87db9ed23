"""Admin pages with the rich-text editor, under the strict Content-Security-Policy."""

from django.contrib import admin
from js_asset import Media as MediaWithNonce


class EditorAdmin(admin.ModelAdmin):
    """The editor needs one inline import map; a nonce, on these pages only, lets the policy pass it."""

    change_form_template = "admin/editor_change_form.html"

    class Media:
        js = ["js/name-editors.js"]

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = MediaWithNonce.from_media(context["media"], nonce=request.csp_nonce)
        return super().render_change_form(request, context, *args, **kwargs)
