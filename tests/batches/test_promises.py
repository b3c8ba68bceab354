"""What a forecast promises, tried on invented kitchens: fixed seeds, fewer than `bench/run forecast` has."""

import pytest

from bench.bottles import Guard
from bench.kitchens import AGES, BURST, YEAR, Judge

KEEPERS, BATCHES = 150, 20


@pytest.fixture(scope="module")
def year() -> Judge:
    return Judge(YEAR, seed=3).run(KEEPERS, BATCHES)


@pytest.fixture(scope="module")
def burst() -> Judge:
    return Judge(BURST, seed=3).run(100, 14, on_the_way=True)


class TestForecasts:
    def test_through_a_year_beat_one_s_own_mean_and_a_fixed_time(self, year: Judge) -> None:
        assert year.of_own_mean() <= 0.82
        assert year.of_own_mean(AGES[2:]) <= 0.80
        assert year.of_fixed <= 0.60

    def test_in_a_row_beat_them_too(self, burst: Judge) -> None:
        assert burst.of_own_mean() <= 0.92
        assert burst.of_fixed <= 0.60

    def test_hold_as_often_as_they_say(self, year: Judge, burst: Judge) -> None:
        for judge in (year, burst):
            assert 0.78 <= judge.taught.cover_80 <= 0.90
            assert 0.47 <= judge.taught.cover_50 <= 0.60

    def test_narrow_with_experience(self, year: Judge) -> None:
        assert year.model[AGES[3]].width <= 0.75 * year.model[AGES[0]].width

    @pytest.mark.parametrize("shift", [0.25, -0.25])
    def test_hold_from_the_first_batch_where_typical_hours_are_wrong(self, shift: float) -> None:
        judge = Judge(YEAR, seed=3, shift=shift).run(200, 3)
        assert judge.model[AGES[0]].cover_80 >= 0.70

    def test_learn_from_its_being_still_not_ready(self, burst: Judge) -> None:
        assert burst.of_later("still", "still, not updated") <= 0.55
        assert 0.76 <= burst.later["still"].cover_80 <= 0.88

    @pytest.mark.parametrize(("how", "goal"), [("strip", 0.95), ("meter", 0.86), ("meter, learned", 0.78)])
    def test_gain_from_a_ph_reading(self, burst: Judge, how: str, goal: float) -> None:
        assert burst.of_later(how, "no pH") <= goal
        assert burst.later[how].cover_80 >= 0.75


class TestBottles:
    @pytest.mark.parametrize("shift", [0.0, -0.4])
    def test_are_within_the_band_as_often_as_it_says_and_it_narrows(self, shift: float) -> None:
        taught, before = Guard(seed=3, shift=shift).run(60, 14).seen(AGES[2:])
        assert 0.86 <= taught.cover <= 0.95
        assert taught.width <= 0.90 * before.width
        assert taught.error <= 0.90 * before.error
        assert taught.late <= 0.05

    def test_that_are_quicker_than_typical_are_caught_sooner_for_their_fizz(self) -> None:
        taught, before = Guard(seed=3, shift=0.4).run(80, 12).seen(AGES[1:])
        assert taught.cover > before.cover
        assert taught.late < before.late
