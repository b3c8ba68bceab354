from datetime import UTC, datetime, time, timedelta

import pytest

from reminders.timing import MOST_ROUNDS, PAUSES, Person, held_until, nag_at, next_try, pause_after

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def goes(at: str, *, zone: str = "Europe/Berlin", quiet: tuple[int, int] = (22, 7), priority: int = 1) -> str:
    person = Person(zone, time(quiet[0]), time(quiet[1]))
    held = held_until(person, at=utc(at), priority=priority)
    return held.strftime("%d %H:%M") if held else "at once"


class TestQuietHours:
    @pytest.mark.parametrize(
        ("at", "goes_at"),
        [
            ("2026-01-10 20:59", "at once"),
            ("2026-01-10 21:00", "11 06:00"),
            ("2026-01-10 23:30", "11 06:00"),
            ("2026-01-11 05:59", "11 06:00"),
            ("2026-01-11 06:00", "at once"),
            # Summer: the same hours on the wall, an hour earlier elsewhere.
            ("2026-07-10 20:00", "11 05:00"),
            ("2026-07-11 05:00", "at once"),
        ],
    )
    def test_end_in_the_morning_that_follows(self, at, goes_at):
        assert goes(at) == goes_at

    @pytest.mark.parametrize(
        ("zone", "at", "goes_at"),
        [
            # The clocks go forward in this night, and back in that.
            ("Europe/Berlin", "2026-03-28 22:00", "29 05:00"),
            ("Europe/Berlin", "2026-10-24 22:00", "25 06:00"),
            ("America/New_York", "2026-03-08 04:00", "08 11:00"),
            ("Australia/Lord_Howe", "2026-10-03 14:00", "03 20:00"),
            # Half and quarter hours.
            ("Asia/Kolkata", "2026-01-10 17:00", "11 01:30"),
            ("Asia/Kathmandu", "2026-01-10 17:00", "11 01:15"),
            ("Pacific/Chatham", "2026-01-10 09:00", "10 17:15"),
        ],
    )
    def test_are_local_wherever_that_is(self, zone, at, goes_at):
        assert goes(at, zone=zone) == goes_at

    def test_that_end_where_the_clocks_jump_end_with_the_jump(self):
        person = Person("Europe/Berlin", time(22), time(2, 30))

        assert held_until(person, at=utc("2026-03-29 00:10"), priority=1) == utc("2026-03-29 01:00")

    def test_come_once_in_the_night_when_an_hour_comes_twice(self):
        person = Person("Europe/Berlin", time(22), time(2, 30))

        assert held_until(person, at=utc("2026-10-25 00:10"), priority=1) == utc("2026-10-25 00:30")
        assert held_until(person, at=utc("2026-10-25 01:10"), priority=1) == utc("2026-10-25 01:30")

    def test_may_lie_within_a_day(self):
        assert goes("2026-01-10 12:00", quiet=(12, 14)) == "10 13:00"
        assert goes("2026-01-10 13:00", quiet=(12, 14)) == "at once"

    def test_hold_up_no_word_on_safety(self):
        assert goes("2026-01-10 23:30", priority=0) == "at once"


class TestPause:
    def test_holds_until_its_end(self):
        person = Person("UTC", paused_until=NOON + DAY)

        assert held_until(person, at=NOON, priority=1) == NOON + DAY
        assert held_until(person, at=NOON + DAY, priority=1) is None
        assert held_until(person, at=NOON, priority=0) is None

    def test_that_ends_in_quiet_hours_holds_until_theirs(self):
        person = Person("UTC", time(22), time(7), paused_until=NOON + 11 * HOUR)

        assert held_until(person, at=NOON, priority=1) == NOON + 19 * HOUR


class TestPauseAfter:
    def test_waits_longer_each_time_and_an_hour_at_most(self):
        pauses = [pause_after(attempt, chance=0) for attempt in range(1, len(PAUSES) + 1)]

        assert pauses == sorted(pauses)
        assert (pauses[0], pauses[-1]) == (timedelta(seconds=1), HOUR)

    def test_spreads_a_crowd_by_a_fifth_at_most(self):
        assert pause_after(5, chance=1) == timedelta(minutes=2, seconds=24)

    def test_outlasts_a_bad_day_and_then_gives_up(self):
        assert sum(PAUSES, timedelta()) > DAY
        assert pause_after(len(PAUSES) + 1, chance=0) is None


class TestNextTry:
    def at(self, *, attempts=1, asked=None, wanted_at=NOON, tried_since=NOON, now=NOON):
        return next_try(
            attempts=attempts, asked=asked, wanted_at=wanted_at, tried_since=tried_since, now=now, chance=0
        )

    def test_is_when_the_service_asks_for(self):
        assert self.at(asked=90 * MINUTE) == NOON + 90 * MINUTE

    def test_is_not_sooner_than_our_own_patience_says(self):
        assert self.at(attempts=8, asked=MINUTE) == NOON + 20 * MINUTE

    def test_is_not_when_it_is_of_no_use_any_more(self):
        assert self.at(asked=49 * HOUR) is None

    def test_of_what_was_held_for_long_lasts_a_day_all_the_same(self):
        held = {"wanted_at": NOON - 14 * DAY, "tried_since": NOON}

        assert self.at(now=NOON + 20 * HOUR, attempts=20, **held) == NOON + 21 * HOUR
        assert self.at(now=NOON + 24 * HOUR, attempts=20, **held) is None


class TestNag:
    def test_comes_so_long_after_it_was_told(self):
        assert nag_at(told_at=NOON, every=HOUR, round=1) == NOON + HOUR

    def test_is_not_where_nobody_wants_it_nor_for_ever(self):
        assert nag_at(told_at=NOON, every=None, round=1) is None
        assert nag_at(told_at=NOON, every=HOUR, round=MOST_ROUNDS) is None
