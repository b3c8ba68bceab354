"""Amounts in the units people use, and back. What is stored is metric; what is shown is as round as a kitchen needs."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.formats import get_format


@dataclass(frozen=True)
class Unit:
    """A unit of measure: `factor` metric ones make one of it, and its nought lies at `nought` of them."""

    symbol: str
    factor: float = 1.0
    nought: float = 0.0
    digits: int = 0

    def shown(self, metric: float) -> float:
        """The amount in this unit, rounded as it is shown."""
        return round((metric - self.nought) / self.factor, self.digits)

    def metric(self, amount: float) -> float:
        return amount * self.factor + self.nought

    def words(self, metric: float) -> str:
        """“1 000 ml”, “71.6 °F”; the space is one that does not break."""
        figure = f"{self.shown(metric) + 0.0:,.{self.digits}f}"
        return f"{localized(figure.rstrip('0').rstrip('.') if self.digits else figure)}\u00a0{self.symbol}"

    def span_words(self, metric: float) -> str:
        """A difference, which has no nought: 3 °C are “5 °F”."""
        return f"{metric / self.factor:.0f}\u00a0{self.symbol}"


def number(amount: float, form: str = "g") -> str:
    """As one's language writes it: 24.5 or 24,5. `form` is how Python would: "g", ".1f"."""
    return localized(format(amount, form))


def localized(figure: str) -> str:
    """Groups of thousands by a space that does not break, which no language reads as something else."""
    return figure.replace(",", "\u00a0").replace(".", str(get_format("DECIMAL_SEPARATOR")))


CELSIUS = Unit("°C", digits=1)
FAHRENHEIT = Unit("°F", factor=5 / 9, nought=-160 / 9, digits=1)
MILLILITRES = Unit("ml")
FLUID_OUNCES = Unit("fl oz", factor=29.5735295625, digits=1)
GRAMS = Unit("g", digits=1)
OUNCES = Unit("oz", factor=28.349523125, digits=2)


class Units(NamedTuple):
    """What one person measures in."""

    temperature: Unit = CELSIUS
    volume: Unit = MILLILITRES
    weight: Unit = GRAMS


def units_of(person: object) -> Units:
    """By what the profile says; somebody without one gets metric units."""
    in_ounces = getattr(person, "volume_unit", "ml") == "oz"
    return Units(
        temperature=FAHRENHEIT if getattr(person, "temperature_unit", "C") == "F" else CELSIUS,
        volume=FLUID_OUNCES if in_ounces else MILLILITRES,
        weight=OUNCES if in_ounces else GRAMS,
    )
