"""What somebody finds who only tries it."""

from datetime import timedelta

import pytest

from accounts import demos
from batches import actions as batches
from batches import sayings
from batches.cultures import Culture
from batches.models import Batch
from batches.stages import Place, Stage, Status
from events.models import Photo
from kefir import bucket
from reminders import demo_pictures, demo_week
from reminders.models import Reminder
from tests.factories import NOON
from work.models import Job

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


class TestPictures:
    @pytest.fixture
    def demo(self):
        demo, _ = demos.open_demo(key="key", now=NOON)
        demo_week.fill(keeper=demo, now=NOON)
        return demo

    def hung(self, demo):
        return Photo.objects.of(demo).shown().select_related("batch")

    def test_hang_a_moment_later_with_copies_of_their_own(self, demo, run_jobs):
        assert not self.hung(demo).exists()
        run_jobs(now=NOON)
        assert {photo.batch.name for photo in self.hung(demo)} == {"Plum and cinnamon", "Lemon and fig"}
        assert all(bucket.head(photo.web_key) for photo in self.hung(demo))

    def test_hang_once_however_often_it_is_done(self, demo, run_jobs):
        for _ in range(2):
            demo_pictures.hang(user_id=demo.pk, now=NOON)
        run_jobs(now=NOON)
        assert self.hung(demo).count() == 2

    def test_are_not_for_who_has_kept_it(self, demo, run_jobs):
        demos.keep(user=demo, email="new@example.com", now=NOON)
        run_jobs(now=NOON)
        assert not self.hung(demo).exists()

    def test_spoil_nothing_when_the_jar_is_put_away(self, demo, run_jobs):
        batches.archive(batch=Batch.objects.of(demo).get(status=Status.READY), now=NOON)
        run_jobs(now=NOON)
        assert self.hung(demo).count() == 1
        assert not Job.objects.dead().exists()


def test_is_made_of_what_the_house_makes(alice, settings):
    settings.CULTURES = ["vegetables", "kombucha"]
    demo_week.fill(keeper=alice, now=NOON)
    assert set(Batch.objects.of(alice).values_list("culture", flat=True)) == {Culture.KOMBUCHA}


@pytest.mark.parametrize("culture", demo_week.GENTLE)
def test_frightens_nobody_whatever_the_house_makes(alice, settings, culture):
    settings.CULTURES = [culture]
    demo_week.fill(keeper=alice, now=NOON)
    assert "danger" not in {alarm_of(batch, NOON) for batch in Batch.objects.of(alice)}
