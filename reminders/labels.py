"""How reminders are told apart on a page, and how much later “later” is. Times only; no database, no clock."""

from datetime import UTC, datetime, time, timedelta, tzinfo

LATE, TODAY, LATER = "late", "today", "later"
GROUPS = {LATE: "Now", TODAY: "Later today", LATER: "In the days to come"}

DONE, SKIP, IN_AN_HOUR = "done", "skip", "hour"
EVENING, MORNING = time(19), time(9)
LATERS = {IN_AN_HOUR: "In an hour", "tonight": "Tonight, 19:00", "tomorrow": "Tomorrow, 9:00"}


def group_of(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Today ends at its keeper's own midnight."""
    if at <= now:
        return LATE
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


def laters(*, now: datetime, zone: tzinfo) -> dict[str, str]:
    """What is worth offering: no evening that has begun."""
    has_evening = now.astimezone(zone).time() < EVENING
    return {choice: words for choice, words in LATERS.items() if choice != "tonight" or has_evening}
