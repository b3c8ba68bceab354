"""Invented kitchens, to try forecasts on: what is true in them is hidden, and not what the model believes.

Every keeper has a temperature response, grains and habits of their own, vigour that drifts, a thermometer that is off,
and looks at the jar four times a day. Nothing here is a measurement: it shows that the mathematics is sound and
keeps its promises under errors as large as those of a kitchen, not that the typical hours are right.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean

from batches.facts import Ending, Facts, Past, Reading
from batches.readiness import Forecast, View, forecast
from batches.stages import Stage, Status
from batches.thermal import rate

TYPICAL_HOURS = 36.0
LOOKS = (7.5, 13.0, 18.5, 22.5)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
END_PH = 3.3
METER, STRIP = 0.05, 0.25


@dataclass(frozen=True)
class Season:
    """How a kitchen's year goes: days between batches, and how warm it is."""

    days_between: tuple[float, float]
    base_c: tuple[float, float]
    swing_c: tuple[float, float]
    noise_c: float
    heat_waves: float = 0.0


YEAR = Season((8, 25), (22.0, 1.2), (3.5, 1.0), 0.8, heat_waves=0.15)
BURST = Season((2, 5), (22.5, 1.5), (3.0, 1.2), 1.0)


@dataclass
class Keeper:
    """What is true of somebody and their grains."""

    chance: Random
    season: Season
    shift: float = 0.0  # by how much, in ln hours, the typical hours are wrong for everybody
    vigour: float = 0.0
    day: float = 0.0

    def __post_init__(self) -> None:
        gauss = self.chance.gauss
        self.slower = gauss(self.shift, 0.38)
        self.q10 = math.exp(gauss(math.log(2.5), 0.16))
        self.grains_exponent, self.sugar_exponent = gauss(-0.45, 0.18), gauss(0.25, 0.15)
        self.base_c, self.swing_c = gauss(*self.season.base_c), abs(gauss(*self.season.swing_c))
        self.grains = 60 * math.exp(gauss(0, 0.35))
        self.ready_ph = gauss(3.65, 0.12)
        self.noise = math.exp(gauss(math.log(0.18), 0.3))
        self.target = self.chance.choice([24.0, 36.0, 48.0])
        self.day = self.chance.uniform(0, 365)

    def batches(self, count: int) -> Iterator["Jar"]:
        for _ in range(count):
            self.day += self.chance.uniform(*self.season.days_between)
            self.vigour = 0.9 * self.vigour + self.chance.gauss(0, 0.06)
            yield Jar(self)


