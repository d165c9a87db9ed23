"""What patients read."""

import re
from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from conditions.models import (
    Citation,
    Condition,
    ConditionTreatment,
    OldAddress,
    Region,
    ReviewPolicy,
    Source,
    Symptom,
    Treatment,
)
from tests.factories import make_condition, make_question, make_region, make_symptom, make_treatment

pytestmark = pytest.mark.django_db

SYNKINESIS = "/conditions/synkinesis/"
PRACTICE_LIST = [
    "closes by itself|closes when",
    "twitches when",
    "pulled up",
    "droops",
    "dimples",
    "spasm",
    "neck and cheek",
    "narrow",
    "hard to",
    "tense|stiff|tight",
]


@pytest.fixture
def synkinesis(client, pages, office):
    return client.get(SYNKINESIS).content.decode()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_condition_list_names_every_condition(client, pages, office):
    page = client.get("/conditions/").content.decode()
    assert Condition.objects.published().count() == 10
    for condition in Condition.objects.published():
        assert condition.get_absolute_url() in page
        assert condition.plain_name in page


def test_the_ten_symptoms_of_the_practice_are_rows_of_synkinesis(pages):
    words = list(Condition.objects.get(slug="synkinesis").symptoms.published().values_list("words", "short"))
    for pattern in PRACTICE_LIST:
        assert any(re.search(pattern, " ".join(row), re.IGNORECASE) for row in words), pattern


def test_symptoms_stand_under_each_of_their_regions(client, office):
    eye, cheek = make_region("eye", name="The eye"), make_region("cheek-nose", name="The cheek")
    condition = make_condition("both-palsy")
    make_symptom("shared", short="It is shared", regions=[eye, cheek], conditions=[condition])
    page = client.get("/conditions/both-palsy/").content.decode()
    assert page.count("<li>It is shared</li>") == 2
    assert page.index("The eye") < page.index("The cheek")


def test_the_synkinesis_page_leads_to_its_treatments_in_their_order(synkinesis):
    addresses = ["/treatments/facial-neuromuscular-retraining/", "/treatments/botox/", "/treatments/surgery/"]
    help_part = synkinesis[synkinesis.index('id="treatment"') :]
    places = [help_part.index(f'href="{address}"') for address in addresses]
    assert places == sorted(places)


def test_a_condition_page_takes_a_constant_number_of_queries(client, office, django_assert_num_queries):
    regions = [make_region(slug) for slug in ("eye", "mouth")]
    condition = make_condition("many-palsy")
    # Page; symptoms, their regions; steps with treatments; questions; sources: 6.
    # The office, its hours, closures, snow days, notices: 5.
    queries = 11
    for number in (1, 40):
        for n in range(number):
            make_symptom(f"symptom-{number}-{n}", regions=regions, conditions=[condition])
            make_question(condition, f"Question {number} {n}?")
            treatment = make_treatment(f"treatment-{number}-{n}")
            ConditionTreatment.objects.create(condition=condition, treatment=treatment, why="It may help.")
            source = Source.objects.create(key=f"s-{number}-{n}", authors="A", title="T")
            Citation.objects.create(page=condition.page, source=source, number=number * 50 + n)
        with django_assert_num_queries(queries):
            client.get("/conditions/many-palsy/")


PUBLIC = ["/", "/conditions/", "/symptoms/", "/treatments/", "/request/", "/sitemap.xml", "/started-suddenly/"]


def test_no_draft_of_any_kind_shows_on_any_public_page(client, office):
    eye = make_region("eye")
    shown_condition, shown_treatment = make_condition("shown-palsy"), make_treatment("shown-therapy")
    draft = {"is_published": False, "name": "HIDDEN", "title": "HIDDEN", "plain_name": "HIDDEN", "lead": "HIDDEN"}
    draft_condition = make_condition("draft-palsy", **draft)
    draft_treatment = make_treatment("draft-therapy", **draft, group=shown_treatment)
    make_symptom(
        "draft", words="HIDDEN", short="HIDDEN", is_published=False, regions=[eye], conditions=[shown_condition]
    )
    make_symptom("shown", regions=[eye], conditions=[shown_condition, draft_condition])
    for condition, treatment in [(shown_condition, draft_treatment), (draft_condition, shown_treatment)]:
        ConditionTreatment.objects.create(condition=condition, treatment=treatment, why="HIDDEN")
    make_question(draft_condition, "HIDDEN?")
    visible = [shown_condition.get_absolute_url(), shown_treatment.get_absolute_url(), eye.get_absolute_url()]
    for url in PUBLIC + visible:
        response = client.get(url)
        assert response.status_code == 200, url
        page = response.content.decode()
        assert "HIDDEN" not in page, url
        assert "draft-" not in page, url
    assert client.get(draft_condition.get_absolute_url()).status_code == 404
    assert client.get(draft_treatment.get_absolute_url()).status_code == 404


