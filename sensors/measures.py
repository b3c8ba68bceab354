"""What gadgets measure, in the units they send and in ours: °C, specific gravity, bar."""

from typing import NamedTuple

ABSOLUTE_ZERO_C = -273.15
BAR_IN = {"BAR": 1.0, "KPA": 0.01, "PSI": 0.0689476}
# What may be a gravity; what lies outside is °Plato, or thousandths of gravity.
SMALLEST_SG, LARGEST_SG = 0.9, 1.2


class Range(NamedTuple):
    """What a thing that works can measure."""

    low: float
    high: float
    unit: str


RANGES = {
    "temperature_c": Range(-30, 125, "°C"),
    "gravity_sg": Range(0.8, 1.3, "SG"),
    "ph": Range(0, 14, "pH"),
    "pressure_bar": Range(-1, 20, "bar"),
    "angle": Range(-180, 180, "°"),
    "battery_v": Range(0, 30, "V"),
    "battery_percent": Range(0, 100, "%"),
    "rssi": Range(-200, 100, "dBm"),
}


def celsius(amount: float, unit: str) -> float:
    """From C, F or K. Raises KeyError for another unit."""
    return {"C": amount, "F": (amount - 32) / 1.8, "K": amount + ABSOLUTE_ZERO_C}[unit]


def bar(amount: float, unit: str) -> float:
    """From PSI, BAR or KPA. Raises KeyError for another unit."""
    return amount * BAR_IN[unit]


def sg_of_plato(plato: float) -> float:
    """Specific gravity at 20 °C of a sugar solution (De Clerck's approximation, as brewers use it)."""
    return 1 + plato / (258.6 - 227.1 * plato / 258.2)


def brix_of(sg: float) -> float:
    """°Brix of a specific gravity (ICUMSA's polynomial of the third degree). Apparent: alcohol makes it look less."""
    return ((182.4601 * sg - 775.6821) * sg + 1262.7794) * sg - 669.5622


def is_sg(amount: float) -> bool:
    return SMALLEST_SG <= amount <= LARGEST_SG


def is_thousandths(amount: float) -> bool:
    return is_sg(amount / 1000)
