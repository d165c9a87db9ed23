"""Search: the words of the fact base, phrases it was not tuned to, danger, freshness, privacy and speed."""

import random
import re
import time
from pathlib import Path
from statistics import median
from urllib.parse import urldefrag

import pytest
import yaml
from django.urls import reverse
from django.utils.html import escape

from conditions.danger import cards, dangers_in
from conditions.models import Condition, Question, Region, ReviewPolicy, Symptom, Treatment
from conditions.search import MOST_HITS, MOST_LETTERS, Hit, search
from tests.factories import make_condition, make_question, make_region, make_symptom, make_treatment

HERE = Path(__file__).parent
HELD_OUT_FLOOR = 0.90  # 87 of 93 (0.935) when first measured


def phrases(name: str) -> list[tuple[str, list[str]]]:
    return yaml.safe_load((HERE / name).read_text())


def slug(hit: Hit) -> str:
    """A page's slug, or a symptom's. A question is no page and answers no phrase."""
    if hit.kind == "Question":
        return ""
    return hit.url.partition("#")[2] or hit.url.rstrip("/").rpartition("/")[2]


def first_three(words: str) -> list[str]:
    return [slug(hit) for hit in search(words).hits[:3]]


def misses(name: str) -> list[str]:
    found = [(words, wanted, first_three(words)) for words, wanted in phrases(name)]
    return [f"{words!r}: {wanted}, got {got}" for words, wanted, got in found if not set(wanted) & set(got)]


def titles(words: str) -> list[str]:
    return [hit.title for hit in search(words).hits]


# What patients type


def test_every_search_word_of_the_fact_base_finds_its_page_among_the_first_three(pages):
    assert misses("search_cases.yaml") == []


def test_phrases_the_search_was_not_tuned_to_find_their_page_among_the_first_three(pages, record_property):
    missed, asked = misses("search_held_out.yaml"), len(phrases("search_held_out.yaml"))
    rate = 1 - len(missed) / asked
    record_property("held_out_rate", rate)
    print(f"held-out phrases: {asked - len(missed)} of {asked} ({rate:.1%})", *missed, sep="\n  ")
    assert asked >= 60
    assert rate >= HELD_OUT_FLOOR


def test_a_name_a_title_and_a_plain_name_each_find_their_own_page_first(pages):
    for page in [*Condition.objects.all(), *Treatment.objects.all()]:
        for words in (page.name, page.title, page.plain_name):
            assert search(words).hits[0].url == page.get_absolute_url(), words


def test_a_symptoms_words_find_it_first_and_a_condition_with_it(pages):
    for symptom in Symptom.objects.all():
        found = first_three(symptom.words)
        assert found[0] == symptom.slug
        assert set(found) & set(symptom.conditions.values_list("slug", flat=True)), symptom.words


SAME = {
    "parotid tumours": "parotid tumor",
    "paralysed face": "paralyzed face",
    "specialised therapist": "specialized therapist",
    "möbius": "mobius",
    "BELL’S PALSY": "bells palsy",
    "Bell's palsies": "bells palsy",
    "non-flaccid": "non flaccid",
    "hunt ramsay": "ramsay hunt",
    "cranial nerve seventh": "cranial nerve VII",
    "CN 7": "CN7",
    "facial twitches": "face twitching",
    "ear   blisters!!! 😢": "ear blisters",
}


def test_spelling_order_and_marks_change_nothing(pages):
    assert [typed for typed, same in SAME.items() if not search(typed).hits == search(same).hits != []] == []


def test_a_word_typed_in_two_parts_is_found(pages):
    assert [first_three(parted)[0] for parted in ("bo-tox", "syn kinesis")] == ["botox", "synkinesis"]


UNLISTED = {
    "sinkenesiss": "synkinesis",
    "gracelis": "gracilis-muscle-transfer",
    "ramsee hunt": "ramsay-hunt-syndrome",
    "accustik neuroma": "acoustic-neuroma",
    "botocks": "botox",
}


def test_a_misspelling_that_nobody_listed_is_forgiven(pages):
    listed = "\n".join(page.search_words for page in [*Condition.objects.all(), *Treatment.objects.all()])
    assert not any(typed in listed for typed in UNLISTED)
    assert {typed: first_three(typed)[0] for typed in UNLISTED} == UNLISTED


def test_what_means_nothing_here_finds_nothing(pages):
    nothing = [
        "",
        "   ",
        "🙂🙂",
        "?!",
        "the of and",
        "asdfgh qwerty",
        "flurble wongle",
        "zzzzzzzz",
        "pizza recipe",
        "12345",
        "best restaurant in new york",
        "buy cheap garden furniture",
        "train timetable",
    ]
    assert {noise: titles(noise) for noise in nothing if titles(noise)} == {}


def test_a_name_inside_a_pasted_story_is_found(pages):
    story = (
        "Hi, my mother is 71 and lives in Queens. In spring her doctor sent her to a hospital where they told us it "
        "was a vestibular schwanoma. She is tired of waiting rooms and we would like to talk with somebody. "
    )
    assert len(story) > 200
    assert first_three(story)[0] == "acoustic-neuroma"


