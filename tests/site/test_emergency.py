"""An emergency is never out of sight: 911 comes first, and every 911 and 988 can be touched."""

import re
import time

import pytest
from django.utils.html import strip_tags

from conditions.models import Page, Region
from conditions.templatetags.prose import cited, prose
from tests.site.test_every_page import FIXED

pytestmark = pytest.mark.django_db

TOP_LINE = '<p class="emergency"><a href="tel:911">Face suddenly drooping? <b>Call 911.</b></a></p>'
LINK = re.compile(r"<a\b[^>]*>.*?</a>", re.DOTALL)
NUMBER = re.compile(r"\b(911|988)\b")
UNSEEN = re.compile(r"<(head|script|style|option)\b.*?</\1>", re.DOTALL)


@pytest.fixture
def every_address(pages, office):
    rows = [*Page.objects.published(), *Region.objects.all()]
    return [*FIXED, *(row.get_absolute_url() for row in rows), "/search/?q=my+eye+closes", "/no-such-page/"]


def test_the_first_thing_on_every_page_is_a_line_to_911(client, every_address):
    for address in every_address:
        body = client.get(address).content.decode().split("<header>")[1]
        assert body.lstrip().startswith(TOP_LINE), address


def test_every_911_and_988_that_a_reader_sees_is_a_link(client, every_address):
    seen = 0
    for address in every_address:
        body = UNSEEN.sub("", client.get(address).content.decode())
        for link in LINK.findall(body):
            if number := NUMBER.search(strip_tags(link)):
                seen += 1
                assert re.search(rf'href="(tel|sms):{number[1]}"', link), (address, link)
        rest = strip_tags(LINK.sub("", body))
        assert not NUMBER.search(rest), (address, rest[max(0, NUMBER.search(rest).start() - 60) :][:120])
    assert seen > 100


def test_a_number_in_a_text_becomes_a_link_once():
    assert prose("<p>Call 911 now.</p>") == '<p>Call <a href="tel:911">911</a> now.</p>'
    assert prose('<p><a href="tel:911">Call 911</a></p>') == '<p><a href="tel:911">Call 911</a></p>'
    assert cited("Call or text 988, <b>") == 'Call or text <a href="tel:988">988</a>, &lt;b&gt;'
    assert cited("Room 9110 or 1988") == "Room 9110 or 1988"
    assert prose('<p><a href="/x/911/">page</a></p>') == '<p><a href="/x/911/">page</a></p>'


@pytest.mark.parametrize("text", ["<" * 200_000, "<a " * 70_000, "<a href='/'>" * 20_000, " 911 " * 40_000])
def test_a_long_text_takes_no_longer_than_its_length(text):
    started = time.process_time()
    prose(text)
    assert time.process_time() - started < 1


def test_nothing_of_ours_stands_above_911_where_a_face_has_just_drooped(client, office, pages):
    body = client.get("/started-suddenly/").content.decode()
    above, below = body.split('class="notice notice--now"')
    assert "/request/" not in above
    assert office.phone.as_e164 not in above
    assert "A face that drooped" in above
    order = ["text 911", "What to tell them", "What not to do", "A doctor says it is not a stroke", "72 hours"]
    places = [strip_tags(below).index(words) for words in order]
    assert places == sorted(places)


def test_acute_pages_say_that_911_can_be_texted(client, office, pages):
    acute = Page.objects.published().filter(notice=Page.Notice.STROKE)
    assert acute.count() >= 3
    for page in acute:
        assert (
            'Cannot speak? In New York City you can <a href="sms:911">text 911</a>.'
            in client.get(page.get_absolute_url()).content.decode()
        )
