"""Moments, days and lengths in words. Every time of day is New York's."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

NOON = time(12)


def clock(at: datetime | time) -> str:
    """8:30 AM"""
    return f"{at:%-I:%M %p}"


def noon_or_clock(at: time) -> str:
    """noon, because 12:00 PM is misread"""
    return "noon" if at == NOON else clock(at)


def day(date_: date) -> str:
    """Monday, November 30"""
    return f"{date_:%A, %B %-d}"


def lately(at: datetime) -> str:
    """2:14 PM today, else Friday, November 20, 2:14 PM, for staff"""
    local = timezone.localtime(at)
    return f"{clock(local)} today" if local.date() == timezone.localdate() else f"{day(local)}, {clock(local)}"


def length(span: timedelta) -> str:
    """2 h 5 min"""
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def moment(at: datetime) -> str:
    """5:00 PM, Monday, November 30, New York time"""
    local = timezone.localtime(at)
    return f"{clock(local)}, {day(local)}, New York time"