def test_only_the_first_letters_of_a_long_paste_are_read(pages):
    assert search("x" * MOST_LETTERS + " botox").hits == []


def test_results_end_at_twenty(pages):
    assert len(search("face eye mouth smile nerve weak tight twitch").hits) == MOST_HITS


def test_an_address_is_named_once_though_two_of_its_questions_fit(db):
    page = make_treatment("zorg-therapy")
    make_question(page, "Is quabbling allowed?")
    make_question(page, "When is quabbling allowed?")
    addresses = [hit.url for hit in search("quabbling allowed").hits]
    assert sorted(addresses) == [page.get_absolute_url(), f"{page.get_absolute_url()}#questions"]


# What a hit leads to


def test_every_kind_of_hit_leads_to_an_address_that_exists_with_its_anchor(pages, office, client):
    asked = [page.name for page in [*Condition.objects.all(), *Treatment.objects.all()]]
    asked += Symptom.objects.values_list("words", flat=True)
    asked += Question.objects.values_list("question", flat=True)
    hits = {hit for words in asked for hit in search(words).hits[:3]}
    assert {hit.kind for hit in hits} == {"Condition", "Treatment", "Symptom", "Question"}
    shown = {path: client.get(path) for path in {urldefrag(hit.url).url for hit in hits}}
    for hit in hits:
        path, anchor = urldefrag(hit.url)
        assert shown[path].status_code == 200
        assert not anchor or f'id="{anchor}"' in shown[path].content.decode(), hit.url


def test_a_symptom_leads_to_the_first_of_its_regions(db):
    mouth, eye = make_region("mouth", position=4), make_region("eye", position=2)
    make_symptom("winks", [mouth, eye], words="My eyelid winks")
    assert [hit.url for hit in search("eyelid winks").hits] == [f"{reverse('symptom_region', args=['eye'])}#winks"]


# Only what is published, and at once


@pytest.mark.parametrize("make", [make_condition, make_treatment])
def test_an_unpublished_page_and_its_questions_are_not_found(db, make):
    make_question(make("hidden-palsy", is_published=False), "Is zorgitis painful?")
    assert titles("hidden palsy") == titles("zorgitis") == []


def test_an_unpublished_symptom_is_not_found_by_itself_or_by_its_condition(db):
    make_symptom("hums", [make_region()], [make_condition()], words="My nose hums", is_published=False)
    assert titles("nose hums") == []


def test_pages_vanish_from_search_when_the_practice_hides_unreviewed_ones(db):
    make_condition("zorgitis")
    assert titles("zorgitis") == ["Zorgitis"]
    ReviewPolicy.objects.create(hide_unreviewed=True)
    assert titles("zorgitis") == []


def test_an_edited_page_is_found_by_its_new_words_at_once_and_no_more_by_the_old(db):
    page = make_condition(search_words="zorgitis")
    assert titles("zorgitis") == [page.name]
    page.search_words = "quabbling"
    page.save()
    assert (titles("zorgitis"), titles("quabbling")) == ([], [page.name])


def test_an_edited_symptom_is_found_by_its_new_words_at_once(db):
    symptom = make_symptom("hums", [make_region()], words="My nose hums")
    assert titles("hums") == ["My nose hums"]
    Symptom.objects.filter(pk=symptom.pk).update(words="My nose sighs", short="It sighs")
    assert (titles("hums"), titles("sighs")) == ([], ["My nose sighs"])


def test_a_condition_is_found_by_a_symptom_as_soon_as_they_are_linked(db):
    condition = make_condition("zorgitis")
    symptom = make_symptom("hums", [make_region()], words="My nose hums")
    assert titles("nose hums") == ["My nose hums"]
    symptom.conditions.add(condition)
    assert titles("nose hums") == ["My nose hums", "Zorgitis"]


def test_a_new_question_is_found_at_once(db):
    page = make_treatment("zorg-therapy")
    assert titles("quabbling") == []
    make_question(page, "Is quabbling allowed?")
    assert "Is quabbling allowed?" in titles("quabbling")


# Danger


@pytest.mark.parametrize(
    "words",
    [
        "sudden",
        "suddenly my mouth hangs",
        "sudenly",
        "droop",
        "drooping face",
        "droopy eyebrow",
        "slur",
        "slurred speech",
        "slured words",
        "numb arm",
        "my left arm went numb",
        "weak arm",
        "arms feel weak",
        "can't speak",
        "can not speak",
        "cannot talk",
        "trouble speaking",
        "vision gone",
        "lost the sight of one eye",
        "worst headache",
        "worst head ache of my life",
        "stroke",
        "strokes",
        "stroak",
        "TIA",
        "T.I.A.",
        "half my face is numb",
        "woke up face won't move",
        "can't close eye",
        "crooked smile",
        "lopsided face",
        "food falls out",
    ],
)
def test_words_that_may_mean_a_stroke_are_urgent(words):
    assert "911" in cards(dangers_in(words))


