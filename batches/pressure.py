"""How hard a sealed bottle is pressed, and by when it must be cold.

Sugar turns to gas at a rate that follows the warmth, gas dissolves as Henry's law says, air is trapped above.
Nobody measured home bottles, so a limit is reached when the quickest of twenty reach it, not the likely one.
Sugar and gas are in g per litre of liquid, pressure in bar over the air around (gauge), temperature in °C.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from batches.cultures import BottleKind
from batches.facts import Facts, Spell
from batches.stages import Stage
from batches.thermal import GAS_FASTEST_C, gas_rate, thermal_hours

ATMOSPHERE = 1.013
ZERO_C = 273.15
TRAPPED_AIR = 0.81  # bar at 20 °C: 0.8 atm left at capping, its oxygen eaten
FILL = 0.95
GAS_CONSTANT = 0.083145  # L bar / mol K
CO2_GRAMS = 44.0095  # per mol
CO2_PER_SUGAR = 2 * CO2_GRAMS / 180.156  # hexose to 2 ethanol + 2 CO2: 0.4886
HEXOSE_PER_SUCROSE = 2 * 180.156 / 342.297
VOLUME = 1.9635  # g CO2 in a "volume": a litre of it at 0 °C and 1 atm
HALF_SPEED = 3.0  # g/L of sugar at which the rate has halved
OPEN_JAR = 0.8  # share of the gas that fits, dissolved when the bottle is filled
MARGIN_C = 3.0
FIZZY_BAR = 1.8
MOST_SUGAR = 1000.0  # g/L: more is a slip of the pen
FOREVER_HOURS = 10 * 365 * 24


@dataclass(frozen=True)
class Limit:
    """At what gauge pressure to warn, and at what to act. Low on purpose: reused bottles differ widely."""

    warn_bar: float
    act_bar: float


LIMITS: Mapping[str, Limit] = {
    BottleKind.PET: Limit(3.5, 5.0),  # M: fail at 8.6-10.3 bar when new
    BottleKind.SWING_TOP: Limit(2.5, 3.5),  # M: burst above 12 bar when new
    BottleKind.CROWN_CAP: Limit(2.0, 2.8),  # M: rated for about 3 volumes
    BottleKind.HEAVY_GLASS: Limit(3.0, 3.8),  # M
    BottleKind.CHAMPAGNE: Limit(4.5, 6.0),  # M
    BottleKind.JAR: Limit(0.3, 0.5),  # H: not made for pressure
    BottleKind.UNKNOWN: Limit(0.3, 0.5),
}


def limit(bottle_kind: str) -> Limit:
    """A bottle that nobody named counts as the weakest."""
    return LIMITS.get(bottle_kind, LIMITS[BottleKind.UNKNOWN])


@dataclass(frozen=True)
class Pace:
    """How a bottle compares with the likely one: its rate, and the share of its sugar that makes gas."""

    speed: float
    share: float
    slows_in_heat: bool = True


LIKELY = Pace(1.0, 0.9)
# The 95th percentile of a log-normal rate with spread 0.5. A hot shelf must never look safer than a warm one.
QUICKEST = Pace(math.exp(1.645 * 0.5), 1.0, slows_in_heat=False)


@dataclass(frozen=True)
class Contents:
    """What is in a litre at a moment: gas made so far, and sugar (as hexose) still to turn."""

    gas: float
    sugar: float


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is expected of a bottle. A time is None when its sugar cannot bring it that far."""

    limit: Limit
    likely_bar: float
    high_bar: float
    utmost_bar: float  # when all the sugar has turned, at the present temperature
    sugar_g_per_l: float
    fizzy_by: datetime | None
    warn_by: datetime | None
    act_by: datetime | None


def solubility(temperature_c: float) -> float:
    """g CO2 per litre and bar of CO2 (absolute): Henry's law in its brewing form."""
    return 10 * math.exp(-10.73797 + 2617.25 / (temperature_c + ZERO_C))


def _capacity(temperature_c: float, fill: float) -> float:
    """g CO2 per litre of liquid and bar of CO2, dissolved and in the space above."""
    above = CO2_GRAMS / (GAS_CONSTANT * (temperature_c + ZERO_C))
    return solubility(temperature_c) + (1 - fill) / fill * above


def _air(temperature_c: float, air: float) -> float:
    return air * (temperature_c + ZERO_C) / (20 + ZERO_C)


def gauge(gas: float, temperature_c: float, *, fill: float = FILL, air: float = TRAPPED_AIR) -> float:
    """Bar over the air around, from the CO2 in a sealed bottle, dissolved or not (g per litre of liquid)."""
    return gas / _capacity(temperature_c, fill) + _air(temperature_c, air) - ATMOSPHERE


def gas_at(bar: float, temperature_c: float, *, fill: float = FILL, air: float = TRAPPED_AIR) -> float:
    """The CO2 (g/L) that presses so hard: the other way round."""
    return (bar + ATMOSPHERE - _air(temperature_c, air)) * _capacity(temperature_c, fill)


