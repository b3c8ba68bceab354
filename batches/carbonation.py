"""Gas in a bottle: how much comes of sugar, how hard it presses, and how fast it comes.

Sugar and gas are in g per litre of liquid, pressure in bar over the air around (gauge), temperature in °C.
Stoichiometry and the gas law are exact (H), the solubility that of the brewing trade (H: within 6 % of pure water's),
the trapped air, the filling and the half speed ours (L).
"""

import math
from dataclasses import dataclass, replace

ATMOSPHERE = 1.013
ZERO_C = 273.15
GAS_CONSTANT = 0.083145  # L bar / mol K
CO2_GRAMS = 44.0095  # per mol
HEXOSE_GRAMS, SUCROSE_GRAMS, ETHANOL_GRAMS = 180.156, 342.297, 46.069
CO2_PER_SUGAR = 2 * CO2_GRAMS / HEXOSE_GRAMS  # hexose to 2 ethanol + 2 CO2: 0.4886, the most there can be
ETHANOL_PER_SUGAR = 2 * ETHANOL_GRAMS / HEXOSE_GRAMS  # 0.5114
HEXOSE_PER_SUCROSE = 2 * HEXOSE_GRAMS / SUCROSE_GRAMS
VOLUME = 1.9635  # g CO2 in a "volume": a litre of it at 0 °C and 1 atm
TRAPPED_AIR = 0.81  # bar at 20 °C: 0.8 atm left at capping, its oxygen eaten
AIR_LEFT = 0.1  # L: of it, when a bottle has stood open until it hissed no more
FILL = 0.95
OPEN_JAR = 0.8  # share of the gas that fits, dissolved when the bottle is filled
HALF_SPEED = 3.0  # g/L of sugar at which the rate has halved


@dataclass(frozen=True)
class Contents:
    """What is in a bottle: gas made so far, sugar (as hexose) still to turn, and bar of trapped air at 20 °C."""

    gas: float
    sugar: float
    air: float = TRAPPED_AIR

    def bar(self, temperature_c: float) -> float:
        return gauge(self.gas, temperature_c, air=self.air)


def solubility(temperature_c: float) -> float:
    """g CO2 per litre and bar of CO2 (absolute): Henry's law in its brewing form."""
    return 10 * math.exp(-10.73797 + 2617.25 / (temperature_c + ZERO_C))


def freshly_filled(temperature_c: float) -> float:
    """The gas in a lively drink at the moment it is sealed, in g/L."""
    return OPEN_JAR * solubility(temperature_c) * ATMOSPHERE


def _above(temperature_c: float, fill: float) -> float:
    """g CO2 in the space above, per litre of liquid and bar of CO2."""
    return (1 - fill) / fill * CO2_GRAMS / (GAS_CONSTANT * (temperature_c + ZERO_C))


def _capacity(temperature_c: float, fill: float) -> float:
    """g CO2 per litre of liquid and bar of CO2, dissolved and in the space above."""
    return solubility(temperature_c) + _above(temperature_c, fill)


def _air(temperature_c: float, air: float) -> float:
    return air * (temperature_c + ZERO_C) / (20 + ZERO_C)


def gauge(gas: float, temperature_c: float, *, fill: float = FILL, air: float = TRAPPED_AIR) -> float:
    """Bar over the air around, from the CO2 in a sealed bottle, dissolved or not (g per litre of liquid)."""
    return gas / _capacity(temperature_c, fill) + _air(temperature_c, air) - ATMOSPHERE


def gas_at(bar: float, temperature_c: float, *, fill: float = FILL, air: float = TRAPPED_AIR) -> float:
    """The CO2 (g/L) that presses so hard: the other way round."""
    return (bar + ATMOSPHERE - _air(temperature_c, air)) * _capacity(temperature_c, fill)


def burped(contents: Contents, temperature_c: float, *, fill: float = FILL) -> Contents:
    """After the lid was opened for a moment: the space above is at the pressure around, the drink as it was.

    What leaves is mostly the trapped air; the gas is back within hours, as 19 of 20 parts of it are dissolved.
    """
    gas_bar = contents.gas / _capacity(temperature_c, fill)
    share = ATMOSPHERE / max(ATMOSPHERE, gas_bar + _air(temperature_c, contents.air))
    lost = gas_bar * _above(temperature_c, fill) * (1 - share)
    return replace(contents, gas=contents.gas - lost, air=contents.air * share)


def calmed(contents: Contents, temperature_c: float, *, gone: float, fill: float = FILL) -> Contents:
    """After it stood open until it hissed no more: so much of the gas beyond what stays in an open jar is gone, too.

    And nearly all of the air, which the gas drives out. How much goes, nobody measured (L): 30 to 60 % of it.
    """
    quick = burped(contents, temperature_c, fill=fill)
    beyond = max(0.0, quick.gas - solubility(temperature_c) * ATMOSPHERE)
    return replace(quick, gas=quick.gas - gone * beyond, air=min(quick.air, AIR_LEFT * contents.air))


def hours_until(gas: float, contents: Contents, sugar_per_hour: float, share: float) -> float | None:
    """Hours until so much gas (g/L) is made; None if the sugar cannot make it.

    Integrates dS/dt = -r S/(S + 3) exactly: t = (S0 - S + 3 ln(S0/S)) / r.
    """
    needed = (gas - contents.gas) / (CO2_PER_SUGAR * share)
    if needed <= 0:
        return 0.0
    if needed >= contents.sugar or sugar_per_hour <= 0:
        return None
    return (needed + HALF_SPEED * math.log(contents.sugar / (contents.sugar - needed))) / sugar_per_hour


def contents_after(hours: float, contents: Contents, sugar_per_hour: float, share: float) -> Contents:
    """The same law forwards; S is found by Newton's steps in ln S, which close in from above."""
    if contents.sugar <= 0 or hours <= 0:
        return contents
    goal = contents.sugar + HALF_SPEED * math.log(contents.sugar) - sugar_per_hour * hours
    log_sugar = math.log(contents.sugar)
    for _ in range(30):
        sugar = math.exp(log_sugar)
        step = (sugar + HALF_SPEED * log_sugar - goal) / (sugar + HALF_SPEED)
        log_sugar -= step
        if abs(step) < 1e-12:
            break
    left = math.exp(log_sugar)
    return replace(contents, gas=contents.gas + CO2_PER_SUGAR * share * (contents.sugar - left), sugar=left)
