"""schema.org descriptions of the practice and its pages. They say only what the page itself shows.

Each function returns a plain dict; templatetags/structured_data.py prints it as JSON-LD.
"""

from html import unescape

from django.conf import settings
from django.utils.html import strip_tags

from appointments.models.office import WEEKDAYS
from appointments.models.office_now import OfficeNow
from conditions.citations import NUMBER
from conditions.page_types import type_of

CONTEXT = "https://schema.org"
CLINIC_ID = f"{settings.SITE_URL}/#clinic"


def plain(html: str) -> str:
    """Rich text as one line of words, without its source marks."""
    spaced = html.replace("</p>", " </p>").replace("</li>", " </li>")
    return " ".join(NUMBER.sub("", unescape(strip_tags(spaced))).split())


def clinic(now: OfficeNow) -> dict:
    """The practice, its week, and the days that differ."""
    office = now.office
    return {
        "@context": CONTEXT,
        "@type": "MedicalClinic",
        "@id": CLINIC_ID,
        "name": "New York Facial Paralysis",
        "url": f"{settings.SITE_URL}/",
        "telephone": office.phone.as_e164,
        **({"faxNumber": office.fax.as_e164} if office.fax else {}),
        **({"email": office.email} if office.email else {}),
        "address": {
            "@type": "PostalAddress",
            "streetAddress": f"{office.building}, {office.street}",
            "addressLocality": office.city,
            "addressCountry": "US",
        },
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": WEEKDAYS[row.weekday],
                "opens": f"{row.opens_at:%H:%M}",
                "closes": f"{row.closes_at:%H:%M}",
            }
            for row in now.hours
        ],
        "specialOpeningHoursSpecification": [special_hours(now, closure) for closure in now.closures],
    }


def special_hours(now: OfficeNow, closure) -> dict:
    """Days that differ. In schema.org, opening and closing at midnight means closed all day."""
    spans = now.schedule.opening_spans(closure.first_day)
    shortened = bool(spans and (closure.opens_at or closure.closes_at))
    return {
        "@type": "OpeningHoursSpecification",
        "validFrom": f"{closure.first_day:%Y-%m-%d}",
        "validThrough": f"{closure.last_day:%Y-%m-%d}",
        "opens": f"{spans[0][0]:%H:%M}" if shortened else "00:00",
        "closes": f"{spans[-1][1]:%H:%M}" if shortened else "00:00",
    }


def about(page) -> dict | None:
    """What a page is about: its name, address and lead, and what its type says."""
    said = type_of(page).schema(page)
    if not said:
        return None
    return {
        "@context": CONTEXT,
        "@type": said["@type"],
        "name": page.name,
        "url": settings.SITE_URL + page.get_absolute_url(),
        "description": page.lead,
        **said,
    }


def questions(page) -> dict | None:
    """The page's questions and answers."""
    rows = page.questions.all()
    if not rows:
        return None
    return {
        "@context": CONTEXT,
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": row.question,
                "acceptedAnswer": {"@type": "Answer", "text": plain(row.answer)},
            }
            for row in rows
        ],
    }


def breadcrumbs(*trail: tuple[str, str]) -> dict:
    """The way from home: pairs of name and path, as the page's own breadcrumb prints them."""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": settings.SITE_URL + path}
            for position, (name, path) in enumerate(trail, start=1)
        ],
    }
