"""Invented bottles, to try the pressure on: how fast they work is hidden, and rated by thumb when one is opened.

Keepers differ, and so do their bottles; sugar is guessed, the thermometer is off, the headspace is what it is, and not
everybody rates. Nothing here is a measurement of a bottle.
"""

import math
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from statistics import fmean

from batches.carbonation import HEXOSE_PER_SUCROSE, VOLUME, Contents, contents_after, gauge, solubility
from batches.endings import Departure, ended_stages
from batches.facts import Facts, Past, Reading
from batches.fizz import FIZZ_VOLUMES
from batches.pressure import LIMITS, Outlook, outlook
from batches.stages import Place, Stage, Status
from batches.thermal import gas_rate
from bench.kitchens import AGES, EPOCH, age, hours_of

OPEN_HOURS = 36
KIND = "swing_top"
TYPICAL_RATE = 0.18


@dataclass
class Shelf:
    """What is true of a keeper's bottles."""

    chance: Random
    shift: float = 0.0  # by how much, in ln, the typical rate is wrong for everybody
    vigour: float = 0.0
    day: float = 0.0

    def __post_init__(self) -> None:
        gauss = self.chance.gauss
        self.faster, self.q10 = gauss(self.shift, 0.40), math.exp(gauss(math.log(2.4), 0.12))
        self.differ = 0.28 * math.exp(gauss(0, 0.25))
        self.base_c, self.swing_c = gauss(22.5, 1.3), abs(gauss(2.5, 1.0))
        self.thumb = gauss(0, 0.3)  # volumes: what is lively to one is good to another
        self.rates = self.chance.uniform(0.3, 0.9)  # how often they rate

    def bottles(self, count: int) -> Iterator["Sealed"]:
        for _ in range(count):
            self.day += self.chance.uniform(4, 12)
            self.vigour = 0.9 * self.vigour + self.chance.gauss(0, 0.06)
            yield Sealed(self)


class Sealed:
    """One batch in bottles: what is true of it, and what its keeper tells."""

    def __init__(self, shelf: Shelf) -> None:
        chance = self.chance = shelf.chance
        self.shelf = shelf
        seasonal = shelf.swing_c * math.sin(2 * math.pi * shelf.day / 365)
        self.true_c = shelf.base_c + seasonal + chance.gauss(0, 1.0)
        self.rate = TYPICAL_RATE * math.exp(shelf.faster + shelf.vigour + chance.gauss(0, shelf.differ))
        self.added = chance.choice([0, 5, 10, 15, 20])
        self.sugar = HEXOSE_PER_SUCROSE * (33 + self.added) * math.exp(chance.gauss(0, 0.2))
        self.share, self.fill = chance.uniform(0.8, 1.0), chance.uniform(0.90, 0.98)
        self.lively = chance.uniform(0.6, 1.0)
        self.chilled_after = chance.uniform(18, 54)
        self.told_c = round(self.true_c + chance.gauss(0, 0.8)) if chance.random() < 0.8 else None
        self.sealed_at = EPOCH + timedelta(days=shelf.day)

    def contents(self, hours: float) -> Contents:
        start = Contents(gas=self.lively * solubility(self.true_c), sugar=self.sugar)
        pace = self.shelf.q10 ** ((min(self.true_c, 32) - 20) / 10)
        return contents_after(hours, start, self.rate * pace, self.share)

    def bar(self, hours: float) -> float:
        return gauge(self.contents(hours).gas, self.true_c, fill=self.fill)

    @property
    def chilled_at(self) -> datetime:
        return self.sealed_at + timedelta(hours=self.chilled_after)

    def facts(self, history: list[Past]) -> Facts:
        return Facts(
            culture="water_kefir",
            stage=Stage.BOTTLED,
            status=Status.ACTIVE,
            started_at=self.sealed_at - timedelta(hours=OPEN_HOURS),
            bottled_at=self.sealed_at,
            bottled_temperature_c=self.told_c,
            bottle_kind=KIND,
            water_volume_ml=1000,
            sugar_grams=60,
            added_sugar_grams=self.added,
            history=tuple(history),
        )

    def past(self, facts: Facts) -> Past:
        """As it is learned of the real ones: chilled, and perhaps rated when one was opened, cold."""
        moved = Departure(
            before=Place(Stage.BOTTLED, Status.ACTIVE),
            after=Place(Stage.BOTTLED, Status.IN_FRIDGE),
            at=self.chilled_at,
        )
        told = replace(facts, status=Status.IN_FRIDGE, in_fridge_since=self.chilled_at, readings=self.rated())
        ended = ended_stages(told, departures=[moved], was=Status.IN_FRIDGE)
        return next(one.past for one in ended if one.stage == Stage.BOTTLED)

    def rated(self) -> tuple[Reading, ...]:
        if self.chance.random() > self.shelf.rates:
            return ()
        opened_after = self.chilled_after + self.chance.uniform(4, 72)
        worth = self.chilled_after + (opened_after - self.chilled_after) * gas_rate(4) / gas_rate(self.true_c)
        felt = self.contents(worth).gas / VOLUME + self.shelf.thumb + self.chance.gauss(0, 0.4)
        fizz = min({1: 1.2, **FIZZ_VOLUMES}.items(), key=lambda one: abs(one[1] - felt))[0]
        return (Reading(at=self.sealed_at + timedelta(hours=opened_after), fizz=fizz),)


