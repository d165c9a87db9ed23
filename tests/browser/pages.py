"""The site's pages and the request form as a person meets them: by name and by visible words.

A new question on the form is one more constant and one more line in ANSWERS.
"""

import re
from unittest.mock import patch

from django.db import OperationalError
from django.test import RequestFactory
from playwright.sync_api import Locator, Page, expect

from appointments.patient.views import ask
from nyfp_site.views import server_error
from tests.factories import valid_request_data

ADDRESSES = {
    "home": "/",
    "condition list": "/conditions/",
    "condition": "/conditions/synkinesis/",
    "treatment list": "/treatments/",
    "treatment": "/treatments/botox/",
    "group of treatments": "/treatments/surgery/",
    "symptom list": "/symptoms/",
    "region": "/symptoms/eye/",
    "started suddenly": "/started-suddenly/",
    "visit": "/visit/",
    "about": "/about/",
    "for clinicians": "/for-clinicians/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "search": "/search/?q=my+eye+closes+when+I+smile",
    "search that finds nothing": "/search/?q=xylophone",
    "request": "/request/",
    "not found": "/no-such-page/",
}
STATES = [
    "request with errors",
    "request not saved",
    "received",
    "private page",
    "private page with an error",
    "private page after a note",
    "server error",
]
PUBLIC = [*ADDRESSES, *STATES]
REGIONS = ["forehead-brow", "eye", "cheek-nose", "mouth", "chin", "neck-jaw", "ear", "whole-face"]

# The form, as it is written
FOR_WHOM = "Who is this for?"
NAME = "Name of the person this is for"
REACH_BY = "How should we reach you?"
EMAIL = "Email address"
MESSAGE = "Anything you would like us to know"
CONSENT = "You may use my answers"
SEND = "Send my request"
ADD_NOTE = "Add this note"
NAME_IS_MISSING = "Enter the name of the person this is for"

ANSWERS = {
    FOR_WHOM: "Me",
    NAME: "Maria Okafor",
    REACH_BY: "Email",
    EMAIL: "maria@example.com",
    MESSAGE: "My eye closes when I smile.",
    CONSENT: True,
}

PROMISE = re.compile(r"by \d+:\d\d [AP]M, \w+day, \w+ \d+, New York time")
REFERENCE = re.compile(r"^[2-9A-Z]{4}-[2-9A-Z]{4}$")


class Website:
    """The running site, and one request that was sent to it."""

    def __init__(self, url: str, received: str, database: str):
        self.url = url
        self.received = received
        self.database = database

    def open(self, page: Page, name: str) -> None:
        """Show a public page, or a state of one, by its name here."""
        match name:
            case "received":
                page.goto(self.received)
            case "request with errors":
                page.goto("/request/")
                send(page)
                expect(page.get_by_role("alert")).to_be_visible()
            case "request not saved":
                self._show(page, "/request/", _not_saved())
            case "private page":
                self._open_private_page(page)
            case "private page with an error":
                self._open_private_page(page)
                page.get_by_role("button", name=ADD_NOTE).click()
                expect(page.get_by_role("alert")).to_be_visible()
            case "private page after a note":
                self._open_private_page(page)
                page.get_by_label("Your note").fill("Mornings are better.")
                page.get_by_role("button", name=ADD_NOTE).click()
                expect(page.get_by_role("status")).to_be_visible()
            case "server error":
                self._show(page, "/", server_error(RequestFactory().get("/")))
            case _:
                page.goto(ADDRESSES[name])

    def _open_private_page(self, page: Page) -> None:
        page.goto(self.received)
        page.get_by_role("link", name="Open your private page").click()
        expect(page.get_by_role("heading", level=1, name="Your request")).to_be_visible()

    @staticmethod
    def _show(page: Page, path: str, response) -> None:
        """An answer that a healthy server does not give, at its address, with the site's own stylesheet."""
        body = response.content.decode()
        page.route(f"**{path}", lambda route: route.fulfill(body=body, content_type="text/html"), times=1)
        page.goto(path)


def _not_saved():
    with patch("appointments.patient.views.OfficeNow.read", side_effect=OperationalError("no connection")):
        return ask(RequestFactory().post("/request/", valid_request_data())).render()


def control(page: Page, label: str, value: str | bool = True) -> Locator:
    """The control that a label names; of a group of choices, the choice that the value names."""
    group = page.get_by_role("group", name=label)
    return group.get_by_label(str(value), exact=True).or_(page.get_by_label(label))


def answer(page: Page, answers: dict[str, str | bool]) -> None:
    """Answer questions with the mouse or the finger."""
    for label, value in answers.items():
        field = control(page, label, value)
        if field.get_attribute("type") in ("radio", "checkbox"):
            field.check()
        elif field.get_by_role("option").count():
            field.select_option(label=str(value))
        else:
            field.fill(str(value))


def send(page: Page) -> None:
    page.get_by_role("button", name=SEND).click()


def expect_received(page: Page) -> str:
    """Return the reference. A person sees that the request is saved, until when we reply, and that reference."""
    expect(page.get_by_role("heading", level=1, name="We have your request")).to_be_visible()
    expect(page.get_by_text(PROMISE)).to_be_visible()
    return page.get_by_text(REFERENCE).inner_text()