def hours_until(gas: float, contents: Contents, sugar_per_hour: float, share: float) -> float | None:
    """Hours until so much gas (g/L) is made; None if the sugar cannot make it.

    Integrates dS/dt = -r S/(S + 3) exactly: t = (S0 - S + 3 ln(S0/S)) / r.
    """
    needed = (gas - contents.gas) / (CO2_PER_SUGAR * share)
    if needed <= 0:
        return 0.0
    if needed >= contents.sugar or sugar_per_hour <= 0:
        return None
    return (needed + HALF_SPEED * math.log(contents.sugar / (contents.sugar - needed))) / sugar_per_hour


def contents_after(hours: float, contents: Contents, sugar_per_hour: float, share: float) -> Contents:
    """The same law forwards; S is found by Newton's steps in ln S, which close in from above."""
    if contents.sugar <= 0 or hours <= 0:
        return contents
    goal = contents.sugar + HALF_SPEED * math.log(contents.sugar) - sugar_per_hour * hours
    log_sugar = math.log(contents.sugar)
    for _ in range(30):
        sugar = math.exp(log_sugar)
        log_sugar -= (sugar + HALF_SPEED * log_sugar - goal) / (sugar + HALF_SPEED)
    left = math.exp(log_sugar)
    return Contents(contents.gas + CO2_PER_SUGAR * share * (contents.sugar - left), left)


def outlook(facts: Facts, *, now: datetime) -> Outlook | None:
    """What is expected of the bottles of a batch; None while it is not bottled."""
    if facts.stage != Stage.BOTTLED:
        return None
    allowed, sealed = limit(facts.bottle_kind), sealed_contents(facts)
    likely, high = _contents(facts, LIKELY, at=now), _contents(facts, QUICKEST, at=now)
    return Outlook(
        limit=allowed,
        likely_bar=gauge(likely.gas, facts.present_c),
        high_bar=gauge(high.gas, facts.present_c),
        utmost_bar=gauge(sealed.gas + CO2_PER_SUGAR * sealed.sugar, facts.present_c),
        sugar_g_per_l=likely.sugar,
        fizzy_by=_reaches(FIZZY_BAR, facts, LIKELY, margin_c=0),
        warn_by=_reaches(allowed.warn_bar, facts, QUICKEST, margin_c=MARGIN_C),
        act_by=_reaches(allowed.act_bar, facts, QUICKEST, margin_c=MARGIN_C),
    )


def sealed_contents(facts: Facts) -> Contents:
    """What went into the bottle: a lively drink, the sugar its jar left over and what was added."""
    first = facts.spells(Stage.BOTTLED)[0].temperature_c
    sugar = HEXOSE_PER_SUCROSE * (_left_over(facts) + _added(facts))
    return Contents(gas=OPEN_JAR * solubility(first) * ATMOSPHERE, sugar=sugar)


def _left_over(facts: Facts) -> float:
    """Sugar falls exponentially in the open jar; the culture says how much is gone when it is ready."""
    ferment = facts.ferment
    course = ferment.open
    hours = thermal_hours(facts.spells(Stage.OPEN), course, facts.sealed_at)
    start = ferment.own_sugar_g_per_l + _per_litre(facts.sugar_grams, facts, course.sugar_g_per_l)
    return start * float((1 - course.sugar_spent) ** (hours / course.hours))


def _added(facts: Facts) -> float:
    return _per_litre(facts.added_sugar_grams, facts, facts.course.sugar_g_per_l)


def _per_litre(grams: float | None, facts: Facts, usual: float) -> float:
    """Grams per litre of water; the usual amount where it is not known how much there is, or in how much."""
    if grams is None or not facts.water_volume_ml or facts.water_volume_ml < 1:
        return usual
    return min(MOST_SUGAR, max(0.0, grams) / (facts.water_volume_ml / 1000))


def _reaches(bar: float, facts: Facts, pace: Pace, *, margin_c: float) -> datetime | None:
    """When a bottle presses so hard if it stays where it stands, or since when it has stood there and did."""
    last = facts.spells(Stage.BOTTLED)[-1]
    allowance = 0.0 if last.in_fridge else margin_c
    gas = gas_at(bar, last.temperature_c + allowance)
    contents = _contents(facts, pace, at=last.since, margin_c=margin_c)
    hours = hours_until(gas, contents, _sugar_per_hour(facts, last, pace, margin_c), pace.share)
    return None if hours is None or hours > FOREVER_HOURS else last.since + timedelta(hours=hours)


def _contents(facts: Facts, pace: Pace, *, at: datetime, margin_c: float = 0) -> Contents:
    spells, contents = facts.spells(Stage.BOTTLED), sealed_contents(facts)
    ends = [*(spell.since for spell in spells[1:]), at]
    for spell, end in zip(spells, ends, strict=True):
        hours = (min(end, at) - spell.since) / timedelta(hours=1)
        contents = contents_after(hours, contents, _sugar_per_hour(facts, spell, pace, margin_c), pace.share)
    return contents


def _sugar_per_hour(facts: Facts, spell: Spell, pace: Pace, margin_c: float) -> float:
    ferment = facts.ferment
    warmth = spell.temperature_c + (0.0 if spell.in_fridge else margin_c)
    warmth = warmth if pace.slows_in_heat else min(warmth, GAS_FASTEST_C)
    return ferment.gas_g_per_l_h * pace.speed * gas_rate(warmth, ferment.gas_q10)