@dataclass
class Bars:
    """How good the bands were: whether the truth lay within, how wide they were, and what came before the alarm."""

    within: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    too_late: list[bool] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    spare_hours: list[float] = field(default_factory=list)

    def __add__(self, other: "Bars") -> "Bars":
        both = zip(astuple(self), astuple(other), strict=True)
        return Bars(*([*ours, *theirs] for ours, theirs in both))

    def add(self, seen: Outlook, bottle: Sealed, after: float) -> None:
        true = bottle.bar(after)
        self.within.append(seen.low_bar <= true <= seen.high_bar)
        self.widths.append(seen.high_bar - seen.low_bar)
        self.errors.append(abs(seen.likely_bar - true))
        if seen.act_by is not None:
            until = hours_of(seen.act_by - bottle.sealed_at)
            self.spare_hours.append(until)
            self.too_late.append(bottle.bar(until) >= LIMITS[KIND].act_bar)

    @property
    def cover(self) -> float:
        return fmean(self.within)

    @property
    def width(self) -> float:
        return fmean(self.widths)

    @property
    def late(self) -> float:
        return fmean(self.too_late)

    @property
    def error(self) -> float:
        return fmean(self.errors)

    @property
    def hours(self) -> float:
        return fmean(self.spare_hours)


class Guard:
    """Lets the rules say how hard the bottles of many keepers are pressed, with what their fizz taught and without."""

    def __init__(self, *, seed: int, shift: float = 0.0) -> None:
        self.chance, self.shift = Random(seed), shift
        self.taught = {name: Bars() for name in AGES}
        self.untaught = {name: Bars() for name in AGES}

    def run(self, keepers: int, batches: int) -> "Guard":
        for _ in range(keepers):
            history: list[Past] = []
            for bottle in Shelf(self.chance, self.shift).bottles(batches):
                self.say(bottle, history)
                history.append(bottle.past(bottle.facts(history)))
        return self

    def say(self, bottle: Sealed, history: list[Past]) -> None:
        rated = sum(one.gas_g_per_l_h is not None for one in history)
        without = [replace(one, gas_g_per_l_h=None) for one in history]
        for bars, known in ((self.taught, history), (self.untaught, without)):
            seen = outlook(bottle.facts(known), now=bottle.chilled_at)
            assert seen is not None
            bars[age(rated)].add(seen, bottle, bottle.chilled_after)

    def seen(self, ages: tuple[str, ...]) -> tuple[Bars, Bars]:
        """By how many of their bottles were rated: taught, and untaught."""
        taught, untaught = ([bars[name] for name in ages] for bars in (self.taught, self.untaught))
        return sum(taught, Bars()), sum(untaught, Bars())
