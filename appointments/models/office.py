"""The office: where it is, when it is open, who is told of a new request."""

from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from appointments.office.hours import Schedule
from appointments.office.typed import unreachable
from conditions.models import Prose

# A moment in the year 9999 is the year 10000 elsewhere, which a database stores and nobody can read back.
FAR_FUTURE = datetime(2200, 1, 1, tzinfo=UTC)
LONGEST_SHUTDOWN = timedelta(days=366)
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class OfficeManager(models.Manager["Office"]):
    def current(self) -> "Office":
        """The office's row; before there is one, an unsaved office that holds the practice's facts."""
        return self.first() or Office()


class Office(models.Model):
    """One row. Its defaults are the facts the practice gave us, so pages can state them with the database away."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    building = models.CharField(max_length=120, default="Grand Park Building")
    street = models.CharField(max_length=120, default="110 East 40 Street, Suite 501")
    city = models.CharField("city, state and ZIP", max_length=120, default="New York, NY 10016")
    also_at = models.CharField(max_length=160, blank=True, default="Manhattan Eye, Ear, and Throat Hospital")
    phone = PhoneNumberField(default="+12124344050")
    face_line = PhoneNumberField("second phone (371-FACE)", blank=True, default="+12123713223")
    fax = PhoneNumberField(blank=True, default="+12124344059")
    email = models.EmailField(blank=True, help_text="Shown on the site and used as Reply-To. Empty: neither.")
    directions = models.TextField(blank=True, help_text="How to get here. Empty: the site says nothing about it.")
    access = models.TextField("what the building offers", blank=True, help_text="Lift, ramp, quiet room.")
    languages = models.CharField("languages we speak", max_length=200, blank=True, help_text="Empty: nothing is said.")
    offers_call = models.BooleanField("we call patients", default=True)
    offers_text = models.BooleanField("we text patients", default=False)
    offers_email = models.BooleanField("we e-mail patients", default=True)
    offers_relay = models.BooleanField("we call through the relay service (711)", default=True)
    reply_working_days = models.PositiveSmallIntegerField(
        "working days to reply",
        default=1,
        help_text="We promise a reply by the close of this many working days after the day of receipt.",
    )

    objects = OfficeManager()

    class Meta:
        verbose_name = verbose_name_plural = "office"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_office"),
            models.CheckConstraint(
                condition=Q(reply_working_days__gte=1, reply_working_days__lte=10),
                name="reply_within_ten_working_days",
                violation_error_message="Promise a reply within 1 to 10 working days.",
            ),
            models.CheckConstraint(
                condition=Q(offers_call=True) | Q(offers_text=True) | Q(offers_email=True) | Q(offers_relay=True),
                name="office_can_be_reached",
                violation_error_message="Leave at least one way to reach patients switched on.",
            ),
        ]

    def __str__(self):
        return self.street

    def clean(self):
        """An address that cannot be written would stop every mail to patients: answers go to it."""
        if self.email and (reason := unreachable(self.email)):
            raise ValidationError({"email": f"{reason}."})

    @property
    def channels(self) -> list[str]:
        """The ways to reach a patient that are switched on, in the order the form asks."""
        return [channel for channel in ("call", "text", "email", "relay") if getattr(self, f"offers_{channel}")]

    @staticmethod
    def schedule() -> Schedule:
        """Opening hours, closures and shutdowns, past ones too, as pure arithmetic. Three queries."""
        return Schedule(OpeningHours.objects.all(), Closure.objects.all(), Shutdown.objects.all())


class PracticeNotice(models.Model):
    """A notice the law asks for, in the practice's own words. Linked from every page once it has text."""

    class Kind(models.TextChoices):
        NONDISCRIMINATION = "nondiscrimination", "Notice of nondiscrimination"
        LANGUAGE_HELP = "language-help", "Free language help and aids"
        PRIVACY_PRACTICES = "privacy-practices", "Notice of privacy practices"

    kind = models.SlugField("notice", choices=Kind, primary_key=True)
    text = Prose(help_text="The official text. Empty: the notice does not appear.")

    class Meta:
        ordering = ["kind"]

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse("practice_notice", args=[self.kind])


