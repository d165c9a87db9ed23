"""The pages of the practice desk and their states, as a colleague meets them.

A new page or state is one more name in DESK and one more line in `open`.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from appointments.models import Inquiry, Visit
from appointments.requests import handling, promises
from tests.factories import make_inquiry

FIRST_PAGE = "/admin/"
QUEUE = "/admin/appointments/inquiry/"
WHO_LOOKED = "/admin/appointments/access/"

# Words on the page of one request
SPOKE = "Spoke"
NO_ANSWER = "No answer"
LEFT_MESSAGE = "Left message"
NOTE = "Note for colleagues"
NOT_SAVED_YET = "Not saved yet: this happened while you had it open"

DESK = [
    "first page",
    "queue",
    "queue of suspected",
    "queue of closed",
    "queue of found",
    "queue with nothing in it",
    "late request",
    "new onset",
    "closed request",
    "suspected request",
    "request with a visit",
    "request with errors",
    "request with news",
    "telephone and fax",
    "telephone and fax with errors",
    "call sheets",
    "who looked",
]


def request_page(inquiry: Inquiry) -> str:
    return f"{QUEUE}{inquiry.pk}/change/"


def by_telephone(last_digits: str) -> dict:
    """A patient to be called, who gave no e-mail address."""
    return {"reach_by": "call", "phone": f"+1212555{last_digits}", "email": ""}


def requests_of_every_kind() -> dict[str, Inquiry]:
    """One request in each state that looks different, with as many cautions as one can have."""
    now, today = timezone.now(), timezone.localdate()
    owner = get_user_model().objects.order_by("pk").first()
    long_ago = {"received_at": now - timedelta(days=9), "reply_by": now - timedelta(days=2)}
    requests = {
        "late": make_inquiry(name="Nadia Haddad", speaking_is_hard=True, **by_telephone("0142"), **long_ago),
        "onset": make_inquiry(name="Wei Chen", began="days", is_new_onset=True, **by_telephone("0143")),
        "child": make_inquiry(
            name="Tomás Ibáñez",
            for_whom="child",
            contact_name="Lucía Ibáñez",
            language="Spanish",
            wants_interpreter=True,
            reply_by=now + timedelta(hours=1),
            **by_telephone("0144") | {"reach_by": "relay"},
        ),
        "long": make_inquiry(
            name="Maximiliane von Rosenkranz-Guldenstern",
            email="maximiliane.von.rosenkranz-guldenstern@post.neurology.example.org",
        ),
        "owned": make_inquiry(
            name="Amos Levi",
            status="in_progress",
            owner=owner,
            follow_up_on=today,
            contacted_at=now,
            may_leave_voicemail=True,
            may_say_who_calls=True,
            **by_telephone("0145"),
        ),
        "visit": make_inquiry(name="Ingrid Berg", status="visit_confirmed", owner=owner, contacted_at=now),
        "closed": make_inquiry(name="Paul Osei", status="closed", contacted_at=now, **long_ago),
        "suspected": make_inquiry(name="Win now", status="suspected", suspicion="words of advertising, several links"),
    }
    Visit.objects.create(inquiry=requests["visit"], starts_at=now + timedelta(days=1), minutes=30)
    promises.watch()  # what the pump would write while a test looks is written already
    return requests


class DeskPages:
    """The running site's desk, with a request of every kind in the queue."""

    def __init__(self, rows):
        self.rows = rows
        with rows():
            self.requests = requests_of_every_kind()

    def open(self, page: Page, name: str) -> None:
        """Show a page of the desk, or a state of one, by its name here."""
        match name:
            case "first page":
                page.goto(FIRST_PAGE)
            case "queue":
                page.goto(QUEUE)
            case "queue of suspected":
                page.goto(f"{QUEUE}?view=suspected")
            case "queue of closed":
                page.goto(f"{QUEUE}?view=closed")
            case "queue of found":
                search(page, "555 0142")
            case "queue with nothing in it":
                page.goto(f"{QUEUE}?view=late&reach_by__exact=relay")
            case "late request":
                self._open_request(page, "late")
            case "new onset":
                self._open_request(page, "onset")
            case "closed request":
                self._open_request(page, "closed")
            case "suspected request":
                self._open_request(page, "suspected")
            case "request with a visit":
                self._open_request(page, "visit")
            case "request with errors":
                self._open_request(page, "late")
                page.get_by_label("Status").select_option(label="Closed")
                page.get_by_label("Duplicate of").fill("no reference")
                page.get_by_label("Follow up on").fill("2026-01-01")
                save(page)
                expect(page.get_by_text("Choose an outcome")).to_be_visible()
            case "request with news":
                self._open_request(page, "owned")
                with self.rows():
                    handling.add_note(self.requests["owned"], "She called back.", by=None)
                page.get_by_label(NOTE).fill("I called her.")
                save(page)
                expect(page.get_by_role("heading", name=NOT_SAVED_YET)).to_be_visible()
            case "telephone and fax":
                page.goto(f"{QUEUE}add/")
            case "telephone and fax with errors":
                page.goto(f"{QUEUE}add/")
                page.get_by_role("button", name="Save the request").click()
                expect(page.get_by_role("alert")).to_be_visible()
            case "call sheets":
                page.goto(QUEUE)
                act(page, "Print call sheets", self.requests["late"], self.requests["child"])
                expect(page.get_by_role("heading", name="2 call sheets")).to_be_visible()
            case "who looked":
                page.goto(WHO_LOOKED)

    def _open_request(self, page: Page, kind: str) -> None:
        page.goto(request_page(self.requests[kind]))


def search(page: Page, words: str) -> None:
    page.goto(QUEUE)
    page.get_by_label("Search every request").fill(words)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1, name="Found")).to_be_visible()


def act(page: Page, action: str, *inquiries: Inquiry, to: str = "") -> None:
    """Tick these rows of the queue that is shown, and do this to them."""
    for inquiry in inquiries:
        page.get_by_role("row").filter(has_text=inquiry.reference).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label=action)
    if to:
        page.get_by_label("Assign to:").select_option(label=to)
    page.get_by_role("button", name="Go").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def history(page: Page) -> Locator:
    """What happened to the request that is shown."""
    return page.get_by_role("region", name="History")
