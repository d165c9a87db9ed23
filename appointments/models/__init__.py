"""Requests and the office that answers them."""

from appointments.models.access import Access, RecentPost
from appointments.models.event import InquiryEvent
from appointments.models.inquiry import Inquiry
from appointments.models.jobs import DailyJob, SuggestedClosure
from appointments.models.mail import Heartbeat, OutgoingMail, StaffNotice
from appointments.models.office import Closure, Mailbox, Office, OpeningHours, PracticeNotice, Shutdown
from appointments.models.visit import Visit

__all__ = [
    "Access",
    "Closure",
    "DailyJob",
    "Heartbeat",
    "Inquiry",
    "InquiryEvent",
    "Mailbox",
    "Office",
    "OpeningHours",
    "OutgoingMail",
    "PracticeNotice",
    "RecentPost",
    "Shutdown",
    "StaffNotice",
    "SuggestedClosure",
    "Visit",
]
