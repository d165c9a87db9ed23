"""One request on one screen: contacts, owner, follow-up, duplicates, and two colleagues at once."""

from datetime import UTC, date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from appointments.mail import outbox
from appointments.models import Access, Inquiry, InquiryEvent, OutgoingMail, Visit
from appointments.privacy.encryption import Undecryptable
from appointments.requests import handling, promises, visits
from tests.desk import as_shown, desk_url, press_save, still_typed
from tests.factories import make_condition, make_inquiry

pytestmark = pytest.mark.django_db

Contact = Inquiry.Contact
NOT_SAVED = "Not saved yet: this happened while you had it open"


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


@pytest.fixture
def anna(django_user_model):
    return django_user_model.objects.create_superuser("anna", password="another-long-password")


@pytest.fixture
def anna_client(anna):
    client = Client()
    client.force_login(anna)
    return client


def kinds(inquiry) -> list[str]:
    return [event.kind for event in inquiry.events.exclude(kind__in=["received", "opened"])]


def in_two_weeks(*, sunday=False) -> date:
    """A day to come; or a Sunday, on which the office is closed."""
    day = timezone.localdate() + timedelta(days=14)
    return day + timedelta(days=6 - day.weekday()) if sunday else day


def page_of(response) -> str:
    return " ".join(response.content.decode().split())


# What stands there


def test_the_screen_shows_how_to_reach_the_person_and_what_was_promised(at, client, staff):
    at(2026, 11, 25, 15, 2)  # the day before Thanksgiving
    from appointments.models import Closure

    day = timezone.localdate()
    Closure.objects.create(first_day=day + timedelta(days=1), last_day=day + timedelta(days=2), reason="Thanksgiving")
    client.force_login(staff)
    inquiry = make_inquiry(
        name="Example C",
        for_whom="child",
        contact_name="Her father",
        reach_by="text",
        phone="+12124344050",
        speaking_is_hard=True,
        wants_interpreter=True,
        language="Spanish",
        topic=make_condition("synkinesis"),
        began="year",
        days=[0, 1],
        time_of_day="afternoon",
        message="The eye closes when eating.",
        reply_by=timezone.make_aware(timezone.datetime(2026, 11, 30, 17)),
    )
    page = page_of(client.get(desk_url(inquiry)))
    for words in (
        "<b>Text message</b>",
        "(212) 434-4050",
        "Do not leave a voicemail.",
        "Do not say who we are.",
        "Speaking is hard: ask yes or no questions.",
        "Interpreter: Spanish.",
        "Speak with <bdi>Her father</bdi>.",
        "5:00 PM, Monday, November 30, New York time",
        "1 h 58 min of office time left today, then 8 h 30 min on Monday.",
        "Closed on Thursday, November 26 and Friday, November 27.",
        "saved 3:02 PM today",
        "staff told: not yet",
        "opened 3:02 PM today",
        "contacted: not yet",
        "Synkinesis",
        "3 to 12 months ago",
        "Monday, Tuesday; afternoon",
        "The eye closes when eating.",
    ):
        assert words in page, words


def test_the_ledger_says_when_staff_were_told(staff_client, mailoutbox):
    from appointments.background import pump
    from tests.processes import office_is_open

    office_is_open()
    inquiry = make_inquiry(email="", phone="+12124344050", reach_by="call")
    pump.turn()
    assert len(mailoutbox) == 1
    assert "staff told: not yet" not in page_of(staff_client.get(desk_url(inquiry)))


def test_who_opened_it_just_now_stands_there_for_a_quarter_of_an_hour(at, client, staff, anna):
    inquiry = make_inquiry()
    at(2026, 12, 2, 10, 0)
    client.force_login(anna)
    client.get(desk_url(inquiry))
    assert "opened this" not in page_of(client.get(desk_url(inquiry))), "oneself is nobody else"
    client.force_login(staff)
    at(2026, 12, 2, 10, 14)
    assert "anna</b> opened this 14 min ago" in page_of(client.get(desk_url(inquiry)))
    at(2026, 12, 2, 10, 15)
    assert "opened this" not in page_of(client.get(desk_url(inquiry)))


def test_every_opening_is_written_down_and_outlives_the_request(staff_client, staff):
    inquiry = make_inquiry()
    for _ in range(2):
        staff_client.get(desk_url(inquiry))
    reference = inquiry.reference
    inquiry.delete()
    staff.delete()
    assert (
        list(Access.objects.values_list("action", "reference", "username", "inquiry", "by"))
        == [("opened", reference, "desk", None, None)] * 2
    )


