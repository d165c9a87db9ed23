"""Columns that hold the normal form of another column, kept by whatever writes the row."""

from django.db import models


class NormalForm(models.CharField):
    """The normal form of `of`, made by `make` whenever the row is written.

    A migration knows it as a plain CharField: what makes the forms is this release's code.
    """

    def __init__(self, *, of: str, make, max_length: int):
        super().__init__(max_length=max_length, editable=False, blank=True, default="")
        self.of, self.make = of, make

    def deconstruct(self):
        name, _, _, _ = super().deconstruct()
        kwargs = {"max_length": self.max_length, "editable": False, "blank": True, "default": ""}
        return name, "django.db.models.CharField", [], kwargs

    def clone(self):
        return type(self)(of=self.of, make=self.make, max_length=self.max_length)

    def pre_save(self, model_instance, add):
        form = self.make(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, form)
        return form


def forms_of(model: type[models.Model]) -> list[NormalForm]:
    return [field for field in model._meta.concrete_fields if isinstance(field, NormalForm)]


class WithNormalForms(models.Model):
    """A model whose normal forms are written with what they are of, even where a save names its fields."""

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        unloaded = self.get_deferred_fields()
        known = [form for form in forms_of(type(self)) if form.of not in unloaded]
        for form in known:
            form.pre_save(self, add=False)  # a form that was not loaded would not be saved
        if update_fields is not None:
            update_fields = {*update_fields, *(form.name for form in known if form.of in update_fields)}
        super().save(*args, update_fields=update_fields, **kwargs)


class QuerySetWithNormalForms(models.QuerySet):
    """Its update() writes the forms too. Refuses a new value that only the database knows."""

    def update(self, **values):
        for form in forms_of(self.model):
            if form.of in values:
                if not isinstance(values[form.of], str):
                    raise TypeError(f"Save each row: the normal form of {form.of} is made of its text.")
                values[form.name] = form.make(values[form.of])
        return super().update(**values)
