"""What the keeper of bottles is told, and when: into the fridge in time, before the night, and out of it again."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.pressure import outlook
from batches.stages import Status
from tests.batches.brews import NOON, SOON, bottle, brew, chilled, hour, hours, minute, read, suggest, told

BERLIN = ZoneInfo("Europe/Berlin")


class TestBottle:
    def test_goes_into_the_fridge_two_hours_before_the_quickest_reaches_its_limit(self) -> None:
        facts = bottle(bottled_temperature_c=28)
        seen, chill = outlook(facts, now=NOON), told(facts)["chill_by"]
        assert seen is not None
        assert chill.due_at == minute(seen.act_by - hours(2))
        assert f"{seen.act_by:%a %H:%M}" == "Mon 19:23"
        assert "by Mon 19:00" in chill.message

    def test_says_that_it_is_an_estimate(self) -> None:
        found = told(bottle(bottle_kind=""))
        grave = [one for one in found.values() if one.priority == 0]
        assert {one.kind for one in grave} == {"choose_bottle", "chill_by"}
        assert all("stimate, bottles differ" in one.message for one in grave)

    def test_says_how_warm_it_may_get(self) -> None:
        assert "3.5 bar 15 h after sealing, at up to 25\u00a0°C" in told(bottle())["chill_by"].why

    @pytest.mark.parametrize("kind", ["", "unknown", "a boot"])
    def test_that_nobody_named_is_asked_for(self, kind: str) -> None:
        assert told(bottle(bottle_kind=kind))["choose_bottle"].due_at == NOON + SOON

    def test_that_was_named_is_not(self) -> None:
        assert "choose_bottle" not in told(bottle(bottle_kind="jar"))

    def test_past_its_safe_time_is_to_be_chilled_now(self) -> None:
        late = told(bottle(), after=20)
        assert late["chill_by"].due_at == NOON + hours(20) + SOON
        assert late["chill_by"].message.startswith("The time to chill it is over: do it now")
        assert "burp" not in late

    def test_too_weak_for_any_pressure_is_to_be_chilled_at_once(self) -> None:
        chill = told(bottle(bottle_kind="jar"))["chill_by"]
        assert chill.due_at == NOON + SOON
        assert chill.message.startswith("Too weak for pressure")

    def test_with_too_little_sugar_to_burst_has_no_limit(self) -> None:
        dry = bottle(water_volume_ml=1000, sugar_grams=0, added_sugar_grams=4)
        assert not told(dry).keys() & {"chill_by", "burp"}

    def test_is_checked_for_fizz_as_soon_as_it_should_be_lively(self) -> None:
        facts = bottle(culture="ginger_beer")
        seen = outlook(facts, now=NOON)
        assert seen is not None
        assert told(facts)["carbonation"].due_at == minute(seen.fizzy_by)

    def test_of_ginger_beer_is_squeezed_twice_a_day(self) -> None:
        assert hour(told(bottle(culture="ginger_beer"), after=13)["squeeze"]) == pytest.approx(24)

    def test_gets_less_time_after_a_warm_reading(self) -> None:
        calm, hot = (
            bottle(bottle_kind="pet"),
            bottle(bottle_kind="pet", readings=(read(2, temperature_c=27),)),
        )
        assert told(hot, after=3)["chill_by"].due_at < told(calm, after=3)["chill_by"].due_at


class TestNight:
    # 3.5 bar at 22 °C come 14 h 45 min after sealing.
    @pytest.mark.parametrize(
        ("sealed", "due"),
        [
            ("06-01 05:00", "06-01 17:45"),
            ("06-01 09:30", "06-01 22:15"),
            ("06-01 10:00", "06-01 22:30"),
            ("06-01 16:00", "06-01 22:30"),
            ("06-01 18:00", "06-01 22:30"),
            ("06-01 18:30", "06-02 07:15"),
            ("06-01 23:00", "06-02 11:45"),
        ],
    )
    def test_moves_the_rescue_of_a_bottle_to_the_evening_before(self, sealed: str, due: str) -> None:
        now = datetime.strptime(f"2026-{sealed}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN).astimezone(UTC)
        facts = bottle(bottled_at=now, started_at=now - hours(36))
        chill = next(one for one in suggest(facts, now=now, zone=BERLIN) if one.kind == "chill_by")
        expected = datetime.strptime(f"2026-{due}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN)
        assert abs(chill.due_at - expected) < timedelta(minutes=2)

    def test_does_not_name_an_hour_of_the_night_to_get_up_at(self) -> None:
        assert told(bottle())["chill_by"].message.startswith("Into the fridge before the night: ")

    def test_that_has_begun_leaves_only_now(self) -> None:
        facts = bottle(bottled_at=NOON, bottled_temperature_c=22)
        at_eleven = told(facts, after=11)["chill_by"]
        assert at_eleven.due_at == NOON + hours(11) + SOON
        assert at_eleven.message.startswith("Into the fridge by Tue 02:30")

    def test_is_its_keepers_own(self) -> None:
        early = suggest(bottle(), now=NOON, night=(time(21), time(9)))
        assert [one.due_at.hour for one in early if one.kind == "chill_by"] == [21]

    def test_that_the_clocks_change_still_ends_at_half_past_ten(self) -> None:
        sealed = datetime(2026, 3, 28, 13, tzinfo=UTC)  # 02:45 in Berlin becomes 03:45 that night
        facts = bottle(bottled_at=sealed, started_at=sealed - hours(36))
        chill = next(one for one in suggest(facts, now=sealed, zone=BERLIN) if one.kind == "chill_by")
        assert chill.due_at == datetime(2026, 3, 28, 21, 30, tzinfo=UTC)

    def test_does_not_touch_what_is_no_rescue(self) -> None:
        assert told(bottle())["overdue"].due_at.hour == 4

    @given(
        st.floats(15, 30),
        st.integers(0, 47),
        st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"]),
    )
    def test_never_holds_a_rescue_that_could_be_earlier(self, celsius: float, half: int, name: str) -> None:
        now, zone = NOON + hours(half / 2), ZoneInfo(name)
        facts = bottle(bottled_at=now, started_at=now - hours(36), bottled_temperature_c=celsius)
        chill = next(one for one in suggest(facts, now=now, zone=zone) if one.kind == "chill_by")
        at = chill.due_at.astimezone(zone).time()
        assert time(7) <= at <= time(22, 30) or chill.due_at == now + SOON


class TestFridge:
    def test_opens_the_bottle_every_week_while_it_is_sweet(self) -> None:
        assert hour(told(chilled(), after=9)["burp"]) == 8 + 7 * 24
        assert hour(told(chilled(), after=8 + 7 * 24)["burp"]) == 8 + 14 * 24

    def test_lets_a_dry_bottle_be(self) -> None:
        dry = chilled(water_volume_ml=1000, sugar_grams=5, added_sugar_grams=0)
        assert "burp" not in told(dry, after=9)

    def test_drinks_up_before_the_cold_no_longer_holds_the_pressure(self) -> None:
        seen = outlook(chilled(), now=NOON + hours(9))
        assert seen is not None
        assert told(chilled(), after=9)["drink_by"].due_at == minute(seen.warn_by)

    def test_plans_that_as_an_alarm_for_the_evening_before(self) -> None:
        for later in range(0, 24, 3):
            sealed = NOON + hours(later)
            facts = chilled(
                started_at=sealed - hours(36), bottled_at=sealed, in_fridge_since=sealed + hours(8)
            )
            [alarm] = [one for one in suggest(facts, now=sealed + hours(9)) if one.kind == "drink_by"]
            seen = outlook(facts, now=sealed + hours(9))
            assert seen is not None
            assert alarm.priority == 0
            assert alarm.due_at <= (seen.warn_by or NOON)
            assert time(7) <= alarm.due_at.time() <= time(22, 30)

    def test_drinks_up_before_it_is_past_its_best(self) -> None:
        strong = chilled(culture="milk_kefir", bottle_kind="champagne")
        stale = told(strong, after=9)["drink_by"]
        assert (hour(stale), stale.priority) == (8 + 14 * 24, 1)

    def test_of_what_is_past_its_best_still_warns_when_it_presses(self) -> None:
        old = told(chilled(culture="milk_kefir", bottle_kind="champagne", added_sugar_grams=40), after=3000)
        assert old["drink_by"].priority == 0

    def test_keeps_warning_of_a_bottle_that_stood_too_long(self) -> None:
        old = told(chilled(), after=1000)["drink_by"]
        assert (old.priority, old.due_at) == (0, NOON + hours(1000) + SOON)
        assert "over the sink" in old.message

    def test_still_wants_to_know_the_bottle(self) -> None:
        assert "choose_bottle" in told(chilled(bottle_kind=""), after=9)

    def test_keeps_a_jar_for_its_days_and_feeds_its_grains(self) -> None:
        found = told(brew(status=Status.IN_FRIDGE, in_fridge_since=NOON), after=1)
        assert {kind: hour(one) for kind, one in found.items()} == {"drink_by": 21 * 24, "feed": 21 * 24}

    @pytest.mark.parametrize("culture", ["ginger_beer", "sourdough"])
    def test_feeds_what_lives_there_every_week(self, culture: str) -> None:
        found = told(brew(culture=culture, status=Status.IN_FRIDGE, in_fridge_since=NOON), after=8 * 24)
        assert {kind: hour(one) for kind, one in found.items()} == {"feed": 14 * 24}


class TestReadyBottle:
    def test_on_the_counter_must_be_cold_by_the_same_hour_as_before(self) -> None:
        before, ready = (told(bottle(status=status)) for status in (Status.ACTIVE, Status.READY))
        assert ready.keys() == {"burp", "chill_by"}
        assert (ready["burp"], ready["chill_by"]) == (before["burp"], before["chill_by"])

    def test_that_stood_too_long_is_to_be_chilled_now(self) -> None:
        late = told(bottle(status=Status.READY, bottled_temperature_c=22), after=30)["chill_by"]
        assert (late.priority, late.due_at) == (0, NOON + hours(30) + SOON)
        assert late.message.startswith("The time to chill it is over")

    def test_that_nobody_named_is_asked_for(self) -> None:
        assert "choose_bottle" in told(bottle(status=Status.READY, bottle_kind=""))

    def test_from_the_fridge_is_cared_for_as_in_the_fridge(self) -> None:
        assert told(chilled(status=Status.READY), after=9) == told(chilled(), after=9) != {}

    def test_with_mould_presses_still(self) -> None:
        mouldy = bottle(status=Status.READY, readings=(read(1, sign="mould"),))
        assert told(mouldy, after=2).keys() == {"mould", "burp", "chill_by"}
