"""Gas, sugar and alcohol: what comes of a bottle that is burped, opened, read or long forgotten."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches import alcohol, sugar
from batches.carbonation import (
    ATMOSPHERE,
    CO2_GRAMS,
    CO2_PER_SUGAR,
    ETHANOL_PER_SUGAR,
    HEXOSE_GRAMS,
    HEXOSE_PER_SUCROSE,
    VOLUME,
    Contents,
    burped,
    calmed,
    contents_after,
    freshly_filled,
    gas_at,
    hours_until,
    solubility,
)
from batches.facts import Facts
from batches.fizz import LIKELY, QUICKEST, Pace
from batches.thermal import gas_rate
from tests.batches.brews import NOON, bottle, brew, hours, read

RATE = 0.18


def after(length: float, contents: Contents, celsius: float = 22, pace: Pace = LIKELY) -> Contents:
    return contents_after(length, contents, RATE * pace.speed * gas_rate(celsius), pace.share)


def until(bar: float, contents: Contents, celsius: float = 22, pace: Pace = LIKELY) -> float:
    gas, speed = gas_at(bar, celsius, air=contents.air), RATE * pace.speed * gas_rate(celsius)
    return hours_until(gas, contents, speed, pace.share) or 0.0


def table_bottle() -> Contents:
    """The bottle of the research's table: 40 g/L, filled at 20 °C."""
    return Contents(gas=freshly_filled(20), sugar=40)


def keg_bar(volumes: float, celsius: float) -> float:
    """The chart of the brewing trade for cold kegs, as a polynomial: too low where it is warm and strong."""
    warmth = celsius * 1.8 + 32
    psi = -16.6999 - 0.0101059 * warmth + 0.00116512 * warmth**2 + 0.173354 * warmth * volumes
    return (psi + 4.24267 * volumes - 0.0684226 * volumes**2) * 0.0689476


class TestChemistry:
    def test_is_exact(self) -> None:
        assert pytest.approx((0.4886, 0.5114), abs=5e-5) == (CO2_PER_SUGAR, ETHANOL_PER_SUGAR)
        assert pytest.approx(0.5143, abs=5e-5) == CO2_PER_SUGAR * HEXOSE_PER_SUCROSE
        assert pytest.approx(0.5383, abs=6e-5) == ETHANOL_PER_SUGAR * HEXOSE_PER_SUCROSE

    def test_makes_a_quarter_percent_of_alcohol_with_each_volume_of_gas(self) -> None:
        grams = VOLUME / CO2_PER_SUGAR * ETHANOL_PER_SUGAR
        assert grams / alcohol.GRAMS_PER_PERCENT == pytest.approx(0.26, abs=0.005)


class TestChart:
    @pytest.mark.parametrize(
        ("volumes", "celsius", "bar"),
        [(2.0, 5, 0.50), (2.5, 1, 0.63), (1.5, 10, 0.34), (2.5, 16.667, 24.2 * 0.0689476)],
    )
    def test_of_cold_kegs_says_what_henry_says(self, volumes: float, celsius: float, bar: float) -> None:
        assert keg_bar(volumes, celsius) == pytest.approx(bar, abs=0.01)
        assert volumes * VOLUME / solubility(celsius) - ATMOSPHERE == pytest.approx(bar, abs=0.05)

    def test_of_cold_kegs_is_not_for_warm_bottles(self) -> None:
        assert keg_bar(6, 30) == pytest.approx(7.1, abs=0.1)
        assert 6 * VOLUME / solubility(30) - ATMOSPHERE == pytest.approx(8.7, abs=0.1)


def residual_volumes(celsius: float) -> float:
    """What brewing calculators take to be left in a beer: a polynomial of degrees Fahrenheit."""
    warmth = celsius * 1.8 + 32
    return 3.0378 - 0.050062 * warmth + 0.00026555 * warmth**2


