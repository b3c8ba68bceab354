from datetime import timedelta

import pytest

from batches import labels
from batches.cultures import Culture
from batches.pressure import outlook
from batches.readiness import forecast
from batches.stages import MOVES, Place, Stage, Status
from tests.batches.brews import NOON, bottle, brew, clock_of, read

HOUR = timedelta(hours=1)
WORKING = Place(Stage.OPEN, Status.ACTIVE)


class TestClock:
    def test_counts_down_to_the_keepers_own_time(self):
        clock = clock_of(brew(started_at=NOON, target=36 * HOUR), now=NOON + 18 * HOUR)

        assert (clock.big, clock.sub, clock.percent, clock.icon) == ("18 h", "left", 50, "")

    def test_stands_on_the_usual_time_however_long_it_waits(self):
        jar = brew(started_at=NOON, temperature_c=22)

        assert clock_of(jar, now=NOON).at == clock_of(jar, now=NOON + 30 * HOUR).at

    def test_says_probably_ready_once_the_usual_time_is_over(self):
        clock = clock_of(brew(started_at=NOON, target=36 * HOUR), now=NOON + 36 * HOUR)

        assert (clock.sub, clock.icon, clock.percent) == ("probably ready", "check", None)

    @pytest.mark.parametrize("taste", ["just_right", "too_sour", "too_sweet"])
    @pytest.mark.parametrize("target", [None, 36 * HOUR, 56 * HOUR])
    def test_follows_what_was_tasted_as_the_forecast_does(self, taste, target):
        jar = brew(temperature_c=22, target=target, readings=(read(20, taste=taste),))
        seen = forecast(jar, now=NOON + 20 * HOUR)
        at = clock_of(jar, now=NOON + 20 * HOUR).at

        assert at <= seen.latest
        assert at >= NOON + 22 * HOUR if taste == "too_sweet" else at <= NOON + 24 * HOUR

    def test_stands_still_again_after_a_taste(self):
        jar = brew(temperature_c=22, readings=(read(20, taste="nearly"),))

        assert clock_of(jar, now=NOON + 20 * HOUR).at == clock_of(jar, now=NOON + 30 * HOUR).at

    def test_of_a_bottle_never_runs_past_the_hour_it_must_be_cold(self):
        warm = bottle(bottle_kind="crown_cap", bottled_temperature_c=28, bottled_target=72 * HOUR)

        assert clock_of(warm, now=NOON + HOUR).sub == "until the fridge"

    def test_of_a_bottle_ends_before_the_night_and_not_on_the_minute(self):
        warm = bottle(bottled_target=72 * HOUR)

        assert outlook(warm, now=NOON).act_by.hour == 2
        assert clock_of(warm, now=NOON).at == NOON.replace(hour=22, minute=30)

    def test_of_a_bottle_that_must_be_cold_by_now_is_red(self):
        clock = clock_of(bottle(bottle_kind="jar"), now=NOON + 48 * HOUR)

        assert clock.is_danger
        assert clock.big == "Chill it now"

    def test_in_the_fridge_says_how_long_it_stays_good(self):
        cold = brew(culture="vegetables", status=Status.IN_FRIDGE, in_fridge_since=NOON)
        clock = clock_of(cold, now=NOON + timedelta(days=4))

        assert (clock.big, clock.sub) == ("266 d", "at its best")

    def test_in_the_fridge_a_bottle_counts_to_its_warning(self):
        cold = bottle(status=Status.IN_FRIDGE, in_fridge_since=NOON)
        clock = clock_of(cold, now=NOON + HOUR)

        assert clock.at == outlook(cold, now=NOON + HOUR).warn_by

    def test_in_the_fridge_a_bottle_that_holds_no_more_is_red(self):
        cold = bottle(status=Status.IN_FRIDGE, in_fridge_since=NOON)

        assert clock_of(cold, now=NOON + timedelta(days=30)).is_danger

    def test_of_what_is_ready_counts_up(self):
        clock = clock_of(brew(status=Status.READY), now=NOON + 5 * HOUR, since=NOON)

        assert (clock.big, clock.sub, clock.is_counted) == ("5 h", "ready", True)

    def test_of_a_ready_bottle_is_red_where_it_presses(self):
        warm = bottle(status=Status.READY)
        cold = bottle(status=Status.READY, in_fridge_since=NOON)
        soon, late = NOON + 5 * HOUR, NOON + timedelta(days=30)

        assert [clock_of(one, now=soon, since=NOON).big for one in (warm, cold)] == ["5 h", "5 h"]
        assert clock_of(warm, now=late, since=NOON).big == "Chill it now"
        assert clock_of(cold, now=late, since=NOON).big == "Open with care"


class TestSpan:
    @pytest.mark.parametrize(
        ("length", "words"),
        [
            (timedelta(seconds=-5), "0 min"),
            (timedelta(minutes=40), "40 min"),
            (timedelta(minutes=100), "2 h"),
            (timedelta(hours=71), "71 h"),
            (timedelta(hours=80), "3 d"),
            (timedelta(days=300), "300 d"),
        ],
    )
    def test_says_it_in_one_unit(self, length, words):
        assert labels.span(length) == words


class TestDeeds:
    @pytest.mark.parametrize("place", MOVES)
    @pytest.mark.parametrize("culture", Culture)
    @pytest.mark.parametrize("is_not_sour", [True, False])
    def test_offer_every_move_of_the_table_once_and_no_other(self, place, culture, is_not_sour):
        main = labels.main_deed(place, culture, is_not_sour=is_not_sour)
        offered = [main, *labels.other_deeds(place, culture, is_not_sour=is_not_sour)]

        assert sorted(deed.to for deed in offered) == sorted(MOVES[place])

    def test_lead_a_jar_of_kefir_into_bottles_by_way_of_a_form(self):
        deed = labels.main_deed(WORKING, Culture.WATER_KEFIR)

        assert (deed.label, deed.asks_first) == ("Strain and bottle", True)

    def test_lead_what_is_never_bottled_into_the_fridge(self):
        assert labels.main_deed(WORKING, Culture.VEGETABLES).to == Place(Stage.OPEN, Status.IN_FRIDGE)

    def test_lead_nowhere_but_out_what_is_not_sour(self):
        deed = labels.main_deed(WORKING, Culture.KOMBUCHA, is_not_sour=True)

        assert (deed.label, deed.to.status) == ("It is discarded", Status.ARCHIVED)

    def test_leave_the_archive_to_its_own_way_back(self):
        assert labels.main_deed(Place(Stage.OPEN, Status.ARCHIVED), Culture.KOMBUCHA) is None
