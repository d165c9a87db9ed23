"""Long, slow and endless bodies against a real web server."""

import os
import socket
import time
from contextlib import ExitStack, suppress
from urllib.parse import urlencode

import pytest

from appointments.models import Inquiry
from nyfp_site.server import SEND_WITHIN
from tests.factories import valid_request_data
from tests.processes import Server

pytestmark = pytest.mark.processes

BIG = 200 * 1024 * 1024
HEAD = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"


def talk(server: Server, head: str, *pieces: bytes) -> bytes:
    """Send pieces as long as the server takes them, and return what it answers."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        with suppress(ConnectionError):
            client.sendall(head.encode())
            for piece in pieces:
                client.sendall(piece)
        answer = b""
        with suppress(ConnectionError):
            while b"</html>" not in answer and (more := client.recv(65536)):
                answer += more
        return answer


def bytes_below(folder) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and "sqlite3" not in path.name)


@pytest.mark.parametrize("path", ["/request/", "/admin/login/"])
def test_ten_posts_of_200_megabytes_take_no_space_on_the_disk(site, path):
    temporary = site.folder / "temporary"
    temporary.mkdir()
    site.env["TMPDIR"] = str(temporary)
    server = site.serve(workers=1)
    before, free = bytes_below(temporary), os.statvfs(temporary).f_bfree
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    head = HEAD.format(path=path) + "Content-Type: multipart/form-data; boundary=x\r\n"
    for _ in range(10):
        answer = talk(server, head + f"Content-Length: {BIG}\r\n\r\n", part, *[b"x" * 1_048_576] * 200)
        assert answer.startswith(b"HTTP/1.1 413") or not answer  # it was still sending when we had hung up
    assert bytes_below(temporary) <= before + 1024
    assert (free - os.statvfs(temporary).f_bfree) * os.statvfs(temporary).f_frsize < BIG
    answer = talk(server, head + f"Content-Length: {BIG}\r\n\r\n")  # a client that waits for a word first
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"911" in answer


def test_a_form_in_chunks_is_saved(site):
    server = site.serve(workers=1)
    body = urlencode(valid_request_data()).encode()
    chunks = [b"%x\r\n%s\r\n" % (len(body[at : at + 50]), body[at : at + 50]) for at in range(0, len(body), 50)]
    head = HEAD.format(path="/request/") + "Content-Type: application/x-www-form-urlencoded\r\n"
    head += "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert talk(server, head, *chunks, b"0\r\n\r\n").startswith(b"HTTP/1.1 302")
    assert Inquiry.objects.count() == 1
    assert talk(server, head, *[b"100000\r\n" + b"x" * 0x100000 + b"\r\n"] * 4).startswith(b"HTTP/1.1 413")


def is_served(server: Server) -> bool:
    """Whether a visitor who waits a second gets a page."""
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=1) as visitor:
            visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return visitor.recv(20).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def test_sixteen_slow_clients_hold_the_site_for_a_few_seconds_at_most(site):
    server = site.serve(workers=2)
    slow_head = HEAD.format(path="/request/")
    slow_body = slow_head + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nname="
    began = time.monotonic()
    with ExitStack() as clients:
        slow = []
        for number in range(16):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            client.sendall((slow_head if number % 2 else slow_body).encode())
            slow.append(client)
        served = False
        while not served and time.monotonic() - began < 3 * SEND_WITHIN:
            for client in slow:
                with suppress(OSError):
                    client.sendall(b"x")
            served = is_served(server)
        assert served
        assert time.monotonic() - began < 2 * SEND_WITHIN + 10
