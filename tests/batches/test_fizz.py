"""What the fizz of opened bottles says of how fast the next ones work."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.alcohol import alcohol
from batches.fizz import BETWEEN_BOTTLES, LIKELY, QUICKEST, SLOWEST, learned, rate_by_fizz, ratings
from batches.pressure import outlook
from tests.batches.brews import NOON, bottle, hours, past, read

TYPICAL = 0.18


def speeds(*rates: float | None, own: int | None = None, **values: Any) -> tuple[float, float, float]:
    """How quick the slowest, the likely and the quickest of these bottles are, against the typical one.

    The newest rate comes last.
    """
    history = tuple(
        past(30, gas_g_per_l_h=rate, days_ago=7.0 * (len(rates) - number), **values)
        for number, rate in enumerate(rates)
    )
    opened = () if own is None else (read(30, fizz=own),)
    slow, likely, quick = learned(list(ratings(bottle(history=history, readings=opened))))
    return slow.speed, likely.speed, quick.speed


class TestARating:
    def test_says_how_quick_a_bottle_was(self) -> None:
        facts = bottle(temperature_c=22.0, readings=(read(30, fizz=4),))
        assert rate_by_fizz(facts) == pytest.approx(0.345, abs=0.005)

    @pytest.mark.parametrize("fizz", [None, 0, 1])
    def test_of_a_flat_bottle_says_nothing(self, fizz: int | None) -> None:
        assert rate_by_fizz(bottle(readings=(read(30, fizz=fizz),))) is None

    def test_of_a_burped_bottle_says_nothing(self) -> None:
        assert rate_by_fizz(bottle(readings=(read(30, fizz=3),), burped_at=(NOON + hours(20),))) is None

    def test_of_one_that_ran_out_of_sugar_does_not_say_that_it_is_slow(self) -> None:
        poor = {"sugar_grams": 8.0, "water_volume_ml": 1000, "added_sugar_grams": 0.0}
        assert rate_by_fizz(bottle(readings=(read(200, fizz=2),), **poor)) is None
        assert rate_by_fizz(bottle(readings=(read(200, fizz=2),))) is not None
        assert (rate_by_fizz(bottle(readings=(read(4, fizz=2),), **poor)) or 0) > TYPICAL

    def test_counts_hours_in_the_fridge_for_little(self) -> None:
        opened = (read(100, fizz=3),)
        warm = rate_by_fizz(bottle(readings=opened))
        chilled = rate_by_fizz(bottle(readings=opened, status="in_fridge", in_fridge_since=NOON + hours(36)))
        assert (chilled or 0) > 1.5 * (warm or 0)


class TestEarlierBottles:
    def test_without_ratings_are_typical(self) -> None:
        assert speeds() == (SLOWEST.speed, LIKELY.speed, QUICKEST.speed)

    def test_that_were_lively_bring_the_limit_nearer(self) -> None:
        _, likely, quick = speeds(0.36)
        assert 1 < likely < 2
        assert quick > QUICKEST.speed

    def test_that_were_light_make_no_bottle_safer_before_the_third_time(self) -> None:
        assert speeds(0.09)[2] == speeds(0.09, 0.09)[2] == QUICKEST.speed
        assert speeds(0.09, 0.09, 0.09)[2] < QUICKEST.speed

    def test_of_other_grains_make_none_safer_before_the_sixth(self) -> None:
        assert speeds(*[0.09] * 5, new_grains_since=1)[2] == QUICKEST.speed
        assert speeds(*[0.09] * 6, new_grains_since=1)[2] < QUICKEST.speed

    def test_of_other_grains_count_half(self) -> None:
        ours, others = (speeds(0.36, 0.36, new_grains_since=since)[1] for since in (0, 1))
        assert 1 < others < ours

    def test_count_the_more_the_newer_they_are(self) -> None:
        assert speeds(0.12, 0.12, 0.30, 0.30)[1] > speeds(0.30, 0.30, 0.12, 0.12)[1]

    def test_teach_less_about_a_bottle_than_one_of_its_own_batch(self) -> None:
        assert 1 < speeds(0.36)[1] < speeds(own=4)[1]

    def test_never_narrow_the_band_beyond_what_bottles_differ_by(self) -> None:
        slow, likely, quick = speeds(*[TYPICAL] * 40)
        assert likely == pytest.approx(1)
        assert math.log(quick) >= 1.645 * BETWEEN_BOTTLES - 0.001
        assert math.log(slow) <= -1.645 * BETWEEN_BOTTLES + 0.001

    def test_that_say_something_absurd_are_taken_for_a_slip(self) -> None:
        assert speeds(40.0) == speeds(4 * TYPICAL)

    @pytest.mark.parametrize("rate", [0.0, -1.0, None])
    def test_that_make_no_sense_teach_nothing(self, rate: float | None) -> None:
        assert speeds(rate) == speeds()

    @given(st.lists(st.floats(0.01, 2), max_size=12), st.floats(1.01, 3))
    def test_that_were_livelier_never_put_a_limit_off(self, rates: list[float], times: float) -> None:
        calm, lively = speeds(*rates), speeds(*(rate * times for rate in rates))
        assert all(after >= before - 1e-9 for before, after in zip(calm, lively, strict=True))

    def test_that_were_lively_bring_the_hour_to_act_by_nearer_and_more_alcohol(self) -> None:
        taught = bottle(history=tuple(past(30, gas_g_per_l_h=0.36, days_ago=n) for n in (9.0, 6.0, 3.0)))
        usual, now = bottle(), NOON + hours(30)
        before, after = outlook(usual, now=now), outlook(taught, now=now)
        assert before is not None
        assert after is not None
        assert before.act_by is not None
        assert after.act_by is not None
        assert after.act_by < before.act_by
        assert after.high_bar > before.high_bar
        assert getattr(alcohol(taught, now=now), "high", 0) > getattr(alcohol(usual, now=now), "high", 9)
