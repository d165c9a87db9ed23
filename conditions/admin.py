"""Editing what patients read."""

from django.contrib import admin
from django.db import models
from django.utils.html import format_html

from conditions.editor_admin import ChoosesRows, EditorAdmin, OfferedFilters
from conditions.models import (
    Citation,
    Condition,
    ConditionTreatment,
    OldAddress,
    Question,
    Region,
    ReviewPolicy,
    Source,
    Symptom,
    Treatment,
)
from conditions.page_text import page_lines, readable
from conditions.page_types import PAGE_TYPES
from conditions.reading_grade import reading_grade

HARDEST = 8  # school grade


class QuestionInline(admin.StackedInline):
    model = Question
    extra = 0


class CitationInline(ChoosesRows, admin.StackedInline):
    model = Citation
    extra = 0
    autocomplete_fields = ["source"]


class ConditionTreatmentInline(ChoosesRows, admin.StackedInline):
    model = ConditionTreatment
    extra = 0
    autocomplete_fields = ["treatment"]


class PageAdmin(ChoosesRows, EditorAdmin):
    """A page of any type in the admin: its sections, and what all pages share."""

    list_display = ["name", "plain_name", "is_published", "review", "position"]
    list_filter = ["is_published", "notice"]
    search_fields = ["name", "plain_name", "title"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [QuestionInline, CitationInline]
    readonly_fields = ["grade"]

    SUMMARY = ("Summary", {"fields": ["grade", "name", "title", "plain_name", "lead", "in_brief", "notice"]})
    PUBLISHING = (
        "Publishing",
        {"fields": ["is_published", "slug", "position", "description", "search_words"]},
    )
    REVIEW = ("Review by a clinician", {"fields": ["reviewed_by", "reviewed_on", "review_due"]})

    def get_fieldsets(self, request, page=None):
        own = [field.name for field in self.opts.local_fields if field.editable and not field.primary_key]
        text = ("Text", {"description": "[1] in a text cites source 1 below.", "fields": own})
        return [self.SUMMARY, text, self.PUBLISHING, self.REVIEW]

    @admin.display(description="reading grade")
    def grade(self, page):
        """The meter: what the saved text asks of a reader. Our goal is 6, our limit 8."""
        if not page.pk:
            return "shown once the page is saved"
        grade = reading_grade(readable(page_lines(page)))
        words = f"{grade:.1f}" + (" – too hard: shorten sentences, use plainer words" if grade > HARDEST else "")
        return format_html('<span class="{}">{}</span>', "stop" if grade > HARDEST else "", words)

    @admin.display(description="review")
    def review(self, page):
        if not page.reviewed_on:
            return "awaiting review"
        return (
            format_html('<span class="clock clock--late">{}</span>', "overdue")
            if page.review_is_overdue
            else "reviewed"
        )


@admin.register(Condition)
class ConditionAdmin(PageAdmin):
    inlines = [ConditionTreatmentInline, *PageAdmin.inlines]


@admin.register(Treatment)
class TreatmentAdmin(PageAdmin):
    autocomplete_fields = ["group"]


def register_page_types():
    """A type of page that has no admin of its own is edited with what all share."""
    for page_type in PAGE_TYPES:
        if not admin.site.is_registered(page_type.model):
            admin.site.register(page_type.model, PageAdmin)


register_page_types()


@admin.register(Symptom)
class SymptomAdmin(OfferedFilters, admin.ModelAdmin):
    list_display = ["words", "situation", "where", "is_published"]
    list_filter = ["regions", "situation", "is_published"]
    search_fields = ["words", "short", "search_words"]
    filter_horizontal = ["regions", "conditions"]
    prepopulated_fields = {"slug": ["words"]}

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("regions")

    @admin.display(description="regions")
    def where(self, symptom):
        return ", ".join(region.name for region in symptom.regions.all())


@admin.register(Region)
class RegionAdmin(OfferedFilters, admin.ModelAdmin):
    """The drawing has one shape for each region, so none is added or removed here."""

    list_display = ["name", "notice"]
    readonly_fields = ["slug", "position"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Source)
class SourceAdmin(OfferedFilters, admin.ModelAdmin):
    list_display = ["key", "authors", "title", "year"]
    search_fields = ["key", "authors", "title"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(OldAddress)
class OldAddressAdmin(OfferedFilters, admin.ModelAdmin):
    list_display = ["path", "page"]
    list_select_related = ["page"]
    search_fields = ["path"]


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(OfferedFilters, admin.ModelAdmin):
    def has_add_permission(self, request):
        return not ReviewPolicy.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False
