"""What the practice says: conditions, symptoms and treatments, edited in the admin and read by patients."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django_prose_editor.fields import ProseEditorField

from conditions.citations import cited_numbers

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


class ReviewPolicy(models.Model):
    """One row: whether a page may be shown before a clinician has reviewed it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    hide_unreviewed = models.BooleanField(
        "hide pages that no clinician has reviewed",
        default=False,
        help_text="When ticked, every page without a review date disappears from the site at once.",
    )

    class Meta:
        verbose_name = "review policy"
        verbose_name_plural = "review policy"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_review_policy")]

    def __str__(self):
        return "Unreviewed pages are hidden" if self.hide_unreviewed else "Unreviewed pages are shown and say so"


class PageQuerySet(models.QuerySet):
    def published(self):
        """What the public may see. Every view, list, search and sitemap starts here."""
        hidden = Exists(ReviewPolicy.objects.filter(hide_unreviewed=True))
        return self.filter(Q(is_published=True) & (Q(reviewed_on__isnull=False) | ~hidden))


class Page(models.Model):
    """What conditions and treatments share: an address, a summary, a review, questions and sources."""

    class Notice(models.TextChoices):
        NONE = "none", "no card"
        EYE = "eye", "see an eye doctor today"
        STROKE = "stroke", "call 911 now"

    slug = models.SlugField(
        "address",
        unique=True,
        max_length=80,
        help_text="The last part of the page's address. The old one keeps working.",
    )
    name = models.CharField(max_length=120, help_text="As in a list: Synkinesis")
    title = models.CharField(
        max_length=160, help_text="As the page's heading: Synkinesis: movements that happen together"
    )
    plain_name = models.CharField(max_length=120, help_text="In a patient's words: Movements that happen together")
    lead = models.TextField(help_text="One or two sentences under the heading.")
    description = models.CharField(max_length=200, help_text="One sentence for search engines.")
    in_brief = models.TextField(help_text="Three to five lines, one a line.")
    notice = models.CharField(
        "card",
        max_length=10,
        choices=Notice,
        default=Notice.NONE,
        help_text="At most one card is drawn, in fixed words.",
    )
    position = models.PositiveSmallIntegerField(default=100, help_text="Lower comes first in lists.")
    search_words = models.TextField(
        blank=True,
        help_text="What people type when they look for this, misspellings too. One a line. Never shown.",
    )
    is_published = models.BooleanField("published", default=False)
    reviewed_by = models.CharField(
        max_length=120, blank=True, help_text="Name and role of the clinician, as the page shall print it."
    )
    reviewed_on = models.DateField(null=True, blank=True)
    review_due = models.DateField(null=True, blank=True)
    written_on = models.DateField(default=timezone.localdate)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by="", reviewed_on=None) | (~Q(reviewed_by="") & Q(reviewed_on__isnull=False)),
                name="review_has_name_and_date",
                violation_error_message="A review needs both the clinician's name and the date.",
            ),
            models.CheckConstraint(
                condition=Q(review_due=None) | Q(reviewed_on=None) | Q(review_due__gt=models.F("reviewed_on")),
                name="review_due_after_review",
                violation_error_message="The next review must be due after the last one.",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Keep the old address working when an editor changes it."""
        old = type(self).objects.filter(pk=self.pk).first() if self.pk else None
        super().save(*args, **kwargs)
        if old and old.slug != self.slug:
            OldAddress.objects.update_or_create(path=old.get_absolute_url(), defaults={"page": self.page})
        OldAddress.objects.filter(path=self.get_absolute_url()).delete()

    @property
    def page(self) -> "Page":
        """The shared row of a condition or treatment."""
        return self if type(self) is Page else self.page_ptr

    @property
    def review_is_overdue(self) -> bool:
        return bool(self.review_due and self.reviewed_on and self.review_due < timezone.localdate())

    @property
    def in_brief_lines(self) -> list[str]:
        return [line.strip() for line in self.in_brief.splitlines() if line.strip()]

    def get_absolute_url(self):
        """The address of the condition or treatment this row belongs to."""
        for kind in ("condition", "treatment"):
            if hasattr(self, kind):
                return getattr(self, kind).get_absolute_url()
        raise AttributeError("A page is a condition or a treatment.")


class Treatment(Page):
    """Something that can help, with its limits and risks."""

    group = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="members",
        help_text="The page that gathers this one, such as Surgery.",
    )
    what_it_does = Prose()
    who_it_suits = Prose("who it may suit, and who not")
    the_day = Prose("what happens on the day")
    starts_and_lasts = Prose("when it starts and how long it lasts")
    risks = Prose("risks and side effects")
    limits = Prose("what it cannot do")
    other_choices = Prose("other choices, doing nothing included")
    tell_us_before = Prose()

    SECTIONS = {
        "what_it_does": ("does", "What it does"),
        "who_it_suits": ("who", "Who it may suit"),
        "the_day": ("day", "What happens on the day"),
        "starts_and_lasts": ("lasts", "When it starts and how long it lasts"),
        "risks": ("risks", "Risks and side effects"),
        "limits": ("limits", "What it cannot do"),
        "other_choices": ("other", "Other choices"),
        "tell_us_before": ("before", "Tell us before"),
    }

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def get_absolute_url(self):
        return reverse("treatment_detail", args=[self.slug])

    def clean(self):
        super().clean()
        check_citations(self)


class Condition(Page):
    """Something a patient may have."""

    what_it_is = Prose()
    symptom_note = models.CharField(max_length=300, blank=True, help_text="One or two sentences above the symptoms.")
    why_it_happens = Prose()
    how_we_work_it_out = Prose("how we work out what is going on")
    what_can_help = Prose("what can help", help_text="Introduction; the treatments below follow in their order.")
    what_to_expect = Prose()
    help_now = Prose("when to get help now")
    living_with_it = Prose()
    years_later = Prose("it has been years: can anything help?")
    what_to_bring = Prose()
    treatments = models.ManyToManyField(Treatment, through="ConditionTreatment", related_name="conditions")

    SECTIONS = {
        "what_it_is": ("what", "What it is"),
        "why_it_happens": ("why", "Why it happens"),
        "how_we_work_it_out": ("diagnosis", "How we work out what is going on"),
        "what_can_help": ("treatment", "What can help"),
        "what_to_expect": ("expect", "What to expect"),
        "help_now": ("now", "When to get help now"),
        "living_with_it": ("living", "Living with it"),
        "years_later": ("years", "It has been years. Can anything help?"),
        "what_to_bring": ("bring", "What to bring"),
    }

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def get_absolute_url(self):
        return reverse("condition_detail", args=[self.slug])

    def clean(self):
        super().clean()
        check_citations(self)


class ConditionTreatment(models.Model):
    """One step of "What can help": a treatment, and what it means for this condition."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="steps")
    treatment = models.ForeignKey(Treatment, on_delete=models.CASCADE, related_name="uses")
    why = models.TextField(help_text="One to three sentences: what it does for this condition. [1] cites source 1.")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        verbose_name = "treatment"
        constraints = [models.UniqueConstraint(fields=["condition", "treatment"], name="treatment_once_a_condition")]

    def __str__(self):
        return str(self.treatment)


class Region(models.Model):
    """A part of the face. The drawing has one shape for each; its id is the slug."""

    class Notice(models.TextChoices):
        NONE = "none", "no card"
        EYE = "eye", "see an eye doctor today"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    lead = models.TextField(blank=True)
    notice = models.CharField("card", max_length=10, choices=Notice, default=Notice.NONE)
    words_to_take = models.TextField("words to take to a doctor", blank=True)
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("symptom_region", args=[self.slug])


class SymptomQuerySet(models.QuerySet):
    def published(self):
        """What the public may see."""
        return self.filter(is_published=True)


class Symptom(models.Model):
    """Something a patient notices, in a patient's words."""

    class Situation(models.TextChoices):
        MOVING = "moving", "When I smile, talk or eat"
        CLOSING = "closing", "When I blink or close my eyes"
        REST = "rest", "All the time, or by itself"

    slug = models.SlugField(unique=True, max_length=80)
    words = models.CharField("patient's words", max_length=160, help_text="First person: My eye closes when I smile")
    short = models.CharField(
        "as a list item", max_length=160, help_text="Under the region's name: It closes when you smile"
    )
    explanation = models.TextField(help_text="One or two sentences. Never a diagnosis.")
    situation = models.CharField(max_length=10, choices=Situation)
    regions = models.ManyToManyField(Region, related_name="symptoms")
    conditions = models.ManyToManyField(
        Condition, related_name="symptoms", blank=True, verbose_name="names to ask about"
    )
    search_words = models.TextField(blank=True, help_text="What people type for this. One a line. Never shown.")
    position = models.PositiveSmallIntegerField(default=100)
    is_published = models.BooleanField("published", default=True)

    objects = SymptomQuerySet.as_manager()

    class Meta:
        ordering = ["position", "words"]

    def __str__(self):
        return self.words


class Question(models.Model):
    """A question people ask, and its answer."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="questions")
    question = models.CharField(max_length=200)
    answer = Prose(blank=False)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.question


class Source(models.Model):
    """An original publication. Never a mirror of one."""

    key = models.SlugField(unique=True, help_text="A short name for editors: Bylund17")
    authors = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    published_in = models.CharField("journal, book or publisher", max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    link = models.URLField(
        "address at the publisher", blank=True, max_length=300, help_text="A DOI address where there is one."
    )

    class Meta:
        ordering = ["key"]

    def __str__(self):
        return self.key


class Citation(models.Model):
    """A page's numbered source. [1] in the page's text points to number 1."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["number"]
        verbose_name = "source"
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="source_number_once_a_page"),
            models.UniqueConstraint(fields=["page", "source"], name="source_once_a_page"),
        ]

    def __str__(self):
        return f"[{self.number}] {self.source}"


