"""When a batch is ready: how fast it works, how far it has come, and how sure that is.

The time to "ready" is counted in hours at the culture's reference temperature, so that hours in a warm
kitchen count for more, and believed to be a Student t in its logarithm. Without history that is the
predictive of a normal-inverse-gamma prior; what a keeper's own batches and this batch's measurements
teach belongs in `belief`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import NormalDist

from batches.facts import Facts, Spell
from batches.ferments import Course

NORMAL = NormalDist()
PRIOR_FREEDOM = 8.0
SURELY = 0.99  # beyond it the approximations below no longer undo each other
TEMPERATURE_ERROR_C = 1.0
ROOM_ERROR_C = 2.5
WORST_SLOWDOWN = 0.1


@dataclass(frozen=True, kw_only=True)
class Belief:
    """The hours to "ready": a Student t in ln hours."""

    centre: float
    spread: float
    freedom: float

    def chance(self, hours: float) -> float:
        """That it is ready within so many hours."""
        return t_chance((math.log(hours) - self.centre) / self.spread, self.freedom) if hours > 0 else 0.0

    def hours(self, chance: float) -> float:
        return math.exp(self.centre + self.spread * t_quantile(chance, self.freedom))

    def left(self, quantile: float, *, after: float) -> float:
        """Hours still to go, knowing that it was not ready `after` so many."""
        so_far = min(self.chance(after), SURELY)
        spent = min(after, self.hours(SURELY))
        return max(0.0, self.hours(so_far + quantile * (1 - so_far)) - spent)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """When a batch is ready: the 10, 25, 50, 75 and 90 % points, and what a batch like it needs in all."""

    earliest: datetime
    early: datetime
    median: datetime
    late: datetime
    latest: datetime
    typical: timedelta  # clock hours at the present temperature, or the keeper's own target
    overdue_at: datetime  # when nine of ten like it were ready, as seen from the start


def rate(temperature_c: float, course: Course) -> float:
    """How many reference hours one hour counts for. Q10 up to the fastest temperature, then failing."""
    warmth = min(temperature_c, course.fastest_c) - course.reference_c
    too_far = max(0.0, temperature_c - course.fastest_c) / (course.stops_c - course.fastest_c)
    slowed = max(WORST_SLOWDOWN, 1 - (1 - WORST_SLOWDOWN) * too_far)
    halved = 0.5 if temperature_c < course.coldest_c else 1.0
    return float(course.q10 ** (warmth / 10)) * slowed * halved


def thermal_hours(spells: Sequence[Spell], course: Course, until: datetime) -> float:
    """Reference hours that a batch has behind it."""
    ends = [*(spell.since for spell in spells[1:]), until]
    return sum(
        rate(spell.temperature_c, course) * max(0.0, _hours(min(end, until) - spell.since))
        for spell, end in zip(spells, ends, strict=True)
    )


def time_of(hours: float, spells: Sequence[Spell], course: Course) -> datetime:
    """When a batch has so many reference hours behind it, if it stays as warm as it is."""
    for spell, after in pairwise(spells):
        worth = rate(spell.temperature_c, course) * _hours(after.since - spell.since)
        if worth >= hours:
            return spell.since + timedelta(hours=hours / rate(spell.temperature_c, course))
        hours -= worth
    return spells[-1].since + timedelta(hours=hours / rate(spells[-1].temperature_c, course))


def belief(facts: Facts) -> Belief:
    """What is believed of a batch before anything is known of its keeper's others."""
    course = facts.course
    told = facts.knows_temperature
    sigma = course.sigma if told else course.sigma_untold or course.sigma
    warmth = (TEMPERATURE_ERROR_C if told else ROOM_ERROR_C) * math.log(course.q10) / 10
    return Belief(
        centre=math.log(course.hours) + _recipe(facts),
        spread=math.sqrt(sigma**2 + course.tau**2 + warmth**2),
        freedom=PRIOR_FREEDOM,
    )


def forecast(facts: Facts, *, now: datetime) -> Forecast:
    """When it is ready, knowing that its keeper has not yet called it so."""
    if facts.wanted is None:
        return _forecast_by_warmth(facts, now)
    return _forecast_by_target(facts, facts.wanted, now)


def _forecast_by_warmth(facts: Facts, now: datetime) -> Forecast:
    course, spells, believed = facts.course, facts.spells(facts.stage), belief(facts)
    pace = rate(facts.present_c, course)
    done, since = thermal_hours(spells, course, now), max(now, facts.begun_at)

    def at(quantile: float) -> datetime:
        return since + timedelta(hours=believed.left(quantile, after=done) / pace)

    return _through(
        at,
        typical=timedelta(hours=believed.hours(0.5) / pace),
        overdue_at=time_of(believed.hours(0.9), spells, course),
    )


def _forecast_by_target(facts: Facts, target: timedelta, now: datetime) -> Forecast:
    """The keeper's own time is the middle, by the clock; the doubt around it stays the culture's."""
    believed = replace(belief(facts), centre=math.log(_hours(target)))
    # While the target is to come, it stands where its keeper put it, however long the batch has stood.
    done = max(0.0, _hours(now - facts.begun_at))
    done = done if done >= _hours(target) else 0.0

    def at(quantile: float) -> datetime:
        return facts.begun_at + timedelta(hours=done + believed.left(quantile, after=done))

    late = facts.begun_at + timedelta(hours=believed.hours(0.9))
    return _through(at, typical=target, overdue_at=late)


def _through(at: Callable[[float], datetime], *, typical: timedelta, overdue_at: datetime) -> Forecast:
    return Forecast(
        earliest=at(0.10),
        early=at(0.25),
        median=at(0.50),
        late=at(0.75),
        latest=at(0.90),
        typical=typical,
        overdue_at=overdue_at,
    )


def _recipe(facts: Facts) -> float:
    """What more or fewer grains and more or less sugar than usual change, in ln hours."""
    course = facts.course
    grains = _ratio(facts.grains_grams, facts.water_volume_ml, course.grains_g_per_l, within=4)
    sugar = _ratio(facts.sugar_grams, facts.water_volume_ml, course.sugar_g_per_l, within=3)
    return course.grains_exponent * math.log(grains) + course.sugar_exponent * math.log(sugar)


def _ratio(grams: float | None, volume_ml: float | None, usual_g_per_l: float, *, within: float) -> float:
    """How much there is, compared with the usual; 1 where it is not known or does not matter."""
    if not grams or not volume_ml or not usual_g_per_l:
        return 1.0
    usual_grams = max(usual_g_per_l * volume_ml / 1000, 1e-9)
    return min(within, max(1 / within, grams / usual_grams))


def t_quantile(chance: float, freedom: float) -> float:
    """Student t by the Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5), good to 1 % from 5 degrees."""
    z = NORMAL.inv_cdf(chance)
    first = (z**3 + z) / (4 * freedom)
    return z + first + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def t_chance(x: float, freedom: float) -> float:
    """Cumulative Student t, by Wallace's normal approximation (1959)."""
    z = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(x * x / freedom))
    return NORMAL.cdf(math.copysign(z, x))


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)
