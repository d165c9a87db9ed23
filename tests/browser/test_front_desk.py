"""A day at the practice desk, told as the people there live it."""

from datetime import time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from appointments.models import Inquiry, Visit
from appointments.office.hours import NEW_YORK
from appointments.requests import promises
from tests.browser.desk_pages import (
    FIRST_PAGE,
    LEFT_MESSAGE,
    NO_ANSWER,
    NOT_SAVED_YET,
    NOTE,
    QUEUE,
    SPOKE,
    act,
    by_telephone,
    history,
    request_page,
    save,
    search,
)
from tests.browser.keyboard import Keyboard
from tests.factories import make_inquiry

pytestmark = pytest.mark.browser


@pytest.fixture
def arrives(rows):
    """Put a request into the site's queue: arrives(name="Rosa Klein")."""

    def make(**answers):
        with rows():
            inquiry = make_inquiry(**answers)
            promises.watch()  # what the pump would write in the middle of the story is written now
            return inquiry

    return make


@pytest.fixture
def now_in_the_rows(rows):
    """A request as the database has it at this moment."""

    def read(inquiry):
        with rows():
            inquiry = Inquiry.objects.select_related("owner", "visit").get(pk=inquiry.pk)
            inquiry.kinds = list(inquiry.events.values_list("kind", flat=True))
            inquiry.notes = [event.note for event in inquiry.events.filter(kind="note")]
            return inquiry

    return read


