"""Requests and the office that answers them."""

from appointments.models.inquiry import Inquiry, InquiryEvent
from appointments.models.mail import Heartbeat, OutgoingMail, StaffNotice
from appointments.models.office import Closure, Mailbox, Office, OpeningHours

__all__ = [
    "Closure",
    "Heartbeat",
    "Inquiry",
    "InquiryEvent",
    "Mailbox",
    "Office",
    "OpeningHours",
    "OutgoingMail",
    "StaffNotice",
]
