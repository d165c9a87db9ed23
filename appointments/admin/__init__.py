"""The practice desk: the queue of requests, the office, the mail."""

from appointments.admin import access, inquiry, mail, office

__all__ = ["access", "inquiry", "mail", "office"]