def open_from_the_queue(page, inquiry):
    page.get_by_role("link", name=inquiry.name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(inquiry.reference)


def test_the_front_desk_lives_through_a_day(desk, rows, arrives, now_in_the_rows):
    now = timezone.now()
    overdue = arrives(
        name="Olga Brandt",
        received_at=now - timedelta(days=9),
        reply_by=now - timedelta(hours=3),
        **by_telephone("2001"),
    )
    suspected = arrives(name="Sami Nasser", status="suspected", suspicion="several links")
    reached = arrives(name="Rita Moreau", reach_by="text", phone="+12125552002", reply_by=now + timedelta(days=1))
    private = arrives(name="Priya Nair", **by_telephone("2003"), may_leave_voicemail=False)
    evening = timezone.localtime(now, NEW_YORK).date() + timedelta(days=3)
    at_eleven = timezone.datetime.combine(evening, time(23), tzinfo=NEW_YORK)  # no office is open then
    with rows():
        neighbour = make_inquiry(name="Nils Holm", status="visit_confirmed", contacted_at=now)
        Visit.objects.create(inquiry=neighbour, starts_at=at_eleven, minutes=30)

    # In the morning the first page leads to the queue, and the queue to what is past its promise.
    desk.goto(FIRST_PAGE)
    desk.get_by_role("main").get_by_role("link", name="past the promised moment").click()
    expect(desk.get_by_role("heading", level=1, name="Past the promised moment")).to_be_visible()
    row = desk.get_by_role("row").filter(has_text=overdue.reference)
    expect(row.locator(".clock--late")).to_be_visible()
    expect(row).to_contain_text("Do not leave a voicemail.")

    # She is called first, and one press says that she was reached.
    open_from_the_queue(desk, overdue)
    desk.get_by_role("button", name=SPOKE).click()
    expect(desk.get_by_text("Logged: Spoke.")).to_be_visible()
    expect(history(desk)).to_contain_text("Spoke with the patient, by desk")
    assert now_in_the_rows(overdue).contacted_at
    assert str(now_in_the_rows(overdue).owner) == "desk"
    desk.goto(f"{QUEUE}?view=late")
    expect(desk.get_by_role("row").filter(has_text=overdue.reference)).to_have_count(0)

    # One that looked like spam is none: it is rescued and stands in the queue.
    desk.goto(f"{QUEUE}?view=suspected")
    act(desk, "Not spam: rescue", suspected)
    expect(desk.get_by_text("1 rescued.")).to_be_visible()
    desk.goto(QUEUE)
    expect(desk.get_by_role("link", name=suspected.name)).to_be_visible()

    # One is reached by text, as he asked.
    open_from_the_queue(desk, reached)
    desk.get_by_role("button", name="Text sent").click()
    expect(history(desk)).to_contain_text("Text sent, by desk")
    expect(desk.get_by_text("answered in time")).to_be_visible()

    # One allowed no voicemail: there is no such button, a sentence says why, and a hand-made post is refused.
    desk.goto(QUEUE)
    open_from_the_queue(desk, private)
    expect(desk.get_by_role("button", name=NO_ANSWER)).to_be_visible()
    expect(desk.get_by_role("button", name=LEFT_MESSAGE)).to_have_count(0)
    expect(desk.get_by_text("This patient did not allow voicemail.")).to_be_visible()
    desk.get_by_role("button", name=NO_ANSWER).evaluate("button => { button.value = 'left_message' }")
    desk.get_by_role("button", name=NO_ANSWER).click()
    expect(desk.get_by_role("list").filter(has_text="This patient did not allow voicemail.")).to_be_visible()
    assert "left_message" not in now_in_the_rows(private).kinds

    # One gets a visit. The time overlaps another's and the office is closed: a tick keeps it all the same.
    desk.goto(request_page(reached))
    desk.get_by_label("Date of the visit").fill(f"{evening:%Y-%m-%d}")
    desk.get_by_label("Time of the visit").fill("23:15")
    desk.get_by_role("button", name="Save the visit").click()
    expect(desk.get_by_text("The office is not open all that time.")).to_be_visible()
    expect(desk.get_by_text(f"It overlaps the visit of {neighbour.reference} at 11:00 PM.")).to_be_visible()
    desk.get_by_label("Keep this time").check()
    desk.get_by_role("button", name="Save the visit").click()
    expect(desk.get_by_label("Status")).to_have_value("visit_confirmed")
    assert now_in_the_rows(reached).visit.starts_at == at_eleven + timedelta(minutes=15)

    # One is closed, but not without saying how it ended.
    desk.goto(request_page(overdue))
    desk.get_by_label("Status").select_option(label="Closed")
    save(desk)
    expect(desk.get_by_text("Choose an outcome when you close a request")).to_be_visible()
    desk.get_by_label("Outcome").select_option(label="Question answered")
    save(desk)
    expect(desk.get_by_text("was changed successfully")).to_contain_text(overdue.reference)
    expect(desk.get_by_role("row").filter(has_text=reached.reference)).to_have_count(1)
    expect(desk.get_by_role("row").filter(has_text=overdue.reference)).to_have_count(0)
    assert now_in_the_rows(overdue).outcome == "answered"


def test_a_colleague_with_only_a_keyboard_finds_a_request_and_writes_down_what_happened(desk, arrives, now_in_the_rows):
    inquiry = arrives(name="Karin Lund", **by_telephone("7341"))
    tomorrow = timezone.localdate() + timedelta(days=1)
    desk.goto(QUEUE)
    keyboard = Keyboard(desk)

    keyboard.tab_to("Search every request")
    keyboard.type("555 7341")
    keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1, name="Found")).to_be_visible()
    keyboard.tab_to("Karin Lund")
    keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(inquiry.reference)

    keyboard.tab_to(NOTE)
    keyboard.type("Prefers mornings.")
    keyboard.tab_to(NO_ANSWER)
    keyboard.press("Space")
    expect(history(desk)).to_contain_text("Called, no answer, by desk")
    expect(history(desk)).to_contain_text("Prefers mornings.")

    keyboard.tab_to("Follow up on")
    keyboard.type(f"{tomorrow:%m%d%Y}")
    keyboard.tab_to("Save")
    keyboard.press("Enter")
    expect(desk.get_by_role("row").filter(has_text=inquiry.reference)).to_contain_text(f"{tomorrow:Follow up %A}")
    assert now_in_the_rows(inquiry).kinds.count("no_answer") == 1


