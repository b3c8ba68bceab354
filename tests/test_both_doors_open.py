"""What lies within the limits passes page and API alike, and is the same row whichever it came in by."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.api import call, on_the_wire
from tests.factories import make_batch
from tests.rows import everything

TIMES = {"created_at", "updated_at", "stamped_at", "bottled_at"}

# Each at its lowest, and each at its highest: what lies within the limits passes both doors.
LOWEST = {
    "recipe": {
        "water_volume_ml": 50,
        "sugar_grams": 0,
        "grains_grams": 0,
        "temperature_c": 0,
        "target_hours": 1,
        "name": "x",
        "sugar_type": "x",
        "notes": "x",
        "culture": "water_kefir",
        "started_at": "2000-01-01T00:00",
    },
    "bottling": {
        "bottle_count": 1,
        "bottle_volume_ml": 50,
        "added_sugar_grams": 0,
        "bottled_temperature_c": 0,
        "bottled_target_hours": 1,
        "bottle_kind": "swing_top",
    },
    "event": {"kind": "measurement", "ph": 0, "brix": 0, "temperature_c": 0, "fizz": 0, "description": "x"},
}
HIGHEST = {
    "recipe": {
        "water_volume_ml": 200_000,
        "sugar_grams": 50_000,
        "grains_grams": 20_000,
        "temperature_c": 45,
        "target_hours": 2160,
        "name": "x" * 100,
        "sugar_type": "x" * 40,
        "notes": "x" * 2000,
        "culture": "sourdough",
        "started_at": "2026-03-01T12:00",
    },
    "bottling": {
        "bottle_count": 1000,
        "bottle_volume_ml": 200_000,
        "added_sugar_grams": 50_000,
        "bottled_temperature_c": 45,
        "bottled_target_hours": 2160,
        "bottle_kind": "champagne",
    },
    "event": {
        "kind": "taste",
        "ph": 14,
        "brix": 60,
        "temperature_c": 45,
        "fizz": 5,
        "taste": "too_sour",
        "description": "x" * 2000,
    },
}


@pytest.mark.parametrize("limits", [LOWEST, HIGHEST], ids=["lowest", "highest"])
class TestLimits:
    def test_of_a_recipe_pass_both_doors(self, page, api, limits):
        assert page.post("/batches/new", limits["recipe"]).status_code == 302
        assert call(api, "post", "/batches", on_the_wire(**limits["recipe"])).status_code == 201
        self.alike(everything()[0])

    def test_of_bottles_pass_both_doors(self, page, api, alice, limits):
        now = timezone.now()
        one, other = (
            make_batch(owner=alice, now=now, started_at=now - timedelta(hours=2), name="Jar") for _ in "12"
        )
        typed = limits["bottling"] | {"bottled_at": f"{now:%Y-%m-%dT%H:%M}"}
        assert page.post(f"/batches/{one.pk}/bottle", typed).status_code == 302
        body = on_the_wire(**typed) | {"stage": "bottled"}
        assert call(api, "patch", f"/batches/{other.pk}", body).status_code == 200
        self.alike(everything()[0])

    def test_of_an_event_pass_both_doors(self, page, api, alice, limits):
        jar = make_batch(owner=alice, now=timezone.now())
        typed = limits["event"] | {"occurred_at": f"{timezone.now():%Y-%m-%dT%H:%M}"}
        assert page.post(f"/batches/{jar.pk}/events", typed).status_code == 302
        assert call(api, "post", f"/batches/{jar.pk}/events", on_the_wire(**typed)).status_code == 201
        self.alike(everything()[1])

    def alike(self, rows):
        """Whichever door they came in by."""
        one, other = ({name: row[name] for name in row if name not in {"id", *TIMES}} for row in rows)
        assert one == other
