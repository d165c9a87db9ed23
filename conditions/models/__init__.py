"""What the practice says: conditions, symptoms and treatments, edited in the admin and read by patients."""

from conditions.models.condition import Condition, ConditionTreatment
from conditions.models.pages import OldAddress, Page, Question, ReviewPolicy
from conditions.models.prose import Prose
from conditions.models.sources import Citation, Source
from conditions.models.symptoms import Region, Symptom, published_symptoms
from conditions.models.treatment import Treatment

__all__ = [
    "Citation",
    "Condition",
    "ConditionTreatment",
    "OldAddress",
    "Page",
    "Prose",
    "Question",
    "Region",
    "ReviewPolicy",
    "Source",
    "Symptom",
    "Treatment",
    "published_symptoms",
]