def test_an_access_is_never_rewritten(staff_client):
    staff_client.get(desk_url(make_inquiry()))
    access = Access.objects.get()
    with pytest.raises(TypeError):
        access.save()


def test_requests_of_the_same_person_are_shown_and_others_are_not(staff_client):
    inquiry = make_inquiry(phone="+12124344050", email="maria@example.com")
    same_number = make_inquiry(name="M. Okafor", phone="+12124344050", email="", status="closed")
    same_address = make_inquiry(name="M.", email="MARIA@example.com")
    its_repeat = make_inquiry(name="Other", email="other@example.com", repeat_of=inquiry)
    stranger = make_inquiry(name="Maria Okafor", email="another@example.com")
    page = page_of(staff_client.get(desk_url(inquiry)))
    for other in (same_number, same_address, its_repeat):
        assert f">{other.reference}</a>" in page
    assert stranger.reference not in page


def test_a_mail_that_was_given_up_is_a_task_until_the_patient_is_reached(staff_client):
    inquiry = make_inquiry(phone="+12124344050")
    OutgoingMail.objects.create(kind="patient_received", inquiry=inquiry, refused_at=timezone.now())
    sentence = "This mail did not reach them: we have your request, to the patient."
    assert sentence in page_of(staff_client.get(desk_url(inquiry)))
    mails = page_of(staff_client.get("/admin/appointments/outgoingmail/?state=refused"))
    assert f'<a href="{desk_url(inquiry)}">{inquiry.reference}</a>' in mails
    press_save(staff_client, inquiry, contact="no_answer")
    assert sentence in page_of(staff_client.get(desk_url(inquiry))), "nobody was reached yet"
    press_save(staff_client, inquiry, contact="spoke")
    assert sentence not in page_of(staff_client.get(desk_url(inquiry)))


# Contacts


@pytest.mark.parametrize(
    ("contact", "replied"),
    [("spoke", True), ("left_message", True), ("text_sent", True), ("email_sent", True), ("no_answer", False)],
)
def test_one_press_logs_a_contact_and_a_reply_keeps_the_promise(staff_client, staff, contact, replied):
    inquiry = make_inquiry(phone="+12124344050", may_leave_voicemail=True)
    response = press_save(staff_client, inquiry, contact=contact, note="Second try")
    assert response.url == desk_url(inquiry)
    inquiry.refresh_from_db()
    assert bool(inquiry.contacted_at) is replied
    assert (inquiry.status, inquiry.owner) == ("in_progress", staff)
    assert kinds(inquiry) == ["note", contact, "assigned", "status"]


def test_a_contact_leaves_an_owner_and_a_later_status_alone(staff_client, anna):
    inquiry = make_inquiry(phone="+12124344050", owner=anna, status="waiting", contacted_at=timezone.now())
    first = inquiry.contacted_at
    press_save(staff_client, inquiry, contact="spoke")
    inquiry.refresh_from_db()
    assert (inquiry.owner, inquiry.status, inquiry.contacted_at) == (anna, "waiting", first)


@pytest.mark.parametrize(
    ("contact", "changes", "sentence"),
    [
        ("left_message", {"phone": "+12124344050"}, "did not allow voicemail"),
        ("text_sent", {}, "gave no telephone number"),
        ("no_answer", {}, "gave no telephone number"),
        ("email_sent", {"email": "", "phone": "+12124344050"}, "gave no e-mail address"),
        ("spoke", {"status": "closed"}, "Reopen or rescue the request first."),
        ("spoke", {"status": "suspected"}, "Reopen or rescue the request first."),
    ],
)
def test_a_contact_that_cannot_have_been_is_refused_in_words_and_the_note_is_kept(
    staff_client, contact, changes, sentence
):
    inquiry = make_inquiry(**changes)
    assert f'value="{contact}"' not in page_of(staff_client.get(desk_url(inquiry)))
    page = page_of(press_save(staff_client, inquiry, contact=contact, note="Half a thought"))
    assert '<ul class="errorlist" id="id_contact_error"><li>' in page
    assert sentence in page
    assert "Half a thought" in page
    assert kinds(inquiry) == []


def test_an_unknown_contact_is_refused(staff_client):
    inquiry = make_inquiry()
    assert "Select a valid choice" in page_of(press_save(staff_client, inquiry, contact="pigeon"))


