"""Whether what should be sour by now was measured and is not: what nobody is to taste, to drink or to call ready."""

from datetime import datetime

from batches.facts import Facts
from batches.ferments import Check
from batches.kinds import Kind
from batches.stages import Stage
from batches.thermal import span, time_of


def fails(facts: Facts, *, now: datetime) -> bool:
    """Its hour has come, and the newest pH is too high; where nobody measured, nobody knows."""
    return any(
        now >= due_at(check.hours, check, facts) and is_too_high(facts.newest_ph, check)
        for check in gates(facts)
    )


def gates(facts: Facts) -> list[Check]:
    is_open = facts.stage == Stage.OPEN
    return [check for check in facts.course.checks if is_open and check.kind == Kind.NOT_ACID]


def is_too_high(ph: float | None, check: Check) -> bool:
    if ph is None or check.ph_above is None:
        return False
    return ph > check.ph_above or (check.strictly and ph == check.ph_above)


def has_failed(check: Check, facts: Facts, *, now: datetime) -> bool:
    """A pH that was read when it was due was too high, and it is late enough to say what that means in the end."""
    read = facts.newest_ph_reading
    return bool(
        check.failing
        and read
        and is_too_high(read.ph, check)
        and read.at >= due_at(check.hours, check, facts)
        and now >= due_at(check.failing_after or check.hours, check, facts)
    )


def due_at(hours: float, check: Check, facts: Facts) -> datetime:
    if check.by_clock:
        return facts.begun_at + span(hours)
    return time_of(hours, facts.spells(facts.stage), facts.course)
