"""Whatever the zone and the hour: never in quiet hours, never later than needed, never lost, once a round."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models.functions import Coalesce, Greatest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reminders import carrier
from reminders.channels import Failed, Later, Sent
from reminders.models import Reminder
from reminders.timing import Person, held_until
from tests.accounts.phones import make_device
from tests.factories import make_batch, make_reminder, make_user
from tests.reminders.engine import FakeChannel, carry

MINUTE = timedelta(minutes=1)
# Far more than it takes until nothing waits any more.
MOST_TICKS = 60
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


class Died(BaseException):
    """The worker, in the middle."""


@dataclass
class Step:
    """Some time goes by, and this is how the push service, or the worker, fares then."""

    minutes: int
    mood: str


class World:
    """One person with a phone, who is told of things by a service that is not always well."""

    def __init__(self, person: Person, at: datetime) -> None:
        quiet = {"quiet_from": person.quiet_from, "quiet_until": person.quiet_until}
        self.person, self.now = person, at
        self.keeper = make_user(timezone=person.zone, paused_until=person.paused_until, **quiet)
        make_device(owner=self.keeper)
        self.jar = make_batch(owner=self.keeper, now=at)
        self.arrived: list[tuple[datetime, str, str]] = []
        self.mood = "well"
        self.deaths = 0

    def remind(self, minutes: int, priority: int) -> None:
        one = make_reminder(batch=self.jar, now=self.now, due_at=self.now + minutes * MINUTE)
        Reminder.objects.filter(pk=one.pk).update(priority=priority)

    def channel(self, name: str) -> FakeChannel:
        made = FakeChannel()
        made.send = lambda messages, now: [self.answer(name, one, now) for one in messages]
        return made

    def answer(self, name: str, message, now: datetime):
        """A mail always arrives; a push as the service is."""
        mood = "well" if name == "email" else self.mood
        if mood == "dies before":
            self.deaths += 1
            raise Died
        if mood == "away":
            return Later("HTTP 503")
        if mood == "refuses":
            return Failed("MessageTooBig")
        self.arrived.append((now, message.reminder_id, message.identity))
        if mood == "dies after":
            self.deaths += 1
            raise Died
        return Sent()

    def live(self, steps: list[Step]) -> None:
        for step in steps:
            self.now += step.minutes * MINUTE
            self.mood = step.mood
            self.tick()
        self.mood = "well"
        for _ in range(MOST_TICKS):
            if moment := self.next_moment():
                self.now = max(self.now + MINUTE, moment)
                self.tick()

    def tick(self) -> None:
        try:
            carry(self.now)
        except Died:
            self.mood = "well"

    def next_moment(self) -> datetime | None:
        """When the first that waits is due, and in nobody's hands."""
        free_at = Greatest("alert_at", Coalesce("leased_until", "alert_at"))
        return Reminder.objects.waiting().order_by(free_at).values_list(free_at, flat=True).first()


moods = st.sampled_from(["well", "away", "refuses", "dies before", "dies after"])
lives = st.lists(st.builds(Step, st.integers(0, 600), moods), max_size=6)
wishes = st.lists(st.tuples(st.integers(1, 1500), st.integers(0, 2)), min_size=1, max_size=4)


@pytest.fixture
def world(db, monkeypatch):
    """Makes worlds; each is gone with its example."""

    def made(person: Person, at: datetime) -> World:
        world = World(person, at)
        monkeypatch.setattr(carrier, "channel", cache(world.channel))
        return world

    return made


class TestTheEngine:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(people_and_moments(), wishes, lives)
    def test_tells_each_once_and_never_in_quiet_hours(self, world, drawn, wished, life):
        with transaction.atomic():
            made = world(*drawn)
            for minutes, priority in wished:
                made.remind(minutes, priority)
            made.live(life)
            self.judge(made)
            transaction.set_rollback(True)

    def judge(self, made: World) -> None:
        reminders = {str(one.pk): one for one in Reminder.objects.all()}
        assert {one.status for one in reminders.values()} == {"sent"}, "lost"
        for at, key, _ in made.arrived:
            reminder = reminders[key]
            assert at >= reminder.due_at, "early"
            if reminder.priority:
                assert not is_quiet(made.person, at), f"woken at {at}"
                assert at >= (made.person.paused_until or at), "told in a pause"
        times = Counter(identity for _, _, identity in made.arrived)
        assert times.keys() == {f"{key}-1" for key in reminders}
        assert sum(times.values()) - len(times) <= made.deaths, "told twice"
