"""Whatever goes wrong: no name, number, word or private link of a patient in what the site says or writes.

Every kind of answer and error is forced on real processes, with words that occur nowhere else. Then everything is
searched that somebody could read: what the processes printed, PostgreSQL's own log, every mail, every file.
"""

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from appointments.models import Inquiry, RecentPost
from appointments.privacy import link_token
from appointments.requests import spam
from tests.factories import valid_request_data
from tests.faults.conftest import RUN_DATABASE
from tests.faults.scene import a_postgres_of_its_own, usual_stage
from tests.processes import Server, Site, an_open_site, wait_until

pytestmark = pytest.mark.processes

NAME, CONTACT, WORD, ELSEWHERE = "Zebulon Quagmarck", "Wilhelmina Overdyke", "xylophone", "marigold"
NUMBER, MAILBOX = "+12125550142", "zebulon@quagmarck.example"
TYPED = {
    "for_whom": "child",
    "name": NAME,
    "contact_name": CONTACT,
    "phone": NUMBER,
    "email": MAILBOX,
    "message": f"My {WORD} hurts.",
}
MARKS = re.compile(r"zebulon|quagmarck|wilhelmina|overdyke|xylophone|marigold|555.{0,2}0142", re.IGNORECASE)
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
ELSE = {"Sec-Fetch-Site": "cross-site"}


