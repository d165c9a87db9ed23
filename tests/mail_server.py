"""A real SMTP server that does as it is told: is away, refuses, dawdles, hangs up. It remembers what it accepted."""

import asyncio
import logging
import re
import socket
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from weakref import WeakSet

from aiosmtpd.controller import Controller

from appointments.models.reference import REFERENCE_LETTERS
from tests.processes import reserved_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # every line of every talk otherwise

REFERENCE = re.compile(rf"\b[{REFERENCE_LETTERS}]{{4}}-[{REFERENCE_LETTERS}]{{4}}\b")
ACCEPTED = "250 OK"


@dataclass
class ReceivedMail:
    """One mail as a mailbox got it."""

    mailbox: str
    content: bytes
    was_answered: bool = False  # else the sender cannot know that it arrived, and must repeat it

    @property
    def message_id(self) -> str:
        return self._parsed["Message-ID"]

    @property
    def headers(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self._parsed.items())

    @property
    def body(self) -> str:
        """The words as a person reads them, whatever their encoding."""
        return self._parsed.get_content()

    @property
    def references(self) -> list[str]:
        """In the body only: a piece of a Message-ID can look like one."""
        return REFERENCE.findall(self.body)

    @property
    def _parsed(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


class Listener(Controller):
    """Stops as a machine that is switched off. aiosmtpd would leave open talks to the garbage collector."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._talks = WeakSet()

    def factory(self):
        talk = super().factory()
        self._talks.add(talk)
        return talk

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result()
        super().stop(no_assert)

    async def _hang_up(self):
        self.server.close()
        for turn in range(400):  # who was just let in needs some turns of the loop to be among the talks, or to end
            if turn >= 10 and not any(talk.transport for talk in list(self._talks)):
                break
            for talk in list(self._talks):
                if talk.transport:
                    talk.transport.abort()
            await asyncio.sleep(0.005)


class MailServer:
    """Change its attributes to change its behaviour, from the next mail on."""

    def __init__(self, port: int):
        self.url = f"smtp://127.0.0.1:{port}"
        self.mails: list[ReceivedMail] = []
        self.refused: dict[str, str] = {}  # mailbox to reply, such as "550 5.1.1 No such mailbox"
        self.reply: str | None = ACCEPTED  # to the words of a mail; None hangs up without one
        self.keeps_unanswered = False  # with no reply: the mail has arrived all the same
        self.delay = 0.0  # seconds between keeping a mail and the reply
        self.when_kept: Callable[[int], None] = lambda senders_port: None
        self.most_at_once = 0
        self._at_once = 0
        self._port = port
        self._controller: Listener | None = None
        self._silent: socket.socket | None = None

    def up(self) -> None:
        self.down()
        self._controller = Listener(self, hostname="127.0.0.1", port=self._port)
        self._controller.start()

    def down(self) -> None:
        """Connections are refused."""
        if self._controller:
            self._controller.stop()
            self._controller = None
        if self._silent:
            self._silent.close()
            self._silent = None

    def hang(self) -> None:
        """Connections are taken, and not a word is said."""
        self.down()
        self._silent = socket.create_server(("127.0.0.1", self._port))

    def mails_to(self, mailbox: str) -> list[ReceivedMail]:
        return [mail for mail in self.mails if mail.mailbox == mailbox]

    # What aiosmtpd asks

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, server, session, envelope):
        if self.reply == ACCEPTED or (self.reply is None and self.keeps_unanswered):
            session.kept = [ReceivedMail(mailbox, envelope.content) for mailbox in envelope.rcpt_tos]
            self.mails += session.kept
            self.when_kept(session.peer[1])
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.delay)  # a sender that dies meanwhile ends this talk here
        finally:
            self._at_once -= 1
        if self.reply is None:
            server.transport.abort()
            return ACCEPTED  # which nobody hears
        return self.reply

    async def handle_QUIT(self, server, session, envelope):
        # Only now is it certain that our reply was heard: a sender may have died or lost patience before.
        for mail in getattr(session, "kept", ()):
            mail.was_answered = True
        return "221 Bye"


@contextmanager
def a_mail_server():
    """A mail server with a port of its own, up."""
    with reserved_port() as port:
        server = MailServer(port)
        server.up()
        try:
            yield server
        finally:
            server.down()
