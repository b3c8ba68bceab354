"""What the readings of a batch say about when it is ready: each as if its ln hours had been seen, with an error.

Sugar and acid approach their end exponentially, so that one reading and the point where it is ready tell the time
between them. That form is ours (M: it carries milk kefir's pH from 3 % to 10 % grains, Eng Proc 67:44 and Int J
Microbiol 2020:7019286); its errors (L) held their promises in simulation, not yet on real batches.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from batches.beliefs import teachers
from batches.facts import Facts, Reading
from batches.reasons import Reason, Why
from batches.stages import Stage

NEWEST = 2  # older ones say the same again
AT_THE_START = timedelta(hours=2)
SHARES = (0.03, 0.9)  # of the way still to go: outside, a reading is mostly error
LEAST_CERTAIN = 0.1  # of the way still to go: below, the error no longer grows, so that sourer is never later
METER_ERROR_PH, STRIP_ERROR_PH = 0.05, 0.25  # H: strips to 0.3, calibrated meters to 0.05
PH_ERROR, LEARNED_PH_ERROR = 0.28, 0.22  # of the form itself, in ln hours
READY_PH_SPREAD, READY_PH_NOISE = 0.12, 0.08
BRIX_ERROR = 0.35
BRIX_READING_ERROR = 0.2  # °Brix
BRIX_IN_THE_END = 0.1  # share of the first: acids and unfermentable sugar read as sugar too
BRIX_SPENT = 0.93  # of the sugar gone, what Brix shows: 45 % of it gone reads as 58 % left
BRIX_SPREAD, BRIX_NOISE = 0.08, 0.06
STILL_SWEET = 1.1  # so many times as long at least
TASTES = {"nearly": (1.2, 0.20), "just_right": (1.0, 0.10), "too_sour": (0.85, 0.20)}

Clock = Callable[[datetime], float]


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One reading: the ln of the hours to ready that it speaks for, its error, and why."""

    at: datetime
    log_hours: float
    error: float
    reason: Reason


def signs(facts: Facts, *, now: datetime, elapsed: Clock) -> list[Sign]:
    """The newest readings that say something, newest first. `elapsed` gives the hours behind the batch at a time."""
    found: list[Sign] = []
    seen = readings(facts, now)
    for reading in reversed(seen):
        if len(found) < NEWEST and elapsed(reading.at) > 0:
            found += list(_of(reading, seen, facts, elapsed(reading.at)))[: NEWEST - len(found)]
    return found


def not_before(facts: Facts, *, now: datetime, elapsed: Clock) -> float:
    """Hours that it surely takes, as it was still too sweet."""
    sweet = (reading.at for reading in readings(facts, now) if reading.taste == "too_sweet")
    return max((STILL_SWEET * elapsed(at) for at in sweet), default=0.0)


def readings(facts: Facts, now: datetime) -> list[Reading]:
    """What was read in this stage until now, oldest first."""
    ours = (r for r in facts.readings if facts.begun_at <= r.at <= now)
    if facts.stage == Stage.OPEN and facts.bottled_at:
        ours = (r for r in ours if facts.bottled_at is None or r.at < facts.bottled_at)
    return sorted(ours, key=lambda reading: reading.at)


def _of(reading: Reading, seen: Sequence[Reading], facts: Facts, hours: float) -> Iterator[Sign]:
    if reading.taste in TASTES:
        longer, error = TASTES[reading.taste]
        yield Sign(at=reading.at, log_hours=math.log(longer * hours), error=error, reason=Reason(Why.TASTE))
    if reading.ph is not None:
        yield from _of_ph(reading, seen, facts, hours)
    if reading.brix is not None:
        yield from _of_brix(reading, seen, facts, hours)


