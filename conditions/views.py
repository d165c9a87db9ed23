"""Pages of each type, symptoms by region of the face, and search."""

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conditions.danger import cards, dangers_in
from conditions.models import Condition, Region, Symptom
from conditions.page_types import PageType
from conditions.search import search as find

MOST_SEARCHED = 200  # characters


@require_safe
def page_list(request, page_type: PageType):
    return TemplateResponse(
        request,
        [f"conditions/{page_type.name}_list.html", "conditions/page_list.html"],
        {"page_type": page_type, "pages": page_type.listed(), "section": page_type.prefix},
    )


@require_safe
def page_detail(request, page_type: PageType, slug):
    page = get_object_or_404(page_type.detailed(), slug=slug)
    return TemplateResponse(
        request,
        [f"conditions/{page_type.name}_detail.html", "conditions/page_detail.html"],
        {"page": page, "trail": page_type.trail(page), "section": page_type.prefix} | page_type.context(page),
    )


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
