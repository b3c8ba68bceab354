from datetime import timedelta

from reminders.timing import PAUSES, pause_after


def test_waits_longer_each_time():
    pauses = [pause_after(attempt, chance=0) for attempt in range(1, len(PAUSES) + 1)]

    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1)


def test_spreads_a_crowd_by_a_fifth_at_most():
    assert pause_after(1, chance=1) == timedelta(minutes=1, seconds=12)


def test_outlasts_a_bad_day_and_then_gives_up():
    assert sum(PAUSES, timedelta()) > timedelta(hours=20)
    assert pause_after(len(PAUSES) + 1, chance=0) is None
