"""What a sensor measures moves the reminders, once it has lasted, as if its keeper had noted it."""

from datetime import timedelta

import pytest

from batches import care
from batches.keepers import keeper_of
from batches.kinds import Kind
from batches.models import Batch
from events.models import Event
from sensors import actions
from tests.factories import NOON, make_batch, make_event, make_reminder
from tests.sensors.gadgets import hear, make_sensor

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, temperature_c=20)


@pytest.fixture
def sensor(alice, jar):
    return make_sensor(owner=alice, batch=jar)[0]


def send(sensor, *temperatures, since=NOON):
    """One reading every quarter of an hour."""
    for number, temperature in enumerate(temperatures):
        hear(sensor, now=since + number * QUARTER, temp=temperature)


def told(jar):
    return [one["temperature_c"] for one in Batch.objects.get(pk=jar.pk).sensed]


def reminder_of(jar, kind=Kind.TASTE):
    suggested = {one.kind: one for one in care.suggest(jar.facts(), now=NOON, keeper=keeper_of(jar.owner))}
    return make_reminder(batch=jar, kind=kind, due_at=suggested[kind].due_at, message="Taste it")


class TestTemperature:
    def test_that_moved_for_an_hour_is_told(self, sensor, jar):
        send(sensor, 24, 24, 24, 24)
        assert told(jar) == []
        send(sensor, 24.5, since=NOON + HOUR)
        assert told(jar) == [24.5]

    def test_that_came_back_is_not(self, sensor, jar):
        send(sensor, 24, 24, 20.5, 24, 24, 24, 24)
        assert told(jar) == []

    def test_that_stays_is_told_once(self, sensor, jar):
        send(sensor, *[24] * 20)
        assert told(jar) == [24]

    def test_that_hardly_moved_is_not(self, sensor, jar):
        send(sensor, *[20.9] * 20)
        assert told(jar) == []

    def test_that_nobody_has_given_is_told_whatever_it_is(self, alice):
        jar = make_batch(owner=alice)
        send(make_sensor(owner=alice, batch=jar)[0], *[22] * 6)
        assert told(jar) == [22]

    def test_that_its_keeper_noted_counts_too(self, sensor, jar):
        make_event(batch=jar, kind="measurement", temperature_c=24)
        send(sensor, *[24.3] * 6)
        assert told(jar) == []

    def test_of_two_in_one_jar_is_told_once_by_each(self, alice, sensor, jar):
        other, _ = make_sensor(owner=alice, batch=jar)
        for number in range(24):
            at = NOON + number * QUARTER
            hear(sensor, now=at, temp=25)
            hear(other, now=at, temp=18)
        assert sorted(told(jar)) == [18, 25]

    def test_of_another_jar_begins_anew(self, alice, sensor, jar):
        send(sensor, 24, 24, 24)
        actions.edit(sensor=sensor, now=NOON, batch=make_batch(owner=alice, temperature_c=20))
        actions.edit(sensor=sensor, now=NOON, batch=jar)
        send(sensor, 24, since=NOON + HOUR)
        assert told(jar) == []

    def test_in_the_fridge_is_told_once(self, sensor, jar):
        send(sensor, *[6] * 20)
        assert told(jar) == [6]


class TestReminders:
    def test_follow_the_warmth(self, sensor, jar):
        reminder = reminder_of(jar)
        before = reminder.due_at
        send(sensor, *[29] * 5)
        reminder.refresh_from_db()
        assert reminder.due_at < before
        assert reminder.follows_plan

    def test_are_where_a_noted_temperature_would_have_put_them(self, alice, sensor, jar):
        ours, noted = reminder_of(jar), make_batch(owner=alice, temperature_c=20)
        theirs = reminder_of(noted)
        send(sensor, *[29] * 5)
        make_event(batch=noted, kind="measurement", temperature_c=29, now=NOON + HOUR)
        ours.refresh_from_db(), theirs.refresh_from_db()
        assert ours.due_at == theirs.due_at

    def test_to_measure_the_temperature_are_done(self, alice):
        jar = make_batch(owner=alice)
        reminder = reminder_of(jar, Kind.SET_TEMPERATURE)
        send(make_sensor(owner=alice, batch=jar)[0], *[22] * 6)
        reminder.refresh_from_db()
        assert reminder.status == reminder.Status.DONE

    def test_stay_while_nothing_moves(self, sensor, jar):
        reminder = reminder_of(jar)
        before = reminder.due_at
        send(sensor, *[20.4] * 5)
        reminder.refresh_from_db()
        assert reminder.due_at == before


class TestTimeline:
    def test_is_not_flooded(self, sensor, jar):
        send(sensor, *[24] * 10)
        assert not Event.objects.exists()

    def test_and_version_are_as_they_were(self, sensor, jar):
        send(sensor, *[24] * 10)
        assert Batch.objects.get().version == jar.version
