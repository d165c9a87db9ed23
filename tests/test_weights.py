"""How many bytes a first visit costs on a thin connection. `pytest tests/test_weights.py -s` prints the table.

The stylesheet counts as the file that WhiteNoise compressed once (brotli 11). A page counts as a server compresses
it while it answers (brotli 5).
"""

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from conditions.models import Page, Region
from tests.factories import valid_request_data
from tests.site.test_every_page import FIXED

LIMIT = 14_600
FONTS_LIMIT = 60 * 1024
WHILE_ANSWERING = 5


@pytest.fixture
def weights(client, office, pages):
    """Bytes of each public page and state, without the stylesheet."""
    received = client.post("/request/", valid_request_data()).url
    private = client.get(received).context["private_url"]
    answers = {path: client.get(path) for path in [*FIXED, received, private, "/no-such-page/"]}
    for row in [*Page.objects.published(), *Region.objects.all()]:
        answers[row.get_absolute_url()] = client.get(row.get_absolute_url())
    answers["/request/?topic=synkinesis"] = client.get("/request/", {"topic": "synkinesis"})
    answers["/request/ with errors"] = client.post("/request/", valid_request_data(name="", email="", consent=None))
    answers["/search/?q=eye"] = client.get("/search/", {"q": "my eye closes when I smile"})
    return {path: len(brotli.compress(answer.content, quality=WHILE_ANSWERING)) for path, answer in answers.items()}


def stylesheet_weight() -> int:
    return (settings.STATIC_ROOT / f"{staticfiles_storage.stored_name('css/site.css')}.br").stat().st_size


def test_each_page_and_its_stylesheet_fit_into_the_first_round_trip(weights):
    css = stylesheet_weight()
    print(f"\n{css:>7,}  site.css (brotli 11), in each line below\n{'HTML':>7}{'both':>8}  of {LIMIT:,}")
    for path, html in sorted(weights.items(), key=lambda row: -row[1]):
        print(f"{html:>7,}{html + css:>8,}  {path}")
    assert len(weights) >= 40
    assert {path: html + css for path, html in weights.items() if html + css > LIMIT} == {}


def test_the_fonts_weigh_at_most_60_kb_together():
    names = [f"fonts/{font.name}" for font in (settings.BASE_DIR / "static/fonts").glob("*.woff2")]
    weights = {name: (settings.STATIC_ROOT / staticfiles_storage.stored_name(name)).stat().st_size for name in names}
    print(f"\n{sum(weights.values()):>7,}  {weights}")
    assert len(weights) == 2
    assert sum(weights.values()) <= FONTS_LIMIT
