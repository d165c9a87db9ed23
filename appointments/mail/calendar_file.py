"""The calendar file in a patient's visit mail (RFC 5545). Its title is neutral: a calendar is often shared.

Its times are UTC. Every program reads those alike and shows them in its reader's own zone, and only they can name both
1:30s of the night when clocks go back; a VTIMEZONE is read in as many ways as there are calendars. What New York's
clock shows stands in its words.
"""

from datetime import UTC, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone

from appointments.models import Office, Visit
from appointments.office.words import moment

TITLE = "Appointment"


def method_of(visit: Visit) -> str:
    """What the file does to a calendar (RFC 5546): publish the entry, or take it back.

    Never REQUEST: that would name the patient as an attendee, and send their calendar's answers to nobody.
    """
    return "PUBLISH" if visit.stands else "CANCEL"


def calendar_file(visit: Visit, office: Office) -> str:
    """The visit as a VCALENDAR; a cancelled one as it was last told.

    The UID stays the same for a visit's whole life and SEQUENCE rises with each change, so a calendar replaces
    the older entry; a cancelled visit says METHOD:CANCEL.
    """
    from icalendar import Calendar, Event, vCalAddress  # here, because importing it takes half a second

    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = name
    # What is taken back is what they were told, whatever was agreed on since.
    starts_at, minutes, place = (visit.told or visit.agreed) if not visit.stands else visit.agreed
    event = Event()
    event.add("uid", f"visit-{visit.inquiry.reference}")  # no host name: a site may move, its entries may not double
    event.add("sequence", visit.sequence)
    event.add("dtstamp", timezone.now())
    event.add("last-modified", visit.changed_at)
    event.add("organizer", organizer)
    event.add("dtstart", starts_at.astimezone(UTC))
    event.add("dtend", starts_at.astimezone(UTC) + timedelta(minutes=minutes))
    event.add("summary", TITLE)
    event.add("description", moment(starts_at))
    event.add("location", place or f"{office.street}, {office.city}")
    event.add("status", "CONFIRMED" if visit.stands else "CANCELLED")
    calendar = Calendar()
    calendar.add("prodid", "-//Suite 501 office//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method_of(visit))
    calendar.add_component(event)
    return calendar.to_ical().decode()
