"""The queue: its views, its search, and what is done to many at once."""

import csv
import re
from dataclasses import FrozenInstanceError
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from appointments.admin.export import harmless
from appointments.admin.queue_row import QueueRow
from appointments.models import Access, Inquiry, OutgoingMail
from appointments.requests import handling, visits
from appointments.requests.queue_views import VIEWS
from tests.factories import make_condition, make_inquiry, told_notice

pytestmark = pytest.mark.django_db

QUEUE = "/admin/appointments/inquiry/"
FIND = f"{QUEUE}find/"


@pytest.fixture(autouse=True)
def _office(office):
    """Every story here happens at the practice's office."""


@pytest.fixture
def anna(django_user_model):
    return django_user_model.objects.create_superuser("anna", password="another-long-password")


def may(user, *codenames) -> None:
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))


def shown(client, view: str = "") -> set[str]:
    """The references that a view of the queue lists."""
    page = client.get(QUEUE, {"view": view} if view else {}).content.decode()
    return {one for one in Inquiry.objects.values_list("reference", flat=True) if f">{one}" in page}


def found(client, words: str) -> set[str]:
    """The references that a search lists, or opens."""
    response = client.post(FIND, {"words": words})
    if response.url.endswith("/change/"):
        return {Inquiry.objects.get(pk=response.url.split("/")[-3]).reference}
    assert response.url == f"{QUEUE}?view=found"
    return shown(client, "found")


# Views


def test_each_view_answers_its_own_question(staff_client, staff, anna):
    now, today = timezone.now(), timezone.localdate()
    mine = make_inquiry(owner=staff)
    hers = make_inquiry(owner=anna, follow_up_on=today)
    later = make_inquiry(owner=anna, follow_up_on=today + timedelta(days=1))
    late = make_inquiry(received_at=now - timedelta(days=9), reply_by=now - timedelta(days=7))
    suspected = make_inquiry(status="suspected")
    closed = make_inquiry(status="closed", owner=staff)
    expected = {
        "": {mine, hers, later, late},
        "mine": {mine},
        "unowned": {late},
        "late": {late},
        "today": {hers},
        "suspected": {suspected},
        "closed": {closed},
        "all": {mine, hers, later, late, suspected, closed},
    }
    for view, inquiries in expected.items():
        assert shown(staff_client, view) == {inquiry.reference for inquiry in inquiries}, view


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_each_view_is_offered_and_says_its_title(staff_client, view):
    page = staff_client.get(QUEUE, {"view": view.key}).content.decode()
    assert f"<h1>{view.title}</h1>" in page
    assert re.findall(r'class="selected"><a href="[^"]*" aria-current="true">([^<]+)</a>', page)[0] == view.label


def test_an_unknown_view_is_the_open_one(staff_client):
    inquiry = make_inquiry()
    make_inquiry(status="closed")
    assert shown(staff_client, "nonsense") == {inquiry.reference}
    assert 'aria-current="true">Open</a>' in staff_client.get(QUEUE, {"view": "nonsense"}).content.decode()


def test_a_row_of_the_queue_is_a_value_and_leaves_its_request_as_it_is(django_assert_num_queries):
    late = make_inquiry(received_at=timezone.now() - timedelta(days=9), reply_by=timezone.now() - timedelta(days=7))
    told = make_inquiry(staff_notice=told_notice(sent_at=timezone.now()))
    before = dict(vars(late))
    with django_assert_num_queries(4):
        rows = QueueRow.of_each([late, told])
    assert [(row.standing, bool(row.told_at)) for row in rows] == [("late", False), ("running", True)]
    assert vars(late) == before
    with pytest.raises(FrozenInstanceError):
        rows[0].standing = "kept"


def test_visits_of_this_week_are_new_yorks_monday_to_sunday(at, client, staff):
    at(2026, 12, 2, 10, 0)  # Wednesday
    client.force_login(staff)
    moments = [(2026, 12, 6, 23, 30), (2026, 12, 7, 0, 30)]  # Sunday night, and an hour later
    this_week, next_week, cancelled = make_inquiry(), make_inquiry(), make_inquiry()
    for inquiry, moment in ((this_week, moments[0]), (next_week, moments[1]), (cancelled, moments[0])):
        starts_at = timezone.make_aware(timezone.datetime(*moment))
        visits.agree(inquiry, starts_at=starts_at, minutes=15, by=staff)
    visits.cancel(cancelled, by=staff)
    assert shown(client, "visits") == {this_week.reference}


