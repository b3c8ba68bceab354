"""How much alcohol a batch may hold: a range, and never "free of it".

By the sugar that is gone and the share of it that becomes alcohol: in an open jar bacteria and air take much of it,
in a bottle little. The shares are ours (L; water kefir from about 20 g/L left of 60 g/L of sugar), widely drawn.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from batches import sugar
from batches.facts import Facts, Reading
from batches.ferments import Sentence
from batches.fizz import QUICKEST, learned, ratings
from batches.pressure import contents_at
from batches.stages import Stage

GRAMS_PER_PERCENT = 7.89  # g ethanol in a litre of 1 % by volume (H)
BOTTLED_YIELD = (0.40, 0.45, 0.51)  # g per g of sugar gone; 0.51 is all that chemistry allows
READING_ERROR = 0.4  # % by volume: fruit, juice and acids read as sugar
PERCENT_PER_GRAVITY = 131.25


class Threshold(NamedTuple):
    """From how much on somebody should know of it, and who draws the line there."""

    percent: float
    words: Sentence


# The lines are those of laws, recalled and not looked up again (M); what is held against them is an estimate (L).
THRESHOLDS = (
    # Regulation (EU) 1169/2011, article 9 (1) (k).
    Threshold(1.2, _("In the European Union a label must say so above 1.2 %.")),
    # 26 U.S.C. 5052 (a), 27 CFR part 25.
    Threshold(0.5, _("In the United States it counts as alcoholic from 0.5 % on.")),
)


@dataclass(frozen=True, kw_only=True)
class Alcohol:
    """In % by volume."""

    low: float
    likely: float
    high: float

    @property
    def passed(self) -> Threshold | None:
        """The highest that it may have passed."""
        return next((one for one in THRESHOLDS if self.high >= one.percent), None)


def alcohol(facts: Facts, *, now: datetime) -> Alcohol | None:
    """What it may hold now; None for what nobody drinks."""
    shares = facts.ferment.alcohol_yield
    if shares is None:
        return None
    gone = max(0.0, sugar.at_start(facts) - _left(facts, now))
    jar = [share * gone / GRAMS_PER_PERCENT for share in shares]
    low, likely, high = (sum(both) for both in zip(jar, _made_in_bottles(facts, now), strict=True))
    read = _by_gravity(facts, now)
    if read is None:
        return Alcohol(low=low, likely=likely, high=high)
    return Alcohol(
        low=min(low, read[0]), likely=min(max(likely, read[0]), read[1]), high=max(likely, read[1])
    )


def _left(facts: Facts, now: datetime) -> float:
    return sugar.left_over(facts, min(now, facts.sealed_at) if facts.stage == Stage.BOTTLED else now)


def _made_in_bottles(facts: Facts, now: datetime) -> list[float]:
    if facts.stage != Stage.BOTTLED:
        return [0.0, 0.0, 0.0]
    whole = sugar.sealed_in(facts)
    ours = learned(list(ratings(facts)))
    # Fizz may make it look stronger, not weaker: it tells of gas, and only through that of alcohol.
    quickest = max(ours.quick, QUICKEST, key=lambda pace: pace.speed)
    gone = [whole - contents_at(now, facts, pace).sugar for pace in (ours.slow, ours.likely, quickest)]
    return [share * grams / GRAMS_PER_PERCENT for share, grams in zip(BOTTLED_YIELD, gone, strict=True)]


def _by_gravity(facts: Facts, now: datetime) -> tuple[float, float] | None:
    """By the first and the last Brix of the jar, whichever instrument read them; None without two."""
    read = [r for r in facts.readings if r.brix is not None and facts.started_at <= r.at <= now]
    if facts.stage == Stage.BOTTLED:
        read = [r for r in read if r.at <= facts.sealed_at]
    if facts.ferment.own_sugar_g_per_l or len(read) < 2:
        return None
    first, last = (_brix(pick(read, key=lambda r: r.at)) for pick in (min, max))
    by_float = percent(sugar.gravity(first), sugar.gravity(last))
    by_light = percent(sugar.gravity(first), gravity_by_light(first, last))
    made = _made_in_bottles(facts, now)
    least, most = sorted((by_float, by_light))
    return max(0.0, least - READING_ERROR) + made[0], max(0.0, most + READING_ERROR) + made[2]


def _brix(reading: Reading) -> float:
    return reading.brix or 0.0


def percent(before: float, after: float) -> float:
    """% by volume from two specific gravities (H for beer: all that is gone became alcohol, so rather too much)."""
    return (before - after) * PERCENT_PER_GRAVITY


def gravity_by_light(first: float, last: float) -> float:
    """Specific gravity from two readings of a refractometer, which alcohol deceives: Terrill's cubic (H)."""
    return (
        1
        - 0.0044993 * first
        + 0.011774 * last
        + 0.00027581 * first**2
        - 0.0012717 * last**2
        - 0.00000728 * first**3
        + 0.000063293 * last**3
    )
