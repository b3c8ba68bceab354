"""How hard a sealed bottle is pressed, and by when it must be cold.

Nobody measured home bottles, so a limit is reached when the quickest of twenty reach it three degrees warmer, not the
likely one; and what is said is a band. How fast a keeper's bottles work is learned in `fizz`. Sugar, gas and bar as
in `carbonation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from batches.carbonation import (
    CO2_PER_SUGAR,
    Contents,
    burped,
    calmed,
    contents_after,
    gas_at,
    gauge,
    hours_until,
)
from batches.cultures import BottleKind
from batches.facts import Facts, Spell
from batches.fizz import GOOD_FIZZ, Pace, Paces, learned, ratings, sealed_contents
from batches.stages import Stage
from batches.thermal import FOREVER_HOURS, GAS_FASTEST_C, gas_rate, hours, span

MARGIN_C = 3.0
FIZZY_BAR = 1.8


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


@dataclass(frozen=True, kw_only=True)
class Band:
    """Between which pressures a bottle is, nine times in ten, and the likely one."""

    low_bar: float
    likely_bar: float
    high_bar: float


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is expected of a bottle. A time is None when its sugar cannot bring it that far."""

    limit: Limit
    low_bar: float
    likely_bar: float
    high_bar: float
    utmost_bar: float  # when all the sugar has turned, at the present temperature
    sugar_g_per_l: float
    fizzy_by: datetime | None
    lively_by: datetime | None  # when there is likely as much gas in it as people call a good fizz
    warn_by: datetime | None
    act_by: datetime | None
    at_act_by: Band | None
    n_ratings: int  # of fizz, that taught how fast this keeper's bottles are


def outlook(facts: Facts, *, now: datetime) -> Outlook | None:
    """What is expected of the bottles of a batch; None while it is not bottled."""
    if facts.stage != Stage.BOTTLED:
        return None
    allowed, whole, rated = limit(facts.bottle_kind), sealed_contents(facts), list(ratings(facts))
    ours = learned(rated)
    seen = band(now, facts, ours)
    act_by = _reaches(allowed.act_bar, facts, ours.quick, margin_c=MARGIN_C)
    return Outlook(
        limit=allowed,
        low_bar=seen.low_bar,
        likely_bar=seen.likely_bar,
        high_bar=seen.high_bar,
        utmost_bar=gauge(whole.gas + CO2_PER_SUGAR * whole.sugar, facts.present_c),
        sugar_g_per_l=contents_at(now, facts, ours.likely).sugar,
        fizzy_by=_reaches(FIZZY_BAR, facts, ours.likely, margin_c=0),
        lively_by=_is_lively(facts, ours.likely),
        warn_by=_reaches(allowed.warn_bar, facts, ours.quick, margin_c=MARGIN_C),
        act_by=act_by,
        at_act_by=band(act_by, facts, ours, margin_c=MARGIN_C) if act_by else None,
        n_ratings=len(rated),
    )


def band(at: datetime, facts: Facts, ours: Paces, *, margin_c: float = 0) -> Band:
    """At a time; the high end as much warmer as it is looked out for."""
    slow, likely = (contents_at(at, facts, pace) for pace in (ours.slow, ours.likely))
    warmth = facts.present_c + _margin(facts.spells(Stage.BOTTLED)[-1], margin_c)
    return Band(
        low_bar=max(0.0, slow.bar(facts.present_c)),
        likely_bar=max(0.0, likely.bar(facts.present_c)),
        high_bar=max(0.0, contents_at(at, facts, ours.quick, margin_c=margin_c).bar(warmth)),
    )


def contents_at(at: datetime, facts: Facts, pace: Pace, *, margin_c: float = 0) -> Contents:
    """What is in a bottle at a time, the gas let out by then gone."""
    contents, stretches = sealed_contents(facts), [one for one in _stretches(facts) if one.spell.since <= at]
    ends = [*(one.spell.since for one in stretches), at][1:]
    for (spell, burp), end in zip(stretches, ends, strict=True):
        contents = _opened(contents, spell.temperature_c + _margin(spell, margin_c), burp, pace)
        speed = _sugar_per_hour(facts, spell, pace, margin_c)
        contents = contents_after(hours(end - spell.since), contents, speed, pace.share)
    return contents


class Burp(Enum):
    """How long the lid was open; where nobody says, it was quick."""

    QUICK = "quick"
    CALM = "calm"


class Stretch(NamedTuple):
    """A time at one temperature; its bottles may have been burped when it began."""

    spell: Spell
    burp: Burp | None = None


def _stretches(facts: Facts) -> list[Stretch]:
    spells = facts.spells(Stage.BOTTLED)
    stretches = [Stretch(spell) for spell in spells]
    for at in sorted(at for at in facts.burped_at if at >= facts.sealed_at):
        warmth = [spell for spell in spells if spell.since <= at][-1]
        burp = Burp.CALM if at in facts.calmed_at else Burp.QUICK
        stretches.append(Stretch(replace(warmth, since=at), burp))
    return sorted(stretches, key=lambda one: one.spell.since)


def _opened(contents: Contents, temperature_c: float, burp: Burp | None, pace: Pace) -> Contents:
    if burp is None:
        return contents
    if burp == Burp.CALM:
        return calmed(contents, temperature_c, gone=pace.calms)
    return burped(contents, temperature_c)


def _reaches(bar: float, facts: Facts, pace: Pace, *, margin_c: float) -> datetime | None:
    """When a bottle presses so hard if it stays where it stands, or since when it has stood there and did."""
    last = _stretches(facts)[-1].spell
    contents = contents_at(last.since, facts, pace, margin_c=margin_c)
    gas = gas_at(bar, last.temperature_c + _margin(last, margin_c), air=contents.air)
    return _later(last, hours_until(gas, contents, _sugar_per_hour(facts, last, pace, margin_c), pace.share))


def _is_lively(facts: Facts, pace: Pace) -> datetime | None:
    last = _stretches(facts)[-1].spell
    contents = contents_at(last.since, facts, pace)
    speed = _sugar_per_hour(facts, last, pace, margin_c=0)
    return _later(last, hours_until(GOOD_FIZZ, contents, speed, pace.share))


def _later(last: Spell, left: float | None) -> datetime | None:
    return None if left is None or left > FOREVER_HOURS else last.since + span(left)


def _margin(spell: Spell, margin_c: float) -> float:
    return 0.0 if spell.in_fridge else margin_c


def _sugar_per_hour(facts: Facts, spell: Spell, pace: Pace, margin_c: float) -> float:
    ferment = facts.ferment
    warmth = spell.temperature_c + _margin(spell, margin_c)
    warmth = warmth if pace.slows_in_heat else min(warmth, GAS_FASTEST_C)
    return ferment.gas_g_per_l_h * pace.speed * gas_rate(warmth, ferment.gas_q10)
