"""What a keeper is told, and when: the rules of each culture, and what must hold of every suggestion."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.units import FAHRENHEIT
from batches.care import Facts, Suggestion
from batches.cultures import BottleKind, Culture, ferment
from batches.facts import Past
from batches.kinds import Kind
from batches.pressure import outlook
from batches.readiness import forecast
from batches.sayings import said_of
from batches.stages import Stage, Status
from tests.batches.brews import NOON, bottle, brew, clock_of, hours, past, read, suggest

BERLIN = ZoneInfo("Europe/Berlin")
SOON = timedelta(minutes=5)
CULTURES = st.sampled_from(list(Culture))
BOTTLED = st.sampled_from([culture for culture in Culture if ferment(culture).bottled])
TEMPERATURES = st.none() | st.floats(0, 45)
AMOUNTS = st.none() | st.floats(0, 50_000)


def told(facts: Facts, *, after: float = 0, zone: ZoneInfo | None = None) -> dict[str, Suggestion]:
    """What is suggested so many hours after noon, by kind."""
    return {one.kind: one for one in suggest(facts, now=NOON + hours(after), zone=zone or UTC)}


def minute(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment.replace(second=0, microsecond=0)


def hour(one: Suggestion) -> float:
    return (one.due_at - NOON) / hours(1)


def chilled(**changes: object) -> Facts:
    """The bottle, moved into the fridge eight hours after it was sealed."""
    return bottle(**{"status": Status.IN_FRIDGE, "in_fridge_since": NOON + hours(8), **changes})


class TestWaterKefirInTheJar:
    def test_is_looked_at_tasted_and_strained_in_time(self) -> None:
        found = told(brew(temperature_c=22))
        assert {kind: round(hour(one)) for kind, one in found.items()} == {
            "first_look": 6,
            "check_ph": 24,
            "taste": 26,
            "ready": 36,
            "overdue": 70,
            "grains_starve": 72,
        }

    def test_works_faster_in_the_warm(self) -> None:
        found = told(brew(temperature_c=26))
        assert hour(found["first_look"]) == pytest.approx(6 / 2.2**0.4, abs=1 / 60)
        assert hour(found["grains_starve"]) == pytest.approx(72 / 2.2**0.4, abs=1 / 60)

    def test_says_why_with_hours_and_temperature(self) -> None:
        why = told(brew(temperature_c=24))["ready"].why
        assert why.startswith(
            "Water kefir typically takes 31 h at 24\u00a0°C; this is the middle of that, and eight of "
        )
        assert why.endswith("are ready between Tue 04:00 and Thu 00:00.")

    def test_says_so_when_it_had_to_assume_the_temperature(self) -> None:
        found = told(brew())
        assert "no temperature given, assuming 22\u00a0°C" in found["ready"].why
        assert "no temperature given, assuming 22\u00a0°C" in found["first_look"].why

    def test_asks_for_the_temperature_after_an_hour_and_then_every_day(self) -> None:
        assert hour(told(brew())["set_temperature"]) == 1
        assert hour(told(brew(), after=3)["set_temperature"]) == 25
        assert "set_temperature" not in told(brew(readings=(read(2, temperature_c=21),)), after=3)

    def test_keeps_to_the_keeper_s_own_time(self) -> None:
        ready = told(brew(target=hours(48), temperature_c=28))["ready"]
        assert hour(ready) == pytest.approx(48)
        assert ready.why.startswith(
            "You set 48 h; this is the middle of that, and eight of ten are ready between"
        )

    def test_says_between_which_days_where_hours_would_pretend(self) -> None:
        why = told(brew(culture="kombucha", temperature_c=24))["ready"].why
        assert "ready between Sat 6 Jun and Fri 19 Jun." in why

    def test_is_as_ready_as_the_forecast_says(self) -> None:
        facts, now = brew(temperature_c=23), NOON + hours(30)
        seen, found = forecast(facts, now=now), told(facts, after=30)
        assert (found["taste"].due_at, found["ready"].due_at) == (minute(seen.early), minute(seen.median))

    def test_no_longer_asks_for_a_ph_that_was_read(self) -> None:
        assert "check_ph" not in told(brew(readings=(read(5, ph=4.4),)), after=6)
        assert "check_ph" in told(brew(readings=(read(5, ph=5.0),)), after=6)

    def test_that_stays_above_the_safe_ph_is_not_to_be_drunk(self) -> None:
        sour, sweet = (brew(temperature_c=22, readings=(read(49, ph=ph),)) for ph in (4.5, 4.7))
        assert "not_acid" not in told(sour, after=50)
        assert told(sweet, after=50)["not_acid"].priority == 0
        assert told(sweet, after=50)["not_acid"].message.startswith("Overdue: Measure again.")

    def test_whose_grains_starve_is_still_to_be_strained_when_it_is_late(self) -> None:
        starving = told(brew(temperature_c=22), after=80)["grains_starve"]
        assert starving.due_at == NOON + hours(80) + SOON
        assert starving.message.startswith("Overdue: ")

    def test_does_not_repeat_a_first_look_that_has_passed(self) -> None:
        assert "first_look" not in told(brew(), after=7)

    @pytest.mark.parametrize(
        ("history", "message", "why"),
        [
            ((), "Later than is typical (an estimate). ", "by an estimate most are ready by then."),
            ((past(36),), "Later than nine of ten of yours ", "nine of ten of yours would be ready by then."),
        ],
    )
    def test_that_is_late_says_so_of_yours_only_where_there_are_some(
        self, history: tuple[Past, ...], message: str, why: str
    ) -> None:
        for after in (1, 110):
            late = told(brew(temperature_c=22, history=history), after=after)["overdue"]
            assert late.message.startswith(message)
            assert late.why.endswith(why)

    @pytest.mark.parametrize("status", [Status.ACTIVE, Status.IN_FRIDGE])
    @pytest.mark.parametrize("culture", Culture)
    def test_calls_a_rule_a_rule(self, culture: str, status: Status) -> None:
        facts = brew(culture=culture, status=status, in_fridge_since=NOON)
        course = facts.course
        ruled = {check.kind for check in (*course.checks, *course.fridge_checks)}
        found = {kind: one for kind, one in told(facts).items() if kind in ruled}
        assert all(one.why.startswith("A rule: ") for one in found.values())


class TestNotSour:
    """A pH that was read and is too high: nobody is to taste, to drink or to call it ready."""

    PRAISES = frozenset({"taste", "ready", "overdue", "strain"})

    @pytest.mark.parametrize(
        ("culture", "celsius", "ph", "read_at", "after"),
        [
            ("vegetables", 20, 5.0, 119, 121),
            ("vegetables", 20, 4.6, 121, 122),
            ("milk_kefir", 22, 5.0, 37, 49),
            ("kombucha", 24, 4.5, 170, 171),
            ("kombucha", 24, 4.5, 170, 400),
            ("water_kefir", 22, 4.7, 49, 50),
        ],
    )
    def test_is_neither_tasted_nor_strained_nor_called_ready(
        self, *, culture: str, celsius: float, ph: float, read_at: float, after: float
    ) -> None:
        facts = brew(culture=culture, temperature_c=celsius, readings=(read(read_at, ph=ph),))
        found = told(facts, after=after)
        assert found["not_acid"].priority == 0
        assert not found.keys() & self.PRAISES
        assert said_of(facts, now=NOON + hours(after)).ready is None
        assert clock_of(facts, now=NOON + hours(after)).big == "Not sour enough"

    @pytest.mark.parametrize(
        ("culture", "ph", "read_at", "after", "words"),
        [
            ("milk_kefir", 5.0, 37, 47, "Overdue: Measure again. Above pH 4.6: do not drink it"),
            ("milk_kefir", 5.0, 37, 49, "Not sour enough: discard it"),
            ("milk_kefir", 5.0, 30, 49, "Overdue: Measure again. Above pH 4.6: do not drink it"),
            ("kombucha", 4.5, 160, 170, "Overdue: Measure the pH"),
            ("kombucha", 4.5, 169, 170, "pH 4.5 after day 7: discard the batch."),
            ("vegetables", 4.6, 121, 122, "pH 4.6 is not sour enough by now: do not eat it"),
        ],
    )
    def test_is_told_what_that_means_once_it_was_read_in_time(
        self, *, culture: str, ph: float, read_at: float, after: float, words: str
    ) -> None:
        at = ferment(culture).open.reference_c
        facts = brew(culture=culture, temperature_c=at, readings=(read(read_at, ph=ph),))
        assert told(facts, after=after)["not_acid"].message.startswith(words)

    def test_is_so_no_longer_once_it_was_read_lower(self) -> None:
        facts = brew(culture="vegetables", temperature_c=20, readings=(read(121, ph=5.0), read(140, ph=4.5)))
        found = told(facts, after=141)
        assert "not_acid" not in found
        assert {"taste", "ready"} <= found.keys()

    def test_is_unknown_where_nobody_measured(self) -> None:
        assert {"not_acid", "taste", "ready"} <= told(brew(culture="vegetables"), after=130).keys()


class TestWarmth:
    @pytest.mark.parametrize(
        ("celsius", "expected"),
        [(16, {"too_cold"}), (17, set()), (24, set()), (28, set()), (28.5, {"too_warm"})],
    )
    def test_outside_its_range_is_said(self, celsius: float, expected: set[str]) -> None:
        assert told(brew(temperature_c=celsius)).keys() & {"too_warm", "too_cold"} == expected

    def test_of_one_hot_reading_is_not_enough(self) -> None:
        once = brew(temperature_c=22, readings=(read(2, temperature_c=30),))
        twice = brew(temperature_c=22, readings=(read(2, temperature_c=30), read(3, temperature_c=30)))
        assert "too_warm" not in told(once, after=4)
        assert "too_warm" in told(twice, after=4)


class TestKombucha:
    def test_must_be_sour_from_the_start_and_more_so_after_a_week(self) -> None:
        found = told(brew(culture="kombucha", temperature_c=24))
        assert (found["check_ph"].priority, found["not_acid"].priority) == (0, 0)
        assert hour(found["not_acid"]) == 7 * 24

    def test_that_was_sour_enough_in_time_needs_no_gate(self) -> None:
        facts = brew(culture="kombucha", readings=(read(100, ph=4.2),))
        assert not told(facts, after=101).keys() & {"check_ph", "not_acid"}

    def test_whose_gate_was_missed_is_not_forgotten(self) -> None:
        missed = told(brew(culture="kombucha"), after=8 * 24)["not_acid"]
        assert missed.due_at == NOON + hours(8 * 24) + SOON
        assert missed.message.startswith("Overdue: ")

    @pytest.mark.parametrize(("day", "due"), [(0, 3), (3, 5), (4, 5), (5.5, 8), (8, 11), (12, 14)])
    def test_is_looked_over_for_mould_on_day_three_five_and_every_third(self, day: float, due: float) -> None:
        found = told(brew(culture="kombucha"), after=day * 24)
        assert hour(found["mould_look"]) == pytest.approx(due * 24)

    def test_needs_no_look_for_mould_once_it_is_sour(self) -> None:
        facts = brew(culture="kombucha", readings=(read(90, ph=3.4),))
        assert "mould_look" not in told(facts, after=100)

    def test_can_be_too_sour_to_drink(self) -> None:
        facts = brew(culture="kombucha", readings=(read(200, ph=2.4),))
        assert told(facts, after=201)["too_acid"].priority == 0


class TestOtherJars:
    @pytest.mark.parametrize(
        ("culture", "kind", "celsius", "after", "due"),
        [
            ("milk_kefir", "strain", 22, 0, 48),
            ("ginger_beer", "feed", 24, 0, 24),
            ("ginger_beer", "feed", 24, 24, 48),
            ("ginger_beer", "feed", 24, 49, 72),
            ("tepache", "stir", 24, 30, 48),
            ("tepache", "strain", 24, 30, 96),
            ("vegetables", "submerge", 20, 0, 24),
            ("vegetables", "submerge", 20, 30, 48),
            ("vegetables", "submerge", 20, 60, 120),
            ("vegetables", "submerge", 20, 130, 192),
            ("vegetables", "burp", 20, 150, 168),
            ("vegetables", "check_ph", 20, 0, 72),
            ("vegetables", "not_acid", 20, 0, 120),
            ("vegetables", "taste", 20, 0, 168),
            ("sourdough", "ready", 24, 0, 6),
        ],
    )
    def test_are_cared_for_by_their_table(
        self, *, culture: str, kind: str, celsius: float, after: float, due: float
    ) -> None:
        found = told(brew(culture=culture, temperature_c=celsius), after=after)
        assert hour(found[kind]) == pytest.approx(due)

    def test_need_no_loosening_after_a_week(self) -> None:
        assert "burp" not in told(brew(culture="vegetables"), after=169)

    def test_of_milk_are_unsafe_when_they_stay_sweet(self) -> None:
        facts = brew(culture="milk_kefir", temperature_c=22, readings=(read(20, ph=5.1),))
        assert hour(told(facts, after=21)["not_acid"]) == pytest.approx(36)


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


class TestDegrees:
    BREWS = (
        brew(),
        brew(temperature_c=38.0),
        brew(temperature_c=10.0),
        brew(culture="milk_kefir", temperature_c=25.0),
        bottle(),
        bottle(temperature_c=None),
    )

    @pytest.mark.parametrize("facts", BREWS)
    def test_is_said_in_its_keepers_degrees(self, facts: Facts) -> None:
        said = " ".join(one.message + one.why for one in suggest(facts, now=NOON, temperature=FAHRENHEIT))
        assert "°F" in said
        assert "°C" not in said

    def test_of_a_fridge_too(self) -> None:
        found = suggest(chilled(), now=NOON + hours(9), temperature=FAHRENHEIT)
        assert any("at 39.2\u00a0°F it still turns" in one.why for one in found)


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


class TestRest:
    @pytest.mark.parametrize(
        ("make", "status"), [(brew, Status.READY), (brew, Status.ARCHIVED), (bottle, Status.ARCHIVED)]
    )
    def test_asks_for_nothing(self, make: Callable[..., Facts], status: Status) -> None:
        assert suggest(make(status=status), now=NOON) == []


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


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    moments = st.none() | st.integers(-100, 3000).map(lambda h: NOON + hours(h))
    spans = st.none() | st.floats(-10, 2160).map(hours)
    values = {"ph": st.none() | st.floats(0, 14), "temperature_c": TEMPERATURES}
    readings = st.lists(st.builds(read, st.floats(-30, 500), **values), max_size=3)
    return Facts(
        culture=draw(CULTURES | st.text(max_size=9)),
        stage=draw(st.sampled_from(Stage)),
        status=draw(st.sampled_from(Status)),
        started_at=NOON,
        target=draw(spans),
        temperature_c=draw(TEMPERATURES),
        water_volume_ml=draw(AMOUNTS),
        sugar_grams=draw(AMOUNTS),
        grains_grams=draw(AMOUNTS),
        bottled_at=draw(moments),
        bottled_target=draw(spans),
        bottled_temperature_c=draw(TEMPERATURES),
        bottle_kind=draw(st.sampled_from([*BottleKind.values, "", "a boot"])),
        added_sugar_grams=draw(AMOUNTS),
        in_fridge_since=draw(moments),
        readings=tuple(draw(readings)),
    )


class TestEverySuggestion:
    @given(any_facts(), st.floats(-50, 5000))
    def test_is_to_come_short_and_one_of_its_kind(self, facts: Facts, after: float) -> None:
        now = NOON + hours(after)
        found = suggest(facts, now=now, zone=BERLIN)
        assert [one.due_at for one in found] == sorted(one.due_at for one in found)
        assert len({one.kind for one in found}) == len(found)
        assert all(one.due_at > now and one.due_at.utcoffset() == timedelta(0) for one in found)
        assert all(0 < len(one.message) <= 140 and 0 < len(one.why) <= 200 for one in found)
        assert all(one.kind in Kind.values and one.kind != Kind.CUSTOM for one in found)
        assert {one.priority for one in found} <= {0, 1, 2}

    @given(CULTURES, st.floats(0, 32), st.floats(0, 32))
    def test_of_a_jar_is_never_later_where_it_is_warmer(self, culture: str, one: float, other: float) -> None:
        fastest = brew(culture=culture).course.fastest_c
        cold, warm = sorted(min(t, fastest) for t in (one, other))
        late, soon = (told(brew(culture=culture, temperature_c=t)) for t in (cold, warm))
        assert late.keys() - soon.keys() <= {"too_cold"}
        assert all(hour(soon[kind]) <= hour(late[kind]) + 1e-6 for kind in soon.keys() & late.keys())

    @given(BOTTLED, st.sampled_from(BottleKind), st.floats(10, 29), st.floats(10, 29))
    def test_of_a_bottle_is_never_later_where_it_is_warmer(
        self, culture: str, kind: str, one: float, other: float
    ) -> None:
        cold, warm = sorted((one, other))
        late, soon = (
            told(bottle(culture=culture, bottle_kind=kind, bottled_temperature_c=t)) for t in (cold, warm)
        )
        assert "chill_by" in soon
        kinds = soon.keys() & late.keys() - {"taste"}
        assert all(hour(soon[name]) <= hour(late[name]) + 1e-6 for name in kinds)


class TestKinds:
    def test_are_short_words_each_with_a_label(self) -> None:
        assert all(value.replace("_", "").isalpha() and len(value) <= 20 for value in Kind.values)
        assert len(set(Kind.labels)) == len(Kind.values)
