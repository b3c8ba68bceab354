"""How much sugar there is in a batch, by what went in, what its culture ate and what was read. In g per litre."""

from datetime import datetime

from batches.carbonation import HEXOSE_PER_SUCROSE
from batches.facts import Facts, Reading
from batches.stages import Stage
from batches.thermal import thermal_hours

MOST_SUGAR = 1000.0  # more is a slip of the pen


def at_start(facts: Facts) -> float:
    """What the open jar began with; the usual where nobody said."""
    course = facts.ferment.open
    return facts.ferment.own_sugar_g_per_l + per_litre(
        facts.sugar_grams, facts.water_volume_ml, course.sugar_g_per_l
    )


def left_over(facts: Facts, until: datetime) -> float:
    """What is left in the open jar: it falls exponentially from what was weighed, or from what was read last.

    The culture says how much is gone when it is ready (M-L: 45 % for water kefir, from recipes' Brix 8-10 to 3-5).
    """
    read = _last_read(facts, until)
    since, start = (read.at, in_brix(read.brix or 0.0)) if read else (facts.started_at, at_start(facts))
    course, spells = facts.ferment.open, facts.spells(Stage.OPEN)
    hours = thermal_hours(spells, course, until) - thermal_hours(spells, course, since)
    return start * float((1 - course.sugar_spent) ** (max(0.0, hours) / course.hours))


def sealed_in(facts: Facts) -> float:
    """What the bottles began with, as hexose: what the jar left over and what was added.

    That was added to what is in the bottles, which need not be all of the jar; where they hold more, something else
    was filled up, or somebody counted wrong.
    """
    held = min((ml for ml in (facts.bottled_ml, facts.water_volume_ml) if ml), default=None)
    added = per_litre(facts.added_sugar_grams, held, facts.course.sugar_g_per_l)
    return HEXOSE_PER_SUCROSE * (left_over(facts, facts.sealed_at) + added)


def per_litre(grams: float | None, millilitres: float | None, usual: float) -> float:
    """Grams per litre; the usual amount where it is not known how much there is, or in how much."""
    if grams is None or not millilitres or millilitres < 1:
        return usual
    return min(MOST_SUGAR, max(0.0, grams) / (millilitres / 1000))


def in_brix(brix: float) -> float:
    """g sugar in a litre of so many °Brix, which are g in 100 g (H)."""
    return min(MOST_SUGAR, 10 * max(0.0, brix) * gravity(brix))


def gravity(brix: float) -> float:
    """Specific gravity of a sugar solution, in the brewing trade's form (H)."""
    return 1 + brix / (258.6 - 227.1 * brix / 258.2)


def _last_read(facts: Facts, until: datetime) -> Reading | None:
    """Only of sugar water: Brix says little of milk."""
    if facts.ferment.own_sugar_g_per_l:
        return None
    read = (r for r in facts.readings if r.brix is not None and facts.started_at <= r.at <= until)
    return max(read, key=lambda reading: reading.at, default=None)
