"""What the keeper of a jar is told, and when: the rules of each culture, and how they are said."""

from collections.abc import Callable

import pytest

from accounts.units import FAHRENHEIT
from batches.care import Facts
from batches.cultures import Culture, ferment
from batches.facts import Past
from batches.kinds import Kind
from batches.readiness import forecast
from batches.sayings import said_of
from batches.stages import Status
from tests.batches.brews import (
    NOON,
    SOON,
    bottle,
    brew,
    chilled,
    clock_of,
    hour,
    hours,
    minute,
    past,
    read,
    suggest,
    told,
)


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


class TestRest:
    @pytest.mark.parametrize(
        ("make", "status"), [(brew, Status.READY), (brew, Status.ARCHIVED), (bottle, Status.ARCHIVED)]
    )
    def test_asks_for_nothing(self, make: Callable[..., Facts], status: Status) -> None:
        assert suggest(make(status=status), now=NOON) == []


class TestKinds:
    def test_are_short_words_each_with_a_label(self) -> None:
        assert all(value.replace("_", "").isalpha() and len(value) <= 20 for value in Kind.values)
        assert len(set(Kind.labels)) == len(Kind.values)
