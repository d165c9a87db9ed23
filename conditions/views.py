"""Pages of conditions, symptoms by region of the face, and treatments."""

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conditions.danger import cards, dangers_in
from conditions.face_map import regions_with_symptoms
from conditions.models import (
    Citation,
    Condition,
    ConditionTreatment,
    Region,
    Symptom,
    Treatment,
    published_symptoms,
)
from conditions.search import search as find

MOST_SEARCHED = 200  # characters


@require_safe
def condition_list(request):
    return TemplateResponse(
        request,
        "conditions/condition_list.html",
        {"conditions": Condition.objects.published(), "section": "conditions"},
    )


@require_safe
def condition_detail(request, slug):
    condition = get_object_or_404(
        Condition.objects.published().prefetch_related(
            "questions",
            Prefetch("citations", Citation.objects.select_related("source")),
            Prefetch(
                "steps",
                ConditionTreatment.objects.filter(treatment__in=Treatment.objects.published()).select_related(
                    "treatment"
                ),
                to_attr="shown_steps",
            ),
            published_symptoms(),
        ),
        slug=slug,
    )
    return TemplateResponse(
        request,
        "conditions/condition_detail.html",
        {
            "page": condition,
            "regions": regions_with_symptoms(condition.shown_symptoms),
            "section": "conditions",
        },
    )


@require_safe
def treatment_list(request):
    treatments = Treatment.objects.published().filter(group=None).prefetch_related(shown_members())
    return TemplateResponse(
        request, "conditions/treatment_list.html", {"treatments": treatments, "section": "treatments"}
    )


@require_safe
def treatment_detail(request, slug):
    treatment = get_object_or_404(
        Treatment.objects.published()
        .select_related("group")
        .prefetch_related(
            "questions",
            Prefetch("citations", Citation.objects.select_related("source")),
            Prefetch("conditions", Condition.objects.published().distinct(), to_attr="shown_conditions"),
            shown_members(),
        ),
        slug=slug,
    )
    return TemplateResponse(request, "conditions/treatment_detail.html", {"page": treatment, "section": "treatments"})


@require_safe
def symptom_list(request):
    regions = Region.objects.all()
    return TemplateResponse(request, "conditions/symptom_list.html", {"regions": regions, "section": "symptoms"})


@require_safe
def symptom_region(request, slug):
    regions = list(Region.objects.all())
    region = next((region for region in regions if region.slug == slug), None)
    if region is None:
        raise Http404
    symptoms = list(
        region.symptoms.published().prefetch_related(
            Prefetch("conditions", Condition.objects.published(), to_attr="shown_conditions")
        )
    )
    situations = [
        (label, [symptom for symptom in symptoms if symptom.situation == value])
        for value, label in Symptom.Situation.choices
    ]
    return TemplateResponse(
        request,
        "conditions/symptom_region.html",
        {
            "region": region,
            "regions": regions,
            "situations": [(label, rows) for label, rows in situations if rows],
            "section": "symptoms",
        },
    )


@require_safe
def started_suddenly(request):
    return TemplateResponse(request, "conditions/started_suddenly.html", {"is_emergency": True})


@never_cache
@require_safe
def search(request):
    """Results for a patient's own words. The words go nowhere else: no log, no cache, no other site's referrer."""
    words = request.GET.get("q", "")[:MOST_SEARCHED].strip()
    dangers = dangers_in(words)
    context = {
        "words": words,
        "results": find(words),
        "dangers": dangers,
        "cards": cards(dangers),
        "search_url": "",  # this page has the field itself: one, not two
    }
    response = TemplateResponse(request, "conditions/search.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def shown_members() -> Prefetch:
    return Prefetch("members", Treatment.objects.published(), to_attr="shown_members")
