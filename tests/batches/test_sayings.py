"""The sentences of a forecast: true, and never more certain than the figures."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from batches import sayings
from batches.pressure import outlook
from batches.readiness import forecast
from tests.batches.brews import NOON, bottle, brew, hours

BERLIN = ZoneInfo("Europe/Berlin")


def said(first, last, *, zone=UTC):
    """Of a forecast from the one to the other, in hours from noon on a Monday."""
    seen = forecast(brew(), now=NOON)
    times = {"earliest": NOON + hours(first), "latest": NOON + hours(last)}
    seen = type(seen)(**{**vars(seen), **times})
    return sayings.ready_words(seen, now=NOON, zone=zone)


class TestWhen:
    @pytest.mark.parametrize(
        ("first", "last", "words"),
        [
            (6, 11, "Ready Monday, 18:00–23:00"),
            (6.4, 10.2, "Ready Monday, 18:00–23:00"),
            (6, 12, "Ready Monday, 18:00–00:00"),
            (20, 30, "Ready Tuesday, 08:00–18:00"),
            (6, 30, "Ready between Monday 18:00 and Tuesday 18:00"),
            (100, 200, "Ready between Fri 5 Jun and Tue 9 Jun"),
        ],
    )
    def test_is_said_to_the_hour_or_far_off_to_the_day(self, first, last, words):
        assert said(first, last) == words

    def test_is_rounded_outwards_so_that_it_promises_no_more(self):
        assert said(6.9, 10.1) == "Ready Monday, 18:00–23:00"

    def test_is_said_by_the_readers_clock(self):
        assert said(6, 8, zone=BERLIN) == "Ready Monday, 20:00–22:00"


class TestPressure:
    def seen(self, after, **changes):
        return outlook(bottle(**changes), now=NOON + hours(after))

    def test_is_a_band_and_never_called_safe(self):
        words = sayings.pressure_words(self.seen(20))
        assert words.startswith("By an estimate between ")
        assert "safe" not in words

    def test_turns_amber_half_a_day_before_and_red_when_the_time_is_over(self):
        act_by = self.seen(0).act_by
        alarms = [
            sayings.alarm_of(self.seen(0), now=act_by + timedelta(hours=after)) for after in (-13, -11, -1, 0)
        ]
        assert alarms == ["", "soon", "soon", "danger"]

    @pytest.mark.parametrize("kind", ["jar", "pet", "champagne", ""])
    @pytest.mark.parametrize("after", [0, 12, 48, 400])
    def test_is_drawn_within_its_bar(self, kind, after):
        bar = sayings.bar_of(self.seen(after, bottle_kind=kind))
        assert 0 <= bar.low <= bar.likely <= 100
        assert bar.low + bar.width <= 101
        assert 0 < bar.limit < 100

    @pytest.mark.parametrize(("kind", "unknown"), [("", True), ("unknown", True), ("pet", False)])
    def test_knows_which_bottle_nobody_named(self, kind, unknown):
        assert sayings.bottle_is_unknown(bottle(bottle_kind=kind)) is unknown
