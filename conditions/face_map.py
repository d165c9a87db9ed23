"""The face, region by region."""

from collections.abc import Iterable

from conditions.models import Region, Symptom


def regions_with_symptoms(symptoms: Iterable[Symptom]) -> list[tuple[Region, list[Symptom]]]:
    """Group symptoms under each of their regions, in the face's order. Regions must be prefetched."""
    found: dict[Region, list[Symptom]] = {}
    for symptom in symptoms:
        for region in symptom.regions.all():
            found.setdefault(region, []).append(symptom)
    return sorted(found.items(), key=lambda pair: pair[0].position)
