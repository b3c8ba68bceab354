"""How reminders are told apart on a page, and how much later “later” is. Times only; no database, no clock."""

from datetime import UTC, datetime, time, timedelta, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LATE, NOW, TODAY, LATER = "late", "now", "today", "later"
GROUPS = {LATE: _("Overdue"), NOW: _("Now"), TODAY: _("Later today"), LATER: _("In the days to come")}
OVERDUE_AFTER = timedelta(hours=1)

DONE, SKIP, IN_AN_HOUR = "done", "skip", "hour"
EVENING, MORNING = time(19), time(9)
LATERS = {IN_AN_HOUR: _("In an hour"), "tonight": _("Tonight, 19:00"), "tomorrow": _("Tomorrow, 9:00")}


def group_of(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Today ends at its keeper's own midnight."""
    if at <= now:
        return LATE if at <= now - OVERDUE_AFTER else NOW
    return TODAY if at.astimezone(zone).date() == now.astimezone(zone).date() else LATER


def later(choice: str, *, now: datetime, zone: tzinfo) -> datetime:
    """When to ask again. An evening that has begun means tomorrow's: a page may lie open for long."""
    if choice == IN_AN_HOUR:
        return now + timedelta(hours=1)
    local = now.astimezone(zone)
    evening = datetime.combine(local.date(), EVENING, zone)
    tomorrow = local.date() + timedelta(days=1)
    if choice == "tonight" and evening > local:
        return evening.astimezone(UTC)
    at = EVENING if choice == "tonight" else MORNING
    return datetime.combine(tomorrow, at, zone).astimezone(UTC)


def laters(*, now: datetime, zone: tzinfo) -> dict[str, str | Promise]:
    """What is worth offering: no evening that has begun."""
    has_evening = now.astimezone(zone).time() < EVENING
    return {choice: words for choice, words in LATERS.items() if choice != "tonight" or has_evening}