class Jar:
    """One batch: what is true of it, and what its keeper tells."""

    def __init__(self, keeper: Keeper) -> None:
        chance = self.chance = keeper.chance
        self.true_c = self.warmth(keeper)
        self.grains = keeper.grains * math.exp(chance.gauss(0, 0.25))
        self.sugar = 60 * math.exp(chance.gauss(0, 0.15))
        self.reference_hours = self.truth(keeper)
        self.pace = keeper.q10 ** ((min(self.true_c, 31) - 22) / 10)
        self.hours = self.reference_hours / self.pace
        self.marked = self.look_at(chance.choice([9.0, 18.0, 20.0]) + chance.gauss(0, 0.7))
        self.told_c = round(self.true_c + chance.gauss(0, 0.8)) if chance.random() < 0.8 else None
        self.given_up = chance.uniform(0.3, 0.9) if chance.random() < 0.07 else 0.0
        self.start_ph = chance.gauss(5.8, 0.35)
        self.ready_ph = max(3.42, keeper.ready_ph + chance.gauss(0, 0.05))
        self.started_at = EPOCH + timedelta(days=keeper.day)

    def warmth(self, keeper: Keeper) -> float:
        season, chance = keeper.season, self.chance
        wave = chance.uniform(3, 6) if chance.random() < season.heat_waves else 0.0
        seasonal = keeper.swing_c * math.sin(2 * math.pi * keeper.day / 365)
        return keeper.base_c + seasonal + wave + chance.gauss(0, season.noise_c)

    def truth(self, keeper: Keeper) -> float:
        odd = self.chance.choice([-0.4, 0.5]) if self.chance.random() < 0.04 else 0.0
        grains = (self.grains / 60) ** keeper.grains_exponent * (self.sugar / 60) ** keeper.sugar_exponent
        noise = self.chance.gauss(0, keeper.noise) + odd
        return TYPICAL_HOURS * math.exp(keeper.slower + keeper.vigour + noise) * grains

    def look_at(self, hour: float) -> float:
        """Hours until its keeper looks and finds it ready; one time in seven a look is missed."""
        ready = hour + self.hours
        day = 24 * math.floor(ready / 24)
        looks = [day + 24 * later + look for later in range(3) for look in LOOKS]
        found = [look for look in looks if look >= ready]
        return found[0 if self.chance.random() < 0.85 else 1] - hour

    def ph_at(self, hours: float, error: float) -> float:
        """Exponential in its true progress, each batch a little in its own way."""
        fall = math.log((self.start_ph - END_PH) / (self.ready_ph - END_PH)) / self.reference_hours
        fall /= math.exp(self.chance.gauss(0, 0.15))
        true = END_PH + (self.start_ph - END_PH) * math.exp(-hours * self.pace * fall)
        return true + self.chance.gauss(0, error)

    def facts(self, history: list[Past]) -> Facts:
        return Facts(
            culture="water_kefir",
            stage=Stage.OPEN,
            status=Status.ACTIVE,
            started_at=self.started_at,
            temperature_c=self.told_c,
            water_volume_ml=1000,
            sugar_grams=round(self.sugar),
            grains_grams=max(5, round(self.grains / 5) * 5),
            history=tuple(history),
        )

    def past(self, facts: Facts) -> Past:
        hours = self.hours * self.given_up if self.given_up else self.marked
        return Past(
            reference_hours=hours * rate(facts.present_c, facts.course),
            ended_at=self.started_at + timedelta(hours=hours),
            ending=Ending.GIVEN_UP if self.given_up else Ending.READY,
            temperature_c=self.told_c,
            water_volume_ml=1000,
            sugar_grams=facts.sugar_grams,
            grains_grams=facts.grains_grams,
            ph_at_ready=None if self.given_up else self.ready_ph + self.chance.gauss(0, METER),
        )


@dataclass
class Tally:
    """How good forecasts were: each with the error of its median, and whether the truth lay within its ranges."""

    errors: list[float] = field(default_factory=list)
    within_80: list[bool] = field(default_factory=list)
    within_50: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)

    def add(self, seen: Forecast, truth: datetime) -> None:
        self.errors.append(abs(hours_of(seen.median - truth)))
        self.within_80.append(seen.earliest <= truth <= seen.latest)
        self.within_50.append(seen.early <= truth <= seen.late)
        self.widths.append(hours_of(seen.latest - seen.earliest))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.errors + other.errors,
            self.within_80 + other.within_80,
            self.within_50 + other.within_50,
            self.widths + other.widths,
        )

    @property
    def error(self) -> float:
        return fmean(self.errors)

    @property
    def cover_80(self) -> float:
        return fmean(self.within_80)

    @property
    def cover_50(self) -> float:
        return fmean(self.within_50)

    @property
    def width(self) -> float:
        return fmean(self.widths)


AGES = ("0", "1-2", "3-6", "7+")
Tallies = dict[str, Tally]


def age(number: int) -> str:
    return AGES[0 if number == 0 else 1 if number <= 2 else 2 if number <= 6 else 3]


