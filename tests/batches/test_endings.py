"""What an earlier batch teaches, told from where it has been."""

import pytest

from batches.endings import Departure, ended_stages
from batches.facts import Ending
from batches.fizz import rate_by_fizz
from batches.stages import Place, Stage, Status
from tests.batches.brews import NOON, bottle, brew, hours, read

OPEN = Place(Stage.OPEN, Status.ACTIVE)
COLD = Place(Stage.OPEN, Status.IN_FRIDGE)
BOTTLED = Place(Stage.BOTTLED, Status.ACTIVE)
COLD_BOTTLES = Place(Stage.BOTTLED, Status.IN_FRIDGE)
READY = Place(Stage.BOTTLED, Status.READY)


def went(after, before, to):
    return Departure(before=before, after=to, at=NOON + hours(after))


def ended(facts, *departures, was=None, put_away=None):
    at = None if put_away is None else NOON + hours(put_away)
    return list(ended_stages(facts, departures=departures, was=was or facts.status, put_away_at=at))


class TestAJar:
    def test_teaches_nothing_while_it_works(self):
        assert ended(brew(temperature_c=22)) == []

    def test_that_was_bottled_was_ready_then(self):
        [jar] = ended(bottle())
        assert (jar.stage, jar.past.ending, jar.past.ended_at) == (Stage.OPEN, Ending.READY, NOON)
        assert jar.past.temperature_c == 22
        assert jar.past.reference_hours == pytest.approx(36)

    def test_that_went_cold_before_it_was_bottled_was_ready_when_it_went_cold(self):
        [jar] = ended(bottle(), went(-12, OPEN, COLD), went(0, COLD, BOTTLED))
        assert jar.past.ended_at == NOON - hours(12)

    def test_that_came_back_from_the_cold_was_ready_when_bottled(self):
        [jar] = ended(bottle(), went(-12, OPEN, COLD), went(-6, COLD, OPEN), went(0, OPEN, BOTTLED))
        assert jar.past.ended_at == NOON

    def test_that_is_put_away_unfinished_would_have_taken_longer(self):
        facts = brew(status=Status.ARCHIVED, temperature_c=22)
        [jar] = ended(facts, was=Status.ACTIVE, put_away=50)
        assert (jar.past.ending, jar.past.ended_at) == (Ending.GIVEN_UP, NOON + hours(50))

    def test_counts_warm_hours_for_more(self):
        warm, cool = (
            ended(bottle(temperature_c=degrees))[0].past.reference_hours for degrees in (26.0, 18.0)
        )
        assert warm > 36 > cool

    def test_remembers_the_ph_at_which_it_was_ready_and_no_earlier_one(self):
        [jar] = ended(bottle(readings=(read(-30, ph=5.5), read(-1, ph=3.6))))
        [without] = ended(bottle(readings=(read(-30, ph=5.5),)))
        assert (jar.past.ph_at_ready, without.past.ph_at_ready) == (3.6, None)

    def test_remembers_how_much_of_its_brix_was_left(self):
        [jar] = ended(bottle(readings=(read(-35, brix=8.0), read(-1, brix=4.0))))
        assert jar.past.brix_left_at_ready == pytest.approx(0.5)

    def test_of_which_nobody_said_how_warm_it_stood_does_not_pretend_to_know(self):
        assert ended(bottle(temperature_c=None))[0].past.temperature_c is None


