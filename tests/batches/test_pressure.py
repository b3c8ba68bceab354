"""Bottles: the vectors of the research, and what must hold of every bottle."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.carbonation import (
    ATMOSPHERE,
    CO2_PER_SUGAR,
    OPEN_JAR,
    VOLUME,
    Contents,
    contents_after,
    gas_at,
    gauge,
    hours_until,
    solubility,
)
from batches.cultures import BottleKind
from batches.fizz import LIKELY, QUICKEST, Pace, sealed_contents
from batches.pressure import LIMITS, limit, outlook
from batches.stages import Status
from batches.thermal import gas_rate
from tests.batches.brews import NOON, bottle, brew, hours, read

CO2_PER_SUCROSE = 0.5143
TABLE_SUGAR = 40.0  # the bottle of the research's table of speeds, filled at 20 °C
RATE = 0.18


def table_bottle() -> Contents:
    return Contents(gas=OPEN_JAR * solubility(20) * ATMOSPHERE, sugar=TABLE_SUGAR)


def table_hours(temperature_c: float, pace: Pace) -> float | None:
    speed = RATE * pace.speed * gas_rate(temperature_c)
    return hours_until(gas_at(3.5, temperature_c), table_bottle(), speed, pace.share)


def spent(sucrose: float) -> float:
    """The gas in a bottle that was filled saturated at 20 °C, when so much sugar (g/L) has turned."""
    return solubility(20) * ATMOSPHERE + sucrose * CO2_PER_SUCROSE


class TestSolubility:
    @pytest.mark.parametrize(
        ("celsius", "expected"),
        [
            (0, 3.147),
            (4, 2.740),
            (10, 2.243),
            (15, 1.911),
            (20, 1.637),
            (22, 1.541),
            (25, 1.409),
            (30, 1.219),
        ],
    )
    def test_is_that_of_henry(self, celsius: float, expected: float) -> None:
        assert solubility(celsius) == pytest.approx(expected, abs=0.0015)

    @pytest.mark.parametrize(
        ("celsius", "volumes", "chart"),
        [(0, 1.62, 1.7), (10, 1.16, 1.2), (20, 0.845, 0.88), (22, 0.795, 0.83)],
    )
    def test_keeps_as_many_volumes_in_an_open_jar_as_the_tables(
        self, celsius: float, volumes: float, chart: float
    ) -> None:
        kept = solubility(celsius) * ATMOSPHERE / VOLUME
        assert kept == pytest.approx(volumes, abs=0.005)
        assert kept == pytest.approx(chart, rel=0.06)

    @pytest.mark.parametrize(
        ("grams", "celsius", "chart_bar"),
        [
            (6, 0, 0.883),
            (6, 15, 1.98),
            (6, 20, 2.43),
            (8, 15, 3.0),
            (2.0 * VOLUME, 5, 0.50),
            (2.5 * VOLUME, 1, 0.63),
        ],
    )
    def test_agrees_with_the_charts_of_cider_and_beer(
        self, grams: float, celsius: float, chart_bar: float
    ) -> None:
        assert grams / solubility(celsius) - ATMOSPHERE == pytest.approx(chart_bar, abs=0.25)


class TestGauge:
    @pytest.mark.parametrize(
        ("sucrose", "volumes", "in_a_keg", "at_4", "at_20", "at_30"),
        [
            (4, 1.89, 1.26, 1.06, 1.94, 2.66),
            (5, 2.15, 1.57, 1.24, 2.24, 3.05),
            (6, 2.42, 1.89, 1.42, 2.54, 3.44),
            (8, 2.94, 2.51, 1.79, 3.13, 4.23),
            (10, 3.46, 3.14, 2.15, 3.72, 5.01),
            (15, 4.77, 4.71, 3.05, 5.21, 6.97),
            (20, 6.08, 6.28, 3.96, 6.69, 8.94),
            (30, 8.70, 9.43, 5.77, 9.66, 12.86),
        ],
    )
    def test_of_spent_sugar_is_that_of_the_table(
        self, *, sucrose: float, volumes: float, in_a_keg: float, at_4: float, at_20: float, at_30: float
    ) -> None:
        gas = spent(sucrose)
        assert [gauge(gas, t) for t in (4, 20, 30)] == pytest.approx([at_4, at_20, at_30], abs=0.05)
        assert gas / VOLUME == pytest.approx(volumes, abs=0.005)
        assert gas / solubility(20) - ATMOSPHERE == pytest.approx(in_a_keg, abs=0.01)

    @pytest.mark.parametrize(
        ("bar", "sucrose"), [(2.5, 5.9), (3.0, 7.6), (3.5, 9.2), (4.0, 10.9), (5.0, 14.3), (6.0, 17.7)]
    )
    def test_of_a_limit_is_reached_by_so_little_sugar(self, bar: float, sucrose: float) -> None:
        assert (gas_at(bar, 20) - spent(0)) / CO2_PER_SUCROSE == pytest.approx(sucrose, abs=0.05)

    @pytest.mark.parametrize(("fill", "share"), [(0.95, 0.055), (0.98, 0.022), (0.80, 0.216)])
    def test_holds_little_of_the_gas_above_the_drink(self, fill: float, share: float) -> None:
        per_bar = gas_at(2, 20, fill=fill) - gas_at(1, 20, fill=fill)
        assert 1 - solubility(20) / per_bar == pytest.approx(share, abs=0.0005)

    def test_is_lower_without_trapped_air(self) -> None:
        assert gauge(4.230, 20) == pytest.approx(2.240, abs=0.01)
        assert gauge(4.230, 20, air=0) == pytest.approx(1.429, abs=0.01)

    @pytest.mark.parametrize(("celsius", "grams"), [(20, 6.412), (22, 6.045), (25, 5.542), (30, 4.818)])
    def test_of_three_and_a_half_bar_needs_so_much_gas(self, celsius: float, grams: float) -> None:
        assert gas_at(3.5, celsius) == pytest.approx(grams, abs=0.01)

    @given(st.floats(0, 10), st.floats(0, 45))
    def test_and_its_gas_are_each_the_other_way_round(self, bar: float, celsius: float) -> None:
        assert gauge(gas_at(bar, celsius), celsius) == pytest.approx(bar)


class TestSpeed:
    @pytest.mark.parametrize(
        ("celsius", "likely", "quickest"), [(18, 90, 35.5), (22, 54.5, 21.5), (26, 33, 13), (30, 20, 8)]
    )
    def test_to_three_and_a_half_bar_is_that_of_the_table(
        self, celsius: float, likely: float, quickest: float
    ) -> None:
        # The table was simulated in steps of a quarter of an hour and rounded to half an hour.
        assert table_hours(celsius, LIKELY) == pytest.approx(likely, abs=0.75)
        assert table_hours(celsius, QUICKEST) == pytest.approx(quickest, abs=0.75)

    @pytest.mark.parametrize(
        ("celsius", "bars"),
        [
            (18, [1.32, 1.72, 2.12, 2.91]),
            (22, [1.90, 2.53, 3.16, 4.42]),
            (26, [2.75, 3.76, 4.75, 6.70]),
            (30, [4.04, 5.61, 7.15, 10.1]),
        ],
    )
    def test_through_three_days_is_that_of_the_table(self, celsius: float, bars: list[float]) -> None:
        speed = RATE * gas_rate(celsius)
        after = [contents_after(h, table_bottle(), speed, LIKELY.share) for h in (24, 36, 48, 72)]
        assert [gauge(c.gas, celsius) for c in after] == pytest.approx(bars, abs=0.05)

    @pytest.mark.parametrize(("days", "bar"), [(1, 1.48), (3, 1.73), (7, 2.23), (14, 3.09), (28, 4.71)])
    def test_in_the_fridge_is_slow_but_goes_on(self, days: float, bar: float) -> None:
        warm = contents_after(36, table_bottle(), RATE * gas_rate(22), LIKELY.share)
        cold = contents_after(days * 24, warm, RATE * gas_rate(4), LIKELY.share)
        assert gauge(cold.gas, 4) == pytest.approx(bar, abs=0.05)  # the table cools for three hours first

    def test_goes_on_but_the_cold_at_once_halves_the_pressure(self) -> None:
        warm = contents_after(36, table_bottle(), RATE * gas_rate(22), LIKELY.share)
        assert (gauge(warm.gas, 22), gauge(warm.gas, 4)) == pytest.approx((2.53, 1.37), abs=0.05)

    def test_in_the_fridge_is_a_fifth_of_that_in_the_room(self) -> None:
        assert gas_rate(4) / gas_rate(20) == pytest.approx(0.21, abs=0.01)
        assert 0.10 < gas_rate(5) / gas_rate(20) < 0.25

    @given(st.floats(1, 80), st.floats(0, 400), st.floats(0, 400), st.floats(0.01, 2))
    def test_does_not_depend_on_where_a_span_is_cut(
        self, sugar: float, first: float, second: float, speed: float
    ) -> None:
        whole = contents_after(first + second, Contents(1, sugar), speed, 0.9)
        halves = contents_after(second, contents_after(first, Contents(1, sugar), speed, 0.9), speed, 0.9)
        assert halves.gas == pytest.approx(whole.gas)

    @given(st.floats(5, 80), st.floats(0.05, 2), st.floats(0.01, 0.95))
    def test_forwards_and_backwards_agree(self, sugar: float, speed: float, part: float) -> None:
        gas = 1 + part * sugar * 0.4886 * 0.9
        needed = hours_until(gas, Contents(1, sugar), speed, 0.9)
        assert needed is not None
        assert contents_after(needed, Contents(1, sugar), speed, 0.9).gas == pytest.approx(gas)


class TestLimits:
    def test_are_given_for_every_kind_of_bottle(self) -> None:
        assert set(LIMITS) == set(BottleKind)

    @pytest.mark.parametrize(
        ("kind", "warn", "act"),
        [
            ("jar", 0.3, 0.5),
            ("crown_cap", 2.0, 2.8),
            ("swing_top", 2.5, 3.5),
            ("heavy_glass", 3.0, 3.8),
            ("pet", 3.5, 5.0),
            ("champagne", 4.5, 6.0),
            ("unknown", 0.3, 0.5),
            ("", 0.3, 0.5),
            ("a boot", 0.3, 0.5),
        ],
    )
    def test_are_the_weakest_where_the_bottle_is_not_known(self, kind: str, warn: float, act: float) -> None:
        assert (limit(kind).warn_bar, limit(kind).act_bar) == (warn, act)


class TestSugarInTheBottle:
    def test_is_what_the_jar_left_over_and_what_was_added(self) -> None:
        facts = bottle(water_volume_ml=1000, sugar_grams=60, added_sugar_grams=10)
        assert sealed_contents(facts).sugar == pytest.approx(1.0526 * (60 * 0.55 + 10), rel=0.001)

    def test_is_less_after_a_longer_stay_in_the_jar(self) -> None:
        longer = bottle(started_at=NOON - hours(72))
        assert sealed_contents(longer).sugar < sealed_contents(bottle()).sugar

    def test_is_the_usual_where_the_amount_of_water_is_not_known(self) -> None:
        facts = bottle(sugar_grams=500, added_sugar_grams=500)
        assert sealed_contents(facts) == sealed_contents(bottle())

    def test_that_was_added_is_in_what_was_bottled_and_not_in_the_whole_jar(self) -> None:
        some = bottle(water_volume_ml=4000, sugar_grams=0, added_sugar_grams=15, bottled_ml=750)
        assert sealed_contents(some).sugar == pytest.approx(1.0526 * 20, rel=0.001)
        assert sealed_contents(replace(some, water_volume_ml=None, sugar_grams=None)).sugar > 1.0526 * 20

    def test_that_was_added_is_in_no_more_than_the_jar_held(self) -> None:
        odd = bottle(water_volume_ml=1000, sugar_grams=0, added_sugar_grams=15, bottled_ml=5000)
        assert sealed_contents(odd).sugar == pytest.approx(1.0526 * 15, rel=0.001)

    @given(
        st.integers(1, 20),
        st.integers(1, 20),
        st.floats(0, 200),
        st.floats(0, 30),
        st.none() | st.integers(50, 9000),
    )
    def test_that_was_added_to_fewer_bottles_is_never_later_at_their_limit(
        self, one: int, other: int, added: float, brix: float, water: int | None
    ) -> None:
        few, many = sorted((one, other))
        by = [
            seen.act_by or NOON + timedelta(days=9999)
            for count in (few, many)
            if (
                seen := outlook(
                    bottle(
                        water_volume_ml=water,
                        added_sugar_grams=added,
                        bottled_ml=count * 330,
                        readings=(read(-1, brix=brix),),
                    ),
                    now=NOON,
                )
            )
        ]
        assert by[0] <= by[1]

    def test_of_milk_is_its_lactose(self) -> None:
        facts = bottle(culture="milk_kefir", started_at=NOON, sugar_grams=0, water_volume_ml=1000)
        assert sealed_contents(facts).sugar == pytest.approx(48 * 1.0526, rel=0.001)


class TestOutlook:
    def test_is_none_for_an_open_jar(self) -> None:
        assert outlook(brew(), now=NOON) is None

    def test_acts_by_the_quickest_bottle_three_degrees_warmer(self) -> None:
        facts = bottle(bottled_temperature_c=22)
        seen = outlook(facts, now=NOON)
        speed = RATE * QUICKEST.speed * gas_rate(25)
        expected = hours_until(gas_at(3.5, 25), sealed_contents(facts), speed, 1.0)
        assert seen is not None
        assert expected is not None
        assert seen.act_by == NOON + hours(expected)

    def test_warns_before_it_acts(self) -> None:
        seen = outlook(bottle(), now=NOON)
        assert seen is not None
        assert seen.warn_by is not None
        assert seen.act_by is not None
        assert NOON < seen.warn_by < seen.act_by

    def test_does_not_move_while_nothing_changes(self) -> None:
        first, later = outlook(bottle(), now=NOON), outlook(bottle(), now=NOON + hours(9))
        assert first is not None
        assert later is not None
        assert first.act_by == later.act_by
        assert first.likely_bar < later.likely_bar < later.high_bar

    def test_comes_sooner_after_it_got_warmer(self) -> None:
        calm = outlook(bottle(), now=NOON + hours(6))
        hot = outlook(bottle(readings=(read(5, temperature_c=28),)), now=NOON + hours(6))
        assert calm is not None
        assert hot is not None
        assert calm.act_by is not None
        assert hot.act_by is not None
        assert hot.act_by < calm.act_by

    def test_gains_days_in_the_fridge(self) -> None:
        chilled = bottle(status=Status.IN_FRIDGE, in_fridge_since=NOON + hours(8))
        warm, cold = outlook(bottle(), now=NOON), outlook(chilled, now=NOON + hours(9))
        assert warm is not None
        assert cold is not None
        assert warm.act_by is not None
        assert cold.act_by is not None
        assert cold.act_by > warm.act_by + timedelta(days=3)

    def test_says_never_when_the_whole_sugar_cannot_reach_the_limit(self) -> None:
        dry = bottle(water_volume_ml=1000, sugar_grams=0, added_sugar_grams=4)
        seen = outlook(dry, now=NOON)
        assert seen is not None
        assert seen.utmost_bar < seen.limit.act_bar
        assert seen.act_by is None

    def test_is_past_at_once_in_a_jar_that_is_not_made_for_pressure(self) -> None:
        seen = outlook(bottle(bottle_kind="jar"), now=NOON)
        assert seen is not None
        assert seen.act_by == NOON

    @pytest.mark.parametrize("kind", [k for k in BottleKind if k not in ("jar", "unknown")])
    def test_is_never_later_in_a_warmer_room(self, kind: str) -> None:
        rooms = [bottle(bottled_temperature_c=t / 2, bottle_kind=kind) for t in range(20, 91)]
        times = [seen.act_by for room in rooms if (seen := outlook(room, now=NOON))]
        assert None not in times
        assert all(b <= a for a, b in pairwise(times) if a and b)

    @given(st.floats(0, 80), st.floats(0, 80), st.integers(0, 500), st.integers(0, 500))
    def test_is_never_lower_with_more_sugar_or_more_time(
        self, one: float, other: float, first: int, then: int
    ) -> None:
        less, more = sorted((one, other))
        early, late = sorted((first, then))
        before = outlook(bottle(water_volume_ml=1000, added_sugar_grams=less), now=NOON + hours(early))
        after = outlook(bottle(water_volume_ml=1000, added_sugar_grams=more), now=NOON + hours(late))
        assert before is not None
        assert after is not None
        for name in ("low_bar", "likely_bar", "high_bar"):
            assert getattr(before, name) <= getattr(after, name) + 1e-6

    @given(st.floats(0, 30), st.floats(0, 30), st.integers(0, 400))
    def test_is_never_lower_in_a_warmer_place(self, one: float, other: float, later: int) -> None:
        cold, warm = (
            outlook(bottle(bottled_temperature_c=c), now=NOON + hours(later)) for c in sorted((one, other))
        )
        assert cold is not None
        assert warm is not None
        # A bottle filled cold holds more gas from the start.
        assert cold.high_bar <= warm.high_bar + 0.25

    def test_at_its_limit_is_a_band_up_to_it(self) -> None:
        seen = outlook(bottle(), now=NOON)
        assert seen is not None
        assert seen.at_act_by is not None
        assert 0 < seen.at_act_by.low_bar < seen.at_act_by.likely_bar < seen.at_act_by.high_bar
        assert seen.at_act_by.high_bar == pytest.approx(3.5, abs=0.001)

    @given(st.floats(0, 60), st.sampled_from([k for k in BottleKind if k not in ("jar", "unknown")]))
    def test_never_ends_only_where_the_whole_sugar_cannot_reach_the_limit(
        self, grams: float, kind: str
    ) -> None:
        facts = bottle(water_volume_ml=1000, sugar_grams=0, added_sugar_grams=grams, bottle_kind=kind)
        seen, contents = outlook(facts, now=NOON), sealed_contents(facts)
        assert seen is not None
        utmost = Contents(contents.gas + CO2_PER_SUGAR * contents.sugar, 0).bar(facts.present_c + 3)
        assert (seen.act_by is None) == (utmost <= seen.limit.act_bar)

    @given(
        st.sampled_from(["water_kefir", "kombucha", "ginger_beer", "vegetables", "sourdough", "gone"]),
        st.none() | st.floats(-40, 400),
        st.none() | st.floats(-1, 50_000),
        st.none() | st.floats(-1, 200_000),
        st.integers(-100, 10_000),
    )
    def test_never_raises(
        self, culture: str, celsius: float | None, sugar: float | None, water: float | None, later: int
    ) -> None:
        facts = bottle(
            culture=culture, bottled_temperature_c=celsius, added_sugar_grams=sugar, water_volume_ml=water
        )
        seen = outlook(facts, now=NOON + hours(later))
        assert seen is not None
        assert seen.likely_bar <= seen.high_bar + 1e-9


class TestBurped:
    def test_puts_the_limit_off_by_hours_only(self) -> None:
        closed, vented = (
            outlook(bottle(burped_at=at), now=NOON + hours(9)) for at in ((), (NOON + hours(8),))
        )
        assert closed is not None
        assert vented is not None
        assert closed.act_by is not None
        assert vented.act_by is not None
        assert hours(1) < vented.act_by - closed.act_by < hours(12)
        assert vented.high_bar < closed.high_bar

    def test_before_it_was_sealed_or_later_than_now_changes_nothing_now(self) -> None:
        odd = outlook(bottle(burped_at=(NOON - hours(5), NOON + hours(30))), now=NOON + hours(9))
        usual = outlook(bottle(), now=NOON + hours(9))
        assert odd is not None
        assert usual is not None
        assert (odd.low_bar, odd.high_bar) == (usual.low_bar, usual.high_bar)


class TestOpenUntilCalm:
    def seen(self, **changes: Any) -> Any:
        found = outlook(bottle(burped_at=(NOON + hours(10),), **changes), now=NOON + hours(11))
        assert found is not None
        return found

    def test_gains_more_than_a_quick_burp_but_no_day(self) -> None:
        quick, calm = self.seen(), self.seen(calmed_at=(NOON + hours(10),))
        assert hours(1) < calm.act_by - quick.act_by < hours(24)
        assert (calm.low_bar, calm.high_bar) < (quick.low_bar, quick.high_bar)

    def test_leaves_the_band_in_order(self) -> None:
        calm = self.seen(calmed_at=(NOON + hours(10),))
        assert calm.low_bar <= calm.likely_bar <= calm.high_bar

    def test_that_was_no_burp_says_nothing(self) -> None:
        assert self.seen(calmed_at=(NOON + hours(9),)) == self.seen()
