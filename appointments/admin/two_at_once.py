"""Two people at one row: the second to save sees what the first did, and loses nothing that they typed."""

from collections.abc import Iterable

from django import forms

from appointments.office.words import lately


class SeesNews(forms.ModelForm):
    """A form of one row that says what its page showed, so that no field left alone undoes a colleague's change.

    If anything happened since that page was opened, nothing is saved yet: the page comes back with the news,
    everything typed still in it, and one more press saves. A form says what happens to its row (`latest_event`,
    `events_after`), fills `initial` from the row as it is now, and declares with **SHOWN each field that shows it.
    """

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.news: list = []
        self.initial["seen"] = self.latest_event()
        if self.is_bound:
            # Only where this name was sent does a page that comes back repeat what the first one showed; a field of
            # two inputs sends two other names, and what is typed into it would count as shown, so as unchanged.
            self.data = self.data.copy()
            for name in self.fields:
                if isinstance(self.fields[name].widget, forms.MultiWidget):
                    self.data.setdefault(self.add_initial_prefix(name), "")

    def latest_event(self) -> int | None:
        """The number of the last thing that happened to the row."""
        raise NotImplementedError

    def events_after(self, seen: int) -> Iterable:
        """What happened since that a colleague must see before they save."""
        raise NotImplementedError

    def clean(self):
        answers = super().clean()
        if self.take_news():
            raise forms.ValidationError("This request changed while you had it open. Look, then save again.")
        return answers

    def take_news(self) -> bool:
        """Whether something happened since this page was shown; then the form is rebased on how things are now."""
        seen = self.cleaned_data.get("seen")
        self.news = [] if seen is None else list(self.events_after(seen))
        if self.news:
            self.rebase()
        return bool(self.news)

    def rebase(self) -> None:
        """Keep what was typed; let what was left alone follow the row; say where both changed."""
        changed = set(self.changed_data)
        fresh = type(self)(instance=self.instance)
        data = self.data.copy()
        data["seen"] = str(fresh.initial["seen"])
        for name, field in fresh.fields.items():
            if not field.show_hidden_initial:
                continue
            is_now = posted(fresh[name])
            was_shown = {key: self.data.get(f"initial-{key}", "") for key in is_now}
            if name not in changed:
                for key, value in is_now.items():
                    data[key] = value
            elif is_now != was_shown:
                self[name].meanwhile = in_words(fresh[name])
            for key, value in is_now.items():
                data[f"initial-{key}"] = value
        self.data = data


SHOWN = {"show_hidden_initial": True}  # the page says what it showed, so a change is told from an old value


def posted(field: forms.BoundField) -> dict[str, str]:
    """A field's value as a browser would send it."""
    widget, value = field.field.widget, field.value()
    if isinstance(widget, forms.MultiWidget):
        parts = zip(widget.widgets_names, widget.widgets, widget.decompress(value), strict=True)
        return {f"{field.html_name}{name}": part.format_value(one) or "" for name, part, one in parts}
    return {field.html_name: "" if value is None else str(value)}


def in_words(field: forms.BoundField) -> str:
    """A field's value for a person."""
    value = field.value()
    if value in (None, ""):
        return "empty"
    if choices := getattr(field.field, "choices", None):
        return next((str(label) for key, label in choices if str(key) == str(value)), str(value))
    return lately(value) if hasattr(value, "hour") else str(value)
