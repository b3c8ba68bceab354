from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hooks.timing import LONGEST_REST, LONGEST_WISH, PAUSES, TRIES, pause_after, rest_after

HOUR = timedelta(hours=1)
chances = st.floats(0, 1)


class TestPauses:
    def test_are_those_between_five_tries(self):
        assert TRIES == 5
        assert [pause_after(tries, chance=0) for tries in range(1, 7)] == [*PAUSES, None, None]

    @given(chances)
    def test_outlast_a_day_and_no_more_than_thirty_hours(self, chance):
        spread = sum((pause_after(tries, chance=chance) for tries in range(1, TRIES)), timedelta())
        assert 24 * HOUR < spread < 30 * HOUR

    @given(chances, chances)
    def test_grow_whatever_chance_says(self, first, second):
        assert all(
            pause_after(a, chance=first) < pause_after(b, chance=second) for a, b in pairwise(range(1, TRIES))
        )

    def test_are_spread(self):
        assert pause_after(1, chance=0) < pause_after(1, chance=0.5) < pause_after(1, chance=1)

    @given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)), st.integers(1, TRIES - 1))
    def test_heed_what_is_asked_for_when_it_is_longer_and_within_reason(self, asked, tries):
        pause = pause_after(tries, chance=0, asked=asked)
        assert pause == max(PAUSES[tries - 1], min(asked, LONGEST_WISH))

    def test_there_is_none_after_the_last_try_however_much_is_asked_for(self):
        assert pause_after(TRIES, chance=0, asked=HOUR) is None


class TestRests:
    def test_follow_slow_calls_only(self):
        assert not rest_after(timedelta(seconds=0.9), failures=50)

    def test_leave_nine_tenths_of_the_time_to_others(self):
        assert rest_after(timedelta(seconds=10), failures=0) == timedelta(seconds=90)

    @given(st.floats(1, 20), st.integers(0, 10**6))
    def test_grow_with_failures_up_to_an_end(self, seconds, failures):
        took = timedelta(seconds=seconds)
        assert rest_after(took, failures=failures) <= rest_after(took, failures=failures + 1) <= LONGEST_REST
