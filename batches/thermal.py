"""How fast a culture works in the warmth it has, and how many hours of its reference warmth that comes to.

An hour in a warm kitchen counts for more than one in a cold one: by Q10, the factor for 10 °C. Temperatures in °C;
reference hours are hours at `course.reference_c`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from batches.facts import Spell
from batches.ferments import Course

WORST_SLOWDOWN = 0.1  # L: what is left of the rate where a culture all but stops in the heat
COLD_BELOW_C = 12.0
# M: kefir cultures take 950-1 078 h at 5 °C for 155-250 h at 20 °C (Foods 2020, 9:115); kimchi from 10 to 0 °C 3.5.
COLD_Q10 = 3.0
GAS_FASTEST_C = 32.0  # L, as the next
GAS_STOPS_C = 42.0
FOREVER_HOURS = 10 * 365 * 24  # beyond it a time means nothing, and a calendar may end


def rate(temperature_c: float, course: Course) -> float:
    """How many reference hours one hour counts for: Q10 up to the fastest temperature, then failing.

    H for milk kefir's Q10 (Gorsek & Zajsek 2010) and, at second hand, for water kefir's between 17 and 29 °C (Laureys
    2022); M and L else.
    """
    too_far = max(0.0, temperature_c - course.fastest_c) / (course.stops_c - course.fastest_c)
    slowed = max(WORST_SLOWDOWN, 1 - (1 - WORST_SLOWDOWN) * too_far)
    return _quicker(min(temperature_c, course.fastest_c), course.q10, than_at=course.reference_c) * slowed


def gas_rate(temperature_c: float, q10: float = 2.4) -> float:
    """How fast sugar turns to gas, compared with 20 °C (H, second hand, for the Q10 of alcohol: 2.37, Laureys 2022)."""
    failing = max(0.0, temperature_c - GAS_FASTEST_C) / (GAS_STOPS_C - GAS_FASTEST_C)
    return _quicker(min(temperature_c, GAS_FASTEST_C), q10, than_at=20) * max(0.0, 1 - failing)


def _quicker(temperature_c: float, q10: float, *, than_at: float) -> float:
    """Cold slows more than Q10 says, but does not stop."""
    cold = min(0.0, temperature_c - COLD_BELOW_C)
    return float(q10 ** ((temperature_c - cold - than_at) / 10) * COLD_Q10 ** (cold / 10))


def thermal_hours(spells: Sequence[Spell], course: Course, until: datetime) -> float:
    """Reference hours that a batch has behind it."""
    ends = [*(spell.since for spell in spells[1:]), until]
    return sum(
        rate(spell.temperature_c, course) * max(0.0, hours(min(end, until) - spell.since))
        for spell, end in zip(spells, ends, strict=True)
    )


def time_of(reference_hours: float, spells: Sequence[Spell], course: Course) -> datetime:
    """When a batch has so many reference hours behind it, if it stays as warm as it is."""
    left = reference_hours
    for spell, after in pairwise(spells):
        pace = rate(spell.temperature_c, course)
        worth = pace * hours(after.since - spell.since)
        if worth >= left:
            return spell.since + span(left / pace)
        left -= worth
    return spells[-1].since + span(left / rate(spells[-1].temperature_c, course))


def hours(length: timedelta) -> float:
    return length / timedelta(hours=1)


def span(clock_hours: float) -> timedelta:
    return timedelta(hours=min(clock_hours, FOREVER_HOURS))