class OpeningHours(models.Model):
    """When the office opens on one day of the week. Several rows a day are allowed, with a break between."""

    weekday = models.PositiveSmallIntegerField(choices=enumerate(WEEKDAYS))
    opens_at = models.TimeField(help_text="New York time. Open from this second on.")
    closes_at = models.TimeField(help_text="New York time. Closed from this second on.")

    class Meta:
        ordering = ["weekday", "opens_at"]
        verbose_name = verbose_name_plural = "opening hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="opens_before_it_closes",
                violation_error_message="The office must open before it closes.",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_exists"),
            models.UniqueConstraint(fields=["weekday", "opens_at"], name="one_opening_at_a_time"),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()}, {self.opens_at:%-I:%M %p} to {self.closes_at:%-I:%M %p}"


class Closure(models.Model):
    """Days that differ: closed, opening late, or closing early."""

    first_day = models.DateField()
    last_day = models.DateField(help_text="The same day for a single day.")
    opens_at = models.TimeField(
        "opens late, at", null=True, blank=True, help_text="Leave both times empty when closed all day."
    )
    closes_at = models.TimeField("closes early, at", null=True, blank=True)
    reason = models.CharField(max_length=80, blank=True, help_text="Shown to patients: Thanksgiving")

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")),
                name="closure_ends_after_it_begins",
                violation_error_message="The last day must not be before the first day.",
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")),
                name="closure_opens_before_it_closes",
                violation_error_message="On a short day the office must open before it closes.",
            ),
        ]

    def __str__(self):
        days = f"{self.first_day:%A, %B %-d, %Y}"
        if self.last_day != self.first_day:
            days += f" to {self.last_day:%A, %B %-d, %Y}"
        return f"{days}: {self.in_words()}"

    def in_words(self) -> str:
        """What differs on these days."""
        if self.opens_at and self.closes_at:
            return f"open {self.opens_at:%-I:%M %p} to {self.closes_at:%-I:%M %p} only"
        if self.opens_at:
            return f"opens at {self.opens_at:%-I:%M %p}"
        if self.closes_at:
            return f"closes at {self.closes_at:%-I:%M %p}"
        return "closed"


class Shutdown(models.Model):
    """Closed from now until a moment: snow, flood, no power. It ends by itself."""

    closed_from = models.DateTimeField(default=timezone.now, help_text="Leave as it is for “from now on”.")
    closed_until = models.DateTimeField(
        help_text="New York time. The office is open again from this moment, in its hours."
    )
    reason = models.CharField(
        max_length=120, help_text="One sentence that stands on every page: We are closed today because of snow."
    )

    class Meta:
        ordering = ["-closed_from"]
        verbose_name = "snow day"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_from__lt=F("closed_until")),
                name="shutdown_ends_after_it_begins",
                violation_error_message="It must end after it begins.",
            ),
            models.CheckConstraint(
                condition=Q(closed_until__lt=FAR_FUTURE),
                name="shutdown_ends_in_our_time",
                violation_error_message="Check the year.",
            ),
        ]

    def __str__(self):
        until = timezone.localtime(self.closed_until)
        return f"Closed until {until:%A, %B %-d, %-I:%M %p}, New York time"

    def clean(self):
        """A mistyped year would close the office until somebody noticed."""
        if self.closed_until and self.closed_until > timezone.now() + LONGEST_SHUTDOWN:
            raise ValidationError({"closed_until": "This is more than a year ahead. Check the date."})


class Mailbox(models.Model):
    """A mailbox that hears of new requests during office hours."""

    email = models.EmailField(unique=True)
    is_active = models.BooleanField("told of new requests", default=True)
    tested_at = models.DateTimeField("last test", null=True, blank=True, editable=False)
    test_result = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["email"]
        verbose_name_plural = "mailboxes"

    def __str__(self):
        return self.email

    def clean(self):
        """Two spellings of one mailbox would get each notice twice; one that no mail reaches would hear nothing."""
        if self.email and (reason := unreachable(self.email)):
            raise ValidationError({"email": f"{reason}."})
        same = Mailbox.objects.filter(email__iexact=self.email).exclude(pk=self.pk)
        if self.email and same.exists():
            raise ValidationError({"email": "This mailbox is already on the list."})
