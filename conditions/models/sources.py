"""What a page rests on."""

from django.db import models

from conditions.models.pages import Page


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