@pytest.mark.parametrize("field", ["Duplicate of", "Follow up on", "Date of the visit", "Length in minutes", "Place"])
def test_enter_in_a_field_saves_and_logs_no_contact(desk, arrives, now_in_the_rows, field):
    inquiry = arrives(name="Enno Visser", **by_telephone("7342"))
    desk.goto(request_page(inquiry))
    desk.get_by_label(NOTE).fill("Typed before Enter.")
    desk.get_by_label(field).press("Enter")
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    assert now_in_the_rows(inquiry).notes == ["Typed before Enter."]
    assert now_in_the_rows(inquiry).contacted_at is None
    assert now_in_the_rows(inquiry).kinds == ["received", "opened", "note"]


def test_of_two_who_write_at_once_the_second_sees_the_first_and_loses_no_word(
    desk, deputys_desk, arrives, now_in_the_rows
):
    inquiry = arrives(name="Tove Dahl", **by_telephone("7343"))
    desk.goto(request_page(inquiry))
    deputys_desk.goto(request_page(inquiry))
    expect(deputys_desk.get_by_role("status")).to_contain_text("desk opened this 0 min ago. You may be two at it.")
    desk.get_by_label(NOTE).fill("Her daughter called for her.")
    deputys_desk.get_by_label(NOTE).fill("She would rather be seen in spring.")
    deputys_desk.get_by_label("Place").fill("By video")

    save(desk)
    save(deputys_desk)

    news = deputys_desk.get_by_role("region", name=NOT_SAVED_YET)
    expect(news).to_contain_text("Note: Her daughter called for her., by desk")
    expect(deputys_desk.get_by_label(NOTE)).to_have_value("She would rather be seen in spring.")
    expect(deputys_desk.get_by_label("Place")).to_have_value("By video")
    assert now_in_the_rows(inquiry).notes == ["Her daughter called for her."]

    save(deputys_desk)
    expect(deputys_desk.get_by_text("was changed successfully")).to_be_visible()
    assert now_in_the_rows(inquiry).notes == ["Her daughter called for her.", "She would rather be seen in spring."]


@pytest.fixture
def plain_desk(chromium, visiting, signed_in):
    """A colleague's page in a browser that runs no script."""
    with visiting(chromium, storage_state=signed_in, java_script_enabled=False) as page:
        yield page


def test_without_scripts_requests_are_assigned(plain_desk, arrives, now_in_the_rows):
    first, second = arrives(name="Ada Ferrari"), arrives(name="Ben Ferrari")
    plain_desk.goto(QUEUE)
    act(plain_desk, "Assign", first, second, to="me")
    expect(plain_desk.get_by_text("2 assigned.")).to_be_visible()
    assert {str(now_in_the_rows(one).owner) for one in (first, second)} == {"desk"}


def test_without_scripts_a_suspected_request_is_rescued(plain_desk, arrives, now_in_the_rows):
    suspected = arrives(name="Cleo Ferrari", status="suspected")
    plain_desk.goto(f"{QUEUE}?view=suspected")
    act(plain_desk, "Not spam: rescue", suspected)
    expect(plain_desk.get_by_text("1 rescued.")).to_be_visible()
    assert now_in_the_rows(suspected).status == "new"


def test_without_scripts_call_sheets_are_printed(plain_desk, arrives):
    first, second = arrives(name="Dina Ferrari"), arrives(name="Elio Ferrari")
    plain_desk.goto(QUEUE)
    act(plain_desk, "Print call sheets", first, second)
    expect(plain_desk.get_by_role("heading", name=f"{first.reference}: Dina Ferrari")).to_be_visible()
    expect(plain_desk.get_by_role("heading", name=f"{second.reference}: Elio Ferrari")).to_be_visible()


def test_without_scripts_what_was_found_is_exported(plain_desk, arrives):
    inquiry, other = arrives(name="Fiona Rossi"), arrives(name="Gian Bianchi")
    search(plain_desk, "Rossi")
    with plain_desk.expect_download() as download:
        act(plain_desk, "Export as CSV", inquiry)
    file = download.value.path().read_text(encoding="utf-8-sig")
    assert f'"{inquiry.reference}"' in file
    assert other.reference not in file
