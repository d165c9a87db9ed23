"""Which dangers a request may tell of. It only moves the request to the front; nothing waits or is kept out for it."""

from appointments.models import Inquiry, InquiryEvent
from conditions.danger import KINDS, Danger, dangers_in


def dangers_of(inquiry: Inquiry) -> list[Danger]:
    """By all that the patient wrote, and by when it began: what came within three days may be a stroke."""
    notes = inquiry.events.filter(kind=InquiryEvent.Kind.PATIENT_NOTE)
    found = {danger for text in [inquiry.message, *(event.note for event in notes)] for danger in dangers_in(text)}
    if inquiry.began == Inquiry.Began.DAYS:
        found.add(KINDS["stroke"])
    return [danger for danger in KINDS.values() if danger in found]
