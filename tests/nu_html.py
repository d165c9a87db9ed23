"""`make html`: the Nu HTML checker on every public page and state, as the running site sends them.

`python -m tests.nu_html path/to/vnu.jar` ends with 0 when the checker has no error to report.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import tests.environment  # noqa: F401  settings read it

import django  # isort: skip

os.environ["DJANGO_SETTINGS_MODULE"] = "nyfp_site.settings"
django.setup()

from django.test import RequestFactory  # noqa: E402

from nyfp_site import views  # noqa: E402
from tests.factories import valid_request_data  # noqa: E402
from tests.processes import Site, new_database  # noqa: E402


def main(jar: str) -> int:
    with tempfile.TemporaryDirectory(prefix="nyfp-html-") as name:
        folder = Path(name)
        with new_database("sqlite", folder) as url, Site(folder, url) as site:
            site.manage("prepare")
            pages = every_page(f"http://127.0.0.1:{site.serve(workers=1).port}")
        for title, page in pages.items():
            (folder / f"{re.sub(r'[^a-z0-9]+', '-', title.lower())}.html").write_text(page)
        command = ["java", "-Xss2m", "-jar", jar, "--stdout", "--format", "gnu", *map(str, folder.glob("*.html"))]
        checked = subprocess.run(command, capture_output=True, text=True)
        print(checked.stdout.replace(str(folder), ""), checked.stderr, sep="", end="")
    print(f"Nu HTML checker: {len(pages)} pages, {len(re.findall(r': error', checked.stdout))} errors")
    return checked.returncode


def every_page(site: str) -> dict[str, str]:
    """What the sitemap lists, the states of the form, a request's own pages, and the pages for trouble."""
    pages = {url.removeprefix(site): read(url) for url in re.findall("<loc>(.*?)</loc>", read(f"{site}/sitemap.xml"))}
    received = read(f"{site}/request/", valid_request_data())
    private = site + re.search(r'href="(/my-request/[^"]+)"', received)[1]
    request = RequestFactory().get("/")
    return pages | {
        "request with errors": read(f"{site}/request/", valid_request_data(name="", email="", reach_by=None)),
        "received": received,
        "private page": read(private),
        "private page with an error": read(private, {"action": "note"}),
        "private page after a note": read(private, {"action": "note", "add-note": "Mornings are better."}),
        "private page withdrawn": read(private, {"action": "withdraw"}),
        "search": read(f"{site}/search/?q=eye"),
        "search without a word": read(f"{site}/search/"),
        "not found": read(f"{site}/no-such-page/"),
        "bad request": views.bad_request(request).content.decode(),
        "forbidden": views.forbidden(request).content.decode(),
        "server error": views.server_error(request).content.decode(),
        "service unavailable": views.service_unavailable(request).content.decode(),
    }


def read(url: str, data: dict | None = None) -> str:
    """The page that answers, a page for trouble too."""
    body = urlencode(data).encode() if data else None
    try:
        with urlopen(Request(url, body, {"Sec-Fetch-Site": "same-origin"})) as response:
            return response.read().decode()
    except HTTPError as error:
        with error:
            return error.read().decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
