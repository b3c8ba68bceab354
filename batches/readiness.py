"""When a batch is ready: what is believed of it, what its readings say, and that it is still not ready.

The time to "ready" is counted in hours at the culture's reference temperature (`thermal`), believed as its culture,
its recipe and its keeper's earlier batches teach (`beliefs`), and moved by what was measured and tasted (`signs`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from batches.beliefs import Belief, belief, ratio, teachers
from batches.cultures import BottleKind
from batches.facts import Facts
from batches.reasons import Confidence, Missing, Reason, Why
from batches.signs import Sign, not_before, signs
from batches.stages import Stage, Status
from batches.thermal import hours, rate, span, thermal_hours, time_of

MODEL = "2026-11"  # goes with every forecast that is kept, so that each model is judged by its own
QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
SURE, FAIR = 2.2, 3.2  # at most so many times as long is the latest of ten as the earliest
ENOUGH_HISTORY = 3
NOTICED_C = 1.5
NOTICED_RATIO = 1.25


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """When a batch is ready: the 10, 25, 50, 75 and 90 % points, and what a batch like it needs in all."""

    earliest: datetime
    early: datetime
    median: datetime
    late: datetime
    latest: datetime
    typical: timedelta  # clock hours at the present temperature, or the keeper's own target
    tasting_from: datetime  # when one of four like it was ready, as seen from the start
    overdue_at: datetime  # when nine of ten were
    reasons: tuple[Reason, ...]
    confidence: Confidence
    missing: tuple[Missing, ...]
    n_history: int

    @property
    def quantiles(self) -> tuple[datetime, ...]:
        return (self.earliest, self.early, self.median, self.late, self.latest)


@dataclass(frozen=True, kw_only=True)
class View:
    """A batch at a moment, in the hours that its forecast is counted in.

    These are reference hours; with a target, hours by the clock, for that is how its keeper thinks.
    """

    facts: Facts
    now: datetime

    def elapsed(self, at: datetime) -> float:
        if self.facts.wanted:
            return max(0.0, hours(at - self.facts.begun_at))
        return thermal_hours(self.facts.spells(self.facts.stage), self.facts.course, at)

    @property
    def pace(self) -> float:
        """How many of these hours one hour by the clock is."""
        return 1.0 if self.facts.wanted else rate(self.facts.present_c, self.facts.course)

    def time_of(self, elapsed: float) -> datetime:
        if self.facts.wanted:
            return self.facts.begun_at + span(elapsed)
        return time_of(elapsed, self.facts.spells(self.facts.stage), self.facts.course)

    def belief(self) -> Belief:
        """Before this batch was measured. With a target that is the middle; the doubt around it stays."""
        believed = belief(self.facts)
        return replace(believed, centre=math.log(hours(self.facts.wanted))) if self.facts.wanted else believed


def forecast(facts: Facts, *, now: datetime) -> Forecast:
    """When it is ready, knowing that its keeper has not yet called it so."""
    view = View(facts=facts, now=now)
    before, done = view.belief(), view.elapsed(now)
    told = signs(facts, now=now, elapsed=view.elapsed)
    believed = _after(before, told)
    points = _points(view, believed, done, is_told=bool(told))
    learned = len(teachers(facts))
    return Forecast(
        **dict(zip(("earliest", "early", "median", "late", "latest"), points, strict=True)),
        typical=facts.wanted or span(before.hours(0.5) / view.pace),
        tasting_from=view.time_of(before.hours(0.25)),
        overdue_at=view.time_of(before.hours(0.9)),
        reasons=tuple(_reasons(facts, told, learned, is_late=done > believed.hours(0.75))),
        confidence=_confidence(believed, learned),
        missing=tuple(_missing(facts, told, learned)),
        n_history=learned,
    )


def usually_ready_at(facts: Facts, *, now: datetime | None = None) -> datetime:
    """When half of those like it are ready, as seen from the start, with what was read of it until `now`.

    It stands still while the batch comes nearer; only readings move it. Without `now` it knows none.
    """
    view = View(facts=facts, now=now or facts.begun_at)
    told = signs(facts, now=view.now, elapsed=view.elapsed)
    beyond = not_before(facts, now=view.now, elapsed=view.elapsed)
    if facts.wanted and not told and not beyond:
        return facts.begun_at + facts.wanted
    believed = _after(view.belief(), told)
    return view.time_of(believed.left(0.5, after=0.0, beyond=beyond))


def _after(believed: Belief, told: list[Sign]) -> Belief:
    for sign in told:
        believed = believed.told(sign.log_hours, sign.error)
    return believed


def _points(view: View, believed: Belief, done: float, *, is_told: bool) -> list[datetime]:
    facts, beyond = view.facts, not_before(view.facts, now=view.now, elapsed=view.elapsed)
    since = max(view.now, facts.begun_at)
    if facts.wanted and done < hours(facts.wanted) and not is_told and not beyond:
        # While the target is to come, it stands where its keeper put it, however long the batch has stood.
        since, done = facts.begun_at, 0.0
    points = [since + span(believed.left(q, after=done, beyond=beyond) / view.pace) for q in QUANTILES]
    return [max(view.now, at) for at in points]


def _confidence(believed: Belief, learned: int) -> Confidence:
    """By how wide the doubt is; high only with batches of one's own."""
    if believed.ratio <= SURE and learned >= ENOUGH_HISTORY:
        return Confidence.HIGH
    return Confidence.MEDIUM if believed.ratio <= FAIR else Confidence.LOW


