"""Waiting reminders as a calendar that other programs subscribe to (RFC 5545). Nothing private is in it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from icalendar import Calendar, Event

from reminders.models import Reminder

LASTS = timedelta(minutes=15)
LOOK_AGAIN = timedelta(hours=1)
PRODUCT = "-//Kefir//Reminders//EN"


def feed(reminders: Iterable[Reminder]) -> bytes:
    """The same bytes as long as nothing has changed."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", settings.SITE_NAME)
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", LOOK_AGAIN)
    for reminder in reminders:
        calendar.add_component(entry(reminder))
    written: bytes = calendar.to_ical()
    return written


def entry(reminder: Reminder) -> Event:
    """When its keeper wants to hear of it: quiet hours hold up a message, not a calendar."""
    changed_at = reminder.changed_at or reminder.created_at
    event = Event()
    event.add("uid", f"{reminder.pk}@{settings.SITE_HOST}")
    event.add("dtstamp", to_the_second(changed_at))
    event.add("created", to_the_second(reminder.created_at))
    event.add("last-modified", to_the_second(changed_at))
    event.add("sequence", int((changed_at - reminder.created_at).total_seconds()))
    event.add("dtstart", to_the_second(reminder.wanted_at))
    event.add("duration", LASTS)
    event.add("summary", f"{reminder.about.name}: {reminder.message}")
    event.add("url", f"{settings.SITE_URL}{reminder.path}")
    event.add("transp", "TRANSPARENT")
    return event


def to_the_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