def test_reply_by_says_in_words_what_is_left_and_what_is_over(at, client, staff):
    at(2026, 12, 2, 15, 0)  # Wednesday
    client.force_login(staff)
    moment = timezone.localtime()
    make_inquiry(reply_by=moment + timedelta(hours=2), received_at=moment - timedelta(days=1))
    make_inquiry(reply_by=moment - timedelta(hours=1), received_at=moment - timedelta(days=1))
    make_inquiry(reply_by=moment + timedelta(days=1), received_at=moment - timedelta(days=1), contacted_at=moment)
    page = client.get(QUEUE).content.decode()
    assert "2 h 0 min left" in page
    assert "1 h 0 min over" in page
    assert "answered in time" in page
    assert [page.count(f"clock--{state}") for state in ("soon", "late", "kept")] == [1, 1, 1]


def test_the_tallies_count_what_needs_a_person(at, client, staff):
    at(2026, 12, 2, 10, 0)
    client.force_login(staff)
    now = timezone.now()
    make_inquiry(received_at=now - timedelta(days=9), reply_by=now - timedelta(days=7))
    make_inquiry(reply_by=now + timedelta(hours=3), owner=staff)
    make_inquiry(reply_by=now + timedelta(days=1), owner=staff, follow_up_on=timezone.localdate())
    inquiry = make_inquiry(status="suspected")
    OutgoingMail.objects.create(kind="patient_received", inquiry=inquiry, refused_at=now)
    page = client.get(QUEUE).content.decode()
    for count, words in [
        (1, "past the promise"),
        (1, "to answer today"),
        (1, "with no owner"),
        (1, "to follow up"),
        (1, "suspected spam<"),
        (1, "mails given up"),
    ]:
        assert f"<b>{count}</b> <a" in page.split(words)[0].split("<li")[-1], words


def test_whom_nobody_has_answered_stands_before_every_answered_request(staff_client):
    now = timezone.now()
    answered = make_inquiry(is_new_onset=True, contacted_at=now, reply_by=now + timedelta(hours=1))
    ordinary = make_inquiry(reply_by=now + timedelta(days=3))
    late = make_inquiry(received_at=now - timedelta(days=9), reply_by=now - timedelta(days=7))
    page = staff_client.get(QUEUE).content.decode()
    places = [page.index(inquiry.reference) for inquiry in (late, ordinary, answered)]
    assert places == sorted(places)
    assert shown(staff_client, "to-answer") == {late.reference, ordinary.reference}


def test_what_a_patient_adds_is_seen_until_a_colleague_acts_on_it(staff_client, staff):
    wrote, withdrew = make_inquiry(contacted_at=timezone.now()), make_inquiry()
    make_inquiry()
    handling.take_patient_note(wrote, "Not before noon, please")
    handling.withdraw(withdrew)
    assert shown(staff_client, "wrote") == {wrote.reference, withdrew.reference}
    page = staff_client.get(QUEUE).content.decode()
    assert '<b>2</b> <a href="?view=wrote">news from patients</a>' in page
    assert "The patient wrote" in page
    staff_client.get(f"{QUEUE}{wrote.pk}/change/")
    assert wrote.reference in shown(staff_client, "wrote"), "to look is not enough"
    handling.add_note(Inquiry.objects.get(pk=wrote.pk), "Told Anna", by=staff)
    assert shown(staff_client, "wrote") == {withdrew.reference}


# Search


@pytest.mark.parametrize("phone", ["+12125550142", "(212) 555-0142"])
@pytest.mark.parametrize(
    "words", ["(212) 555-0142", "212.555.0142", "+1 212 555 0142", "5550142", "0142", "1-2125550142"]
)
def test_a_telephone_number_is_found_by_its_digits_in_any_format(staff_client, phone, words):
    inquiry = make_inquiry(phone=phone)
    make_inquiry(phone="+12124344050")
    assert found(staff_client, words) == {inquiry.reference}


@pytest.mark.parametrize("words", ["+1 (212) 155-0142", "12121550142", "212-155-0142"])
def test_a_number_of_no_known_plan_is_found_as_it_was_typed(staff_client, words):
    inquiry = make_inquiry(phone="(212) 155-0142")
    assert found(staff_client, words) == {inquiry.reference}


def test_an_extension_does_not_hide_a_number(staff_client):
    inquiry = make_inquiry(phone="tel:+1-212-434-4050;ext=12")
    assert found(staff_client, "2124344050") == {inquiry.reference}
    assert found(staff_client, "212 434 4050 ext 12") == {inquiry.reference}


@pytest.mark.parametrize("words", ["okafor", "MARIA okafor", "okafor maria", "maria@example", "María Parent", "Ng"])
def test_names_and_addresses_are_found_in_any_order_and_case(staff_client, words):
    inquiry = make_inquiry(contact_name="María Parent of Ng")
    make_inquiry(name="Somebody Else", email="else@example.com")
    assert found(staff_client, words) == {inquiry.reference}


