"""One marked request through form, database, outbox and SMTP, each step checked, and cleaned up."""

from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from appointments.mail import outbox
from appointments.models import Inquiry, OutgoingMail, owed_mail
from appointments.models.inquiry_queryset import CANARY
from appointments.models.office_now import OfficeNow
from appointments.privacy import form_key
from appointments.requests.receive import receive
from appointments.requests.request_form import RequestForm


class Command(BaseCommand):
    help = "Try the whole way of a request. Non-zero on the first step that fails; nothing is left behind."

    def handle(self, **options):
        inquiry = notice = None
        try:
            form = self.step("form", self.fill_in)
            inquiry = self.step("database", lambda: self.save(form))
            notice = self.step("outbox", self.owe)
            self.step("SMTP", lambda: self.send(notice))
        finally:
            if notice:
                notice.delete()
            if inquiry:
                inquiry.delete()
        self.stdout.write("canary: every step works")

    def step(self, name: str, act):
        try:
            result = act()
        except Exception as error:
            raise CommandError(f"canary: {name} failed ({type(error).__name__}: {error})") from None
        self.stdout.write(f"canary: {name} ok")
        return result

    def fill_in(self) -> RequestForm:
        now = OfficeNow.read()
        answers = {
            "key": form_key.issue(),
            "for_whom": Inquiry.ForWhom.ME,
            "name": "Canary",
            "reach_by": now.office.channels[0],
            "email": "canary@example.org",
            "phone": "+12124344050",
            "message": CANARY,
            "consent": "on",
        }
        form = RequestForm(answers, topics=[], now=now)
        if not form.is_valid():
            raise ValueError(f"the form refused {sorted(form.errors)}")
        return form

    def save(self, form: RequestForm) -> Inquiry:
        """Filed as suspected, so that no pump announces it and no patient mail is owed."""
        now = OfficeNow.read()
        inquiry = receive(
            answers=form.answers | {"topic": None},
            form_key=uuid4(),
            received_at=timezone.now(),
            reply_by=now.reply_by(now.at),
            suspicion=CANARY,
        )
        if Inquiry.objects.get(pk=inquiry.pk).message != CANARY:
            raise ValueError("the message did not come back as it was written")
        return inquiry

    def owe(self):
        notice = owed_mail.announce(OutgoingMail.Kind.STAFF_TEST, held=True)
        if not notice:
            raise ValueError("there is no staff mailbox")
        return notice

    def send(self, notice) -> None:
        for mail in notice.mails.all():
            if not outbox.send(mail):
                mail.refresh_from_db()
                raise ValueError(f"not accepted: {mail.last_error}")
