"""The types of page there are, each with what sets it apart.

Whoever works with pages of every type asks PAGE_TYPES: the addresses, the sitemap, search, structured data, the desk,
what staff may do, the starter content. So a type that is registered here is known everywhere.
"""

from collections.abc import Iterator

from django.core.checks import Error
from django.core.checks import register as register_check
from django.db.models import Prefetch
from django.urls import reverse

from conditions.face_map import regions_with_symptoms
from conditions.models import Citation, Condition, ConditionTreatment, Page, Treatment, published_symptoms
from conditions.starter import StarterFile

PAGE_TYPES: list["PageType"] = []


def register(page_type: type["PageType"]) -> type["PageType"]:
    """Make a type known to the whole site."""
    PAGE_TYPES.append(page_type())
    return page_type


class PageType:
    """A type of page: its model, its place on the site, and what its pages have beside the fields that all pages share.

    The model's name names the rest. For Guide: the addresses guide_list and guide_detail, and the templates
    conditions/guide_list.html and conditions/guide_detail.html. Without a template of its own, a type is drawn with
    page_list.html or page_detail.html, which the others extend.
    """

    model: type[Page]
    prefix: str  # the first part of its addresses, and its folder of starter content
    description = ""  # of its list, for search engines
    lead = ""  # under its list's heading
    is_in_header = False  # what the header does not name, the footer does
    starter_headings: dict[str, str] = {}  # what writers call a section, where its own heading is longer

    @property
    def name(self) -> str:
        """As in names of addresses, templates and permissions: guide."""
        return self.model._meta.model_name

    @property
    def kind(self) -> str:
        """What one page is, in a reader's words: Guide."""
        return str(self.model._meta.verbose_name).capitalize()

    @property
    def heading(self) -> str:
        """What the list is called: Guides."""
        return str(self.model._meta.verbose_name_plural).capitalize()

    @property
    def list_address(self) -> str:
        return reverse(f"{self.name}_list")

    def listed(self):
        """The pages of the list, with what it shows of each."""
        return self.model.objects.published()

    def detailed(self):
        """The pages the public may read, each with all it shows, in as many queries for much as for little."""
        return self.model.objects.published().prefetch_related(
            "questions", Prefetch("citations", Citation.objects.select_related("source"))
        )

    def context(self, page) -> dict:
        """What the template of one page needs beside the page."""
        return {}

    def parents(self, page) -> list[Page]:
        """Pages between the list and this one."""
        return []

    def trail(self, page) -> list[tuple[str, str]]:
        """The way to a page, as its breadcrumb shows it: names and addresses."""
        return [
            (self.heading, self.list_address),
            *((step.name, step.get_absolute_url()) for step in [*self.parents(page), page]),
        ]

    def schema(self, page) -> dict:
        """What schema.org data says of a page beside its name, address and lead. Without an @type it says nothing."""
        return {}

    def lines(self, page) -> list[str]:
        """What a page says to a reader beside its sections and questions, as plain lines."""
        return []

    def starter_fields(self, file: StarterFile) -> dict:
        """Fields of its own that a file's front matter fills."""
        return {}

    def starter_links(self, page, file: StarterFile) -> None:
        """Tie a new page to others. Every page of every file is there by now."""


def type_of(page: Page) -> PageType:
    """The type of a page that is read in full."""
    return next(page_type for page_type in PAGE_TYPES if page_type.model is type(page))


def published_pages() -> Iterator[Page]:
    """Every page the public may see, in full, type by type."""
    for page_type in PAGE_TYPES:
        yield from page_type.model.objects.published()


@register_check()
def page_types_are_complete(app_configs, **kwargs) -> list[Error]:
    """A model of no type would be on no list and break the desk; a section without its field would break its pages."""
    errors = []
    for model in (link.related_model for link in Page.links_to_types()):
        if model not in {page_type.model for page_type in PAGE_TYPES}:
            hint = "Register a PageType for it in conditions/page_types.py."
            errors.append(Error(f"{model.__name__} is a page of no type.", hint=hint, id="conditions.E001"))
        for field in set(model.SECTIONS) - {field.name for field in model._meta.local_fields}:
            message = f"{model.__name__}.SECTIONS names {field}, which is no field of it."
            errors.append(Error(message, id="conditions.E002"))
    return errors


@register
class Conditions(PageType):
    """What a patient may have, with what people notice and what can help."""

    model = Condition
    prefix = "conditions"
    is_in_header = True
    starter_headings = {"How we work it out": "how_we_work_it_out", "It has been years": "years_later"}

    def detailed(self):
        treatments = Treatment.objects.published()
        steps = ConditionTreatment.objects.filter(treatment__in=treatments).select_related("treatment")
        return super().detailed().prefetch_related(Prefetch("steps", steps, "shown_steps"), published_symptoms())

    def context(self, page):
        return {"regions": regions_with_symptoms(page.shown_symptoms)}

    def schema(self, page):
        regions = regions_with_symptoms(page.shown_symptoms)
        symptoms = dict.fromkeys(symptom for _, symptoms in regions for symptom in symptoms)
        return {
            "@type": "MedicalCondition",
            "signOrSymptom": [{"@type": "MedicalSymptom", "name": symptom.short} for symptom in symptoms],
            "possibleTreatment": [
                {"@type": "MedicalTherapy", "name": step.treatment.name} for step in page.shown_steps
            ],
        }

    def lines(self, page):
        steps = [step.why for step in page.steps.all()]
        return [page.symptom_note, *steps, *(symptom.short for symptom in page.symptoms.published())]

    def starter_fields(self, file):
        return {"symptom_note": file.meta.get("symptom_note") or ""}

    def starter_links(self, page, file):
        for position, step in enumerate(file.meta.get("treatments") or [], start=1):
            treatment = Treatment.objects.get(slug=step["slug"])
            page.steps.create(treatment=treatment, why=file.numbered(step["why"]), position=position)


@register
class Treatments(PageType):
    """What can help. A treatment may gather others, as Surgery does."""

    model = Treatment
    prefix = "treatments"
    is_in_header = True

    def listed(self):
        return super().listed().filter(group=None).prefetch_related(self.shown_members())

    def detailed(self):
        conditions = Prefetch("conditions", Condition.objects.published().distinct(), "shown_conditions")
        return super().detailed().select_related("group").prefetch_related(conditions, self.shown_members())

    def shown_members(self) -> Prefetch:
        return Prefetch("members", Treatment.objects.published(), "shown_members")

    def parents(self, page):
        return [page.group] if page.group and page.group.is_published else []

    def starter_links(self, page, file):
        if group := file.meta.get("group"):
            page.group = Treatment.objects.get(slug=group)
            page.save()