# Owner and follow-up


def test_owner_and_follow_up_are_set_changed_and_taken_back(staff_client, staff, anna):
    inquiry, day = make_inquiry(), timezone.localdate() + timedelta(days=3)
    press_save(staff_client, inquiry, owner=anna.pk, follow_up_on=day)
    inquiry.refresh_from_db()
    assert (inquiry.owner, inquiry.follow_up_on) == (anna, day)
    press_save(staff_client, inquiry, owner="", follow_up_on="")
    inquiry.refresh_from_db()
    assert (inquiry.owner, inquiry.follow_up_on) == (None, None)
    assert [(event.kind, event.note) for event in inquiry.events.exclude(kind__in=["received", "opened"])] == [
        ("assigned", "anna"),
        ("follow_up", f"{day:%A, %B %-d, %Y}"),
        ("assigned", "nobody"),
        ("follow_up", "no more"),
    ]


def test_a_day_that_is_over_in_new_york_is_no_day_to_follow_up(at, client, staff):
    at(2026, 12, 2, 20, 30)  # the next day already, in UTC
    client.force_login(staff)
    inquiry = make_inquiry()
    page = page_of(press_save(client, inquiry, follow_up_on="2026-12-01"))
    assert "Choose today or a day to come." in page
    assert press_save(client, inquiry, follow_up_on="2026-12-02").status_code == 302


def test_closing_ends_the_follow_up(staff_client):
    inquiry = make_inquiry(follow_up_on=timezone.localdate())
    assert press_save(staff_client, inquiry, status="closed", outcome="answered").status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.follow_up_on) == ("closed", None)


def test_a_patient_who_withdraws_ends_the_follow_up():
    inquiry = make_inquiry(follow_up_on=timezone.localdate())
    handling.withdraw(inquiry)
    inquiry.refresh_from_db()
    assert inquiry.follow_up_on is None


def test_a_closed_request_is_reopened_and_followed_up_in_one_save(staff_client):
    inquiry, day = make_inquiry(status="closed"), timezone.localdate()
    assert "Only an open request" in page_of(press_save(staff_client, inquiry, follow_up_on=day))
    press_save(staff_client, inquiry, follow_up_on=day, status="in_progress")
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.follow_up_on) == ("in_progress", day)


def test_a_colleague_who_left_stays_the_owner_until_somebody_changes_it(staff_client, anna):
    inquiry = make_inquiry(owner=anna)
    anna.is_active = False
    anna.save()
    assert press_save(staff_client, inquiry, note="Hers").status_code == 302
    inquiry.refresh_from_db()
    assert inquiry.owner == anna


# Duplicates


def test_a_duplicate_is_closed_with_what_it_repeats_and_never_deleted(staff_client):
    first, second = make_inquiry(), make_inquiry()
    press_save(staff_client, second, status="closed", outcome="duplicate", duplicate_of=first.reference.lower())
    second.refresh_from_db()
    assert (second.status, second.outcome, second.duplicate_of) == ("closed", "duplicate", first)
    assert "This is a duplicate of it." in page_of(staff_client.get(desk_url(second)))
    press_save(staff_client, second, status="in_progress")
    second.refresh_from_db()
    assert second.duplicate_of is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"outcome": "duplicate", "duplicate_of": ""}, "Say which request this is a duplicate of, and only then."),
        ({"outcome": "answered", "duplicate_of": "other"}, "Say which request this is a duplicate of, and only then."),
        ({"outcome": "duplicate", "duplicate_of": "self"}, "There is no other request with this reference."),
        ({"outcome": "duplicate", "duplicate_of": "ABCD-2345"}, "There is no other request with this reference."),
        ({"outcome": "duplicate", "duplicate_of": "nonsense"}, "There is no other request with this reference."),
    ],
)
def test_a_duplicate_of_nothing_is_refused_in_words(staff_client, typed, sentence):
    inquiry, other = make_inquiry(), make_inquiry()
    typed["duplicate_of"] = {"self": inquiry.reference, "other": other.reference}.get(
        typed["duplicate_of"], typed["duplicate_of"]
    )
    assert sentence in page_of(press_save(staff_client, inquiry, status="closed", **typed))
    inquiry.refresh_from_db()
    assert inquiry.status == "new"


