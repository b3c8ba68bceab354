"""What a keeper's own batches teach: the vectors of the research, and what must hold of all learning."""

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.beliefs import (
    Learned,
    Lesson,
    belief,
    learned_from,
    posterior,
    prior,
    t_chance,
    t_quantile,
    teachers,
)
from batches.facts import Ending, Facts
from tests.batches.brews import NOON, brew, given_up, past

KEFIR = Learned(centre=math.log(36), weight=0.24**2 / 0.40**2, freedom=8, variance=0.24**2)
HOURS = st.floats(3, 300)


def keeper(*history: Any, **changes: Any) -> Facts:
    return brew(**{"temperature_c": 22.0, "history": tuple(history), **changes})


def median(*history: Any, **changes: Any) -> float:
    return belief(keeper(*history, **changes)).hours(0.5)


class TestPosterior:
    def test_without_batches_is_the_prior(self) -> None:
        assert posterior(KEFIR, []) == KEFIR
        assert (KEFIR.weight, KEFIR.predictive) == pytest.approx((0.36, 0.2176))

    def test_of_three_batches_is_that_of_the_research(self) -> None:
        learned = posterior(KEFIR, [Lesson(log_hours=math.log(30))] * 3)
        assert learned.centre == pytest.approx(3.42073, abs=5e-6)
        assert (learned.weight, learned.freedom) == pytest.approx((3.36, 11))
        assert learned.variance == pytest.approx(0.0428622, abs=5e-8)
        assert learned.predictive == pytest.approx(0.0556189, abs=5e-8)

    def test_of_one_given_up_is_that_of_the_research(self) -> None:
        learned = posterior(KEFIR, [Lesson(log_hours=math.log(50), given_up=True)])
        assert learned.centre == pytest.approx(3.91865, abs=5e-6)
        assert learned.weight == pytest.approx(0.99458, abs=5e-6)

    def test_of_the_default_is_that_of_the_table_of_cultures(self) -> None:
        assert prior(keeper()) == KEFIR

    @given(st.lists(HOURS, min_size=1, max_size=8))
    def test_lies_between_typical_and_own(self, own: list[float]) -> None:
        learned = posterior(KEFIR, [Lesson(log_hours=math.log(hours)) for hours in own])
        mean = sum(math.log(hours) for hours in own) / len(own)
        assert min(mean, KEFIR.centre) - 1e-9 <= learned.centre <= max(mean, KEFIR.centre) + 1e-9

    @given(HOURS, st.integers(1, 20))
    def test_never_widens_with_a_batch_like_those_before(self, hours: float, count: int) -> None:
        fewer, more = (posterior(KEFIR, [Lesson(log_hours=math.log(hours))] * n) for n in (count, count + 1))
        assert more.predictive < fewer.predictive

    @given(st.floats(12, 100))
    def test_narrows_with_a_first_batch_unless_it_surprises(self, hours: float) -> None:
        assert posterior(KEFIR, [Lesson(log_hours=math.log(hours))]).predictive < KEFIR.predictive