class OldAddress(models.Model):
    """An address that pages once had. The site answers it with a permanent redirect."""

    path = models.CharField(
        max_length=255,
        unique=True,
        help_text="Begins with a slash: /blog/botox-one-possible-solution-for-your-synkinesis",
    )
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="old_addresses")

    class Meta:
        ordering = ["path"]
        verbose_name_plural = "old addresses"
        constraints = [
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"),
                name="old_address_begins_with_one_slash",
                violation_error_message="An old address begins with one slash.",
            )
        ]

    def __str__(self):
        return self.path


def check_citations(page):
    """Raise ValidationError, by field, where a text cites [n] but the page has no source n."""
    if not page.pk:
        return
    known = set(page.citations.values_list("number", flat=True))
    errors = {}
    for field in page.SECTIONS:
        missing = sorted(cited_numbers(getattr(page, field)) - known)
        if missing:
            marks = ", ".join(f"[{number}]" for number in missing)
            errors[field] = f"{marks} has no source with that number. Add it under Sources first."
    if errors:
        raise ValidationError(errors)


def published_symptoms() -> Prefetch:
    """Symptoms the public may see, with their regions, for a condition or a region page."""
    return Prefetch("symptoms", Symptom.objects.published().prefetch_related("regions"), to_attr="shown_symptoms")