def test_two_requests_cannot_be_duplicates_of_each_other(staff_client, staff):
    first, second = make_inquiry(), make_inquiry()
    handling.change_status(second, "closed", by=staff, outcome="duplicate", duplicate_of=first)
    page = page_of(press_save(staff_client, first, status="closed", outcome="duplicate", duplicate_of=second.reference))
    assert "is a duplicate of this one" in page
    with pytest.raises(ValidationError):
        handling.change_status(first, "closed", by=staff, outcome="duplicate", duplicate_of=second)


@pytest.mark.parametrize("values", [{"outcome": "answered"}, {"outcome": "duplicate", "is_itself": True}])
def test_the_database_keeps_duplicates_honest(values):
    inquiry, other = make_inquiry(), make_inquiry(status="closed")
    target = other if values.pop("is_itself", False) else inquiry
    with pytest.raises(IntegrityError):
        Inquiry.objects.filter(pk=other.pk).update(duplicate_of=target, **values)


# Two at once


def test_the_second_to_save_sees_what_the_first_did_and_loses_nothing(staff_client, anna_client, anna):
    inquiry = make_inquiry(phone="+12124344050")
    page = as_shown(inquiry)  # both have it open
    day = timezone.localdate() + timedelta(days=1)
    press_save(anna_client, inquiry, page, note="Her sister called", owner=anna.pk, status="waiting")

    response = press_save(staff_client, inquiry, page, note="Prefers mornings", follow_up_on=day)
    words = page_of(response)
    assert response.status_code == 200
    assert NOT_SAVED in words
    assert "Note: <bdi>Her sister called</bdi>, by <bdi>anna</bdi>" in words
    assert "Owner: <bdi>anna</bdi>, by <bdi>anna</bdi>" in words
    assert "Prefers mornings" in words
    assert kinds(inquiry) == ["note", "assigned", "status"], "nothing of the second is saved yet"

    again = still_typed(response)
    assert press_save(staff_client, inquiry, again).status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.owner, inquiry.status, inquiry.follow_up_on) == (anna, "waiting", day)
    assert [event.note for event in inquiry.events.filter(kind="note")] == ["Her sister called", "Prefers mornings"]


def test_where_both_changed_one_field_both_values_stand_there_and_the_second_decides(
    staff_client, staff, anna_client, anna
):
    inquiry = make_inquiry()
    page = as_shown(inquiry)
    press_save(anna_client, inquiry, page, owner=anna.pk)
    response = press_save(staff_client, inquiry, page, owner=staff.pk)
    assert "Meanwhile it became: anna. Yours is below." in page_of(response)
    again = still_typed(response)
    assert again["owner"] == str(staff.pk)
    press_save(staff_client, inquiry, again)
    inquiry.refresh_from_db()
    assert inquiry.owner == staff


def test_a_visit_agreed_by_a_colleague_meanwhile_is_not_undone(staff_client, anna_client):
    inquiry = make_inquiry()
    page, day = as_shown(inquiry), str(in_two_weeks())
    press_save(anna_client, inquiry, page, visit_at_0=day, visit_at_1="10:00", visit_minutes="45", visit_anyway="on")
    response = press_save(staff_client, inquiry, page, note="Asked for a visit")
    again = still_typed(response)
    assert (again["visit_at_0"], again["visit_at_1"], again["visit_minutes"]) == (day, "10:00", "45")
    press_save(staff_client, inquiry, again)
    visit = Visit.objects.get()
    assert (visit.minutes, visit.sequence, visit.cancelled_at) == (45, 0, None)


def test_a_visit_typed_on_a_page_that_came_back_is_saved_by_the_next_press(staff_client):
    inquiry = make_inquiry()
    response = press_save(staff_client, inquiry, visit_at_0=in_two_weeks(sunday=True), visit_at_1="10:00")
    assert "The office is not open all that time." in page_of(response)
    press_save(staff_client, inquiry, still_typed(response), visit_anyway="on")
    assert timezone.localtime(inquiry.visit.starts_at).hour == 10


def test_a_patients_note_that_came_meanwhile_is_seen_before_the_request_is_closed(staff_client):
    inquiry = make_inquiry()
    page = as_shown(inquiry)
    handling.take_patient_note(inquiry, "My arm is numb since this morning")
    response = press_save(staff_client, inquiry, page, status="closed", outcome="answered")
    assert "My arm is numb since this morning" in page_of(response)
    inquiry.refresh_from_db()
    assert inquiry.status == "new"


