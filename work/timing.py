"""When a job that failed is tried again: soon at first, then ever later, and not all at the same moment."""

from datetime import timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# Whatever the other side asks for: it may be wrong, or mean harm.
LONGEST_WISH = timedelta(days=1)


def pause(attempt: int, *, chance: float, wish: timedelta | None = None) -> timedelta:
    """Before the next try, after the given one (from 1): as the other side wishes, or else ever longer.

    `chance` from 0 to 1 moves what nobody wished by up to a quarter.
    """
    if wish is not None:
        return min(max(wish, timedelta()), LONGEST_WISH)
    doubled = FIRST_PAUSE * (1 << min(attempt - 1, 20))
    return min(doubled, LONGEST_PAUSE) * (0.75 + chance / 2)