class Story:
    """One site, its server, and what was answered to whom."""

    def __init__(self, site: Site, server: Server, postgres_log: Path | None, url: str):
        self.site, self.server, self.postgres_log, self.url = site, server, postgres_log, url
        self.answers: dict[str, int] = {}

    def ask(self, what: str, expected: int, path: str = "/request/", data: dict | None = None, **headers: str) -> str:
        """Post answers to the form, as a browser does, and note the status. Return where it leads."""
        body = urlencode(data or valid_request_data(**TYPED))
        return self.request(what, expected, "POST", path, body, FORM | headers)

    def request(self, what: str, expected: int, method: str, path: str, body=None, headers=()) -> str:
        client = HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            client.request(method, path, body, dict(headers))
            answer = client.getresponse()
            answer.read()
        finally:
            client.close()
        self.answers[what] = answer.status
        assert answer.status == expected, what
        return answer.getheader("Location", "")

    def raw(self, what: str, *pieces: bytes) -> None:
        """Bytes that are no HTTP, and whatever comes back."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as client:
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            with client.makefile("rb") as answer:
                line = answer.readline()
        self.answers[what] = int(line.split()[1]) if line else 0

    @property
    def tokens(self) -> list[str]:
        """The secret parts of every private link that opens something."""
        links = (link_token.make(kind, row) for kind in ("private", "received") for row in Inquiry.objects.all())
        return [link.rpartition("-")[2] for link in links]

    def found_in(self, text: str, *, links_too: bool = True) -> list[str]:
        found = [mark[0] for mark in MARKS.finditer(text)]
        return found + [token for token in self.tokens if links_too and token in text.lower()]


@pytest.fixture
def story(tmp_path, prepared, mail_server, django_db_blocker) -> Iterator[Story]:
    on_postgres = RUN_DATABASE.startswith("postgres")
    a_stage = a_postgres_of_its_own if on_postgres else usual_stage
    home, files = tmp_path / "site", tmp_path / "temporary"
    home.mkdir()
    files.mkdir()
    with (
        django_db_blocker.unblock(),
        a_stage(prepared, tmp_path) as stage,
        an_open_site(stage.prepared, home, mail_server.url) as site,
    ):
        site.launcher = ["-m", "tests.faults.launcher"]
        site.env |= {
            "TMPDIR": str(files),
            "FAILS": "appointments.patient.views:receive appointments.patient.views:NoteForm",
            "FAILS_WHILE": str(home / "fails"),
            "READ_ONLY": str(home / "read-only"),
            "MOST_PAGES": str(home / "most-pages"),
        }
        postgres_log = stage.postgres.log if on_postgres else None
        yield Story(site, site.serve(workers=1), postgres_log, site.env["DATABASE_URL"])


def every_answer(story: Story, private: str) -> None:
    """What a visitor, a robot and a broken client are answered."""
    here = f"/my-request/{private}/"
    story.request("200", 200, "GET", f"{here}?name={ELSEWHERE}")
    story.request("400 host", 400, "GET", here, headers={"Host": f"{ELSEWHERE}.example"})
    story.ask("400 fields", 400, here, {f"{ELSEWHERE}{n}": WORD for n in range(2000)})
    story.ask("403 cross-site", 403, here, {"action": "withdraw", "name": NAME}, **ELSE)
    story.ask("403 desk", 403, f"/admin/login/?next={here}", {"username": MAILBOX, "password": WORD}, **ELSE)
    story.request("404", 404, "GET", f"/my-request/{private}x/?name={ELSEWHERE}")
    story.request("404 word", 404, "GET", f"/{ELSEWHERE}/{NUMBER}/")
    story.request("404 bytes", 404, "GET", f"/%ff{ELSEWHERE}%00/")
    story.request("405", 405, "PUT", here, f"name={WORD}", FORM)
    story.request("405 request", 405, "DELETE", f"/request/?name={ELSEWHERE}", f"name={WORD}", FORM)
    kept = valid_request_data(**TYPED, key=f"{WORD} is no key")
    story.ask("200 errors", 200, data=kept | {"email": f"{MAILBOX}@@"})
    multipart = {"Content-Type": "multipart/form-data; boundary=marigold", "Sec-Fetch-Site": "same-origin"}
    story.request(
        "400 multipart",
        400,
        "POST",
        here,
        f"--marigold\r\nContent-Type: {WORD}".encode(),
        {**multipart, "Content-Type": f"multipart/form-data; boundary={ELSEWHERE * 30}"},
    )
    story.request("413", 413, "POST", here, f"{WORD}=".encode() + b"x" * 2_097_153, FORM)
    with after_a_flood():
        story.ask("429", 429)


@contextmanager
def after_a_flood():
    """So many posts from this address a minute ago that one more is refused."""
    sender = spam.sender_of(RequestFactory().get("/", REMOTE_ADDR="127.0.0.1"))
    _, most = spam.HARD_LIMIT
    RecentPost.objects.bulk_create(RecentPost(sender=sender, at=timezone.now()) for _ in range(most))
    yield
    RecentPost.objects.all().delete()


def broken_http(story: Story, private: str) -> None:
    """What no browser sends; the web server's own parser answers."""
    body = urlencode(TYPED).encode()
    head = b"POST /request/ HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    story.raw("too short a length", head + kind + b"Content-Length: 10\r\n\r\n" + body + b"\r\n\r\n")
    story.raw("too long a length", head + kind + b"Content-Length: 9999\r\n\r\n" + body)
    story.raw("no length", head + kind + b"Content-Length: marigold\r\n\r\n" + body)
    story.raw("chunks", head + kind + b"Transfer-Encoding: chunked\r\n\r\nmarigold\r\n" + body)
    story.raw("another coding", head + kind + b"Transfer-Encoding: marigold\r\n\r\n" + body)
    story.raw("no method", f"{WORD} /my-request/{private}/ HTTP/1.1\r\n\r\n".encode())
    story.raw("no version", f"GET /my-request/{private}/ {WORD}\r\n\r\n".encode())
    story.raw("a long line", b"GET /" + b"marigold" * 2000 + b" HTTP/1.1\r\n\r\n")
    story.raw("a bad header", head + b"mari gold: " + body + b"\r\n\r\n")
    story.raw("a long header", head + b"X-Word: " + b"marigold" * 3000 + b"\r\n\r\n")
    story.raw("a null header", head + b"X-Word: mari\0gold xylophone\r\n\r\n")
    story.raw("an old fold", head + b"X-Word: a\r\n marigold\r\n\r\n")
    story.raw("expectation", head + b"Expect: marigold\r\n\r\n")


def errors_of_ours(story: Story, private: str) -> None:
    fails = Path(story.site.env["FAILS_WHILE"])
    fails.touch()
    story.ask("500", 500)
    story.ask("500 private", 500, f"/my-request/{private}/", {"action": "note", "add-note": WORD})
    fails.unlink()


