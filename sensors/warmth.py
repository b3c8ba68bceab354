"""When a sensor's temperature is news to the rules of care: it moved, and it stayed so. No database, no clock."""

from datetime import datetime, timedelta

MOVED_BY_C = 1.0
FOR = timedelta(hours=1)


def is_news(temperature_c: float, told_c: float | None) -> bool:
    """Other than what the rules go by; or they go by nothing but what is typical."""
    return told_c is None or abs(temperature_c - told_c) >= MOVED_BY_C


def has_lasted(moved_at: datetime | None, measured_at: datetime) -> bool:
    """A door that was left open, or a hand round the gadget, is over within the hour."""
    return moved_at is not None and measured_at - moved_at >= FOR
