"""What every page has, whatever its type: an address, a review, questions, old addresses."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils import timezone

from conditions.citations import cited_numbers
from conditions.models.prose import Prose


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

    def in_full(self):
        """Shared rows with the rows of their types beside them, in one query. Read each by its own `in_full`."""
        return self.select_related(*(link.get_accessor_name() for link in Page.links_to_types()))


class Page(models.Model):
    """What pages of every type share: an address, a summary, a review, questions and sources.

    Each type is a model of its own that inherits from this one, and is registered in conditions/page_types.py.
    """

    SECTIONS: dict[str, tuple[str, str]] = {}  # of a type: each field of rich text, with its anchor and its heading

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

    def clean(self):
        """Say, by field, where a text cites [n] but the page has no source n."""
        super().clean()
        if not self.pk:
            return
        known = set(self.page.citations.values_list("number", flat=True))
        errors = {}
        for field in self.SECTIONS:
            missing = sorted(cited_numbers(getattr(self, field)) - known)
            if missing:
                marks = ", ".join(f"[{number}]" for number in missing)
                errors[field] = f"{marks} has no source with that number. Add it under Sources first."
        if errors:
            raise ValidationError(errors)

    @classmethod
    def links_to_types(cls) -> list[models.OneToOneRel]:
        """How a shared row is linked to its row of each type."""
        return [link for link in Page._meta.related_objects if link.parent_link]

    @property
    def page(self) -> "Page":
        """The shared row of a condition, treatment or other type of page."""
        return self if type(self) is Page else self.page_ptr

    @property
    def in_full(self) -> "Page":
        """The condition, treatment or other type of page that this shared row belongs to."""
        if type(self) is not Page:
            return self
        for link in self.links_to_types():
            if hasattr(self, link.get_accessor_name()):
                return getattr(self, link.get_accessor_name())
        raise AttributeError(f"The page {self.slug} is of no type.")

    @property
    def review_is_overdue(self) -> bool:
        return bool(self.review_due and self.reviewed_on and self.review_due < timezone.localdate())

    @property
    def in_brief_lines(self) -> list[str]:
        return [line.strip() for line in self.in_brief.splitlines() if line.strip()]

    def get_absolute_url(self):
        page = self.in_full
        return reverse(f"{page._meta.model_name}_detail", args=[page.slug])


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