class Judge:
    """Lets the model, and what people do without one, forecast the batches of many keepers."""

    def __init__(self, season: Season, *, seed: int, shift: float = 0.0) -> None:
        self.chance, self.season, self.shift = Random(seed), season, shift
        self.model: Tallies = {name: Tally() for name in AGES}
        self.own_mean: dict[str, list[float]] = {name: [] for name in AGES}
        self.fixed: list[float] = []
        self.target: list[float] = []
        self.later: Tallies = {name: Tally() for name in LATER}

    def run(self, keepers: int, batches: int, *, on_the_way: bool = False) -> "Judge":
        for _ in range(keepers):
            keeper = Keeper(self.chance, self.season, self.shift)
            history: list[Past] = []
            taken: list[float] = []
            for number, jar in enumerate(keeper.batches(batches)):
                facts = jar.facts(history)
                if not jar.given_up:
                    self.at_the_start(number, jar, facts, taken, keeper.target)
                    if on_the_way:
                        self.on_the_way(jar, facts)
                    taken.append(jar.marked)
                history.append(jar.past(facts))
        return self

    def at_the_start(self, number: int, jar: Jar, facts: Facts, taken: list[float], target: float) -> None:
        self.model[age(number)].add(forecast(facts, now=jar.started_at), marked_at(jar))
        mean = fmean(taken[-5:]) if taken else TYPICAL_HOURS
        self.own_mean[age(number)].append(abs(mean - jar.marked))
        self.fixed.append(abs(TYPICAL_HOURS - jar.marked))
        self.target.append(abs(target - jar.marked))

    def on_the_way(self, jar: Jar, facts: Facts) -> None:
        """What is said later: when it should long be ready and is not, and after a pH reading."""
        view = View(facts=facts, now=jar.started_at)
        late = view.belief().hours(0.7) / view.pace
        if jar.marked > late:
            self.say("still", jar, facts, late)
            self.later["still, not updated"].add(forecast(facts, now=jar.started_at), marked_at(jar))
        half = 0.55 * view.belief().hours(0.5) / view.pace
        if half < jar.hours:
            self.measured(jar, facts, half)

    def measured(self, jar: Jar, facts: Facts, after: float) -> None:
        meter, strip = (reading(jar, after, error) for error in (METER, STRIP))
        unlearned = replace(facts, history=tuple(replace(one, ph_at_ready=None) for one in facts.history))
        self.say("no pH", jar, unlearned, after)
        self.say("strip", jar, replace(unlearned, readings=(strip,)), after)
        self.say("meter", jar, replace(unlearned, readings=(meter,)), after)
        self.say("meter, learned", jar, replace(facts, readings=(meter,)), after)

    def say(self, name: str, jar: Jar, facts: Facts, after: float) -> None:
        self.later[name].add(forecast(facts, now=jar.started_at + timedelta(hours=after)), marked_at(jar))

    @property
    def all(self) -> Tally:
        return sum(self.model.values(), Tally())

    @property
    def taught(self) -> Tally:
        """With at least one batch before."""
        return sum((self.model[name] for name in AGES[1:]), Tally())

    def of_own_mean(self, ages: tuple[str, ...] = AGES) -> float:
        """The model's error, over that of the mean of one's last five."""
        ours = fmean(error for name in ages for error in self.model[name].errors)
        return ours / fmean(error for name in ages for error in self.own_mean[name])

    @property
    def of_fixed(self) -> float:
        return self.all.error / fmean(self.fixed)

    @property
    def of_target(self) -> float:
        return self.all.error / fmean(self.target)

    def of_later(self, name: str, other: str) -> float:
        return self.later[name].error / self.later[other].error


LATER = ("still", "still, not updated", "no pH", "strip", "meter", "meter, learned")


def reading(jar: Jar, after: float, error: float) -> Reading:
    at = jar.started_at + timedelta(hours=after)
    return Reading(at=at, ph=jar.ph_at(after, error), by_meter=error == METER)


def marked_at(jar: Jar) -> datetime:
    return jar.started_at + timedelta(hours=jar.marked)


def hours_of(length: timedelta) -> float:
    return length / timedelta(hours=1)
