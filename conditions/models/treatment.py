"""Treatments."""

from django.db import models

from conditions.models.pages import Page
from conditions.models.prose import Prose


class Treatment(Page):
    """Something that can help, with its limits and risks."""

    what_it_does = Prose()
    who_it_suits = Prose("who it may suit, and who not")
    the_day = Prose("what happens on the day")
    starts_and_lasts = Prose("when it starts and how long it lasts")
    risks = Prose("risks and side effects")
    limits = Prose("what it cannot do")
    other_choices = Prose("other choices, doing nothing included")
    tell_us_before = Prose()
    group = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="members",
        help_text="The page that gathers this one, such as Surgery.",
    )

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

    class Meta:
        ordering = ["position", "name"]
