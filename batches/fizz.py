"""How fast a keeper's bottles work, as the fizz of those that were opened says.

The weakest number of all is how fast a bottle without grains makes gas (L). The ln of its rate over the typical one is
believed to be normal: bottles of one keeper differ by one spread, keepers by another. Ratings of earlier bottles teach
where a keeper's lie, the newest most, those of other grains half; a rating of this very batch teaches about it alone.
However many there are, no two bottles are alike: the band never gets narrower than that.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

from batches import sugar
from batches.beliefs import NEW_GRAINS, RECENCY
from batches.carbonation import CO2_PER_SUGAR, VOLUME, Contents, freshly_filled
from batches.cultures import ferment
from batches.facts import Facts, Past, Reading
from batches.stages import Stage
from batches.thermal import gas_rate, hours

BETWEEN_KEEPERS, BETWEEN_BOTTLES = 0.37, 0.34  # L: of ln rate
RATE_SPREAD = 0.5  # L: both together
RATING_NOISE = 0.35  # L: of what one rating says
FAR_OFF = math.log(
    4
)  # a rating that says more leaked, was lively when it was sealed, or is a slip of the finger
TRUSTED_RATINGS = 3  # before, they may make a bottle look quicker, but not safer
FIZZ_VOLUMES = {2: 1.9, 3: 2.6, 4: 3.4, 5: 4.5}  # L; a flat one may have leaked, and says nothing
GOOD_FIZZ = FIZZ_VOLUMES[3] * VOLUME  # g CO2 per litre
LIKELY_SHARE = 0.9  # L: of the sugar that makes gas; bacteria make half as much of theirs, or none
MEASURED_SHARE = LIKELY_SHARE * CO2_PER_SUGAR
NEARLY_SPENT = 0.5  # with more of its sugar gone, a bottle is slow for want of it
NINETEEN_OF_TWENTY = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True)
class Pace:
    """How a bottle compares with the typical one: its rate, and the share of its sugar that makes gas."""

    speed: float
    share: float
    slows_in_heat: bool = True
    calms: float = 0.45  # L: of the gas beyond saturation, what goes while it stands open until calm


class Paces(NamedTuple):
    """The slowest, the likely and the quickest of twenty bottles."""

    slow: Pace
    likely: Pace
    quick: Pace


def paces(centre: float = 0.0, spread: float = RATE_SPREAD, *, at_least: float = 0.0) -> Paces:
    """From the ln of the rate over the typical one. A hot shelf must never look safer than a warm one."""
    aside = NINETEEN_OF_TWENTY * spread
    return Paces(
        Pace(math.exp(centre - aside), 0.8, calms=0.6),
        Pace(math.exp(centre), LIKELY_SHARE),
        Pace(max(at_least, math.exp(centre + aside)), 1.0, slows_in_heat=False, calms=0.3),
    )


SLOWEST, LIKELY, QUICKEST = paces()


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What the fizz of a bottle said: the ln of its rate over the typical one."""

    log_speed: float
    age: int = 0  # how many rated bottles came after it
    trust: float = 1.0  # less, where other grains made it
    is_own: bool = False  # of this very batch

    @property
    def weight(self) -> float:
        return float(self.trust * RECENCY**self.age)


def ratings(facts: Facts) -> Iterator[Rating]:
    """Of earlier bottles, the newest first, and of these."""
    yield from ratings_of(facts.history, facts.culture)
    if (ours := rate_by_fizz(facts)) is not None:
        yield Rating(log_speed=_log_speed(ours, facts.culture), is_own=True)


def ratings_of(history: Iterable[Past], culture: str) -> Iterator[Rating]:
    rated = [past for past in history if past.gas_g_per_l_h and past.gas_g_per_l_h > 0]
    for age, past in enumerate(sorted(rated, key=lambda past: past.ended_at, reverse=True)):
        trust = NEW_GRAINS ** max(0, past.new_grains_since)
        yield Rating(log_speed=_log_speed(past.gas_g_per_l_h or 0, culture), age=age, trust=trust)


def learned(told: Sequence[Rating]) -> Paces:
    """The paces of a batch's bottles: normals, pooled by precision, first its keeper's, then its own."""
    if not told:
        return Paces(SLOWEST, LIKELY, QUICKEST)
    earlier, own = ([one for one in told if one.is_own is is_own] for is_own in (False, True))
    centre, variance = _pooled(0.0, BETWEEN_KEEPERS**2, earlier, BETWEEN_BOTTLES**2 + RATING_NOISE**2)
    centre, variance = _pooled(centre, variance + BETWEEN_BOTTLES**2, own, RATING_NOISE**2)
    trusted = sum(one.trust for one in told) >= TRUSTED_RATINGS
    return paces(centre, math.sqrt(variance), at_least=0.0 if trusted else QUICKEST.speed)


def _pooled(centre: float, variance: float, told: Sequence[Rating], noise: float) -> tuple[float, float]:
    known = 1 / variance + sum(one.weight for one in told) / noise
    moved = centre / variance + sum(one.weight * one.log_speed for one in told) / noise
    return moved / known, 1 / known


def _log_speed(rate: float, culture: str) -> float:
    return max(-FAR_OFF, min(FAR_OFF, math.log(rate / ferment(culture).gas_g_per_l_h)))


def sealed_contents(facts: Facts) -> Contents:
    """What went into the bottle: a lively drink, the sugar its jar left over and what was added."""
    first = facts.spells(Stage.BOTTLED)[0].temperature_c
    return Contents(gas=freshly_filled(first), sugar=sugar.sealed_in(facts))


def rate_by_fizz(facts: Facts) -> float | None:
    """g sugar per litre and hour at 20 °C, by the newest rating of a bottle's fizz; None where none says it.

    A bottle that was burped before, is flat and may have leaked, or had little sugar, must not make others look slow.
    """
    rated = [r for r in facts.readings if r.fizz in FIZZ_VOLUMES and r.at > facts.sealed_at]
    if facts.stage != Stage.BOTTLED or not rated:
        return None
    newest = max(rated, key=lambda reading: reading.at)
    if any(facts.sealed_at <= at <= newest.at for at in facts.burped_at):
        return None
    return _rate(facts, newest)


def _rate(facts: Facts, rated: Reading) -> float | None:
    sealed, worth = sealed_contents(facts), _hours_at_20(facts, rated)
    spent = max(0.0, FIZZ_VOLUMES[rated.fizz or 0] * VOLUME - sealed.gas) / MEASURED_SHARE
    rate = spent / worth if worth else 0.0
    if spent > NEARLY_SPENT * sealed.sugar and rate < facts.ferment.gas_g_per_l_h:
        return None
    return rate or None


def _hours_at_20(facts: Facts, reading: Reading) -> float:
    spells = [spell for spell in facts.spells(Stage.BOTTLED) if spell.since <= reading.at]
    ends = [*(spell.since for spell in spells[1:]), reading.at]
    pairs = zip(spells, ends, strict=True)
    return sum(
        gas_rate(spell.temperature_c, facts.ferment.gas_q10) * hours(end - spell.since)
        for spell, end in pairs
    )
