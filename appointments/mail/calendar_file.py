"""The calendar file in a patient's visit mail (RFC 5545). Its title is neutral: a calendar is often shared."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings

from appointments.models import Office, Visit
from appointments.office.hours import NEW_YORK

TITLE = "Appointment"


def calendar_file(visit: Visit, office: Office) -> str:
    """The visit as a VCALENDAR with New York's VTIMEZONE.

    The UID stays the same for a visit's whole life and SEQUENCE rises with each change, so a calendar replaces
    the older entry; a cancelled visit says METHOD:CANCEL.
    """
    from icalendar import Calendar, Event  # here, because importing it takes half a second

    starts_at = visit.starts_at.astimezone(NEW_YORK)
    event = Event()
    event.add("uid", f"visit-{visit.inquiry.reference}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", visit.sequence)
    event.add("dtstamp", visit.changed_at)
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=visit.minutes))
    event.add("summary", TITLE)
    event.add("location", visit.place or f"{office.street}, {office.city}")
    event.add("status", "CONFIRMED" if visit.stands else "CANCELLED")
    calendar = Calendar()
    calendar.add("prodid", "-//Suite 501 office//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH" if visit.stands else "CANCEL")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()
