"""What is believed of the time to "ready", and how a keeper's own batches change it.

Hours are reference hours (`thermal`), believed to be a Student t in their logarithm. A culture's typical hours are a
normal-inverse-gamma prior: sigma is the spread between batches of one keeper, tau that between keepers. Own batches
shrink it to the keeper's own (Gelman, Bayesian Data Analysis, 3rd ed., section 3.3: exact), the newest count most.
What the numbers of the prior rest on is said in `cultures`; that the model holds was tried by simulation (`bench`),
with temperatures, marks and habits as bad as in a kitchen. Nobody tried it on many real batches yet.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from batches.facts import Ending, Facts, Past
from batches.ferments import Course

NORMAL = NormalDist()
PRIOR_FREEDOM = 8.0  # L
RECENCY = 0.93  # L: how much less the batch before counts; between 0.85 and 1 it hardly matters
NEW_GRAINS = 0.5  # L
UNSEEN = 0.5  # L
BARELY_STARTED = 0.2  # given up before this share of the typical hours, a batch says nothing
LEAST_WEIGHT = 0.15  # of what was given up: there was a batch, and it was not quick
PASSES = 3  # the first with the prior, two more with what it taught
MOST_HISTORY = 50
FAR_OFF = math.log(8)  # a batch further from typical than this was forgotten, or is a slip of the pen
SURELY = 0.99  # beyond it the approximations below no longer undo each other
TEMPERATURE_ERROR_C = 1.0  # L
ROOM_ERROR_C = 2.5  # L: where nobody gave a temperature


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

    def left(self, quantile: float, *, after: float, beyond: float = 0.0) -> float:
        """Hours still to go after so many, knowing that it was not ready then, nor `beyond` so many."""
        so_far = min(self.chance(max(after, beyond)), SURELY)
        spent = min(after, self.hours(SURELY))
        return max(0.0, self.hours(so_far + quantile * (1 - so_far)) - spent)

    def told(self, log_hours: float, error: float) -> "Belief":
        """With a measurement of this very batch: pooled by precision, two degrees of freedom more (L)."""
        ours, theirs = 1 / self.spread**2, 1 / error**2
        return Belief(
            centre=(self.centre * ours + log_hours * theirs) / (ours + theirs),
            spread=1 / math.sqrt(ours + theirs),
            freedom=self.freedom + 2,
        )

    @property
    def ratio(self) -> float:
        """How many times as long as the earliest of ten the latest of ten takes."""
        return self.hours(0.9) / self.hours(0.1)


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A normal-inverse-gamma: the mean of ln hours is known as if from `weight` batches, which vary by `variance`."""

    centre: float
    weight: float
    freedom: float
    variance: float

    @property
    def predictive(self) -> float:
        """The variance of the next batch."""
        return self.variance * (1 + 1 / self.weight)

    def after(self, lessons: Sequence["Lesson"]) -> "Learned":
        total = sum(lesson.weight for lesson in lessons)
        if not total:
            return self
        mean = sum(lesson.weight * lesson.log_hours for lesson in lessons) / total
        weight, freedom = self.weight + total, self.freedom + total
        within = sum(lesson.weight * (lesson.log_hours - mean) ** 2 for lesson in lessons)
        between = self.weight * total / weight * (mean - self.centre) ** 2
        return Learned(
            centre=(self.weight * self.centre + total * mean) / weight,
            weight=weight,
            freedom=freedom,
            variance=(self.freedom * self.variance + within + between) / freedom,
        )


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What an earlier batch teaches: the ln of its hours, as with the usual recipe, and how much it counts."""

    log_hours: float
    weight: float = 1.0
    given_up: bool = False  # it would have taken longer

    def guessed(self, learned: Learned) -> "Lesson":
        """Of one given up, what it would have taken: the mean of a normal beyond that point, counting for less.

        The weight is the information that a normal cut off there has about its mean: h (h - a), h the hazard at a.
        """
        if not self.given_up:
            return self
        deviation = math.sqrt(learned.variance)
        point = (self.log_hours - learned.centre) / deviation
        hazard = NORMAL.pdf(point) / max(1e-6, 1 - NORMAL.cdf(point))
        known = max(LEAST_WEIGHT, min(1.0, hazard * (hazard - point)))
        return Lesson(log_hours=learned.centre + deviation * hazard, weight=self.weight * known)


def belief(facts: Facts) -> Belief:
    """What is believed of a batch from its culture, its recipe and its keeper's others."""
    course, learned = facts.course, learned_from(facts)
    error_c = TEMPERATURE_ERROR_C if facts.knows_temperature else ROOM_ERROR_C
    warmth = error_c * math.log(course.q10) / 10
    return Belief(
        centre=learned.centre + recipe(facts, course),
        spread=math.sqrt(learned.predictive + warmth**2),
        freedom=learned.freedom,
    )


def learned_from(facts: Facts) -> Learned:
    return posterior(prior(facts), list(_lessons(facts)))


def prior(facts: Facts) -> Learned:
    course = facts.course
    sigma = course.sigma if facts.knows_temperature else course.sigma_untold or course.sigma
    return Learned(
        centre=math.log(course.hours),
        weight=sigma**2 / course.tau**2,
        freedom=PRIOR_FREEDOM,
        variance=sigma**2,
    )


def posterior(known: Learned, lessons: Sequence[Lesson]) -> Learned:
    """In a few passes where some were given up: each guesses anew what they would have taken."""
    learned = known
    for _ in range(PASSES if any(lesson.given_up for lesson in lessons) else 1):
        learned = known.after([lesson.guessed(learned) for lesson in lessons])
    return learned


def teachers(facts: Facts) -> list[Past]:
    """The earlier batches that say something about this one, oldest first."""
    course, ingredient = facts.course, _plain(facts.ingredient)
    told = (past for past in facts.history if _tells(past, course))
    if facts.ferment.by_ingredient:
        told = (past for past in told if ingredient and _plain(past.ingredient) == ingredient)
    return sorted(told, key=lambda past: past.ended_at)[-MOST_HISTORY:]


def _lessons(facts: Facts) -> Iterator[Lesson]:
    for age, past in enumerate(reversed(teachers(facts))):
        weight = RECENCY**age * NEW_GRAINS ** max(0, past.new_grains_since)
        yield Lesson(
            log_hours=math.log(past.reference_hours) - recipe(past, facts.course),
            weight=weight * (UNSEEN if past.ending == Ending.UNSEEN else 1.0),
            given_up=past.ending == Ending.GIVEN_UP,
        )


def _tells(past: Past, course: Course) -> bool:
    if not math.isfinite(past.reference_hours) or past.reference_hours <= 0:
        return False
    if abs(math.log(past.reference_hours / course.hours)) > FAR_OFF:
        return False
    return past.ending != Ending.GIVEN_UP or past.reference_hours >= BARELY_STARTED * course.hours


def _plain(ingredient: str) -> str:
    return ingredient.strip().casefold()


def recipe(batch: Facts | Past, course: Course) -> float:
    """What more or fewer grains and more or less sugar than usual change, in ln hours."""
    grains = ratio(batch.grains_grams, batch.water_volume_ml, course.grains_g_per_l, within=4)
    sugar = ratio(batch.sugar_grams, batch.water_volume_ml, course.sugar_g_per_l, within=3)
    return course.grains_exponent * math.log(grains) + course.sugar_exponent * math.log(sugar)


def ratio(grams: float | None, volume_ml: float | None, usual_g_per_l: float, *, within: float) -> float:
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
