"""GET /batches/{id}/forecast."""

from datetime import time, timedelta

import pytest

from batches import actions
from batches.pressure import outlook
from tests.api import call
from tests.factories import NOON, make_batch, make_bottled, make_event

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def said(api, batch):
    answer = call(api, "get", f"/batches/{batch.pk}/forecast")
    assert answer.status_code == 200
    return answer.json()


class TestForecast:
    def test_says_when_an_open_jar_is_ready_and_why(self, api, alice):
        seen = said(api, make_batch(owner=alice, temperature_c=22))
        assert list(seen) == ["ready", "pressure", "alcohol", "missing"]
        ready = seen["ready"]
        assert ready["earliest"] < ready["median"] < ready["latest"]
        assert (ready["confidence"], ready["reasons"][0]["code"]) == ("low", "typical")
        assert "estimate" in ready["reasons"][0]["sentence"]
        assert seen["pressure"] is None

    def test_says_how_hard_bottles_are_pressed_as_a_band(self, api, alice):
        seen = said(api, make_bottled(owner=alice, now=NOON - DAY, temperature_c=24))["pressure"]
        assert seen["low"] < seen["likely"] < seen["high"]
        assert seen["actBy"].endswith("Z")
        then = seen["atActBy"]
        assert then["low"] <= then["likely"] <= then["high"] == pytest.approx(seen["limit"], abs=0.1)

    def test_says_by_when_to_chill_them_before_its_keepers_night(self, api, alice):
        jar = make_batch(owner=alice, temperature_c=22)
        bottle = actions.move(batch=jar, now=NOON, stage="bottled", bottle_kind="swing_top")
        alice.quiet_from, alice.quiet_until = time(20), time(9)
        alice.save()
        assert outlook(bottle.facts(), now=NOON).act_by > NOON + timedelta(hours=9)
        assert said(api, bottle)["pressure"]["actBy"] == "2026-03-01T20:00:00Z"

    def test_speaks_of_degrees_as_its_keeper_does(self, api, alice):
        alice.temperature_unit = "F"
        alice.save()
        reasons = said(api, make_batch(owner=alice))["ready"]["reasons"]
        [assumed] = [one["sentence"] for one in reasons if one["code"] == "room_assumed"]
        assert "71.6\u00a0°F" in assumed

    def test_says_whether_there_is_sugar_enough_to_reach_the_limit(self, api, alice):
        filled = {"water_volume_ml": 1000, "temperature_c": 22}
        sweet, dry = (
            actions.move(
                batch=make_batch(owner=alice, sugar_grams=grams, **filled),
                now=NOON,
                stage="bottled",
                bottle_kind="champagne",
                added_sugar_grams=0,
            )
            for grams in (60, 0)
        )
        advisory = said(api, sweet)["pressure"]["advisory"]
        assert advisory["confidence"] == "low"
        assert "2 to 5 cm of air" in advisory["sentences"][0]
        assert said(api, dry)["pressure"]["advisory"] is None

    def test_counts_a_bottle_that_nobody_named_as_the_weakest(self, api, alice):
        named = make_bottled(owner=alice)
        unnamed = said(api, named)["pressure"]
        actions.edit(batch=named, now=NOON, bottle_kind="pet")
        assert (unnamed["bottleKind"], unnamed["limit"]) == ("unknown", 0.5)
        assert said(api, named)["pressure"]["limit"] == 5.0

    def test_counts_added_sugar_on_what_was_bottled(self, api, alice):
        # So that no night moves either.
        alice.quiet_from, alice.quiet_until = time(8), time(9)
        alice.save()
        filled = {"water_volume_ml": 4000, "sugar_grams": 40, "temperature_c": 22}
        some, all_of_it = (
            actions.move(
                batch=make_batch(owner=alice, now=NOON - DAY, **filled),
                now=NOON,
                stage="bottled",
                bottle_kind="swing_top",
                added_sugar_grams=15,
                bottle_count=count,
                bottle_volume_ml=750,
            )
            for count in (1, 5)
        )
        assert said(api, some)["pressure"]["actBy"] < said(api, all_of_it)["pressure"]["actBy"]

    def test_never_calls_it_free_of_alcohol_or_one_number(self, api, alice):
        seen = said(api, make_batch(owner=alice, now=NOON - DAY))["alcohol"]
        assert 0 <= seen["low"] < seen["high"]

    @pytest.mark.parametrize("status", ["in_fridge", "ready", "archived"])
    def test_says_nothing_of_when_of_what_no_longer_works(self, api, alice, status):
        batch = actions.move(batch=make_bottled(owner=alice, now=NOON - DAY), now=NOON, status=status)
        seen = said(api, batch)
        assert (seen["ready"], seen["missing"]) == (None, [])
        assert (seen["pressure"] is None) is (status == "archived")

    def test_says_how_hard_bottles_are_pressed_that_are_called_ready(self, api, alice):
        warm = make_bottled(owner=alice, now=NOON - DAY, temperature_c=22)
        cold = make_bottled(owner=alice, now=NOON - DAY, temperature_c=22)
        before = said(api, warm)["pressure"]
        actions.move(batch=cold, now=NOON - DAY, status="in_fridge")
        for batch in (warm, cold):
            actions.move(batch=batch, now=NOON, status="ready")
        assert said(api, warm)["pressure"] == before
        assert said(api, cold)["pressure"]["high"] < before["high"]

    def test_narrows_with_a_measurement(self, api, alice):
        batch = make_batch(owner=alice, now=NOON - DAY, temperature_c=22)
        before = said(api, batch)["ready"]
        make_event(batch=batch, now=NOON, kind="measurement", ph=4.3, description="")
        after = said(api, batch)["ready"]
        assert "ph_reading" in {reason["code"] for reason in after["reasons"]}
        assert after["latest"] < before["latest"]

    def test_is_not_for_strangers(self, api, bob):
        assert call(api, "get", f"/batches/{make_batch(owner=bob).pk}/forecast").status_code == 404
