"""Hours and degrees as the keeper of a batch lives by them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.units import FAHRENHEIT
from batches.keepers import keeper_of
from tests.batches.brews import NOON, keeper

ZONES = st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])


def at(clock: str) -> datetime:
    return datetime.strptime(f"2026-06-{clock}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


class TestInTimeFor:
    @pytest.mark.parametrize(
        ("limit_at", "now", "told"),
        [
            ("01 19:23", "01 12:00", "01 19:00"),
            ("01 19:00", "01 12:00", "01 19:00"),
            ("02 02:52", "01 12:00", "01 22:30"),
            ("01 23:10", "01 12:00", "01 22:30"),
            # The evening is over: whoever looks now is up.
            ("02 02:52", "01 23:00", "02 02:30"),
            # Its last half hour has begun.
            ("01 19:23", "01 19:10", "01 19:23"),
            ("01 19:23", "01 20:00", "01 19:23"),
        ],
    )
    def test_is_by_day_and_to_the_half_hour(self, limit_at, now, told):
        assert keeper().in_time_for(at(limit_at), now=at(now)) == at(told)

    @given(st.integers(0, 3 * 24 * 60), st.integers(0, 3 * 24 * 60), ZONES)
    def test_is_never_after_the_limit_nor_over_before_it(self, limit_in, now_in, zone):
        limit_at, now = NOON + timedelta(minutes=limit_in), NOON + timedelta(minutes=now_in)
        told = keeper(zone=ZoneInfo(zone)).in_time_for(limit_at, now=now)
        assert told <= limit_at
        assert told > now or limit_at <= now

    @given(st.integers(0, 3 * 24 * 60), ZONES)
    def test_is_no_hour_of_the_night_while_the_evening_is_to_come(self, limit_in, zone):
        here = ZoneInfo(zone)
        noon = NOON.astimezone(here).replace(hour=12)
        told = keeper(zone=here).in_time_for(noon + timedelta(minutes=limit_in), now=noon)
        assert time(7) <= told.astimezone(here).time() <= time(22, 30)


class TestKeeperOf:
    def test_knows_their_quiet_hours_and_degrees(self):
        ann = User(timezone="Europe/Berlin", quiet_from=time(21), quiet_until=time(9), temperature_unit="F")
        assert keeper_of(ann) == keeper(
            zone=ZoneInfo("Europe/Berlin"), night=(time(21), time(9)), temperature=FAHRENHEIT
        )

    def test_lets_sleep_who_has_not_said_when(self):
        assert keeper_of(User()).night == (time(22, 30), time(7))


class TestWarmth:
    def test_is_in_their_degrees(self):
        assert keeper(temperature=FAHRENHEIT).warmth(22) == "71.6\u00a0°F"
        assert keeper().warmth(22) == "22\u00a0°C"

    def test_of_a_margin_has_no_nought(self):
        assert keeper(temperature=FAHRENHEIT).warmer(3) == "5\u00a0°F"
        assert keeper().warmer(3) == "3\u00a0°C"
