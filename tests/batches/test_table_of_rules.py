"""The rows of the table of what this craft tells a keeper, and where each of them lives."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches import sayings
from batches.alcohol import alcohol
from batches.carbonation import VOLUME
from batches.care import SOON, Suggestion
from batches.cultures import BottleKind
from batches.facts import Facts
from batches.fizz import LIKELY
from batches.grain_care import Kept, care
from batches.pressure import contents_at, outlook
from batches.readiness import forecast
from batches.stages import Status
from tests.batches.brews import NOON, bottle, brew, hours, past, read, suggest

DAY = 24


def jar(culture: str, *, at: float, **changes: Any) -> Facts:
    return brew(culture=culture, temperature_c=at, **changes)


def cold(make: Any, **changes: Any) -> Facts:
    return make(status=Status.IN_FRIDGE, in_fridge_since=NOON, **changes)


def tenth(**changes: Any) -> Facts:
    return jar("water_kefir", at=22, history=tuple(past(36, days_ago=n) for n in range(1, 10)), **changes)


def hot_bottle() -> Facts:
    return bottle(readings=(read(1, temperature_c=27),))


def dry_bottle() -> Facts:
    return bottle(water_volume_ml=1000, sugar_grams=0, added_sugar_grams=0)


# What is said, of which batch, so many hours after it began: the kind, how grave it is, and after how many hours it is
# due; None where that is not a matter of hours. What is so already is due in a moment, which is the same hour.
ROWS: dict[str, tuple[Facts, float, str, int, float | None]] = {
    "any: temperature missing": (brew(), 0, "set_temperature", 2, 1),
    "any: temperature missing, again": (brew(), 3, "set_temperature", 2, 25),
    "any: too warm": (jar("water_kefir", at=29), 1, "too_warm", 1, 1),
    "any: too cold": (jar("water_kefir", at=15), 1, "too_cold", 2, 1),
    "any: overdue": (jar("water_kefir", at=22), 80, "overdue", 1, 80),
    "any: mould reported": (jar("kombucha", at=24, readings=(read(5, sign="mould"),)), 6, "mould", 0, 6),
    "water kefir: first look": (jar("water_kefir", at=22), 0, "first_look", 2, 6),
    "water kefir: safety pH": (jar("water_kefir", at=22), 0, "check_ph", 2, 24),
    "water kefir: pH failing": (jar("water_kefir", at=22, readings=(read(50, ph=5),)), 51, "not_acid", 0, 51),
    "water kefir: taste check": (jar("water_kefir", at=22), 0, "taste", 1, None),
    "water kefir: probably ready": (jar("water_kefir", at=22), 0, "ready", 1, 36),
    "water kefir: grains starving": (jar("water_kefir", at=22), 0, "grains_starve", 1, 72),
    "water kefir: grain care, each tenth batch": (tenth(), 0, "refresh", 2, None),
    "water kefir: grain care, three weeks of cold": (cold(brew), 1, "feed", 2, 21 * DAY),
    "bottle: kind missing": (bottle(bottle_kind=""), 0, "choose_bottle", 0, 0),
    "bottle: carbonation check": (bottle(), 0, "carbonation", 1, None),
    "bottle: ready": (bottle(), 0, "ready", 1, 43.6),
    "bottle: ready, nearly still": (dry_bottle(), 0, "ready", 1, 30),
    "bottle: ready, by its keeper's time": (bottle(bottled_target=hours(20)), 0, "ready", 1, 20),
    "milk kefir: ready in bottles": (
        bottle(culture="milk_kefir", bottled_temperature_c=20), 0, "ready", 1, 12,
    ),
    "bottle: warn": (bottle(), 0, "burp", 1, None),
    "bottle: act by": (bottle(), 0, "chill_by", 0, None),
    "bottle: temperature jump": (hot_bottle(), 2, "chill_by", 0, None),
    "bottle: fridge weekly": (cold(bottle), 1, "burp", 1, 7 * DAY),
    "bottle: fridge end": (cold(bottle, bottle_kind="champagne", culture="milk_kefir"), 1, "drink_by", 1, 14 * DAY),
    "bottle: fridge end, under pressure": (cold(bottle), 1, "drink_by", 0, None),
    "milk kefir: look": (jar("milk_kefir", at=22), 0, "taste", 1, None),
    "milk kefir: too long": (jar("milk_kefir", at=22), 0, "strain", 1, 48),
    "milk kefir: pH failing": (jar("milk_kefir", at=22, readings=(read(37, ph=5),)), 38, "not_acid", 0, 38),
    "milk kefir: daily feed": (bottle(culture="milk_kefir", bottled_temperature_c=20), 0, "feed", 2, 24),
    "kombucha: start pH": (jar("kombucha", at=24), 0, "check_ph", 0, 0.25),
    "kombucha: mould look": (jar("kombucha", at=24), 0, "mould_look", 1, 3 * DAY),
    "kombucha: pH gate": (jar("kombucha", at=24), 0, "not_acid", 0, 7 * DAY),
    "kombucha: taste": (jar("kombucha", at=24), 0, "taste", 1, None),
    "kombucha: taste, a day later": (
        jar("kombucha", at=24, readings=(read(210, taste="nearly"),)), 211, "taste", 1, 234,
    ),
    "kombucha: too acid": (jar("kombucha", at=24, readings=(read(200, ph=2.4),)), 201, "too_acid", 0, 201),
    "ginger bug: feed": (jar("ginger_beer", at=24), 0, "feed", 1, 24),
    "ginger bug: active?": (jar("ginger_beer", at=24), 0, "taste", 1, None),
    "ginger beer: squeeze test": (bottle(culture="ginger_beer"), 0, "squeeze", 1, 12),
    "tepache: stir": (jar("tepache", at=24), 0, "stir", 2, 24),
    "tepache: ready": (jar("tepache", at=24), 0, "ready", 1, 60),
    "tepache: vinegar": (jar("tepache", at=24), 0, "strain", 1, 96),
    "vegetables: submerge": (jar("vegetables", at=20), 0, "submerge", 1, 24),
    "vegetables: burp": (jar("vegetables", at=20), 0, "burp", 1, 24),
    "vegetables: pH hint": (jar("vegetables", at=20), 0, "check_ph", 2, 72),
    "vegetables: pH gate": (jar("vegetables", at=20), 0, "not_acid", 0, 120),
    "vegetables: taste": (jar("vegetables", at=20), 0, "taste", 1, 7 * DAY),
    "sourdough: peak": (jar("sourdough", at=24), 0, "ready", 1, 6),
    "sourdough: feed": (cold(brew, culture="sourdough"), 1, "feed", 2, 7 * DAY),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "after", "kind", "priority", "due"), ROWS.values(), ids=ROWS)
def test_a_row_is_followed(facts: Facts, after: float, kind: str, priority: int, due: float | None) -> None:
    found = {one.kind: one for one in suggest(facts, now=NOON + hours(after))}
    assert found[kind].priority == priority
    if due is not None:
        assert (found[kind].due_at - NOON) / hours(1) == pytest.approx(due, abs=0.1)


class TestSaidElsewhere:
    """Rows that are no reminder: to be told in five minutes of what stands on the page already helps nobody."""

    @pytest.mark.parametrize(("percent", "after"), [(0.5, 12), (1.2, 36)])
    def test_alcohol_stands_on_the_page_and_in_the_forecast(self, percent: float, after: float) -> None:
        seen = alcohol(jar("water_kefir", at=22), now=NOON + hours(after))
        assert seen is not None
        assert seen.passed is not None
        assert seen.passed.percent == percent
        assert "rough estimate" in sayings.alcohol_words(seen)[0]

    def test_sugar_check_stands_beside_the_pressure(self) -> None:
        sweet = outlook(bottle(), now=NOON)
        dry = outlook(bottle(water_volume_ml=1000, sugar_grams=0, added_sugar_grams=4), now=NOON)
        assert sweet is not None
        assert dry is not None
        assert "only time and cold" in sayings.utmost_words(sweet)
        assert sayings.utmost_words(dry) == ""

    @given(st.sampled_from(BottleKind), st.floats(0, 100), st.floats(10, 30))
    def test_sugar_check_names_no_pressure_but_the_limit(self, kind: str, added: float, at: float) -> None:
        sealed = bottle(
            bottle_kind=kind, water_volume_ml=1000, added_sugar_grams=added, bottled_temperature_c=at
        )
        seen = outlook(sealed, now=NOON)
        assert seen is not None
        named = re.findall(r"(\d[\d.]*) bar", sayings.utmost_words(seen))
        assert named in ([], [f"{seen.limit.act_bar:g}"])

    def test_a_temperature_jump_is_named_in_the_words_of_its_rescue(self) -> None:
        chill = next(one for one in suggest(hot_bottle(), now=NOON + hours(2)) if one.kind == "chill_by")
        assert chill.message.startswith("Warmer now: ")

    def test_grain_care_in_the_fridge_is_that_of_the_grains(self) -> None:
        kept = Kept(kind="water_kefir", status="in_fridge", got_at=NOON, in_fridge_at=NOON)
        wanted = care(kept)
        assert wanted is not None
        assert wanted.due_at == NOON + hours(21 * DAY)


class TestFizz:
    """Sealed bottles are ready by their gas: 2.6 volumes of it, of the likely bottle."""

    def ready(self, facts: Facts, *, after: float = 0) -> Suggestion:
        return next(one for one in suggest(facts, now=NOON + hours(after)) if one.kind == "ready")

    def test_is_good_when_the_likely_bottle_has_gas_enough(self) -> None:
        seen = outlook(bottle(), now=NOON)
        assert seen is not None
        assert seen.lively_by is not None
        gas = contents_at(seen.lively_by, bottle(), LIKELY).gas
        assert gas / VOLUME == pytest.approx(2.6, abs=0.001)
        assert abs(self.ready(bottle()).due_at - seen.lively_by) < timedelta(minutes=1)

    def test_is_not_expected_of_bottles_without_sugar(self) -> None:
        assert self.ready(dry_bottle()).message.startswith("Little sugar: expect it nearly still.")

    def test_comes_later_after_a_colder_night_and_in_the_fridge_is_asked_of_nobody(self) -> None:
        cool = bottle(readings=(read(2, temperature_c=17),))
        assert self.ready(cool, after=3).due_at > self.ready(bottle(), after=3).due_at
        assert "ready" not in {one.kind for one in suggest(cold(bottle), now=NOON + hours(1))}

    def test_that_should_be_there_already_is_said_at_once(self) -> None:
        late = self.ready(bottle(), after=60)
        assert (late.due_at, late.message) == (NOON + hours(60) + SOON, self.ready(bottle()).message)

    def test_is_looked_at_where_its_keeper_s_own_time_comes_first(self) -> None:
        early, later = (self.ready(bottle(bottled_target=hours(h))) for h in (20, 60))
        assert early.message.endswith("is it lively?")
        assert later.message.startswith("Good fizz expected")


def test_grains_in_another_jar_want_no_milk_of_this_bottle() -> None:
    ripening = bottle(culture="milk_kefir", bottled_temperature_c=20, grains_are_kept=True)
    assert "feed" not in {one.kind for one in suggest(ripening, now=NOON)}


class TestTenthBatch:
    @pytest.mark.parametrize(("before", "is_tenth"), [(8, False), (9, True), (10, False), (19, True)])
    def test_is_counted(self, before: int, is_tenth: bool) -> None:
        history = tuple(past(36, days_ago=n) for n in range(1, before + 1))
        found = suggest(jar("water_kefir", at=22, history=history), now=NOON)
        assert ("refresh" in {one.kind for one in found}) is is_tenth

    def test_is_counted_from_the_newest_grains(self) -> None:
        old = tuple(past(36, days_ago=n, new_grains_since=1) for n in range(10, 40))
        new = tuple(past(36, days_ago=n) for n in range(1, 10))
        found = suggest(jar("water_kefir", at=22, history=old + new), now=NOON)
        assert "refresh" in {one.kind for one in found}


class TestWarmth:
    def test_says_when_it_is_ready_if_it_stays_there(self) -> None:
        warm, now = jar("water_kefir", at=29), NOON + hours(1)
        why = next(one.why for one in suggest(warm, now=now) if one.kind == "too_warm")
        assert f"{forecast(warm, now=now).median + hours(0.5):%a %H:00}" in why

    def test_beyond_35_degrees_is_said_after_one_reading(self) -> None:
        hot = jar("water_kefir", at=22, readings=(read(1, temperature_c=36),))
        found = {one.kind: one for one in suggest(hot, now=NOON + hours(2))}
        assert found["too_warm"].message.startswith("Far too hot")


def test_a_taste_before_its_time_changes_nothing() -> None:
    early = jar("kombucha", at=24, readings=(read(20, taste="too_sweet"),))
    found = {one.kind: one for one in suggest(early, now=NOON + hours(21))}
    assert found["taste"].due_at > NOON + hours(48)
