"""The plan for some days away."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from batches.away import plan
from batches.grain_kinds import KEEPING, GrainKind

FRIDAY = date(2026, 3, 6)
KINDS = st.sampled_from(GrainKind.values)


def away(days, kind="water_kefir", **known):
    return plan(kind=kind, leaves_on=FRIDAY, back_on=FRIDAY + timedelta(days=days), **known)


class TestTwelveDays:
    def test_for_water_kefir_are_spent_in_the_fridge_and_nobody_need_come(self):
        made = away(12, grams=120)
        assert (made.in_fridge, made.liquid_ml, made.sugar_grams) == (True, 800, 80)
        assert made.helper_days == ()
        assert [step.day for step in made.steps] == [
            FRIDAY - timedelta(days=1),
            FRIDAY,
            FRIDAY + timedelta(days=12),
        ]
        assert "800 ml" in made.steps[1].words
        assert "80 g" in made.steps[1].words

    def test_say_to_weigh_them_where_nobody_did(self):
        made = away(12)
        assert (made.liquid_ml, made.sugar_grams) == (None, None)
        assert "Weigh them" in made.steps[1].words

    def test_for_milk_kefir_are_spent_in_milk_without_sugar(self):
        made = away(12, kind="milk_kefir", grams=30)
        assert (made.liquid_ml, made.sugar_grams) == (300, None)

    def test_for_a_starter_want_somebody_after_a_week(self):
        made = away(12, kind="sourdough")
        assert made.helper_days == (FRIDAY + timedelta(days=7),)
        assert "Ask somebody" in made.steps[2].words

    def test_for_kombucha_are_one_jar(self):
        made = away(12, kind="kombucha")
        assert not made.in_fridge
        assert made.helper_days == ()


class TestPlan:
    def test_for_a_weekend_leaves_water_kefir_at_work(self):
        assert not away(2).in_fridge

    def test_for_longer_than_they_bear_says_that_nobody_knows(self):
        assert "no figure" in away(40).honestly
        assert "no figure" in away(40, kind="kombucha").honestly

    @given(KINDS, st.integers(1, 365), st.none() | st.floats(0, 20_000))
    def test_sends_nobody_before_they_leave_or_after_they_are_back(self, kind, days, grams):
        made = away(days, kind, grams=grams)
        assert all(FRIDAY < day < FRIDAY + timedelta(days=days) for day in made.helper_days)
        assert [step.day for step in made.steps] == sorted(step.day for step in made.steps)

    @given(KINDS, st.integers(1, 365))
    def test_lets_them_rest_no_longer_than_they_bear_without_a_visit(self, kind, days):
        made = away(days, kind)
        stops = [FRIDAY, *made.helper_days, FRIDAY + timedelta(days=days)]
        longest = max(after - before for before, after in pairwise(stops))
        assert not made.in_fridge or longest <= timedelta(days=KEEPING[kind].fridge_days)

    @pytest.mark.parametrize(
        ("leaves_on", "back_on", "code"),
        [
            (FRIDAY, FRIDAY, "back_too_early"),
            (FRIDAY, date(2026, 3, 1), "back_too_early"),
            (FRIDAY, date(2028, 3, 1), "too_far_ahead"),
            (date.max - timedelta(days=9), date.max, "out_of_range"),
            (date.min, date(1, 2, 1), "out_of_range"),
        ],
    )
    def test_refuses_what_is_no_journey(self, leaves_on, back_on, code):
        with pytest.raises(ValidationError) as refused:
            plan(kind="water_kefir", leaves_on=leaves_on, back_on=back_on)
        [errors] = refused.value.error_dict.values()
        assert [error.code for error in errors] == [code]
