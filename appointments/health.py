"""Is anything stuck? Counts and ages only, for /status and the staff's pages."""

from datetime import timedelta

from django.utils import timezone

from appointments import ledger
from appointments.mail.pump import HEARTBEAT
from appointments.models import DailyJob, Heartbeat, Inquiry, Mailbox, Office, OutgoingMail

SILENCE = timedelta(minutes=2)  # the pump turns every few seconds
PATIENCE = timedelta(hours=1)  # of office time, before waiting mail is a problem


def report() -> dict:
    """What waits, how long, and the problems a person should act on, in sentences."""
    now = timezone.now()
    today = timezone.localdate()
    schedule = Office.schedule()
    beat = Heartbeat.objects.filter(name=HEARTBEAT).values_list("at", flat=True).first()
    oldest_mail = (
        OutgoingMail.objects.waiting()
        .exclude(inquiry__status=Inquiry.Status.SUSPECTED)
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    oldest_untold = Inquiry.objects.untold().order_by("received_at").values_list("received_at", flat=True).first()
    refused = OutgoingMail.objects.refused().count()
    problems = []
    if beat is None or now - beat > SILENCE:
        problems.append("The mail pump is silent.")
    if not Mailbox.objects.filter(is_active=True).exists():
        problems.append("No staff mailbox is told of new requests.")
    if oldest_untold and schedule.working_time(oldest_untold, now) > PATIENCE:
        problems.append("A request has waited more than one office hour for its notice.")
    if oldest_mail and schedule.working_time(oldest_mail, now) > PATIENCE:
        problems.append("A mail has waited more than one office hour.")
    off_balance = [day for day in (today - timedelta(days=1), today) if not ledger.day_ledger(day).is_balanced]
    if off_balance:
        problems.append("The ledger does not balance: saved is not told + waiting + suspected.")
    if DailyJob.objects.filter(day=today, failed=True).exists():
        problems.append("A daily job failed today.")
    if refused:
        problems.append("A mail was given up: a person must act.")
    return {
        "problems": problems,
        "pump_heartbeat_seconds": _age(now, beat),
        "oldest_waiting_mail_seconds": _age(now, oldest_mail),
        "oldest_untold_request_seconds": _age(now, oldest_untold),
        "waiting_mails": OutgoingMail.objects.waiting().count(),
        "refused_mails": refused,
        "open_requests": Inquiry.objects.open().count(),
        "past_promise": Inquiry.objects.past_promise(now).count(),
    }


def _age(now, moment) -> int | None:
    return None if moment is None else int((now - moment).total_seconds())
