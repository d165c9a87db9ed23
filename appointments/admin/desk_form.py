"""What staff do with one request."""

from datetime import timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from appointments.admin.two_at_once import SHOWN, SeesNews
from appointments.admin.widgets import DateAndTime
from appointments.models import Inquiry, InquiryEvent
from appointments.models.reference import as_reference
from appointments.office.words import lately
from appointments.requests import visits
from appointments.requests.colleagues import colleagues
from appointments.requests.fields import LineField, TextField

DEFAULT_MINUTES = 30
NOTE_LIMIT = 250_000  # characters
FURTHEST_VISIT = timedelta(days=731)
NO_NEWS = [  # somebody looked, or the clock moved on: nothing that a colleague could undo
    InquiryEvent.Kind.OPENED,
    InquiryEvent.Kind.ESCALATED,
    InquiryEvent.Kind.PROMISE_MISSED,
]


class DeskForm(SeesNews):
    """Owner, status, follow-up, contacts and the visit. What the patient wrote is not here: nobody edits it."""

    owner = forms.ModelChoiceField(None, required=False, empty_label="Nobody", **SHOWN)
    status = forms.ChoiceField(required=False, choices=Inquiry.Status.choices, **SHOWN)
    outcome = forms.ChoiceField(
        label="Outcome, when you close it", required=False, choices=[("", "–"), *Inquiry.Outcome.choices]
    )
    duplicate_of = LineField(
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
    note = TextField(
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
    visit_place = LineField(
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
        self.fields["owner"].queryset = get_user_model().objects.filter(
            Q(pk__in=colleagues().values("pk")) | Q(pk=inquiry.owner_id)
        )
        current = Inquiry.Status(inquiry.status)
        self.fields["status"].widget.choices = [
            (one, "Not spam: rescue" if inquiry.is_suspected and one == Inquiry.Status.NEW else one.label)
            for one in (current, *inquiry.next_statuses)
        ]
        self.initial |= {
            "owner": inquiry.owner_id,
            "status": inquiry.status,
            "follow_up_on": inquiry.follow_up_on,
        }
        if visit := inquiry.agreed_visit:
            self.initial |= {
                "visit_at": timezone.localtime(visit.starts_at),
                "visit_minutes": visit.minutes,
                "visit_place": visit.place,
            }

    def latest_event(self) -> int | None:
        return self.instance.events.order_by("-pk").values_list("pk", flat=True).first()

    def events_after(self, seen: int):
        return self.instance.events.filter(pk__gt=seen).exclude(kind__in=NO_NEWS).select_related("by")

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
        return other

    def clean_note(self):
        note = self.cleaned_data["note"]
        if len(note) > NOTE_LIMIT:
            raise forms.ValidationError(f"Shorten your note by {len(note) - NOTE_LIMIT:,} characters.")
        return note

    def clean_contact(self):
        contact = self.cleaned_data["contact"]
        if contact and (objection := self.instance.objection_to_contact(contact)):
            raise forms.ValidationError(objection)
        return contact

    def clean(self):
        answers = super().clean()
        self.check_status(answers)
        self.check_visit(answers)
        return answers

    def check_status(self, answers):
        """What the request itself objects to; and who sent spam was neither reached nor promised a visit."""
        inquiry, ends_as = self.instance, self.ends_as(answers)
        objections = inquiry.objections_to_status(
            answers.get("status") if "status" in self.changed_data else None,
            outcome=answers.get("outcome", ""),
            duplicate_of=answers.get("duplicate_of"),
        )
        if "status" in objections:
            objections["status"] += f" It is “{inquiry.get_status_display()}” now. Choose from the list."
        if "follow_up_on" in self.changed_data:
            objections["follow_up_on"] = inquiry.objection_to_follow_up(answers.get("follow_up_on"), status=ends_as)
        for name, objection in objections.items():
            if objection and name not in self.errors:
                self.add_error(name, objection)
        if ends_as == Inquiry.Status.SUSPECTED and (answers.get("contact") or self.visit_is_changed):
            self.add_error("status", "Whom you reached out to or agreed a visit with sent no spam. Choose one.")

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
        visit = self.instance.agreed_visit
        if (
            visit
            and visit.starts_at > timezone.now()
            and self.closes(answers)
            and answers.get("outcome") not in Inquiry.SILENT
            and not answers.get("cancel_visit")
        ):
            when = lately(visit.starts_at)
            self.add_error("cancel_visit", f"A visit is agreed for {when}. Tick to cancel it, or close it afterwards.")
        if not self.visit_is_changed:
            return
        if not (self.instance.is_open or self.ends_as(answers) in Inquiry.OPEN):
            self.add_error("visit_at", self.instance.objection_to_reaching_out)
        elif starts_at and "visit_at" in self.changed_data and starts_at <= timezone.now():
            self.add_error("visit_at", "Choose a time to come.")
        elif starts_at and starts_at > timezone.now() + FURTHEST_VISIT:
            self.add_error("visit_at", "This is more than two years ahead. Check the date.")
        elif starts_at and not answers.get("visit_anyway"):
            minutes = answers.get("visit_minutes") or DEFAULT_MINUTES
            for objection in visits.objections(self.instance, starts_at=starts_at, minutes=minutes):
                self.add_error("visit_anyway", f"{objection} Tick the box to keep the time.")
