"""Send a test mail to each staff mailbox now, and write down how it went."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from appointments.mail import outbox
from appointments.models import Mailbox, OutgoingMail, owed_mail

ACCEPTED = "accepted"


class Command(BaseCommand):
    help = "Send a test message to each mailbox and record the result. Non-zero when one was not accepted."

    def handle(self, **options):
        notice = owed_mail.announce(OutgoingMail.Kind.STAFF_TEST, held=True)
        if not notice:
            raise CommandError("There is no staff mailbox. Add one in the admin under Mailboxes.")
        results = {mail.mailbox: self.result_of(mail) for mail in notice.mails.order_by("mailbox")}
        notice.delete()  # a test that failed is not mail that is owed
        for mailbox, result in results.items():
            Mailbox.objects.filter(email=mailbox).update(tested_at=timezone.now(), test_result=result)
            self.stdout.write(f"{mailbox}: {result}")
        failed = sum(result != ACCEPTED for result in results.values())
        if failed:
            raise CommandError(f"{failed} of {len(results)} mailboxes did not accept the test.")

    def result_of(self, mail: OutgoingMail) -> str:
        if outbox.send(mail):
            return ACCEPTED
        mail.refresh_from_db()
        return mail.last_error
