"""What staff do with one request, and what happens when two of them save it at once."""

from datetime import timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from appointments.admin.widgets import DateAndTime
from appointments.models import Inquiry, InquiryEvent
from appointments.models.inquiry import as_reference
from appointments.office.words import lately
from appointments.requests import visits
from appointments.requests.colleagues import colleagues

DEFAULT_MINUTES = 30
NOTE_LIMIT = 250_000  # characters
FURTHEST_VISIT = timedelta(days=731)
NO_NEWS = [  # somebody looked, or the clock moved on: nothing that a colleague could undo
    InquiryEvent.Kind.OPENED,
    InquiryEvent.Kind.ESCALATED,
    InquiryEvent.Kind.PROMISE_MISSED,
]
SHOWN = {"show_hidden_initial": True}  # the page says what it showed, so a change is told from an old value


class DeskForm(forms.ModelForm):
    """What the patient wrote is not here: nobody edits it.

    Every field is compared with what its page showed, so one that its sender left alone never undoes a
    colleague's change. If anything happened since that page was opened, nothing is saved yet: the page comes back
    with the news, everything typed still in it, and one more press saves.
    """

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(None, required=False, empty_label="Nobody", **SHOWN)
    status = forms.ChoiceField(required=False, choices=Inquiry.Status.choices, **SHOWN)
    outcome = forms.ChoiceField(
        label="Outcome, when you close it", required=False, choices=[("", "–"), *Inquiry.Outcome.choices]
    )
    duplicate_of = forms.CharField(
        label="Duplicate of",
        required=False,
        max_length=20,
        help_text="Its reference, when the outcome is “Duplicate”.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "possible-duplicates"}),
    )
    follow_up_on = forms.DateField(
        label="Follow up on",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        **SHOWN,
    )
    note = forms.CharField(
        label="Note for colleagues",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Kept encrypted with the request. Patients never see it.",
    )
    contact = forms.ChoiceField(required=False, choices=Inquiry.Contact.choices)
    visit_at = forms.SplitDateTimeField(
        label="Agreed visit",
        required=False,
        widget=DateAndTime("of the visit"),
        help_text="New York time. The patient gets a mail about each new time, and a reminder.",
        **SHOWN,
    )
    visit_minutes = forms.IntegerField(
        label="Length in minutes", required=False, min_value=5, max_value=480, initial=DEFAULT_MINUTES, **SHOWN
    )
    visit_place = forms.CharField(
        label="Place", required=False, max_length=160, help_text="Leave empty for our office.", **SHOWN
    )
    visit_anyway = forms.BooleanField(
        label="Keep this time although it overlaps or lies outside office hours", required=False
    )
    cancel_visit = forms.BooleanField(label="Cancel the agreed visit", required=False)

    class Meta:
        model = Inquiry
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        inquiry = self.instance
        if self.is_bound:
            # Only where this name was sent does a page that comes back repeat what the first one showed; a field of
            # two inputs sends two other names, and the time typed into it would count as shown, so as unchanged.
            self.data = self.data.copy()
            self.data.setdefault(self.add_initial_prefix("visit_at"), "")
        self.news: list[InquiryEvent] = []
        self.fields["owner"].queryset = get_user_model().objects.filter(
            Q(pk__in=colleagues().values("pk")) | Q(pk=inquiry.owner_id)
        )
        current = Inquiry.Status(inquiry.status)
        self.fields["status"].widget.choices = [
            (one, "Not spam: rescue" if inquiry.is_suspected and one == Inquiry.Status.NEW else one.label)
            for one in (current, *inquiry.next_statuses)
        ]
        self.initial |= {
            "seen": inquiry.events.order_by("-pk").values_list("pk", flat=True).first(),
            "owner": inquiry.owner_id,
            "status": inquiry.status,
            "follow_up_on": inquiry.follow_up_on,
        }
        visit = getattr(inquiry, "visit", None)
        if visit and not visit.cancelled_at:
            self.initial |= {
                "visit_at": timezone.localtime(visit.starts_at),
                "visit_minutes": visit.minutes,
                "visit_place": visit.place,
            }

    @property
    def pressed(self) -> str:
        """The contact whose button was pressed, in words."""
        return dict(Inquiry.Contact.choices).get(self.data.get("contact", ""), "")

    def clean_duplicate_of(self):
        words = self.cleaned_data["duplicate_of"]
        if not words:
            return None
        other = Inquiry.objects.filter(reference=as_reference(words)).exclude(pk=self.instance.pk).first()
        if not other:
            raise forms.ValidationError("There is no other request with this reference.")
        if other.duplicate_of_id == self.instance.pk:
            raise forms.ValidationError(f"{other} is a duplicate of this one already.")
        return other

    def clean_note(self):
        note = self.cleaned_data["note"]
        if len(note) > NOTE_LIMIT:
            raise forms.ValidationError(f"Shorten your note by {len(note) - NOTE_LIMIT:,} characters.")
        return note

    def clean_contact(self):
        contact = self.cleaned_data["contact"]
        if contact and (objection := self.instance.objection_to(contact)):
            raise forms.ValidationError(objection)
        return contact

    def clean(self):
        answers = super().clean()
        if self.take_news():
            raise forms.ValidationError("This request changed while you had it open. Look, then save again.")
        self.check_status(answers)
        self.check_visit(answers)
        return answers

    def check_status(self, answers):
        """By legal steps; closing with an outcome, a duplicate with what it repeats, spam without a contact."""
        if "status" in self.changed_data and answers.get("status") not in self.instance.next_statuses:
            self.add_error("status", f"It is “{self.instance.get_status_display()}” now. Choose from the list.")
        if self.closes(answers) != bool(answers.get("outcome")):
            self.add_error("outcome", "Choose an outcome when you close a request, and only then.")
        is_duplicate = answers.get("outcome") == Inquiry.Outcome.DUPLICATE
        if is_duplicate != bool(answers.get("duplicate_of")) and "duplicate_of" not in self.errors:
            self.add_error("duplicate_of", "Say which request this is a duplicate of, and only then.")
        if self.ends_as(answers) == Inquiry.Status.SUSPECTED and (answers.get("contact") or self.visit_is_changed):
            self.add_error("status", "Whom you reached out to or agreed a visit with sent no spam. Choose one.")
        if "follow_up_on" in self.changed_data and answers.get("follow_up_on"):
            if self.ends_as(answers) not in Inquiry.OPEN:
                self.add_error("follow_up_on", "Only an open request can be followed up.")
            elif answers["follow_up_on"] < timezone.localdate():
                self.add_error("follow_up_on", "Choose today or a day to come.")

    def ends_as(self, answers) -> str:
        """The status that it will have."""
        return answers.get("status") if "status" in self.changed_data else self.instance.status

    def closes(self, answers) -> bool:
        """Whether this save closes it."""
        return "status" in self.changed_data and answers.get("status") == Inquiry.Status.CLOSED

    @property
    def visit_is_changed(self) -> bool:
        return bool({"visit_at", "visit_minutes", "visit_place"} & set(self.changed_data))

    def check_visit(self, answers):
        """A time to come, of an open request, without objections or with the tick."""
        starts_at = answers.get("visit_at")
        visit = getattr(self.instance, "visit", None)
        stands = visit and not visit.cancelled_at and visit.starts_at > timezone.now()
        if (
            stands
            and self.closes(answers)
            and answers.get("outcome") not in Inquiry.SILENT
            and not answers.get("cancel_visit")
        ):
            when = lately(visit.starts_at)
            self.add_error("cancel_visit", f"A visit is agreed for {when}. Tick to cancel it, or close it afterwards.")
        if not self.visit_is_changed:
            return
        if not (self.instance.is_open or self.ends_as(answers) in Inquiry.OPEN):
            self.add_error("visit_at", "Reopen or rescue the request first.")
        elif starts_at and "visit_at" in self.changed_data and starts_at <= timezone.now():
            self.add_error("visit_at", "Choose a time to come.")
        elif starts_at and starts_at > timezone.now() + FURTHEST_VISIT:
            self.add_error("visit_at", "This is more than two years ahead. Check the date.")
        elif starts_at and not answers.get("visit_anyway"):
            minutes = answers.get("visit_minutes") or DEFAULT_MINUTES
            for objection in visits.objections(self.instance, starts_at=starts_at, minutes=minutes):
                self.add_error("visit_anyway", f"{objection} Tick the box to keep the time.")

    # Two people at once

    def take_news(self) -> bool:
        """Whether something happened since this page was shown; then the form is rebased on how things are now."""
        seen = self.cleaned_data.get("seen")
        if seen is None:
            return False
        later = self.instance.events.filter(pk__gt=seen).exclude(kind__in=NO_NEWS)
        self.news = list(later.select_related("by"))
        if self.news:
            self.rebase()
        return bool(self.news)

    def rebase(self) -> None:
        """Keep what was typed; let what was left alone follow the request; say where both changed."""
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