class TestPriming:
    """How much sugar brewers add, by their charts and by our chemistry: theirs is rounded, by a twentieth."""

    GLUCOSE_WITH_ITS_WATER = HEXOSE_GRAMS + 18.015

    def needed(self, volumes: float, co2_per_gram: float) -> float:
        """g per litre, in a beer of 20 °C."""
        return (volumes * VOLUME - solubility(20) * ATMOSPHERE) / co2_per_gram

    def test_of_an_ale_is_that_of_the_charts(self) -> None:
        assert (2.4 - residual_volumes(20)) * 4 == pytest.approx(6.16, abs=0.01)
        assert self.needed(2.4, CO2_PER_SUGAR * HEXOSE_PER_SUCROSE) == pytest.approx(6.16, rel=0.05)

    def test_of_a_keg_of_beer_with_corn_sugar_is_that_of_the_charts(self) -> None:
        per_gram = 2 * CO2_GRAMS / self.GLUCOSE_WITH_ITS_WATER
        assert 19 * self.needed(2.5, per_gram) == pytest.approx(136.8, rel=0.05)


class TestBurping:
    def test_lets_out_the_air_and_little_of_the_gas(self) -> None:
        pressed = after(36, table_bottle())
        vented = burped(pressed, 22)
        assert (pressed.bar(22), vented.bar(22)) == pytest.approx((2.52, 1.84), abs=0.02)
        assert vented.gas > 0.94 * pressed.gas
        assert after(12, vented).bar(22) == pytest.approx(2.47, abs=0.02)

    def test_gains_thirteen_hours_the_first_time_and_few_after(self) -> None:
        pressed = after(36, table_bottle())
        once = burped(pressed, 22)
        twice = burped(after(1, once), 22)
        assert 36 + until(3.5, once) == pytest.approx(68, abs=0.75)
        assert 1 + until(3.5, twice) - until(3.5, once) == pytest.approx(4.8, abs=0.5)
        thrice = burped(after(1, twice), 22)
        assert 1 + until(3.5, thrice) - until(3.5, twice) == pytest.approx(2.8, abs=0.5)

    @pytest.mark.parametrize(("celsius", "limit_at"), [(22, 26.5), (26, 17)])
    def test_at_the_warning_gains_few_hours_in_the_quickest_bottle(
        self, celsius: float, limit_at: float
    ) -> None:
        warned = until(2.5, table_bottle(), celsius, QUICKEST)
        vented = burped(after(warned, table_bottle(), celsius, QUICKEST), celsius)
        assert warned + until(3.5, vented, celsius, QUICKEST) == pytest.approx(limit_at, abs=0.75)

    def test_does_nothing_to_a_flat_bottle(self) -> None:
        flat = Contents(gas=0.1, sugar=0, air=0.5)
        assert burped(flat, 20) == flat

    @given(st.floats(0, 30), st.floats(0, 40), st.floats(0, 0.81))
    def test_never_presses_harder(self, gas: float, celsius: float, air: float) -> None:
        before = Contents(gas=gas, sugar=10, air=air)
        vented = burped(before, celsius)
        assert vented.bar(celsius) <= before.bar(celsius) + 1e-9
        assert 0 <= vented.gas <= before.gas


class TestSugar:
    @pytest.mark.parametrize(("brix", "gravity"), [(3, 1.0117), (5, 1.0197), (7, 1.0277), (10, 1.0400)])
    def test_weighs_as_in_the_tables(self, brix: float, gravity: float) -> None:
        assert sugar.gravity(brix) == pytest.approx(gravity, abs=0.00012)

    def test_left_over_is_what_was_read_last(self) -> None:
        facts = brew(temperature_c=22, readings=(read(1, brix=9), read(20, brix=5)))
        assert sugar.left_over(facts, NOON + hours(20)) == pytest.approx(50 * 1.0197, abs=0.1)
        assert sugar.left_over(facts, NOON + hours(56)) == pytest.approx(50 * 1.0197 * 0.55, abs=0.1)

    def test_of_milk_is_not_read_as_brix(self) -> None:
        facts = brew(culture="milk_kefir", readings=(read(1, brix=20),))
        assert sugar.left_over(facts, NOON + hours(1)) < 50

    @given(st.floats(0, 60), st.floats(0, 300))
    def test_only_falls(self, brix: float, later: float) -> None:
        facts = brew(readings=(read(0, brix=brix),))
        start, end = (sugar.left_over(facts, NOON + hours(h)) for h in (0, later))
        assert 0 <= end <= start <= sugar.MOST_SUGAR


