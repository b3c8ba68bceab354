"""When a message that could not be sent is tried again. Times only; no database, no clock."""

from datetime import timedelta

# Patient enough to outlast a mail server's bad day.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 40, 60, 120, 240, 360, 480)]


def pause_after(attempts: int, *, chance: float) -> timedelta | None:
    """How long to wait after so many failed attempts; None when it is time to give up.

    `chance`, from 0 to 1, spreads a crowd of them: up to a fifth longer.
    """
    if attempts > len(PAUSES):
        return None
    return PAUSES[max(attempts, 1) - 1] * (1 + chance / 5)