@pytest.mark.parametrize(
    "words",
    [
        "",
        "botox",
        "synkinesis",
        "chin dimples",
        "eye drops",
        "eye closes when I smile",
        "hearing loss",
        "tiara",
        "army",
    ],
)
def test_words_without_danger_are_not_urgent(words):
    assert not dangers_in(words)


# The page


@pytest.fixture
def results(office, client):
    """Ask the page: results("botox") is its response."""
    make_treatment("botox", search_words="bottox")
    make_treatment("brow-lift", search_words="droopy eyebrow")
    return lambda words: client.get(reverse("search"), {"q": words})


def test_the_page_keeps_the_words_and_lists_the_nearest_pages(results):
    response = results("bottox")
    assert 'value="bottox"' in response.content.decode()
    assert f'<a href="{reverse("treatment_detail", args=["botox"])}">Botox</a>' in response.content.decode()


def test_the_911_card_stands_above_the_results_of_urgent_words(results):
    html = results("droopy eyebrow").content.decode()
    assert 0 < html.index("can be a stroke") < html.index(reverse("treatment_detail", args=["brow-lift"]))


def test_the_911_card_stands_there_even_where_nothing_is_found(results):
    response = results("TIA")
    assert response.context["results"].hits == []
    assert "can be a stroke" in response.content.decode()


def test_there_is_no_911_card_above_other_results(results):
    assert "can be a stroke" not in results("botox").content.decode()


def test_an_empty_result_offers_the_face_map_and_a_person(results):
    main = main_of(results("flurble wongle"))
    assert f'href="{reverse("symptom_list")}"' in main
    assert f'href="{reverse("ask")}"' in main
    assert 'href="tel:' in main


def test_words_are_escaped(results):
    words = '"><script>alert(1)</script>'
    html = results(words).content.decode()
    assert words not in html
    assert escape(words) in html


def test_the_page_is_neither_stored_nor_indexed_nor_named_to_the_next_page(results):
    headers = results("botox").headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_no_link_on_the_page_holds_the_words(results):
    html = results("bottox").content.decode()
    assert "bottox" not in " ".join(re.findall(r'(?:href|content|action)="([^"]*)"', html))


def test_the_words_reach_no_log(results, caplog):
    with caplog.at_level("DEBUG"):
        results("zorgitis botox")
    assert caplog.records
    assert "zorgitis" not in "".join(str(vars(record)) for record in caplog.records)


def test_the_page_reads_two_hundred_characters(results):
    assert results("botox " + "x" * 300).context["words"] == "botox " + "x" * 194


def test_the_page_has_one_heading_and_one_search_field(results):
    html = results("botox").content.decode()
    assert (html.count("<h1"), html.count('name="q"')) == (1, 1)


def test_words_cannot_be_posted(office, client):
    assert client.post(reverse("search"), {"q": "botox"}).status_code == 405


def main_of(response) -> str:
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


# Speed


def test_a_search_of_two_hundred_pages_takes_milliseconds(pages, record_property):
    two_hundred_pages()
    assert Condition.objects.count() + Treatment.objects.count() == 200
    search("warm up: the first search builds the index")
    passed, worked = [], []
    for words, _ in phrases("search_cases.yaml") + phrases("search_held_out.yaml"):
        started, began = time.perf_counter(), time.thread_time()
        search(words)
        worked.append((time.thread_time() - began) * 1000)
        passed.append((time.perf_counter() - started) * 1000)
    record_property("median_ms", median(passed))
    print(f"search of 200 pages: median {median(passed):.1f} ms, {median(worked):.1f} ms of it work (goal: 5 ms)")
    assert median(worked) < 10  # the clock on the wall also measures the machine's other guests


def two_hundred_pages():
    """Ninety pages like each half of the starter content, with questions, search words and symptoms of their own."""
    chance = random.Random(7)
    syllables = ["ba", "ko", "ri", "tu", "ne", "mo", "la", "si", "ver", "dal", "pin", "gor"]

    def word() -> str:
        return "".join(chance.choices(syllables, k=3))

    for model, make in ((Condition, make_condition), (Treatment, make_treatment)):
        originals = list(model.objects.prefetch_related("questions"))
        for number in range(90):
            original = chance.choice(originals)
            page = make(
                f"like-{original.slug}-{number}",
                name=f"{word()} {word()} palsy",
                search_words="\n".join(f"{line} {word()}" for line in original.search_words.splitlines()),
                in_brief=original.in_brief,
                **{field: getattr(original, field) for field in model.SECTIONS},
            )
            for question in list(original.questions.all())[:4]:
                make_question(page, f"{question} {word()}")
    regions, conditions = list(Region.objects.all()), list(Condition.objects.filter(slug__startswith="like-"))
    for symptom in list(Symptom.objects.all()):
        for number in range(2):
            make_symptom(
                f"{symptom.slug}-{number}",
                [chance.choice(regions)],
                chance.sample(conditions, 4),
                words=f"{symptom} {word()}",
                search_words=symptom.search_words,
            )
