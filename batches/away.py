"""Away for some days: what to do with a culture of one's own before leaving, meanwhile, and on coming back.

Rules of thumb by what each kind usually bears (`grain_kinds.py`), not measured on anybody's grains.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from batches.grain_kinds import KEEPING, GrainKind, Keeping

LONGEST = timedelta(days=365)
DAY = timedelta(days=1)
# Beyond them a calendar ends.
THESE_YEARS = range(2000, 3000)
FED_BY_THE_SPOON = {GrainKind.GINGER_BEER, GrainKind.SOURDOUGH}


class BackTooEarly(ValidationError):
    def __init__(self) -> None:
        sentence = gettext_lazy("You come back after you leave.")
        super().__init__({"back_on": ValidationError(sentence, code="back_too_early")})


class NoSuchTime(ValidationError):
    def __init__(self) -> None:
        sentence = gettext_lazy("Say a day of these years.")
        super().__init__({"leaves_on": ValidationError(sentence, code="out_of_range")})


class AwayTooLong(ValidationError):
    def __init__(self) -> None:
        sentence = gettext_lazy(
            "For more than a year there is no plan. Give them away, and ask for some back."
        )
        super().__init__({"back_on": ValidationError(sentence, code="too_far_ahead")})


@dataclass(frozen=True)
class Step:
    day: date
    words: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    days: int
    in_fridge: bool
    # What they rest in, where it can be told from what they weigh.
    liquid_ml: int | None
    sugar_grams: int | None
    # On which days somebody must come by.
    helper_days: tuple[date, ...]
    steps: tuple[Step, ...]
    honestly: str


def plan(*, kind: str, leaves_on: date, back_on: date, grams: float | None = None) -> Plan:
    """Day by day. Raises NoSuchTime, BackTooEarly and AwayTooLong."""
    if leaves_on.year not in THESE_YEARS:
        raise NoSuchTime
    if back_on <= leaves_on:
        raise BackTooEarly
    if back_on - leaves_on > LONGEST:
        raise AwayTooLong
    keeping, days = KEEPING[kind], (back_on - leaves_on).days
    in_fridge = days > keeping.counter_days and keeping.fridge_days is not None
    bath = bath_for(keeping, grams) if in_fridge else Bath()
    visits = tuple(visited(keeping, leaves_on, back_on)) if in_fridge else ()
    steps = (
        resting(kind, leaves_on, back_on, visits, bath) if in_fridge else working(kind, leaves_on, back_on)
    )
    return Plan(
        days=days,
        in_fridge=in_fridge,
        liquid_ml=bath.liquid_ml,
        sugar_grams=bath.sugar_grams,
        helper_days=visits,
        steps=tuple(steps),
        honestly=honest(kind, days),
    )


@dataclass(frozen=True)
class Bath:
    """What they rest in, where it can be told."""

    liquid_ml: int | None = None
    sugar_grams: int | None = None


def bath_for(keeping: Keeping, grams: float | None) -> Bath:
    """As much as they need at the densest, in full 50 ml."""
    if not grams or keeping.densest_g_per_l is None:
        return Bath()
    liquid_ml = max(100, 50 * ceil(grams / keeping.densest_g_per_l * 1000 / 50))
    return Bath(liquid_ml, round(liquid_ml * keeping.sugar_g_per_l / 1000) or None)


def visited(keeping: Keeping, leaves_on: date, back_on: date) -> Iterator[date]:
    """Each time the food is used up, but not on the day somebody is back to do it."""
    every = (keeping.fridge_days or 0) * DAY
    day = leaves_on + every
    while every and day < back_on:
        yield day
        day += every


def resting(
    kind: str, leaves_on: date, back_on: date, visits: tuple[date, ...], bath: Bath
) -> Iterator[Step]:
    yield Step(leaves_on - DAY, _("Strain what is in the jar and drink or chill it; start nothing new."))
    yield Step(leaves_on, into_the_fridge(kind, bath))
    for day in visits:
        yield Step(day, asked(kind))
    yield Step(back_on, awakened(kind))


def into_the_fridge(kind: str, bath: Bath) -> str:
    told = {"food": KEEPING[kind].food, "liquid": bath.liquid_ml, "sugar": bath.sugar_grams}
    if kind in FED_BY_THE_SPOON:
        return _("Feed it (%(food)s), and put it into the fridge with the lid loose.") % told
    if bath.liquid_ml is None:
        return (
            _(
                "Put them into plenty of %(food)s, lid loose, and into the fridge. Weigh them, and we say how much."
            )
            % told
        )
    if bath.sugar_grams is None:
        return _("Put them into %(liquid)s ml of %(food)s, lid loose, and into the fridge.") % told
    return (
        _(
            "Put them into %(liquid)s ml of %(food)s, %(sugar)s g of sugar in all, lid loose, and into the fridge."
        )
        % told
    )


def asked(kind: str) -> str:
    if kind in FED_BY_THE_SPOON:
        return _("Ask somebody to feed it: %(food)s, stir, back into the fridge.") % {
            "food": KEEPING[kind].food
        }
    return _("Ask somebody to pour off the old liquid and give them the same again: %(food)s.") % {
        "food": KEEPING[kind].food
    }


def awakened(kind: str) -> str:
    if kind in FED_BY_THE_SPOON:
        return _(
            "Out of the fridge, feed it, and once more a day later before you use it. It may be slow at first."
        )
    return _(
        "Pour off the liquid and start a batch. The first one may be slow or taste odd; use your senses."
    )


def working(kind: str, leaves_on: date, back_on: date) -> Iterator[Step]:
    if kind == GrainKind.KOMBUCHA:
        yield Step(
            leaves_on, _("Start a fresh jar with plenty of starter, cover it with a cloth, and leave it out.")
        )
        yield Step(
            back_on, _("Taste it: it may be sour. What is too sour is good starter. Look for mould first.")
        )
        return
    yield Step(leaves_on, _("Start a fresh batch just before you leave, in the coolest place you have."))
    yield Step(back_on, _("Strain it the same day: it will be sour, and they are hungry."))


def honest(kind: str, days: int) -> str:
    keeping = KEEPING[kind]
    if kind == GrainKind.KOMBUCHA and days > keeping.counter_days:
        return _(
            "After three weeks the tea is vinegar. The SCOBY usually lives on in it; for how long, we have no figure."
        )
    if keeping.fridge_days and days > keeping.fridge_days:
        return _(
            "They may well bear longer without a visit; we have no figure for it. Keep a few of them with a friend."
        )
    return _(
        "These are rules of thumb, not measured on your culture. Keep a few of them with a friend all the same."
    )