def test_a_move_that_is_no_longer_legal_is_said_so(staff_client, anna_client):
    inquiry = make_inquiry()
    page = as_shown(inquiry)
    press_save(anna_client, inquiry, page, status="closed", outcome="answered")
    response = press_save(staff_client, inquiry, page, status="waiting")
    again = still_typed(response)
    page = page_of(press_save(staff_client, inquiry, again))
    assert "It is “Closed” now. Choose from the list." in page


def test_somebody_who_only_looked_holds_nobody_up(staff_client, anna_client):
    inquiry = make_inquiry()
    page = as_shown(inquiry)
    anna_client.get(desk_url(inquiry))
    assert press_save(staff_client, inquiry, page, note="Mine").status_code == 302


@pytest.mark.parametrize("kind", [InquiryEvent.Kind.ESCALATED, InquiryEvent.Kind.PROMISE_MISSED])
def test_a_promise_that_ends_meanwhile_holds_nobody_up(staff_client, kind):
    inquiry = make_inquiry()
    page = as_shown(inquiry)
    inquiry.write_event(kind)
    press_save(staff_client, inquiry, page, contact="email_sent")
    inquiry.refresh_from_db()
    assert inquiry.contacted_at


def test_a_page_left_untouched_and_saved_changes_nothing(staff_client, anna):
    inquiry = make_inquiry(owner=anna, status="waiting", follow_up_on=timezone.localdate())
    assert press_save(staff_client, inquiry).status_code == 302
    assert kinds(inquiry) == []


def test_an_event_says_who_did_it(staff, staff_client):
    inquiry = make_inquiry()
    handling.add_note(inquiry, "Left-handed", by=staff)
    page = staff_client.get(desk_url(inquiry)).content.decode()
    assert "Note: <bdi>Left-handed</bdi>, by <bdi>desk</bdi>" in page


def test_a_suspected_request_offers_its_rescue_by_name(staff_client):
    inquiry = make_inquiry(status="suspected")
    assert '<option value="new">Not spam: rescue</option>' in page_of(staff_client.get(desk_url(inquiry)))


def test_news_are_said_once_and_not_as_an_error(staff_client):
    inquiry = make_inquiry()
    page = as_shown(inquiry)
    handling.take_patient_note(inquiry, "One more thing")
    words = page_of(press_save(staff_client, inquiry, page, note="Mine"))
    assert NOT_SAVED in words
    assert "Please correct the error" not in words
    assert "This request changed while you had it open" not in words


# Moments that cannot be meant


@pytest.mark.parametrize("day", ["9999-12-31", "2206-12-03"])
def test_a_visit_years_ahead_is_a_slip_whatever_is_ticked(staff_client, day):
    inquiry = make_inquiry()
    page = page_of(press_save(staff_client, inquiry, visit_at_0=day, visit_at_1="23:50", visit_anyway="on"))
    assert "This is more than two years ahead. Check the date." in page
    assert not Visit.objects.exists()


def test_the_database_takes_no_visit_that_it_could_not_read_back():
    with pytest.raises(IntegrityError):
        Visit.objects.create(inquiry=make_inquiry(), starts_at=timezone.datetime(2200, 1, 1, tzinfo=UTC))


# What does not go together


@pytest.mark.parametrize(
    "typed", [{"contact": "spoke"}, {"visit_at_0": "in two weeks", "visit_at_1": "11:00", "visit_anyway": "on"}]
)
def test_whom_we_reached_or_agreed_with_is_not_marked_as_spam(staff_client, typed):
    inquiry = make_inquiry(phone="+12124344050")
    if "visit_at_0" in typed:
        typed = typed | {"visit_at_0": in_two_weeks()}
    page = page_of(press_save(staff_client, inquiry, status="suspected", **typed))
    assert "sent no spam. Choose one." in page
    inquiry.refresh_from_db()
    assert (inquiry.status, kinds(inquiry)) == ("new", [])


def test_the_visit_of_a_closed_request_changes_only_with_its_reopening(staff_client, staff):
    inquiry = make_inquiry()
    visits.agree(inquiry, starts_at=timezone.now() + timedelta(days=9), minutes=30, by=staff)
    handling.change_status(inquiry, "closed", by=staff, outcome="answered")
    change = {"visit_place": "Suite 9", "visit_anyway": "on"}
    assert "Reopen or rescue the request first." in page_of(press_save(staff_client, inquiry, **change))
    assert press_save(staff_client, inquiry, status="in_progress", **change).status_code == 302
    assert Visit.objects.get().place == "Suite 9"