def test_a_search_looks_at_closed_and_suspected_requests_too(staff_client):
    inquiries = [make_inquiry(status=status) for status in ("new", "closed", "suspected")]
    assert found(staff_client, "Okafor") == {inquiry.reference for inquiry in inquiries}


def test_a_whole_reference_opens_its_request_however_it_is_typed(staff_client):
    inquiry = make_inquiry()
    for words in (inquiry.reference.lower(), inquiry.reference.replace("-", " "), f" {inquiry.reference} "):
        assert staff_client.post(FIND, {"words": words}).url == f"{QUEUE}{inquiry.pk}/change/"


def test_words_like_a_reference_that_are_none_are_a_name(staff_client):
    inquiry = make_inquiry(name="Marganet Hay")
    assert found(staff_client, "MARGANET") == {inquiry.reference}


@pytest.mark.parametrize("words", ["%", "'; drop table", "x" * 5000, "🙂", "\\", "()", "ext", "0", "12"])
def test_a_hostile_search_finds_nothing_and_breaks_nothing(staff_client, words):
    make_inquiry()
    assert found(staff_client, words) == set()


def test_searched_words_stand_in_no_address_and_in_no_log(staff_client, printed):
    make_inquiry()
    response = staff_client.post(FIND, {"words": "Okafor"}, follow=True)
    assert 'value="Okafor"' in response.content.decode()
    assert "Okafor" not in response.request["QUERY_STRING"] + str(response.redirect_chain)
    assert "kafor" not in printed()


def test_an_empty_search_shows_the_queue_again(staff_client):
    assert staff_client.post(FIND, {"words": " \0 \n"}).url == QUEUE


def test_a_search_needs_a_post_and_the_permission_to_view(client, django_user_model, staff_client):
    assert staff_client.get(FIND).status_code == 405
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    client.force_login(editor)
    assert client.post(FIND, {"words": "Okafor"}).status_code == 403


# Many at once


def act(client, action: str, *inquiries, **data):
    chosen = {"action": action, "_selected_action": [inquiry.pk for inquiry in inquiries]} | data
    return client.post(f"{QUEUE}?view=all", chosen, follow=True)


def test_many_are_assigned_to_me_to_a_colleague_and_to_nobody(staff_client, staff, anna):
    first, second = make_inquiry(), make_inquiry(owner=anna)
    for owner, expected in (("", staff), (anna.pk, anna), ("nobody", None)):
        act(staff_client, "assign", first, second, owner=owner)
        assert {inquiry.owner for inquiry in Inquiry.objects.all()} == {expected}
    assert [event.note for event in first.events.filter(kind="assigned")] == ["desk", "anna", "nobody"]


@pytest.mark.parametrize("owner", ["999999", "x"])
def test_nobody_is_assigned_to_a_stranger(staff_client, owner):
    inquiry = make_inquiry()
    page = act(staff_client, "assign", inquiry, owner=owner).content.decode()
    assert Inquiry.objects.get().owner is None
    assert "No action selected." in page


def test_marking_as_suspected_leaves_alone_what_somebody_works_on(staff_client):
    new, begun = make_inquiry(), make_inquiry(status="in_progress")
    page = act(staff_client, "mark_suspected", new, begun).content.decode()
    new.refresh_from_db()
    begun.refresh_from_db()
    assert (new.status, begun.status) == ("suspected", "in_progress")
    assert "1 marked." in page
    assert f"{begun.reference}: A request that is “In progress” cannot become “Suspected spam”." in page


def test_rescuing_what_is_no_spam_is_refused_in_words(staff_client):
    suspected, closed = make_inquiry(status="suspected"), make_inquiry(status="closed")
    page = act(staff_client, "rescue", suspected, closed).content.decode()
    assert "1 rescued." in page
    assert f"{closed.reference}: A request that is “Closed” cannot become “New”." in page


def test_nothing_is_done_to_more_than_500_at_once(staff_client, monkeypatch):
    monkeypatch.setattr("appointments.admin.queue.QueueAdmin.MOST_AT_ONCE", 2)
    inquiries = [make_inquiry() for _ in range(3)]
    page = act(staff_client, "mark_suspected", *inquiries).content.decode()
    assert "Choose at most 2 at once." in page
    assert not Inquiry.objects.suspected().exists()


def test_a_colleague_who_may_only_look_is_offered_no_change(client, django_user_model):
    looker = django_user_model.objects.create_user("looker", is_staff=True)
    may(looker, "view_inquiry")
    client.force_login(looker)
    inquiry = make_inquiry()
    assert "Maria Okafor" in client.get(QUEUE).content.decode()
    act(client, "mark_suspected", inquiry)
    act(client, "export_csv", inquiry)
    assert Inquiry.objects.get().status == "new"
    assert not Access.objects.filter(action="exported").exists()
    page = client.get(f"{QUEUE}{inquiry.pk}/change/")
    assert page.status_code == 200
    assert "What you do" not in page.content.decode()