class TestHistory:
    def test_of_three_batches_is_that_of_the_research(self) -> None:
        own = [past(30, days_ago=days) for days in (7, 14, 21)]
        for celsius, expected in ((18, 42.0), (22, 30.6), (26, 22.3)):
            facts = keeper(*own, temperature_c=celsius)
            assert belief(facts).hours(0.5) * 2.2 ** ((22 - celsius) / 10) == pytest.approx(
                expected, abs=0.051
            )

    def test_counts_the_newest_most_whatever_their_order(self) -> None:
        quick, slow = past(20, days_ago=3), past(60, days_ago=30)
        assert (
            median(quick, slow) == median(slow, quick) < median(past(20, days_ago=30), past(60, days_ago=3))
        )

    def test_of_what_was_given_up_counts_as_longer(self) -> None:
        assert median(given_up(50)) > median(past(50)) > median()

    def test_of_what_was_given_up_at_once_counts_for_nothing(self) -> None:
        assert learned_from(keeper(given_up(7))) == KEFIR
        assert learned_from(keeper(given_up(8))) != KEFIR

    def test_of_what_was_drunk_without_a_word_counts_half(self) -> None:
        assert learned_from(keeper(past(30, ending=Ending.UNSEEN))).weight == pytest.approx(0.36 + 0.5)

    def test_counts_half_since_there_are_new_grains(self) -> None:
        assert learned_from(keeper(past(30, new_grains_since=1))).weight == pytest.approx(0.36 + 0.5)
        assert median(past(20, new_grains_since=2)) > median(past(20, new_grains_since=1)) > median(past(20))

    def test_is_taken_as_with_the_recipe_of_today(self) -> None:
        """Twice the grains took less time; with the usual ones it would have taken more."""
        many = past(30, water_volume_ml=1000, grains_grams=120)
        assert learned_from(keeper(many)).centre == pytest.approx(
            learned_from(keeper(past(30 * 2**0.45))).centre
        )

    def test_that_was_forgotten_for_weeks_teaches_nothing(self) -> None:
        assert learned_from(brew(history=(past(300),))) == learned_from(brew())
        assert learned_from(brew(history=(past(200),))) != learned_from(brew())

    def test_is_the_newest_fifty(self) -> None:
        own = [past(30, days_ago=days) for days in range(60)]
        assert {one.ended_at for one in teachers(keeper(*own))} == {
            NOON - timedelta(days=d) for d in range(50)
        }

    @pytest.mark.parametrize("hours", [0.0, -4.0, math.nan, math.inf, -math.inf])
    def test_that_makes_no_sense_teaches_nothing(self, hours: float) -> None:
        assert learned_from(keeper(past(hours))) == KEFIR

    @pytest.mark.parametrize("hours", [1e-9, 1e300])
    def test_that_is_far_off_cannot_pull_further_than_a_mistake_may(self, hours: float) -> None:
        assert 36 / 20 <= median(past(hours)) <= 36 * 20


class TestVegetables:
    def test_learn_only_from_their_own_kind(self) -> None:
        own = [past(200, ingredient="Carrots"), past(900, ingredient="cabbage"), past(900)]
        facts = keeper(*own, culture="vegetables", ingredient=" carrots ")
        assert [one.reference_hours for one in teachers(facts)] == [200]

    def test_learn_nothing_while_nobody_says_what_they_are(self) -> None:
        assert teachers(keeper(past(200), culture="vegetables")) == []

    def test_stay_in_wide_doubt_without_a_temperature(self) -> None:
        own = [past(500, ingredient="cabbage", days_ago=days) for days in range(1, 9)]
        facts = keeper(*own, culture="vegetables", ingredient="cabbage", temperature_c=None)
        assert belief(facts).ratio > 4


class TestBelief:
    @given(st.floats(0.02, 0.98), st.floats(0, 200), st.floats(0, 200))
    def test_leaves_less_to_go_but_never_nothing(self, quantile: float, after: float, beyond: float) -> None:
        believed = belief(keeper())
        assert believed.left(quantile, after=after) >= 0
        assert (
            believed.left(quantile, after=after, beyond=beyond) >= believed.left(quantile, after=after) - 1e-9
        )

    def test_is_narrower_and_nearer_after_a_measurement(self) -> None:
        before = belief(keeper())
        after = before.told(math.log(50), 0.2)
        assert before.hours(0.5) < after.hours(0.5) < 50
        assert after.ratio < before.ratio
        assert after.freedom == before.freedom + 2


class TestStudent:
    @pytest.mark.parametrize(
        ("chance", "quantile"), [(0.5, 0), (0.75, 0.706), (0.9, 1.397), (0.95, 1.859548)]
    )
    def test_quantiles_are_those_of_the_tables(self, chance: float, quantile: float) -> None:
        assert t_quantile(chance, 8) == pytest.approx(quantile, abs=0.003)

    @given(st.floats(0.01, 0.99), st.floats(8, 60))
    def test_chance_undoes_its_quantile(self, chance: float, freedom: float) -> None:
        assert t_chance(t_quantile(chance, freedom), freedom) == pytest.approx(chance, abs=0.002)
