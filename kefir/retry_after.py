"""What Retry-After asks for."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def pause_from(text: str, now: datetime, *, longest: timedelta) -> timedelta | None:
    """Seconds, or a date (RFC 9110, 10.2.3). Nonsense is as good as nothing."""
    text = text.strip()
    if text.isdecimal() and len(text) < 9:
        return min(timedelta(seconds=int(text)), longest)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    pause = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(pause, timedelta()), longest)
