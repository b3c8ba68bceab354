"""What somebody finds who only tries it."""

from datetime import timedelta

import pytest

from batches import sayings
from batches.cultures import Culture
from batches.models import Batch
from batches.stages import Place, Stage, Status
from reminders import demo_week
from reminders.models import Reminder
from tests.factories import NOON

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(params=[NOON, NOON + timedelta(days=200, hours=15)], ids=["noon", "night"])
def now(request):
    return request.param


@pytest.fixture
def kitchen(alice, now):
    demo_week.fill(keeper=alice, now=now)
    return Batch.objects.of(alice)


def alarm_of(batch, now):
    seen = sayings.said_of(batch.facts(), now=now).pressure
    return sayings.alarm_of(seen, now=now) if seen else ""


class TestTheWeek:
    def test_shows_each_place_a_batch_may_be_in(self, kitchen):
        assert sorted(batch.place for batch in kitchen.kept()) == sorted(
            [
                Place(Stage.OPEN, Status.ACTIVE),
                Place(Stage.BOTTLED, Status.ACTIVE),
                Place(Stage.BOTTLED, Status.ACTIVE),
                Place(Stage.BOTTLED, Status.IN_FRIDGE),
                Place(Stage.BOTTLED, Status.READY),
            ]
        )

    def test_has_a_jar_at_twenty_hours(self, kitchen, now):
        [jar] = kitchen.kept().filter(stage=Stage.OPEN)
        assert now - jar.started_at == 20 * HOUR
        assert jar.sensors.get().readings.count() == 11

    def test_has_one_group_of_bottles_near_its_limit_and_none_beyond(self, kitchen, now):
        alarms = [alarm_of(batch, now) for batch in kitchen.kept()]
        assert sorted(alarms) == ["", "", "", "", "soon"]

    def test_has_one_thing_overdue_and_the_rest_to_come(self, kitchen, now):
        times = Reminder.objects.filter(batch__in=kitchen).values_list("due_at", flat=True)
        assert [at for at in times if at <= now] == [now - 2 * HOUR]
        assert len(times) > 5

    def test_ends_with_what_was_good(self, kitchen):
        [drunk] = kitchen.filter(status=Status.READY)
        assert drunk.events.get(kind="taste").fizz == 4

    def test_is_written_down_as_it_would_have_happened(self, kitchen, now):
        assert not kitchen.filter(created_at__gt=now).exists()
        assert not kitchen.filter(events__occurred_at__gt=now).exists()


def test_is_made_of_what_the_house_makes(alice, settings):
    settings.CULTURES = ["vegetables", "kombucha"]
    demo_week.fill(keeper=alice, now=NOON)
    assert set(Batch.objects.of(alice).values_list("culture", flat=True)) == {Culture.KOMBUCHA}


@pytest.mark.parametrize("culture", demo_week.GENTLE)
def test_frightens_nobody_whatever_the_house_makes(alice, settings, culture):
    settings.CULTURES = [culture]
    demo_week.fill(keeper=alice, now=NOON)
    assert "danger" not in {alarm_of(batch, NOON) for batch in Batch.objects.of(alice)}
