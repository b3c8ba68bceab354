"""Why a forecast is what it is, and what is missing to do better: codes with values, and their words.

The words claim no more than is known: what is typical is called typical, an estimate an estimate, and a rule a rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.units import number


class Why(StrEnum):
    """What a forecast rests on."""

    OWN_TARGET = "own_target"
    FROM_HISTORY = "from_history"
    TYPICAL = "typical"
    ROOM_ASSUMED = "room_assumed"
    COLDER_THAN_USUAL = "colder_than_usual"
    WARMER_THAN_USUAL = "warmer_than_usual"
    MORE_GRAINS = "more_grains"
    FEWER_GRAINS = "fewer_grains"
    MORE_SUGAR = "more_sugar"
    LESS_SUGAR = "less_sugar"
    PH_READING = "ph_reading"
    BRIX_READING = "brix_reading"
    TASTE = "taste"
    STILL_FERMENTING = "still_fermenting"
    IN_FRIDGE = "in_fridge"


class Missing(StrEnum):
    """What would make a forecast better."""

    TEMPERATURE = "temperature"
    PH = "ph"
    GRAINS = "grains"
    SUGAR = "sugar"
    WATER = "water"
    BOTTLE_KIND = "bottle_kind"
    INGREDIENT = "ingredient"
    HISTORY = "history"


class Confidence(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


GUESSED = [(Confidence.LOW.value, Confidence.LOW.value)]  # of what nobody measured


@dataclass(frozen=True)
class Reason:
    """One reason, with its values by name: temperatures end in `_c`, counts are `n`."""

    code: Why
    values: Mapping[str, float | str] = field(default_factory=dict)


WORDS: Mapping[Why, str | Promise] = {
    Why.OWN_TARGET: _("You set %(hours)s hours."),
    Why.TYPICAL: _("Typical times, an estimate; your own batches will teach it better."),
    Why.ROOM_ASSUMED: _("No temperature given, assuming %(assumed_c)s."),
    Why.COLDER_THAN_USUAL: _("Colder than your usual %(usual_c)s."),
    Why.WARMER_THAN_USUAL: _("Warmer than your usual %(usual_c)s."),
    Why.MORE_GRAINS: _("More grains than usual make it quicker."),
    Why.FEWER_GRAINS: _("Fewer grains than usual make it slower."),
    Why.MORE_SUGAR: _("More sugar than usual makes it slower."),
    Why.LESS_SUGAR: _("Less sugar than usual makes it quicker."),
    Why.PH_READING: _("From the pH of %(ph)s."),
    Why.BRIX_READING: _("From the reading of %(brix)s °Brix."),
    Why.TASTE: _("From how it tasted."),
    Why.STILL_FERMENTING: _("Still fermenting, later than most like it."),
    Why.IN_FRIDGE: _("In the fridge it goes on, slowly."),
}

MISSING: Mapping[Missing, str | Promise] = {
    Missing.TEMPERATURE: _("Add the temperature: the time follows it."),
    Missing.PH: _("Measure the pH: it says how far this batch has come."),
    Missing.GRAINS: _("Weigh the grains or the starter: more of it is quicker."),
    Missing.SUGAR: _("Say how much sugar is in it."),
    Missing.WATER: _("Say how much water it is."),
    Missing.BOTTLE_KIND: _("Say which bottle it is. Until then it counts as not made for pressure."),
    Missing.INGREDIENT: _("Say which vegetable it is: only batches of the same one teach about it."),
    Missing.HISTORY: _("Finish a few batches: from then on the times are your own."),
}


def celsius(temperature_c: float) -> str:
    return f"{temperature_c:.0f} °C"


def words(reason: Reason, *, temperature: Callable[[float], str] = celsius) -> str:
    """A reason as a sentence, temperatures in the reader's unit."""
    if reason.code == Why.FROM_HISTORY:
        count = int(reason.values["n"])
        one, many = "From your last batch like it.", "From your last %(n)s batches like it."
        return ngettext(one, many, count) % {"n": count}
    shown = {name: _shown(name, value, temperature) for name, value in reason.values.items()}
    return str(WORDS[reason.code]) % shown


def wanting(missing: Missing) -> str:
    return str(MISSING[missing])


def _shown(name: str, value: float | str, temperature: Callable[[float], str]) -> str:
    if isinstance(value, str):
        return value
    return temperature(value) if name.endswith("_c") else number(value)