def _of_ph(reading: Reading, seen: Sequence[Reading], facts: Facts, hours: float) -> Iterator[Sign]:
    souring = facts.course.souring
    if souring is None or reading.ph is None:
        return
    first = _at_the_start([(r.at, r.ph) for r in seen], facts)
    start = max(souring.start_ph if first is None else first, souring.ready_ph)
    ready, error = ready_ph(facts)
    way = start - souring.end_ph
    found = _along(
        (reading.ph - souring.end_ph) / way,
        max(ready - souring.end_ph, SHARES[0] * way) / way,
        reading_error=(METER_ERROR_PH if by_meter(reading) else STRIP_ERROR_PH) / way,
        error=error,
    )
    if found:
        reason = Reason(Why.PH_READING, {"ph": reading.ph})
        yield Sign(at=reading.at, log_hours=math.log(hours) + found[0], error=found[1], reason=reason)


def _of_brix(reading: Reading, seen: Sequence[Reading], facts: Facts, hours: float) -> Iterator[Sign]:
    first = _at_the_start([(r.at, r.brix) for r in seen], facts)
    if not first or reading.brix is None or not goes_by_brix(facts):
        return
    way = 1 - BRIX_IN_THE_END
    found = _along(
        (reading.brix / first - BRIX_IN_THE_END) / way,
        (ready_brix(facts) - BRIX_IN_THE_END) / way,
        reading_error=BRIX_READING_ERROR / first / way,
        error=BRIX_ERROR,
    )
    if found:
        reason = Reason(Why.BRIX_READING, {"brix": reading.brix})
        yield Sign(at=reading.at, log_hours=math.log(hours) + found[0], error=found[1], reason=reason)


def _along(
    left: float, left_when_ready: float, *, reading_error: float, error: float
) -> tuple[float, float] | None:
    """How many times as long it takes in all, in ln, and the error of that; None where nothing can be said.

    Both are shares of the way still to go. With L = -ln(share): ln hours = ln(so far) + ln(L ready / L now), and an
    error e of the share makes one of e / (share L).
    """
    if not left <= SHARES[1] or not 0 < left_when_ready < 1:
        return None
    left, certain = max(left, SHARES[0]), max(left, LEAST_CERTAIN)
    centre = math.log(math.log(left_when_ready) / math.log(left))
    return centre, math.hypot(error, reading_error / (certain * -math.log(certain)))


def _at_the_start(read: Sequence[tuple[datetime, float | None]], facts: Facts) -> float | None:
    """The first value, if it was read when the stage began."""
    return next((v for at, v in read if v is not None and at <= facts.begun_at + AT_THE_START), None)


def by_meter(reading: Reading) -> bool:
    """Where nobody says how: nobody reads 4.27 off a strip (L)."""
    if reading.by_meter is not None or reading.ph is None:
        return bool(reading.by_meter)
    return abs(reading.ph * 20 - round(reading.ph * 20)) > 1e-6


def ready_ph(facts: Facts) -> tuple[float, float]:
    """The pH at which this keeper calls it ready, and the error of the form, which falls as that is learned."""
    souring = facts.course.souring
    said = [past.ph_at_ready for past in teachers(facts) if past.ph_at_ready is not None]
    typical = souring.ready_ph if souring else 0.0
    learned, known = _pooled(typical, READY_PH_SPREAD, said, READY_PH_NOISE)
    return learned, math.sqrt(LEARNED_PH_ERROR**2 + (PH_ERROR**2 - LEARNED_PH_ERROR**2) * (1 - known))


def goes_by_brix(facts: Facts) -> bool:
    return facts.stage == Stage.OPEN and facts.course.sugar_spent > 0.1


def ready_brix(facts: Facts) -> float:
    """The share of the first Brix at which this keeper calls it ready."""
    typical = 1 - BRIX_SPENT * facts.course.sugar_spent
    said = [past.brix_left_at_ready for past in teachers(facts) if past.brix_left_at_ready is not None]
    learned, _ = _pooled(typical, BRIX_SPREAD, said, BRIX_NOISE)
    return min(0.95, max(BRIX_IN_THE_END + 0.05, learned))


def _pooled(typical: float, spread: float, said: Sequence[float], noise: float) -> tuple[float, float]:
    """Typical and own by their precision; and the share of the own in that."""
    if not said:
        return typical, 0.0
    prior, own = 1 / spread**2, len(said) / noise**2
    return (typical * prior + fmean(said) * own) / (prior + own), own / (prior + own)
