"""When a message is tried again, and how long slow endpoints are left alone."""

from datetime import timedelta

# After the first, second… try: five tries in a day and a bit, so that a night's outage loses nothing.
PAUSES = (timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=5), timedelta(hours=19))
TRIES = len(PAUSES) + 1
# Spread, so that what failed together does not come back together; added and never taken away.
SPREAD = 0.2
LONGEST_WISH = timedelta(hours=24)

QUICK = timedelta(seconds=1)
# One person's calls take at most a tenth of a worker's time.
REST_PER_WORK = 9
LONGEST_REST = timedelta(minutes=30)


def pause_after(tries: int, *, chance: float, asked: timedelta | None = None) -> timedelta | None:
    """Until the next try after so many; None when that was the last one.

    `chance` is from 0 to 1. `asked` is what Retry-After said: it may only make the pause longer.
    """
    if tries >= TRIES:
        return None
    pause = PAUSES[tries - 1] * (1 + SPREAD * chance)
    return max(pause, min(asked or timedelta(), LONGEST_WISH))


def rest_after(took: timedelta, *, failures: int) -> timedelta:
    """How long a person's endpoints are not called after a slow call, so that others' messages are not held up."""
    if took < QUICK:
        return timedelta()
    growing: int = 2 ** min(failures, 10)
    return min(took * REST_PER_WORK * growing, LONGEST_REST)
