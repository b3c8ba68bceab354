"""What can be known about a ferment: the shape of one entry in the table of cultures."""

from dataclasses import KW_ONLY, dataclass

from django.utils.functional import Promise

from batches.kinds import Kind
from batches.stages import Stage

Sentence = str | Promise


@dataclass(frozen=True)
class Check:
    """A look at the jar, some hours after the stage began.

    Hours are counted at the reference temperature, so that they shrink in a warm kitchen;
    with `by_clock` they are plain hours.
    """

    kind: Kind
    hours: float
    message: Sentence
    _: KW_ONLY
    priority: int = 1
    by_clock: bool = False
    every: float | None = None
    until: float | None = None
    stays: bool = False  # still worth saying when its time has passed
    ph_above: float | None = None  # moot once the pH was read this low
    strictly: bool = False  # or only when it was read lower
    needs_reading: bool = False  # only when the pH was read, and above `ph_above`
    of_strained_grains: bool = False  # moot once the grains are in another jar, or looked after by themselves
    failing: Sentence = ""  # instead of the message once the pH was read when it was due, and was too high
    failing_after: float | None = None  # hours; until then the message stands


@dataclass(frozen=True)
class Souring:
    """How the pH falls: from where, to where it is ready, and towards where it would go in the end."""

    start_ph: float
    ready_ph: float
    end_ph: float


@dataclass(frozen=True, kw_only=True)
class Course:
    """What one stage of a culture typically does. Temperatures in °C, amounts per litre of water."""

    hours: float  # median to "ready", at the reference temperature and amounts
    usual_hours: tuple[float, float]
    reference_c: float
    best_c: tuple[float, float]
    ready: Sentence
    early: Sentence
    early_kind: Kind = Kind.TASTE
    coldest_c: float = 18  # below it is worth a word that it is slow, not stuck
    warmest_c: float = 30  # above it the taste suffers, long before the culture slows
    fastest_c: float = 30
    stops_c: float = 38
    q10: float = 2.4  # how many times faster when 10 °C warmer, up to fastest_c
    sigma: float = 0.35  # spread between batches of one keeper, in ln hours
    tau: float = 0.50  # spread between keepers, in ln hours
    sigma_untold: float | None = None  # instead of sigma where no temperature is known
    sugar_g_per_l: float = 0  # what the recipe adds in this stage
    sugar_exponent: float = 0
    grains_g_per_l: float = 0
    grains_exponent: float = 0
    sugar_spent: float = 0  # share of the sugar gone after `hours`
    souring: Souring | None = None
    too_acid_below: float | None = None  # pH
    taste_every: float | None = None  # hours at the reference temperature, once tasting has begun
    refresh_every: int | None = None  # batches, after which the grains want new food of their own
    fridge_days: float | None = None
    checks: tuple[Check, ...] = ()
    fridge_checks: tuple[Check, ...] = ()  # hours by the clock, since it went into the fridge

    @property
    def asks_for_grains(self) -> bool:
        return any(check.of_strained_grains for check in self.checks)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said of a culture: what it is, its signs, what merely looks like mould, and what to do about mould."""

    description: Sentence
    ready_when: Sentence
    hazards: Sentence
    not_mould: Sentence
    if_mould: Sentence


@dataclass(frozen=True, kw_only=True)
class Ferment:
    """One culture: its words and its stages. `bottled` is None where the culture is never bottled."""

    words: Words
    open: Course
    bottled: Course | None = None
    by_ingredient: bool = False  # whether batches teach only about those of the same main ingredient
    own_sugar_g_per_l: float = 0  # fermentable from the start: lactose, fruit, vegetables
    gas_g_per_l_h: float = 0.18  # g sugar per litre and hour in a sealed bottle at 20 °C (L)
    gas_q10: float = 2.4
    # g alcohol per g of sugar gone in the open jar: least, likely, most. None for what nobody drinks.
    alcohol_yield: tuple[float, float, float] | None = None

    def at(self, stage: Stage) -> Course:
        """The open course stands in where somebody bottles what is never bottled."""
        return self.bottled if stage == Stage.BOTTLED and self.bottled else self.open
