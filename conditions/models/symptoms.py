"""What patients notice, in their words, and where on the face."""

from django.db import models
from django.db.models import Prefetch
from django.urls import reverse

from conditions.models.condition import Condition


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


def published_symptoms() -> Prefetch:
    """Symptoms the public may see, with their regions, for a condition or a region page."""
    return Prefetch("symptoms", Symptom.objects.published().prefetch_related("regions"), to_attr="shown_symptoms")
