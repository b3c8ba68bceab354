from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reminders.labels import LATE, LATER, NOW, TODAY, group_of, later, laters

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


class TestGroup:
    @pytest.mark.parametrize(
        ("due", "zone", "group"),
        [
            (at(1, 11), BERLIN, LATE),
            (at(1, 11, 1), BERLIN, NOW),
            (at(1, 12), BERLIN, NOW),
            (at(1, 22, 59), BERLIN, TODAY),
            (at(1, 23), BERLIN, LATER),
            (at(1, 23), UTC, TODAY),
            (at(2, 10, 59), AUCKLAND, TODAY),
        ],
    )
    def test_ends_today_at_the_keepers_midnight(self, due, zone, group):
        assert group_of(due, now=at(1, 12), zone=zone) == group


class TestLater:
    @pytest.mark.parametrize(
        ("choice", "now", "asked_again"),
        [
            ("hour", at(1, 12), at(1, 13)),
            ("tonight", at(1, 12), at(1, 18)),
            ("tonight", at(1, 18), at(2, 18)),
            ("tonight", at(1, 20), at(2, 18)),
            ("tomorrow", at(1, 12), at(2, 8)),
            ("tomorrow", at(1, 23, 30), at(3, 8)),
        ],
    )
    def test_is_by_the_keepers_clock(self, choice, now, asked_again):
        assert later(choice, now=now, zone=BERLIN) == asked_again

    def test_stays_nine_in_the_morning_when_the_clocks_change(self):
        asked_again = later("tomorrow", now=datetime(2026, 3, 28, 12, tzinfo=UTC), zone=BERLIN)

        assert asked_again == datetime(2026, 3, 29, 7, tzinfo=UTC)

    def test_offers_tonight_only_before_the_evening(self):
        assert "tonight" in laters(now=at(1, 17, 59), zone=BERLIN)
        assert "tonight" not in laters(now=at(1, 18), zone=BERLIN)

    def test_is_never_past(self):
        for hours in range(48):
            now = at(28, 0) + timedelta(hours=hours)
            assert all(
                later(choice, now=now, zone=BERLIN) > now for choice in ("hour", "tonight", "tomorrow")
            )
