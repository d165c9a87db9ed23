"""The practice desk: the queue of requests, the office, the mail."""

from appointments.admin import inquiry, mail, office

__all__ = ["inquiry", "mail", "office"]