def percents(facts: Facts, later: float) -> tuple[float, float, float]:
    found = alcohol.alcohol(facts, now=NOON + hours(later))
    assert found is not None
    return found.low, found.likely, found.high


class TestAlcohol:
    def test_of_water_kefir_is_that_of_the_research(self) -> None:
        assert percents(brew(temperature_c=22), 36) == pytest.approx((0.51, 0.96, 1.54), abs=0.02)

    def test_rises_in_the_bottle(self) -> None:
        fresh, later = percents(bottle(), 0), percents(bottle(), 48)
        assert all(a < b for a, b in zip(fresh, later, strict=True))

    def test_is_never_none_of_it(self) -> None:
        assert percents(brew(temperature_c=4), 1)[2] > 0

    @pytest.mark.parametrize("culture", ["vegetables", "sourdough"])
    def test_of_what_nobody_drinks_is_not_said(self, culture: str) -> None:
        assert alcohol.alcohol(brew(culture=culture), now=NOON) is None

    @pytest.mark.parametrize(
        ("first", "last", "gravity", "percent"), [(7, 5, 1.0145, 1.73), (6, 4, 1.0122, 1.51)]
    )
    def test_by_light_is_that_of_the_tables(
        self, first: float, last: float, gravity: float, percent: float
    ) -> None:
        found = alcohol.gravity_by_light(first, last)
        assert found == pytest.approx(gravity, abs=0.00012)
        assert alcohol.percent(sugar.gravity(first), found) == pytest.approx(percent, abs=0.015)

    def test_by_two_readings_spans_both_instruments(self) -> None:
        low, likely, high = percents(brew(temperature_c=22, readings=(read(1, brix=7), read(30, brix=5))), 36)
        assert high == pytest.approx(1.73 + 0.4, abs=0.02)
        assert low <= likely <= high

    @given(
        st.lists(st.tuples(st.integers(-50, 200), st.floats(0, 60)), max_size=4),
        st.sampled_from(["water_kefir", "milk_kefir", "kombucha", "ginger_beer", "tepache", "gone"]),
        st.sampled_from([brew, bottle]),
        st.integers(-60, 3000),
    )
    def test_is_always_in_order(
        self, read_brix: list[tuple[int, float]], culture: str, make: Any, later: int
    ) -> None:
        facts = make(culture=culture, readings=tuple(read(at, brix=brix) for at, brix in read_brix))
        low, likely, high = percents(facts, later)
        assert 0 <= low <= likely <= high

    def test_never_falls_with_time(self) -> None:
        seen = [percents(bottle(), h)[2] for h in range(0, 200, 20)]
        assert all(a <= b for a, b in pairwise(seen))


class TestCalmed:
    @given(st.floats(0.5, 12), st.floats(2, 32), st.floats(0, 1))
    def test_is_never_stronger_than_a_quick_burp(self, gas: float, celsius: float, gone: float) -> None:
        full = Contents(gas=gas, sugar=20)
        quick, calm = burped(full, celsius), calmed(full, celsius, gone=gone)
        assert calm.bar(celsius) <= quick.bar(celsius) + 1e-9
        assert calm.air <= quick.air

    def test_keeps_what_an_open_jar_keeps(self) -> None:
        calm = calmed(Contents(gas=8.0, sugar=20), 20, gone=1.0)
        assert calm.gas == pytest.approx(solubility(20) * ATMOSPHERE)

    def test_of_a_flat_bottle_takes_no_gas_away(self) -> None:
        flat = Contents(gas=0.5, sugar=20)
        assert calmed(flat, 20, gone=0.6).gas == burped(flat, 20).gas
