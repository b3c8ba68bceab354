"""What cultures want and how they grow: pure rules, so the many cases are here."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.units import FAHRENHEIT
from batches.grain_care import Jar, Kept, Weight, care, growths
from batches.grain_kinds import KEEPING, GrainKind
from tests.factories import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kept(**known):
    return Kept(**{"kind": "water_kefir", "status": "active", "got_at": NOON} | known)


def jar(begun=0, strained=None, **known):
    """By days after noon."""
    return Jar(
        started_at=NOON + begun * DAY,
        strained_at=None if strained is None else NOON + strained * DAY,
        **known,
    )


def weight(day, grams):
    return Weight(NOON + day * DAY, grams)


class TestWords:
    def test_speak_of_degrees_as_their_keeper_does(self):
        idle = care(kept(jars=(jar(0, strained=1, temperature_c=20),), temperature=FAHRENHEIT))
        assert "At 68\u00a0°F" in idle.why


class TestResting:
    @pytest.mark.parametrize(
        ("kind", "days"), [("water_kefir", 21), ("milk_kefir", 14), ("ginger_beer", 7), ("sourdough", 7)]
    )
    def test_is_over_when_the_food_is_used_up(self, kind, days):
        wanted = care(kept(kind=kind, status="in_fridge", in_fridge_at=NOON))
        assert wanted.due_at == NOON + days * DAY
        assert str(days) in wanted.why

    def test_is_counted_anew_from_the_last_feeding(self):
        wanted = care(kept(status="in_fridge", in_fridge_at=NOON, fed_at=NOON + 10 * DAY))
        assert wanted.due_at == NOON + 31 * DAY

    def test_in_its_own_sour_tea_has_no_figure(self):
        assert care(kept(kind="kombucha", status="in_fridge", in_fridge_at=NOON)) is None


class TestIdle:
    def test_milk_grains_want_milk_a_day_after_straining(self):
        wanted = care(kept(kind="milk_kefir", jars=[jar(0, 1, temperature_c=22)]))
        assert wanted.due_at == NOON + 2 * DAY

    def test_sooner_where_it_is_warm(self):
        cool, warm = (
            care(kept(kind="milk_kefir", jars=[jar(0, 1, temperature_c=warmth)])).due_at
            for warmth in (18, 26)
        )
        assert warm < cool

    def test_who_is_in_a_jar_wants_nothing(self):
        assert care(kept(kind="milk_kefir", jars=[jar(0, 1), jar(1)])) is None

    def test_who_is_gone_wants_nothing(self):
        assert care(kept(kind="milk_kefir", status="gone")) is None

    def test_who_never_was_in_a_jar_is_counted_from_the_day_it_came(self):
        assert care(kept(kind="water_kefir")).due_at == NOON + 3 * DAY

    @given(st.sampled_from(GrainKind.values), st.floats(0, 45), st.integers(0, 400))
    def test_is_never_due_before_it_was_strained(self, kind, warmth, days):
        wanted = care(kept(kind=kind, jars=[jar(0, days, temperature_c=warmth)]))
        assert wanted is None or wanted.due_at > NOON + days * DAY

    def test_every_kind_says_how_it_is_kept(self):
        assert set(KEEPING) == set(GrainKind.values)


class TestGrowth:
    def test_is_from_before_to_after(self):
        [grown] = growths([jar(0, 2)], [weight(0, 80), weight(2, 100)])
        assert (grown.before_grams, grown.after_grams, round(grown.percent)) == (80, 100, 25)

    def test_goes_from_batch_to_batch(self):
        found = growths([jar(0, 2), jar(2, 4)], [weight(0, 80), weight(2, 100), weight(4, 110)])
        assert [round(one.percent) for one in found] == [25, 10]

    def test_is_not_told_where_nobody_weighed(self):
        assert growths([jar(0, 2), jar(2, 4)], [weight(0, 80), weight(4, 110)]) == []

    def test_is_not_told_of_two_jars_at_once(self):
        assert growths([jar(0, 3), jar(1, 3)], [weight(0, 80), weight(3, 100)]) == []

    def test_is_not_told_of_a_jar_that_still_works(self):
        assert growths([jar(0)], [weight(0, 80), weight(2, 100)]) == []

    def test_of_nothing_is_no_percentage(self):
        assert growths([jar(0, 2)], [weight(0, 0), weight(2, 100)]) == []

    def test_may_shrink(self):
        [grown] = growths([jar(0, 2)], [weight(0, 100), weight(2, 90)])
        assert round(grown.percent) == -10

    jars = st.lists(
        st.builds(lambda begun, length: jar(begun, begun + length), st.integers(0, 50), st.integers(0, 9)),
        max_size=8,
    )
    weights = st.lists(st.builds(weight, st.integers(0, 60), st.floats(0, 500)), max_size=12)

    @given(jars, weights)
    def test_is_told_only_of_what_was_weighed_and_in_order(self, jars, weights):
        found = growths(jars, weights)
        assert {one.before_grams for one in found} <= {one.grams for one in weights}
        assert [one.jar.started_at for one in found] == sorted(one.jar.started_at for one in found)