def sqlite_in_trouble(story: Story) -> None:
    file = story.url.removeprefix("sqlite:///")
    read_only, most_pages = Path(story.site.env["READ_ONLY"]), Path(story.site.env["MOST_PAGES"])
    read_only.touch()
    story.ask("503 read-only", 503)
    read_only.unlink()
    with sqlite3.connect(file) as other:
        other.execute(
            "CREATE TRIGGER no_more BEFORE INSERT ON appointments_inquiry BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
        other.commit()
        story.ask("503 refused", 503)
        other.execute("DROP TRIGGER no_more")
        other.commit()
        other.execute("BEGIN EXCLUSIVE")
        story.ask("503 locked", 503)
        other.rollback()
    most_pages.write_text("1")  # which no database is smaller than: not one page more
    story.server.stop()
    story.server = story.site.serve(workers=1)
    big = valid_request_data(**TYPED | {"message": WORD * 400})
    for _ in range(40):  # until the pages that were free are used up
        client = HTTPConnection("127.0.0.1", story.server.port, timeout=60)
        client.request("POST", "/request/", urlencode(big | {"key": valid_request_data()["key"]}), FORM)
        status = client.getresponse().status
        client.close()
        if status == 503:
            break
    story.answers["503 full"] = status
    assert status == 503
    most_pages.unlink()


REFUSAL = """
CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100', DETAIL = NEW.name, HINT = NEW.email; END $$
"""


def postgres_in_trouble(story: Story) -> None:
    with psycopg.connect(story.url, autocommit=True) as other:
        other.execute("ALTER TABLE appointments_inquiry ADD CONSTRAINT no_more CHECK (id < 0) NOT VALID")
        story.ask("503 refused", 503)
        other.execute("ALTER TABLE appointments_inquiry DROP CONSTRAINT no_more")
        other.execute("ALTER TABLE appointments_inquiry RENAME COLUMN contact_name TO another")
        story.ask("503 column", 503)
        other.execute("ALTER TABLE appointments_inquiry RENAME COLUMN another TO contact_name")
        other.execute(REFUSAL)
        other.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON appointments_inquiry FOR EACH ROW EXECUTE FUNCTION no_more()"
        )
        story.ask("503 full", 503)
        other.execute("DROP TRIGGER full_disk ON appointments_inquiry")
        with other.transaction():
            other.execute("LOCK TABLE appointments_inquiry IN ACCESS EXCLUSIVE MODE")
            story.ask("503 locked", 503)
        name = other.info.dbname
        other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        other.execute(others, [name])
        story.ask("503 read-only", 503)
        other.execute("SET default_transaction_read_only = off")
        connection.close()  # this test's own, cut off too
        other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
        other.execute(others, [name])


def test_nothing_of_a_patient_is_said_or_written_whatever_goes_wrong(story, mail_server, tmp_path):
    leads_to = story.ask("302", 302)
    inquiry = Inquiry.objects.get()
    private = link_token.make("private", inquiry)
    story.request("200 received", 200, "GET", leads_to)
    wait_until("the mails", lambda: len({mail.mailbox for mail in mail_server.mails}) == 3)
    every_answer(story, private)
    broken_http(story, private)
    errors_of_ours(story, private)
    (postgres_in_trouble if story.postgres_log else sqlite_in_trouble)(story)
    story.server.stop()

    assert {200, 302, 400, 403, 404, 405, 413, 429, 500, 503} <= set(story.answers.values())
    assert '"route": "my_request"' in story.site.words()
    assert "RuntimeError" in story.site.words()
    assert story.found_in(story.site.words()) == []
    if story.postgres_log:
        said = story.postgres_log.read_text(errors="replace")
        assert "no_more" in said
        assert "read-only" in said
        assert story.found_in(said) == []
    for mail in mail_server.mails:
        words = mail.headers + mail.body
        assert story.found_in(words.replace(MAILBOX, ""), links_too=mail.mailbox != MAILBOX) == []
    written = [path for path in tmp_path.rglob("*") if path.is_file() and "data" not in path.parts]
    assert written
    for path in written:
        text = path.read_bytes().decode(errors="replace")
        if ".sqlite3" in path.name:  # names and numbers stand there, and words encrypted
            assert not re.search(rf"{WORD}|{ELSEWHERE}", text), path
        else:
            assert story.found_in(text) == [], path