@pytest.mark.parametrize("outcome", ["withdrawn", "spam"])
def test_who_is_closed_as_withdrawn_or_spam_hears_no_more_of_us(at, client, staff, mailoutbox, outcome):
    at(2026, 12, 1, 10, 0)
    client.force_login(staff)
    inquiry = make_inquiry()
    visits.agree(inquiry, starts_at=timezone.now() + timedelta(days=14), minutes=30, by=staff)
    outbox.deliver_due()
    mailoutbox.clear()
    press_save(client, inquiry, status="closed", outcome=outcome)
    at(2026, 12, 14, 11, 0)
    outbox.deliver_due()
    assert mailoutbox == []
    assert Visit.objects.get().cancelled_at


# Texts that no key opens


def spoil(inquiry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE appointments_inquiry SET message = 'v1:broken' WHERE id = %s", [inquiry.pk])


def test_a_damaged_text_hides_neither_its_request_nor_the_others(staff_client):
    damaged, other = make_inquiry(phone="+12124344050"), make_inquiry()
    spoil(damaged)
    queue = page_of(staff_client.get("/admin/appointments/inquiry/"))
    assert damaged.reference in queue
    assert other.reference in queue
    page = page_of(staff_client.get(desk_url(damaged)))
    assert "This text cannot be read with the keys we have." in page
    assert "(212) 434-4050" in page


def test_a_damaged_text_stops_no_apology_to_others():
    past = {"received_at": timezone.now() - timedelta(days=9), "reply_by": timezone.now() - timedelta(days=1)}
    damaged, other = make_inquiry(**past), make_inquiry(**past)
    spoil(damaged)
    promises.watch()
    assert other.events.filter(kind="promise_missed").exists()


def test_the_sentence_that_stands_for_a_damaged_text_never_takes_its_place():
    inquiry = make_inquiry()
    spoil(inquiry)
    inquiry.refresh_from_db()
    with pytest.raises(Undecryptable):
        inquiry.save()


# Who reads leaves a line


def test_a_page_that_comes_back_with_errors_was_read_too(staff_client):
    inquiry = make_inquiry()
    assert "My eye closes" in page_of(press_save(staff_client, inquiry, outcome="spam"))
    assert Access.objects.filter(action="opened", inquiry=inquiry).count() == 1


def test_the_patients_name_is_in_no_title_that_a_browser_remembers(staff_client):
    page = page_of(staff_client.get(desk_url(make_inquiry(name="Zoe Quill"))))
    assert "<bdi>Zoe Quill</bdi></h1>" in page
    assert "Zoe Quill" not in page.split("</title>")[0]


# A visit that stands


def test_closing_does_not_leave_a_coming_visit_standing(staff_client, staff):
    inquiry = make_inquiry()
    visits.agree(inquiry, starts_at=timezone.now() + timedelta(days=9), minutes=30, by=staff)
    page = page_of(press_save(staff_client, inquiry, status="closed", outcome="unreached"))
    assert "Tick to cancel it, or close it afterwards." in page
    press_save(staff_client, inquiry, status="closed", outcome="unreached", cancel_visit="on")
    inquiry.refresh_from_db()
    assert (inquiry.status, bool(inquiry.visit.cancelled_at)) == ("closed", True)


def test_a_withdrawal_that_cancels_a_visit_says_so_in_the_history(staff):
    inquiry = make_inquiry()
    visits.agree(inquiry, starts_at=timezone.now() + timedelta(days=9), minutes=30, by=staff)
    handling.withdraw(inquiry)
    assert "cancelled with the request" in [event.note for event in inquiry.events.filter(kind="visit")]
    assert Visit.objects.get().sequence == 1


def test_who_gave_no_address_must_be_told_of_a_visit_by_us(staff_client):
    inquiry = make_inquiry(email="", phone="+12124344050", reach_by="call")
    typed = {"visit_at_0": in_two_weeks(), "visit_at_1": "11:00", "visit_anyway": "on"}
    response = staff_client.post(desk_url(inquiry), as_shown(inquiry) | typed, follow=True)
    assert "tell them about the visit yourself" in page_of(response)


def test_a_contact_pressed_on_an_old_page_is_said_to_be_not_logged_yet(staff_client):
    inquiry = make_inquiry(phone="+12124344050")
    page = as_shown(inquiry)
    handling.take_patient_note(inquiry, "One more thing")
    assert "press “Spoke” again: it is not logged yet" in page_of(
        press_save(staff_client, inquiry, page, contact="spoke")
    )
