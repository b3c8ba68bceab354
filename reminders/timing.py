"""When a message may go out, and when it is tried or said again. Times only; no database, no clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SAFETY = 0
MINUTE = timedelta(minutes=1)

# A hiccup is over in seconds; a service's bad day must be outlasted: 24 hours and some, by the hour at the end.
PAUSES = [
    *(timedelta(seconds=seconds) for seconds in (1, 5, 15, 40)),
    *(timedelta(minutes=minutes) for minutes in (2, 5, 10, 20, 40)),
    *([timedelta(hours=1)] * 23),
]
# What could not be told by then, nobody wants to be told any more.
USE = timedelta(hours=48)
TRIES_LAST = timedelta(hours=24)
MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Person:
    """When somebody may be spoken to. Quiet hours are local times, and stay so when the clocks change."""

    zone: str
    quiet_from: time | None = None
    quiet_until: time | None = None
    paused_until: datetime | None = None


def held_until(person: Person, *, at: datetime, priority: int) -> datetime | None:
    """When a message may go that wants to go at `at`; None: there and then. Safety is held up by nothing."""
    if priority == SAFETY:
        return None
    may_go = max(at, person.paused_until or at)
    if person.quiet_from is not None and person.quiet_until is not None:
        may_go = end_of_quiet(may_go, person.quiet_from, person.quiet_until, ZoneInfo(person.zone))
    return may_go if may_go > at else None


def end_of_quiet(at: datetime, since: time, until: time, zone: ZoneInfo) -> datetime:
    """The first moment from `at` on at which the clock on the wall shows no quiet hour."""
    local = at.astimezone(zone)
    if not is_quiet(local.time(), since, until):
        return at
    day = local.date() if local.time() < until else local.date() + timedelta(days=1)
    end = datetime.combine(day, until, zone).replace(fold=local.fold).astimezone(UTC)
    # Where the clocks were put forward over the end, quiet ends with the jump.
    while end - MINUTE > at and not is_quiet((end - MINUTE).astimezone(zone).time(), since, until):
        end -= MINUTE
    # Where they were put forward over all that is not quiet, quiet lasts another day.
    return (
        end
        if not is_quiet(end.astimezone(zone).time(), since, until)
        else end_of_quiet(end, since, until, zone)
    )


def is_quiet(clock: time, since: time, until: time) -> bool:
    if since < until:
        return since <= clock < until
    return clock >= since or clock < until


def pause_after(attempts: int, *, chance: float) -> timedelta | None:
    """How long to wait after so many failed attempts; None when it is time to give up.

    `chance`, from 0 to 1, spreads a crowd of them: up to a fifth longer.
    """
    if attempts > len(PAUSES):
        return None
    return PAUSES[max(attempts, 1) - 1] * (1 + chance / 5)


def next_try(
    *,
    attempts: int,
    asked: timedelta | None,
    wanted_at: datetime,
    tried_since: datetime,
    now: datetime,
    chance: float,
) -> datetime | None:
    """When to try once more; None when a day of tries is over, or what was to be said is of no use any more.

    A service that asks for a pause gets it, and is not asked sooner than our own patience says.
    """
    pause = pause_after(attempts, chance=chance)
    if pause is None:
        return None
    at = now + max(pause, asked or pause)
    return at if at <= max(wanted_at + USE, tried_since + TRIES_LAST) else None


def nag_at(*, told_at: datetime, every: timedelta | None, round: int) -> datetime | None:  # noqa: A002
    """When what was told and not done is said once more."""
    return told_at + every if every and round < MOST_ROUNDS else None