class TestBottles:
    def test_were_ready_when_they_went_into_the_fridge(self):
        facts = bottle(status=Status.READY)
        moves = went(40, BOTTLED, COLD_BOTTLES), went(90, COLD_BOTTLES, READY)
        assert ended(facts, *moves)[1].past.ended_at == NOON + hours(40)

    def test_back_on_the_counter_are_not_over(self):
        moves = went(40, BOTTLED, COLD_BOTTLES), went(41, COLD_BOTTLES, BOTTLED)
        assert [one.stage for one in ended(bottle(), *moves)] == [Stage.OPEN]

    def test_put_away_from_the_fridge_were_ready_before(self):
        facts = bottle(status=Status.ARCHIVED)
        moves = (went(40, BOTTLED, COLD_BOTTLES),)
        [_, bottles] = ended(facts, *moves, was=Status.IN_FRIDGE, put_away=400)
        assert (bottles.past.ending, bottles.past.ended_at) == (Ending.READY, NOON + hours(40))

    def test_brought_along_without_their_moves_teach_by_when_they_were_chilled(self):
        facts = bottle(status=Status.IN_FRIDGE, in_fridge_since=NOON + hours(30))
        assert ended(facts)[1].past.ended_at == NOON + hours(30)

    def test_put_away_without_a_word_were_drunk_some_time_since_the_last_look(self):
        looked_at = bottle(
            status=Status.ARCHIVED, readings=(read(20, taste="nearly"), read(90, taste="too_sour"))
        )
        [_, bottles] = ended(looked_at, was=Status.ACTIVE, put_away=60)
        assert (bottles.past.ending, bottles.past.ended_at) == (Ending.UNSEEN, NOON + hours(40))
        [_, never] = ended(bottle(status=Status.ARCHIVED), was=Status.ACTIVE, put_away=60)
        assert never.past.ended_at == NOON + hours(30)

    def test_that_were_over_when_they_were_first_noted_teach_nothing(self):
        facts = bottle(status=Status.READY)
        moves = (went(40, BOTTLED, READY),)
        found = ended_stages(facts, departures=moves, was=Status.READY, noted_at=NOON + hours(40))
        assert [one.stage for one in found] == [Stage.OPEN]

    def test_that_end_before_they_begin_teach_nothing(self):
        facts = bottle(status=Status.IN_FRIDGE, in_fridge_since=NOON - hours(1))
        assert [one.stage for one in ended(facts)] == [Stage.OPEN]


class TestTheFizzOfABottle:
    def opened(self, after, *departures, fizz=4, **changes):
        facts = bottle(**{"status": Status.READY, "readings": (read(after, fizz=fizz),), **changes})
        found = ended(facts, *(departures or (went(30, BOTTLED, COLD_BOTTLES),)))
        return {one.stage: one.past.gas_g_per_l_h for one in found}

    def test_tells_how_fast_it_worked(self):
        as_seen_then = rate_by_fizz(bottle(readings=(read(30, fizz=4),)))
        assert self.opened(30) == {Stage.OPEN: None, Stage.BOTTLED: pytest.approx(as_seen_then)}

    def test_opened_cold_later_says_about_the_same_as_on_the_counter(self):
        cold, at_once = self.opened(60)[Stage.BOTTLED], self.opened(30)[Stage.BOTTLED]
        assert 0.75 * at_once < cold < at_once

    @pytest.mark.parametrize(("chilled", "days", "tells"), [(1, 13, 1), (1, 17, 0), (0, 1, 1), (0, 4, 0)])
    def test_says_nothing_when_it_was_opened_long_after(self, chilled, days, tells):
        left = went(30, BOTTLED, COLD_BOTTLES if chilled else READY)
        assert bool(self.opened(24 * days + 12, left)[Stage.BOTTLED]) is bool(tells)

    def test_says_nothing_where_it_had_been_cold_before(self):
        moves = (
            went(10, BOTTLED, COLD_BOTTLES),
            went(30, COLD_BOTTLES, BOTTLED),
            went(40, BOTTLED, COLD_BOTTLES),
        )
        assert self.opened(41, *moves)[Stage.BOTTLED] is None

    def test_says_nothing_where_nobody_said_how_warm_it_stood(self):
        assert self.opened(30, temperature_c=None)[Stage.BOTTLED] is None

    def test_counts_where_it_was_put_away_without_a_word(self):
        facts = bottle(status=Status.ARCHIVED, readings=(read(30, fizz=4),))
        [_, bottles] = ended(facts, was=Status.ACTIVE, put_away=31)
        assert bottles.past.ending == Ending.UNSEEN
        assert bottles.past.gas_g_per_l_h > 0.18
