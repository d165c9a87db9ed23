"""Conditions, and what can help with each."""

from django.db import models

from conditions.models.pages import Page
from conditions.models.prose import Prose
from conditions.models.treatment import Treatment


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

    class Meta:
        ordering = ["position", "name"]


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