def test_one_switch_hides_every_page_that_no_clinician_has_reviewed(client, office):
    make_condition("unreviewed")
    make_condition("reviewed", reviewed_by="Dr. O", reviewed_on=date(2026, 11, 1))
    ReviewPolicy.objects.create(hide_unreviewed=True)
    assert client.get("/conditions/unreviewed/").status_code == 404
    assert client.get("/conditions/reviewed/").status_code == 200


def test_an_unreviewed_page_says_so_in_plain_sight(client, office):
    make_condition("new-palsy")
    assert "Awaiting clinical review" in client.get("/conditions/new-palsy/").content.decode()


def test_a_page_past_its_review_says_so_from_the_day_after(client, office, at):
    review = {"reviewed_by": "Dr. O", "reviewed_on": date(2026, 1, 1), "review_due": date(2026, 12, 1)}
    make_condition("old-palsy", **review)
    at(2026, 12, 1, 20, 30)  # in UTC it is tomorrow, in New York it is not
    assert "was due for review" not in client.get("/conditions/old-palsy/").content.decode()
    at(2026, 12, 2, 0, 1)
    assert "was due for review" in client.get("/conditions/old-palsy/").content.decode()


def test_an_editors_change_shows_on_the_site(client, office, staff_client):
    condition = make_condition("old-words")
    assert client.get("/conditions/old-words/").status_code == 200
    data = {
        name: getattr(condition, name) or ""
        for name in ("name", "title", "plain_name", "lead", "in_brief", "notice", "slug", "position", "description")
    } | {"is_published": "on", "what_it_is": "<p>Fresh words.</p>", "lead": "A fresh lead."}
    for prefix in ("steps", "questions", "citations"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    response = staff_client.post(f"/admin/conditions/condition/{condition.pk}/change/", data)
    assert response.status_code == 302, response.context["adminform"].errors
    page = client.get("/conditions/old-words/").content.decode()
    assert "Fresh words." in page
    assert "A fresh lead." in page


def test_an_old_address_leads_to_the_page_after_an_editor_changes_it(client, office):
    condition = make_condition("first-name")
    condition.slug = "second-name"
    condition.save()
    response = client.get("/conditions/first-name/")
    assert response.status_code == 301
    assert response.url == "/conditions/second-name/"
    condition.slug = "third-name"
    condition.save()
    assert client.get("/conditions/first-name/").url == "/conditions/third-name/"


def test_an_address_that_is_taken_back_is_no_redirect_any_more(client, office):
    condition = make_condition("first-name")
    for slug in ("second-name", "first-name"):
        condition.slug = slug
        condition.save()
    assert client.get("/conditions/first-name/").status_code == 200
    assert not OldAddress.objects.filter(path="/conditions/first-name/").exists()


def test_the_old_blog_address_leads_to_botox(client, pages, office):
    response = client.get("/blog/botox-one-possible-solution-for-your-synkinesis")
    assert response.status_code == 301
    assert response.url == "/treatments/botox/"


@pytest.mark.parametrize("path", ["//evil.example/x", "https://evil.example", "no-slash"])
def test_the_database_refuses_an_old_address_that_is_not_ours(path):
    page = make_condition().page
    with pytest.raises(IntegrityError), transaction.atomic():
        OldAddress.objects.create(path=path, page=page)


def test_rich_text_is_cleaned_however_it_is_saved():
    condition = make_condition(
        what_it_is='<p onclick="x()">Hi <script>alert(1)</script><a href="javascript:x()">there</a></p><img src=x>'
    )
    condition.refresh_from_db()
    for evil in ("script", "onclick", "javascript", "<img"):
        assert evil not in condition.what_it_is
    assert "Hi" in condition.what_it_is


def test_a_mark_in_a_text_links_to_its_source(client, office):
    condition = make_condition("cited-palsy", what_it_is="<p>One in five.[1]</p>")
    source = Source.objects.create(key="study", authors="Bylund N", title="Synkinesis", year=2017)
    Citation.objects.create(page=condition.page, source=source, number=1)
    page = client.get("/conditions/cited-palsy/").content.decode()
    assert 'href="#source-1"' in page
    assert 'id="source-1"' in page


def test_a_mark_without_a_source_is_explained_to_the_editor():
    condition = make_condition(what_it_is="<p>One in five.[3]</p>")
    with pytest.raises(ValidationError, match=r"\[3\] has no source"):
        condition.clean()


def test_plain_text_of_an_editor_is_escaped(client, office):
    condition = make_condition("bold-palsy", lead="<b>bold</b>")
    assert "&lt;b&gt;bold" in client.get(condition.get_absolute_url()).content.decode()


def test_a_review_needs_a_name_and_a_date():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_condition(reviewed_on=date(2026, 1, 1))


def test_the_starter_content_never_overwrites_an_edit(pages):
    from django.core.management import call_command

    Condition.objects.filter(slug="synkinesis").update(lead="Edited")
    Symptom.objects.filter(slug="eye-closes-when-smiling").update(words="Edited words")
    Treatment.objects.get(slug="brow-lift").delete()
    call_command("load_starter_content", stdout=StringIO())
    assert Condition.objects.get(slug="synkinesis").lead == "Edited"
    assert not Symptom.objects.exclude(words="Edited words").filter(slug="eye-closes-when-smiling").exists()
    assert Treatment.objects.filter(slug="brow-lift").exists()


def test_a_treatment_that_an_editor_took_out_of_its_group_stays_out(pages):
    from django.core.management import call_command

    assert Treatment.objects.get(slug="static-slings").group.slug == "surgery"
    Treatment.objects.filter(slug="static-slings").update(group=None)
    call_command("load_starter_content", stdout=StringIO())
    assert Treatment.objects.get(slug="static-slings").group is None


def test_the_eight_regions_are_there_and_each_answers(client, pages, office):
    slugs = list(Region.objects.values_list("slug", flat=True))
    assert slugs == ["forehead-brow", "eye", "cheek-nose", "mouth", "chin", "neck-jaw", "ear", "whole-face"]
    for slug in slugs:
        assert client.get(f"/symptoms/{slug}/").status_code == 200


def test_the_drawing_has_one_link_for_each_region(client, pages, office):
    page = client.get("/symptoms/").content.decode()
    drawing = page[page.index('class="face-map"') :]
    drawing = drawing[: drawing.index("</svg>")]
    drawn = re.findall(r'<a id="([a-z-]+)" href="([^"]+)"', drawing)
    assert sorted(drawn) == sorted((region.slug, region.get_absolute_url()) for region in Region.objects.all())


def test_a_region_page_gives_names_to_ask_about_and_no_diagnosis(client, pages, office):
    page = client.get("/symptoms/eye/").content.decode()
    assert "My eye closes when I smile" in page
    assert 'href="/conditions/synkinesis/"' in page
    assert "not a diagnosis" in text_of(page)


def test_an_unknown_region_is_not_found(client, office):
    assert client.get("/symptoms/elbow/").status_code == 404


def test_the_editors_meter_shows_the_grade_and_warns_above_eight(staff_client):
    easy = make_condition("easy-palsy", what_it_is="<p>Your face is weak on one side.</p>")
    hard = make_condition(
        "hard-palsy",
        what_it_is="<p>Comprehensive electromyographic reinnervation necessitates multidisciplinary "
        "rehabilitation following intratemporal neurophysiological deterioration.</p>" * 3,
    )
    assert "too hard" not in staff_client.get(f"/admin/conditions/condition/{easy.pk}/change/").content.decode()
    assert "too hard" in staff_client.get(f"/admin/conditions/condition/{hard.pk}/change/").content.decode()
