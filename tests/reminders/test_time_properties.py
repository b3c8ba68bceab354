"""Whatever the zone and the hour: never in quiet hours, never later than needed, never lost, once a round."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from reminders.timing import Person, held_until

MINUTE = timedelta(minutes=1)
FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
ZONES = [
    *("UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Santiago", "Africa/Casablanca"),
    # Half and quarter hours, a change of half an hour, one of two hours, a date line.
    *("Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Australia/Lord_Howe"),
    *("Antarctica/Troll", "Pacific/Apia", "Pacific/Kiritimati"),
    # Changes at midnight, where a quiet hour is most likely.
    *("Asia/Beirut", "Africa/Cairo", "America/Havana"),
]


@cache
def clock_changes(zone: str) -> list[datetime]:
    hours = [FROM + timedelta(hours=number) for number in range(int((TO - FROM) / timedelta(hours=1)))]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [
        hour for hour, one, next_one in zip(hours[1:], offsets, offsets[1:], strict=False) if one != next_one
    ]


@st.composite
def moments(draw, zone: str) -> datetime:
    """Any, and often one near a change of the clocks."""
    changes = clock_changes(zone)
    if changes and draw(st.booleans()):
        return draw(st.sampled_from(changes)) + timedelta(seconds=draw(st.integers(-30 * 3600, 30 * 3600)))
    return FROM + timedelta(seconds=draw(st.integers(0, int((TO - FROM).total_seconds()))))


clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]))


@st.composite
def people_and_moments(draw) -> tuple[Person, datetime]:
    zone = draw(st.sampled_from(ZONES))
    since, until = draw(st.tuples(clocks, clocks).filter(lambda hours: hours[0] != hours[1]))
    at = draw(moments(zone))
    pause = draw(st.none() | st.integers(-1440, 2 * 1440).map(lambda minutes: at + minutes * MINUTE))
    return Person(zone=zone, quiet_from=since, quiet_until=until, paused_until=pause), at


def is_quiet(person: Person, at: datetime) -> bool:
    """Said in another way than the rule says it: minutes since quiet began, round the clock."""
    local = at.astimezone(ZoneInfo(person.zone))
    since, until = minutes(person.quiet_from), minutes(person.quiet_until)
    return (minutes(local.time()) - since) % 1440 < (until - since) % 1440


def is_repeated(person: Person, at: datetime) -> bool:
    """Quiet from 2:30 has begun when the clocks go back to 2:00 a moment later: nobody wants to be woken then."""
    return at.astimezone(ZoneInfo(person.zone)).fold == 1


def minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def goes_at(person: Person, at: datetime) -> datetime:
    return held_until(person, at=at, priority=1) or at


class TestHeldUntil:
    @given(people_and_moments())
    def test_is_never_in_quiet_hours_nor_in_a_pause(self, drawn):
        person, at = drawn
        goes = goes_at(person, at)

        assert not is_quiet(person, goes)
        assert goes >= max(at, person.paused_until or at)

    @given(people_and_moments())
    def test_is_the_first_moment_that_is_neither(self, drawn):
        person, at = drawn
        begin, goes = max(at, person.paused_until or at), goes_at(person, at)

        tried = begin
        while tried < goes - MINUTE:
            assert is_quiet(person, tried) or is_repeated(person, tried), f"{tried} was free already"
            tried += MINUTE

    @given(people_and_moments())
    def test_is_not_put_off_again_when_it_comes(self, drawn):
        person, at = drawn

        assert held_until(person, at=goes_at(person, at), priority=1) is None

    @given(people_and_moments())
    def test_of_safety_is_there_and_then(self, drawn):
        person, at = drawn

        assert held_until(person, at=at, priority=0) is None
