"""When a job that failed is tried again: soon at first, then ever later, and not all at the same moment."""

from datetime import timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


def pause(attempt: int, *, chance: float) -> timedelta:
    """Before the next try, after the given one (from 1). `chance` from 0 to 1 moves it by up to a quarter."""
    doubled = FIRST_PAUSE * (1 << min(attempt - 1, 20))
    return min(doubled, LONGEST_PAUSE) * (0.75 + chance / 2)