def _reasons(facts: Facts, told: list[Sign], learned: int, *, is_late: bool) -> Iterator[Reason]:
    if is_late:
        yield Reason(Why.STILL_FERMENTING)
    yield from {sign.reason.code: sign.reason for sign in reversed(told)}.values()
    if facts.wanted:
        yield Reason(Why.OWN_TARGET, {"hours": hours(facts.wanted)})
    elif learned:
        yield Reason(Why.FROM_HISTORY, {"n": learned})
    else:
        yield Reason(Why.TYPICAL)
    if not facts.wanted:
        yield from _by_warmth(facts)
        yield from _by_recipe(facts)


def _by_warmth(facts: Facts) -> Iterator[Reason]:
    usual_c, present_c = facts.usual_c, facts.present_c
    if facts.status == Status.IN_FRIDGE:
        yield Reason(Why.IN_FRIDGE)
    elif not facts.knows_temperature:
        yield Reason(Why.ROOM_ASSUMED, {"assumed_c": present_c})
    elif usual_c is not None and abs(present_c - usual_c) >= NOTICED_C:
        code = Why.COLDER_THAN_USUAL if present_c < usual_c else Why.WARMER_THAN_USUAL
        yield Reason(code, {"usual_c": usual_c})


def _by_recipe(facts: Facts) -> Iterator[Reason]:
    course = facts.course
    grains = ratio(facts.grains_grams, facts.water_volume_ml, course.grains_g_per_l, within=4)
    sugar = ratio(facts.sugar_grams, facts.water_volume_ml, course.sugar_g_per_l, within=3)
    if course.grains_exponent:
        yield from _noticed(grains, Why.MORE_GRAINS, Why.FEWER_GRAINS)
    if course.sugar_exponent:
        yield from _noticed(sugar, Why.MORE_SUGAR, Why.LESS_SUGAR)


def _noticed(times: float, more: Why, less: Why) -> Iterator[Reason]:
    if times >= NOTICED_RATIO:
        yield Reason(more, {"times": round(times, 2)})
    if times <= 1 / NOTICED_RATIO:
        yield Reason(less, {"times": round(times, 2)})


def _missing(facts: Facts, told: list[Sign], learned: int) -> Iterator[Missing]:
    """What most helps comes first."""
    course, is_bottled = facts.course, facts.stage == Stage.BOTTLED
    if is_bottled and facts.bottle_kind in {"", BottleKind.UNKNOWN}:
        yield Missing.BOTTLE_KIND
    if not facts.knows_temperature:
        yield Missing.TEMPERATURE
    if course.souring and not any(sign.reason.code == Why.PH_READING for sign in told):
        yield Missing.PH
    if not facts.water_volume_ml:
        yield Missing.WATER
    if course.grains_g_per_l and not facts.grains_grams:
        yield Missing.GRAINS
    if course.sugar_g_per_l and (facts.added_sugar_grams if is_bottled else facts.sugar_grams) is None:
        yield Missing.SUGAR
    if facts.ferment.by_ingredient and not facts.ingredient:
        yield Missing.INGREDIENT
    if learned < ENOUGH_HISTORY:
        yield Missing.HISTORY
