"""What must be true of whatever happened, once things have settled. Written once, for every fault."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from tests.mail_server import ReceivedMail
from tests.processes import STAFF


@dataclass(frozen=True)
class Post:
    """One press of the button, and how it was answered."""

    patient: str
    reference: str = ""  # of the success page; empty for any other answer
    was_cut_off: bool = False  # no answer came, from us or from our database: nobody knows whether it was saved

    @property
    def was_refused(self) -> bool:
        """The answer was that it is not saved."""
        return not (self.reference or self.was_cut_off)


@dataclass(frozen=True)
class Row:
    """One request as it stands in the database."""

    reference: str
    patient: str
    is_suspected: bool = False


@dataclass
class Happened:
    """Everything a fault left behind: who asked, what was kept, what the mail server took."""

    posts: list[Post]
    rows: list[Row]
    mails: list[ReceivedMail]

    @property
    def success_pages(self) -> list[Post]:
        return [post for post in self.posts if post.reference]

    @property
    def refused(self) -> list[Post]:
        return [post for post in self.posts if post.was_refused]

    @property
    def cut_off(self) -> list[Post]:
        return [post for post in self.posts if post.was_cut_off]

    @property
    def rows_without_success_page(self) -> list[Row]:
        shown = {post.reference for post in self.success_pages}
        return [row for row in self.rows if row.reference not in shown]

    @property
    def staff_mails(self) -> list[ReceivedMail]:
        return [mail for mail in self.mails if mail.mailbox in STAFF]

    @property
    def repeats(self) -> list[tuple[ReceivedMail, ReceivedMail]]:
        """A mail, and the same to the same mailbox once more."""
        last, found = {}, []
        for mail in self.mails:
            key = (mail.mailbox, mail.message_id)
            if key in last:
                found.append((last[key], mail))
            last[key] = mail
        return found

    def broken(self) -> list[str]:
        """A sentence for each promise that was not kept."""
        return [*self._lost_rows(), *self._untold_rows(), *self._idle_repeats(), *self._unexplained_rows()]

    def _lost_rows(self):
        """Every success page has exactly one row, and however often a patient presses, it is one."""
        rows = Counter((row.reference, row.patient) for row in self.rows)
        for post in self.success_pages:
            if (count := rows[post.reference, post.patient]) != 1:
                yield f"{post.patient} was shown a success page for {post.reference}, which has {count} rows"
        for patient, count in Counter(row.patient for row in self.rows).items():
            if count > 1:
                yield f"{patient} asked once and has {count} rows"

    def _untold_rows(self):
        """Every unsuspected row is in at least one delivered staff mail."""
        told = {reference for mail in self.staff_mails for reference in mail.references}
        for row in self.rows:
            if not row.is_suspected and row.reference not in told:
                yield f"staff were never told of {row.reference}"

    def _idle_repeats(self):
        """Repeats of a mail share a Message-ID and follow only a lost SMTP reply."""
        for first, _ in self.repeats:
            if first.was_answered:
                yield f"{first.mailbox} got {first.message_id} again, though our mail server's reply was heard"
        ids = defaultdict(set)
        for mail in self.mails:
            for reference in mail.references:
                ids[mail.mailbox, reference].add(mail.message_id)
        for (mailbox, reference), found in ids.items():
            if len(found) > 1:
                yield f"{mailbox} was told of {reference} in {len(found)} different mails"

    def _unexplained_rows(self):
        """Rows without a success page are no more than the requests that were cut off."""
        rows, cut_off = len(self.rows_without_success_page), len(self.cut_off)
        if rows > cut_off:
            yield f"{rows} rows without a success page, but only {cut_off} requests were cut off"
