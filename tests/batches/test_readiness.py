"""When it is ready: the vectors of the research, and what must hold of every forecast."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.beliefs import belief, t_chance, t_quantile
from batches.cultures import WATER_KEFIR, Culture
from batches.facts import Facts, Spell
from batches.readiness import forecast
from batches.stages import Place, Stage, Status
from batches.thermal import rate, thermal_hours, time_of
from tests.batches.brews import NOON, bottle, brew, hours, read

JAR = WATER_KEFIR.open
CULTURES = st.sampled_from(list(Culture))


def points(facts: Facts, *, now: datetime = NOON) -> list[float]:
    """The 10, 25, 50, 75 and 90 % points, in hours from now."""
    return [(at - now) / timedelta(hours=1) for at in forecast(facts, now=now).quantiles]


class TestForecast:
    @pytest.mark.parametrize(
        ("celsius", "expected"),
        [
            (18, (25.5, 49.3, 95.5)),
            (20, (21.8, 42.1, 81.6)),
            (22, (18.6, 36.0, 69.7)),
            (24, (15.9, 30.7, 59.5)),
            (26, (13.6, 26.3, 50.8)),
            (28, (11.6, 22.4, 43.4)),
        ],
    )
    def test_without_history_is_that_of_the_table(
        self, celsius: float, expected: tuple[float, float, float]
    ) -> None:
        earliest, _, median, _, latest = points(brew(temperature_c=celsius))
        assert (earliest, median, latest) == pytest.approx(expected, abs=0.051)

    def test_moves_on_while_the_batch_is_still_not_ready(self) -> None:
        facts = brew(temperature_c=22)
        earliest, _, median, _, latest = points(facts, now=NOON + hours(40))
        assert (earliest, median, latest) == pytest.approx((2.2, 14.1, 51.8), abs=0.051)

    def test_assumes_a_room_and_doubts_more_without_a_temperature(self) -> None:
        told, untold = points(brew(temperature_c=22)), points(brew())
        assert untold[2] == pytest.approx(told[2])
        assert untold[0] < told[0]
        assert untold[4] > told[4]

    def test_doubts_vegetables_most_without_a_temperature(self) -> None:
        assert belief(brew(culture="vegetables")).spread == pytest.approx(
            math.hypot(0.7, 0.5, 0.1971), abs=0.001
        )

    def test_is_sooner_with_more_grains_and_later_with_more_sugar(self) -> None:
        usual = points(brew(water_volume_ml=1000, grains_grams=60, sugar_grams=60))[2]
        grains = points(brew(water_volume_ml=1000, grains_grams=120, sugar_grams=60))[2]
        sugar = points(brew(water_volume_ml=1000, grains_grams=60, sugar_grams=120))[2]
        assert (grains / usual, sugar / usual) == pytest.approx((2**-0.45, 2**0.25))

    @pytest.mark.parametrize(("grams", "factor"), [(0, 1), (None, 1), (1, 4**0.45), (20_000, 4**-0.45)])
    def test_follows_the_grains_only_within_reason(self, grams: float | None, factor: float) -> None:
        facts = brew(water_volume_ml=1000, grains_grams=grams)
        assert points(facts)[2] == pytest.approx(36 * factor)

    def test_of_a_bottle_counts_from_its_sealing(self) -> None:
        assert points(bottle(bottled_temperature_c=22))[2] == pytest.approx(30)

    def test_says_from_when_it_is_overdue_whatever_the_hour(self) -> None:
        facts = brew(temperature_c=22)
        seen = {forecast(facts, now=NOON + hours(h)).overdue_at for h in (0, 30, 90)}
        assert [(at - NOON) / hours(1) for at in seen] == pytest.approx([69.7], abs=0.05)


class TestTarget:
    def test_is_the_middle_by_the_clock(self) -> None:
        warm, cold = brew(target=hours(48), temperature_c=28), brew(target=hours(48), temperature_c=18)
        assert points(warm)[2] == points(cold)[2] == pytest.approx(48)

    def test_has_the_culture_s_doubt_around_it(self) -> None:
        own, typical = points(brew(target=hours(48), temperature_c=22)), points(brew(temperature_c=22))
        assert [hour * 36 / 48 for hour in own] == pytest.approx(typical)

    def test_stands_still_until_its_time_has_come(self) -> None:
        facts = brew(target=hours(48))
        assert forecast(facts, now=NOON + hours(47)).median == forecast(facts, now=NOON).median

    def test_moves_on_once_its_time_has_passed(self) -> None:
        assert points(brew(target=hours(48)), now=NOON + hours(49))[2] > 0

    def test_of_the_jar_is_not_that_of_the_bottle(self) -> None:
        assert points(bottle(target=hours(99), bottled_temperature_c=22))[2] == pytest.approx(30)
        assert points(bottle(target=hours(99), bottled_target=hours(40)))[2] == pytest.approx(40)

    @pytest.mark.parametrize("target", [timedelta(0), timedelta(hours=-5)])
    def test_of_no_time_at_all_is_none(self, target: timedelta) -> None:
        assert points(brew(target=target, temperature_c=22))[2] == pytest.approx(36)


class TestEveryForecast:
    @given(CULTURES, st.sampled_from(Stage), st.floats(0, 32), st.floats(0, 32))
    def test_is_never_later_where_it_is_warmer(
        self, culture: str, stage: Stage, one: float, other: float
    ) -> None:
        fastest = brew(culture=culture, stage=stage).course.fastest_c
        cold, warm = sorted(min(t, fastest) for t in (one, other))
        late, soon = (points(brew(culture=culture, stage=stage, temperature_c=t)) for t in (cold, warm))
        assert all(a <= b + 1e-6 for a, b in zip(soon, late, strict=True))

    @given(CULTURES, st.floats(0, 45), st.none() | st.integers(1, 2160), st.integers(-48, 5000))
    def test_is_in_order_and_never_over(
        self, culture: str, celsius: float, target: int | None, after: int
    ) -> None:
        wanted = hours(target) if target else None
        now = NOON + hours(after)
        found = points(brew(culture=culture, temperature_c=celsius, target=wanted), now=now)
        assert found == sorted(found)
        assert found[2] > 0

    @given(
        st.text(max_size=12) | CULTURES,
        st.tuples(st.sampled_from(Stage), st.sampled_from(Status)),
        st.none() | st.floats(),
        st.none() | st.floats(-1, 1e6),
        st.none() | st.floats(-1, 1e6),
    )
    def test_never_raises(
        self,
        culture: str,
        place: Place,
        celsius: float | None,
        grams: float | None,
        ml: float | None,
    ) -> None:
        facts = brew(
            culture=culture,
            stage=place[0],
            status=place[1],
            temperature_c=celsius,
            grains_grams=grams,
            sugar_grams=grams,
            water_volume_ml=ml,
        )
        assert forecast(facts, now=NOON).typical > timedelta(0)


class TestRate:
    def test_follows_q10(self) -> None:
        assert rate(22, JAR) == 1
        assert rate(30, JAR) / rate(20, JAR) == pytest.approx(2.2)

    def test_halves_below_the_coldest_and_fails_in_the_heat(self) -> None:
        assert rate(16.99, JAR) == pytest.approx(rate(17, JAR) / 2, rel=0.01)
        assert rate(45, JAR) == pytest.approx(rate(30, JAR) * 0.1)

    def test_carries_the_peak_of_sourdough_from_room_to_room(self) -> None:
        course = brew(culture="sourdough").course  # 1:4:4 peaks after 8 h at 20 °C, and 5-6 h at 24-25 °C
        assert rate(24.5, course) / rate(20, course) == pytest.approx(8 / 5.5, rel=0.05)

    def test_carries_the_ripening_of_kimchi_from_cellar_to_room(self) -> None:
        course = replace(brew(culture="vegetables").course, coldest_c=0)  # its bacteria do not mind the cold
        assert rate(20, course) / rate(10, course) == pytest.approx(16 / 7, rel=0.10)


class TestWarmthOverTime:
    def test_holds_until_the_next_reading(self) -> None:
        facts = brew(temperature_c=22, readings=(read(10, temperature_c=32), read(4, ph=4.0)))
        assert facts.spells(Stage.OPEN) == [
            Spell(since=NOON, temperature_c=22),
            Spell(since=NOON + hours(10), temperature_c=32),
        ]

    def test_counts_warm_hours_for_more(self) -> None:
        facts = brew(temperature_c=20, readings=(read(10, temperature_c=30),))
        done = thermal_hours(facts.spells(Stage.OPEN), JAR, NOON + hours(20))
        assert done == pytest.approx(10 * rate(20, JAR) * (1 + 2.2))

    @given(st.floats(0.1, 300), st.floats(17, 38), st.floats(17, 38))
    def test_finds_the_hour_that_thermal_hours_gives_back(
        self, goal: float, first: float, then: float
    ) -> None:
        facts = brew(temperature_c=first, readings=(read(10, temperature_c=then),))
        spells = facts.spells(Stage.OPEN)
        assert thermal_hours(spells, JAR, time_of(goal, spells, JAR)) == pytest.approx(goal, abs=0.001)

    def test_begins_with_the_first_reading_where_the_start_is_not_known(self) -> None:
        facts = brew(readings=(read(3, temperature_c=26),))
        assert facts.spells(Stage.OPEN) == [Spell(since=NOON, temperature_c=26)]

    def test_of_a_bottle_is_the_jar_s_until_somebody_says(self) -> None:
        assert bottle(temperature_c=25).present_c == 25
        assert bottle(temperature_c=25, bottled_temperature_c=19).present_c == 19

    def test_ends_in_the_fridge(self) -> None:
        chilled = bottle(
            status=Status.IN_FRIDGE, in_fridge_since=NOON + hours(5), readings=(read(9, temperature_c=20),)
        )
        assert chilled.spells(Stage.BOTTLED)[-1] == Spell(
            since=NOON + hours(5), temperature_c=4, in_fridge=True
        )
        assert len(chilled.spells(Stage.BOTTLED)) == 2


class TestStudent:
    @pytest.mark.parametrize(
        ("chance", "quantile"), [(0.5, 0), (0.75, 0.706), (0.9, 1.397), (0.95, 1.859548)]
    )
    def test_quantiles_are_those_of_the_tables(self, chance: float, quantile: float) -> None:
        assert t_quantile(chance, 8) == pytest.approx(quantile, abs=0.003)

    @given(st.floats(0.01, 0.99))
    def test_chance_undoes_its_quantile(self, chance: float) -> None:
        assert t_chance(t_quantile(chance, 8), 8) == pytest.approx(chance, abs=0.002)