# On paper


def test_a_call_sheet_names_the_cautions_and_not_what_the_patient_wrote(staff_client, staff):
    inquiry = make_inquiry(phone="+12124344050", speaking_is_hard=True, topic=make_condition("synkinesis"))
    page = staff_client.get(f"{QUEUE}{inquiry.pk}/call-sheet/").content.decode()
    for words in ("(212) 434-4050", "Do not leave a voicemail.", "Do not say who we are.", "yes or no questions"):
        assert words in page
    assert "My eye closes" not in page
    assert "Synkinesis" not in page
    assert Access.objects.filter(action="printed", inquiry=inquiry, by=staff).count() == 1


def test_chosen_requests_are_printed_together(staff_client):
    inquiries = [make_inquiry(), make_inquiry()]
    page = act(staff_client, "call_sheets", *inquiries).content.decode()
    assert page.count('class="sheet"') == 2
    assert Access.objects.filter(action="printed").count() == 2


# As a file


def exported(client, *inquiries) -> list[dict]:
    response = act(client, "export_csv", *inquiries)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert response.content.startswith(b"\xef\xbb\xbf"), "Excel reads accents only with the mark"
    return list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))


def test_the_export_keeps_accents_and_numbers_and_leaves_out_what_patients_wrote(staff_client, staff, at):
    at(2026, 11, 1, 1, 30)  # the hour that comes twice
    inquiry = make_inquiry(name="Zoë Ångström", phone="+442079460958")
    (row,) = exported(staff_client, inquiry)
    assert row["Name"] == "Zoë Ångström"
    assert row["Telephone"] == "011 44 20 7946 0958"
    assert row["Received (New York time)"] == "2026-11-01 01:30"
    assert not [cell for cell in row.values() if "My eye closes" in cell]
    assert Access.objects.filter(action="exported", inquiry=inquiry, by=staff).count() == 1


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\u00a0=1", "\ufeff=1"]
)
def test_a_name_that_a_spreadsheet_would_run_is_only_text(staff_client, name):
    (row,) = exported(staff_client, make_inquiry(name=name))
    assert row["Name"].startswith("'")


def test_an_ordinary_cell_stays_as_it_is():
    assert [harmless(cell) for cell in ("O'Neil", "(212) 555-0142", "a=b", "")] == [
        "O'Neil",
        "(212) 555-0142",
        "a=b",
        "",
    ]


def test_the_export_needs_a_permission_of_its_own(client, django_user_model):
    colleague = django_user_model.objects.create_user("desk2", is_staff=True)
    may(colleague, "view_inquiry", "change_inquiry")
    client.force_login(colleague)
    inquiry = make_inquiry()
    assert "Export as CSV" not in client.get(QUEUE).content.decode()
    assert "csv" not in act(client, "export_csv", inquiry)["Content-Type"]
    may(colleague, "view_inquiry", "change_inquiry", "export_inquiry")
    assert exported(client, inquiry)


def test_who_looked_at_the_list_is_written_down(staff_client, staff):
    staff_client.get(QUEUE)
    assert list(Access.objects.values_list("action", "by", "reference")) == [("listed", staff.pk, "")]


def test_a_list_shown_for_a_post_is_written_down_too(staff_client):
    make_inquiry()
    assert "Maria Okafor" in staff_client.post(QUEUE).content.decode()
    assert Access.objects.filter(action="listed").count() == 1


def test_there_is_no_call_sheet_of_no_request(staff_client):
    assert staff_client.get(f"{QUEUE}99999999/call-sheet/").status_code == 404
    assert not Access.objects.exists()


def test_a_name_that_turns_the_line_around_turns_only_itself(staff_client):
    inquiry = make_inquiry(name="Ann\u202e1234")
    for page in (QUEUE, f"{QUEUE}{inquiry.pk}/call-sheet/", f"{QUEUE}{inquiry.pk}/change/"):
        assert "<bdi>Ann\u202e1234</bdi>" in staff_client.get(page).content.decode()


@pytest.mark.parametrize(
    "query", ["reach_by__isnull=x", "name__regex=(", "name__icontains=Okafor", f"received_at__year={'9' * 23}"]
)
def test_a_name_cannot_be_searched_for_in_an_address_and_a_strange_one_is_no_outage(staff_client, query):
    make_inquiry(reach_by="call", phone="+12124344050")
    assert staff_client.get(f"{QUEUE}?{query}").status_code in (302, 400)


def test_words_pasted_with_a_tab_between_them_are_two(staff_client):
    inquiry = make_inquiry()
    assert found(staff_client, "Maria\tOkafor") == {inquiry.reference}
