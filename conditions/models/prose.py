"""The rich text that editors write."""

from django_prose_editor.fields import ProseEditorField

# Few choices, so that pages stay alike: the template brings headings and cards.
PROSE = {
    "Bold": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Link": {"enableTarget": False},
}


class Prose(ProseEditorField):
    """Rich text of paragraphs, lists, bold and links; anything else is cleaned out, in forms and in save()."""

    def __init__(self, *args, **kwargs):
        kwargs = {"extensions": PROSE, "sanitize": True, "blank": True} | kwargs
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        for config in ("extensions", "sanitize", "config"):
            kwargs.pop(config, None)
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance, add):
        cleaned = self.sanitize(super().pre_save(model_instance, add) or "")
        setattr(model_instance, self.attname, cleaned)
        return cleaned
