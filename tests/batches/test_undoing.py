"""Whatever a press of a button changed can be taken back, exactly, and only while nobody wrote over it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches import actions, bottling, grains, undoing
from batches.grain_models import Grains
from batches.kinds import Kind
from batches.models import Batch, Tombstone, Undo
from batches.undoing import ChangedSince, TooLate, Undoable
from events import actions as events
from events import photos
from events.models import DiscardedObject, Event, Photo
from hooks.models import Message
from reminders import actions as reminders
from reminders.models import Reminder
from sensors import actions as sensors
from tags import actions as tags
from tags.actions import NotInAJar
from tags.models import JarTag
from tests.batches.cultures import make_grains
from tests.events.album import make_copied
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder
from tests.hooks.factories import make_endpoint
from tests.rows import what_is_there
from tests.sensors.gadgets import hear, make_sensor
from tests.tags.jars import make_tag

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def jar(alice, culture):
    """With a tag, and with grains that were on their own for a day."""
    jar = make_batch(owner=alice, name="Jar", temperature_c=22, grains=culture)
    make_tag(owner=alice, batch=jar, name="Tall one")
    return jar


@pytest.fixture
def culture(alice):
    return make_grains(owner=alice, now=NOON - DAY, name="Granny's", grams=80)


def taken_back(verb, *, of, also=(), now=NOON, **context):
    """The rows before, and after it was done and taken back."""
    before, deed = what_is_there(), Undoable(verb, of=of, also=also)
    deed(now=now, **context)
    assert what_is_there() != before
    undoing.take_back(undo=deed.undo, now=LATER)
    return before, what_is_there()


class TestDeed:
    @pytest.mark.parametrize(
        ("verb", "how"),
        [
            (actions.move, {"stage": "open", "status": "in_fridge"}),
            (actions.move, {"stage": "bottled", "bottle_count": 3}),
            (actions.archive, {}),
            (actions.share, {"public_note": "Ours"}),
            (actions.edit, {"name": "Pot", "fruits": ["fig", "plum"], "temperature_c": 28.5}),
            (bottling.bottle_groups, {"groups": [{"fruits": ["lemon"]}, {}], "next_jar": {}}),
            (bottling.bottle_groups, {"groups": [{"fruits": ["lemon"]}]}),
            (bottling.bottle_groups, {"groups": [{}], "grains_weigh_grams": 96.5}),
            (bottling.bottle_groups, {"groups": [{}], "next_jar": {"new_grains": True}}),
        ],
    )
    def test_of_a_batch_is_taken_back_with_all_that_followed(self, jar, verb, how):
        make_reminder(batch=jar, kind=Kind.STRAIN, due_at=NOON + HOUR)
        make_reminder(batch=jar, due_at=NOON + 2 * HOUR, message="Call mother")
        before, after = taken_back(verb, of=jar, batch=jar, **how)
        assert after == before

    def test_of_a_batch_is_taken_back_with_what_was_planned_for_its_culture(self, jar, culture, run_jobs):
        run_jobs(now=NOON)
        before, deed = what_is_there(), Undoable(actions.archive, of=jar)
        deed(batch=jar, now=LATER)
        run_jobs(now=LATER)
        assert [one.kind for one in culture.reminders.waiting()] == ["grains_idle"]
        undoing.take_back(undo=deed.undo, now=LATER + HOUR)
        run_jobs(now=LATER + HOUR)
        assert what_is_there() == before

    def test_of_making_it_with_other_grains_touches_these_two_alone(self, jar, culture):
        other, third = (make_grains(owner=jar.owner, now=NOON - DAY) for _number in range(2))
        before, after = taken_back(actions.edit, of=jar, batch=jar, grains=other)
        assert after == before
        assert [versions_of(one) for one in (culture, other, third)] == [5, 3, 1]

    def test_is_refused_when_the_culture_it_had_is_deleted(self, jar, culture):
        deed = Undoable(actions.edit, of=jar)
        deed(batch=jar, grains=None, now=NOON)
        grains.remove(grains=culture)
        with pytest.raises(ChangedSince):
            undoing.take_back(undo=deed.undo, now=LATER)

    def test_of_restoring_is_taken_back(self, jar):
        make_reminder(batch=jar, kind=Kind.STRAIN, due_at=NOON + HOUR)
        actions.archive(batch=jar, now=NOON)
        before, after = taken_back(actions.restore, of=jar, batch=jar, now=LATER)
        assert after == before

    def test_of_striking_out_an_event_is_taken_back_to_the_microsecond(self, jar):
        at = NOON + timedelta(microseconds=123_457)
        event = make_event(batch=jar, now=at, kind="measurement", description="", ph=4.1, temperature_c=23.7)
        before, after = taken_back(events.withdraw, of=jar, also=[event], event=event, now=at)
        assert after == before
        assert not Tombstone.objects.exists()

    def test_of_correcting_one_is_taken_back(self, jar):
        event = make_event(batch=jar, description="Bubles")
        before, after = taken_back(events.correct, of=jar, also=[event], event=event, description="Bubbles")
        assert after == before

    @pytest.mark.parametrize("verb", [reminders.finish, reminders.skip, reminders.cancel, "snooze"])
    def test_of_a_reminder_is_taken_back(self, jar, verb):
        reminder = make_reminder(batch=jar, due_at=NOON + HOUR)
        how = {"until": NOON + 3 * HOUR} if verb == "snooze" else {}
        verb = reminders.snooze if verb == "snooze" else verb
        before, after = taken_back(verb, of=jar, reminder=reminder, **how)
        assert after == before

    def test_that_changed_nothing_leaves_nothing_to_take_back(self, jar):
        deed = Undoable(actions.restore, of=jar)
        deed(batch=jar, now=NOON)
        assert deed.undo is None

    def test_that_is_refused_leaves_nothing_either(self, jar):
        with pytest.raises(ValidationError):
            Undoable(actions.edit, of=jar)(batch=jar, now=NOON, name="")
        assert not Undo.objects.exists()


class TestPhoto:
    def test_that_was_removed_comes_back_with_its_objects(self, jar):
        photo = make_copied(batch=jar, now=NOON, caption="Foam")
        objects_go_at = NOON + photos.REMOVED_KEPT_FOR
        removal = {"photo": photo, "objects_go_at": objects_go_at}
        before, after = taken_back(photos.remove, of=jar, also=[photo, photo.event], **removal)
        assert after == before
        kept = [photo.original_key, photo.web_key, photo.thumbnail_key]
        assert not DiscardedObject.objects.filter(key__in=kept).exists()

    def test_that_was_removed_has_its_objects_as_long_as_it_can_come_back(self, jar):
        photo = make_copied(batch=jar, now=NOON)
        photos.remove(photo=photo, now=NOON, objects_go_at=NOON + photos.REMOVED_KEPT_FOR)
        assert photos.throw_away(now=NOON + undoing.FOR) == 0

    def test_gives_the_cover_back_to_the_one_that_had_it(self, jar):
        one, other = make_copied(batch=jar, now=NOON), make_copied(batch=jar, now=NOON)
        photos.edit(photo=one, now=NOON, is_cover=True)
        before, after = taken_back(photos.edit, of=jar, also=[one, other], photo=other, is_cover=True)
        assert after == before
        assert Photo.objects.get(is_cover=True) == one


def versions_of(culture):
    return Grains.objects.get(pk=culture.pk).version


class TestCulture:
    @pytest.mark.parametrize(
        ("verb", "how"),
        [
            (grains.feed, {}),
            (grains.renew, {}),
            (grains.edit, {"status": "in_fridge"}),
            (grains.edit, {"status": "gone"}),
            (grains.edit, {"name": "Marta's", "culture": "kombucha"}),
            (grains.weigh, {"grams": 91.5}),
        ],
    )
    def test_is_as_it_was_and_so_are_its_reminders(self, culture, run_jobs, verb, how):
        run_jobs(now=NOON - DAY)
        before, deed = what_is_there(), Undoable(verb, of=culture)
        deed(grains=culture, now=NOON, **how)
        run_jobs(now=NOON)
        assert what_is_there() != before
        undoing.take_back(undo=deed.undo, now=LATER)
        run_jobs(now=LATER)
        assert what_is_there() == before
        assert versions_of(culture) > 2

    def test_has_its_weight_again_that_was_struck_out(self, culture):
        weighing = culture.weighings.get()
        before, after = taken_back(grains.unweigh, of=culture, also=[weighing], weighing=weighing)
        assert after == before

    @pytest.mark.parametrize("verb", [reminders.finish, reminders.skip, reminders.cancel, "snooze"])
    def test_has_its_reminder_again(self, culture, run_jobs, verb):
        run_jobs(now=NOON - DAY)
        before, reminder = what_is_there(), culture.reminders.get()
        how = {"until": NOON + 3 * HOUR} if verb == "snooze" else {}
        deed = Undoable(reminders.snooze if verb == "snooze" else verb, of=culture)
        deed(reminder=reminder, now=NOON, **how)
        run_jobs(now=NOON)
        undoing.take_back(undo=deed.undo, now=LATER)
        run_jobs(now=LATER)
        assert what_is_there() == before

    def test_hears_of_a_reminder_whose_time_came_meanwhile(self, culture, run_jobs):
        run_jobs(now=NOON - DAY)
        Reminder.objects.update(due_at=NOON + timedelta(minutes=2))
        deed, reminder = Undoable(reminders.skip, of=culture), culture.reminders.get()
        deed(reminder=reminder, now=NOON)
        undoing.take_back(undo=deed.undo, now=LATER)
        run_jobs(now=LATER)
        reminder.refresh_from_db()
        assert (reminder.status, reminder.alert_at) == ("waiting", LATER)

    def test_has_webhooks_told_and_its_version_moved_on(self, alice, culture, run_jobs):
        make_endpoint(owner=alice)
        run_jobs(now=NOON - DAY)
        deed = Undoable(reminders.finish, of=culture)
        deed(reminder=culture.reminders.get(), now=NOON)
        run_jobs(now=NOON)
        Message.objects.all().delete()
        fed = versions_of(culture)
        undoing.take_back(undo=deed.undo, now=LATER)
        run_jobs(now=LATER)
        assert set(Message.objects.values_list("kind", flat=True)) == {"reminder.replanned"}
        assert versions_of(culture) == fed + 1

    def test_is_given_back_to_its_keeper_alone(self, client, bob, culture):
        deed = Undoable(grains.feed, of=culture)
        deed(grains=culture, now=timezone.now())
        client.force_login(bob)
        assert client.post(f"/undo/{deed.undo.pk}").status_code == 404
        assert Grains.objects.get().fed_at

    def test_that_was_fed_again_since_stays_fed(self, culture):
        deed = Undoable(grains.feed, of=culture)
        deed(grains=culture, now=NOON)
        grains.feed(grains=culture, now=LATER)
        with pytest.raises(ChangedSince):
            undoing.take_back(undo=deed.undo, now=LATER)

    def test_fed_twice_by_a_slip_is_taken_back_one_after_the_other(self, culture, run_jobs):
        run_jobs(now=NOON - DAY)
        due_at, deeds = culture.reminders.get().due_at, []
        for at in (NOON, NOON + timedelta(seconds=1)):
            deeds.append(Undoable(grains.feed, of=culture))
            deeds[-1](grains=culture, now=at)
        run_jobs(now=LATER)
        for deed in reversed(deeds):
            undoing.take_back(undo=deed.undo, now=LATER)
            run_jobs(now=LATER)
        assert Grains.objects.get().fed_at is None
        assert [(one.due_at, one.status) for one in culture.reminders.all()] == [(due_at, "waiting")]


class TestTag:
    def test_is_on_the_jar_again_that_it_was_taken_off(self, jar):
        tag = jar.jar_tags.get()
        before, after = taken_back(tags.edit, of=tag, tag=tag, batch=None)
        assert after == before

    def test_is_on_the_other_jar_again(self, jar, alice):
        tag, other = jar.jar_tags.get(), make_batch(owner=alice)
        before, after = taken_back(tags.edit, of=tag, tag=tag, batch=other)
        assert after == before

    def test_is_put_on_no_jar_that_was_bottled_since(self, jar):
        deed = Undoable(tags.edit, of=jar.jar_tags.get())
        deed(tag=jar.jar_tags.get(), batch=None, now=NOON)
        actions.move(batch=jar, now=LATER, stage="bottled")
        with pytest.raises(NotInAJar):
            undoing.take_back(undo=deed.undo, now=LATER)

    def test_that_is_on_another_jar_since_stays_there(self, jar, alice):
        tag, other = jar.jar_tags.get(), make_batch(owner=alice)
        deed = Undoable(actions.archive, of=jar)
        deed(batch=jar, now=NOON)
        tags.edit(tag=tag, batch=other, now=LATER)
        undoing.take_back(undo=deed.undo, now=LATER)
        assert JarTag.objects.get().batch == other
        assert Batch.objects.get(pk=jar.pk).status == "active"


class TestSensor:
    @pytest.fixture
    def float_(self, alice, jar):
        return make_sensor(owner=alice, batch=jar)[0]

    def test_is_in_its_jar_again_and_expected_to_speak(self, float_):
        before, after = taken_back(sensors.edit, of=float_, sensor=float_, batch=None)
        assert after == before

    def test_is_in_no_jar_again(self, alice, jar):
        idle, _token = make_sensor(owner=alice)
        before, after = taken_back(sensors.edit, of=idle, sensor=idle, batch=jar)
        assert after == before

    def test_that_spoke_since_is_not_thought_silent(self, float_, jar):
        deed = Undoable(sensors.edit, of=float_)
        deed(sensor=float_, batch=None, now=NOON)
        hear(float_, now=LATER, temp=22)
        undoing.take_back(undo=deed.undo, now=LATER)
        float_.refresh_from_db()
        assert (float_.batch, float_.silent_at) == (jar, LATER + float_.silent_after)

    def test_is_put_into_nothing_that_was_put_away_since(self, float_, jar):
        deed = Undoable(sensors.edit, of=float_)
        deed(sensor=float_, batch=None, now=NOON)
        actions.archive(batch=jar, now=LATER)
        with pytest.raises(actions.BatchIsArchived):
            undoing.take_back(undo=deed.undo, now=LATER)


class TestTakingBack:
    @pytest.fixture
    def cold(self, jar):
        deed = Undoable(actions.move, of=jar)
        deed(batch=jar, now=NOON, stage="open", status="in_fridge")
        return deed.undo

    def test_twice_is_once(self, cold, jar):
        for _ in range(2):
            undoing.take_back(undo=cold, now=LATER)
        jar.refresh_from_db()
        assert (jar.status, jar.version) == ("active", 3)

    def test_keeps_what_was_written_down_since(self, cold, jar):
        make_event(batch=jar, now=LATER, description="Clear")
        undoing.take_back(undo=cold, now=LATER)
        assert [event.description for event in jar.events.all()] == ["Clear"]

    def test_is_refused_once_the_batch_went_on(self, cold, jar):
        actions.move(batch=jar, now=LATER, stage="open", status="active")
        with pytest.raises(ChangedSince):
            undoing.take_back(undo=cold, now=LATER)

    def test_is_refused_after_an_hour(self, cold):
        with pytest.raises(TooLate):
            undoing.take_back(undo=cold, now=NOON + HOUR + timedelta(seconds=1))

    def test_leaves_alone_a_reminder_that_went_its_own_way(self, jar):
        reminder = make_reminder(batch=jar, kind=Kind.STRAIN, due_at=NOON + HOUR)
        deed = Undoable(actions.archive, of=jar)
        deed(batch=jar, now=NOON)
        Reminder.objects.filter(pk=reminder.pk).update(status="skipped")
        undoing.take_back(undo=deed.undo, now=LATER)
        assert [one.status for one in jar.reminders.all()] == ["skipped"]
        assert Batch.objects.get().status == "active"

    def test_is_refused_for_bottles_of_which_something_was_written(self, jar):
        deed = Undoable(bottling.bottle_groups, of=jar)
        [lemon, _] = deed(batch=jar, groups=[{"fruits": ["lemon"]}, {}], now=NOON).groups
        make_event(batch=lemon, now=LATER, kind="burped", description="")
        with pytest.raises(ChangedSince):
            undoing.take_back(undo=deed.undo, now=LATER)
        assert Event.objects.filter(kind="burped").exists()

    def test_wakes_a_reminder_whose_time_came_meanwhile(self, jar):
        reminder = make_reminder(batch=jar, due_at=NOON + timedelta(minutes=2))
        deed = Undoable(reminders.cancel, of=jar)
        deed(reminder=reminder, now=NOON)
        undoing.take_back(undo=deed.undo, now=LATER)
        reminder.refresh_from_db()
        assert (reminder.status, reminder.alert_at) == ("waiting", LATER)


class TestForgetting:
    def test_ends_what_can_be_taken_back_no_more(self, jar):
        Undoable(actions.archive, of=jar)(batch=jar, now=NOON)
        assert undoing.forget(now=NOON + undoing.KEPT_FOR) == 0
        assert undoing.forget(now=NOON + undoing.KEPT_FOR + HOUR) == 1


class TestToast:
    def test_of_every_button_of_a_batch_takes_it_back(self, page, alice):
        bottle = make_bottled(owner=alice)
        for press in ("move?stage=bottled&status=in_fridge", "archive", "unshare"):
            actions.share(batch=bottle, now=NOON)
            before = Batch.objects.values("status", "is_public").get()
            seen = page.post(f"/batches/{bottle.pk}/{press}", follow=True)
            *_, toast = seen.context["messages"]
            page.post(toast.extra_tags)
            assert Batch.objects.values("status", "is_public").get() == before

    def test_goes_back_to_where_it_was_pressed(self, page, jar):
        page.post(f"/batches/{jar.pk}/archive")
        answer = page.post(f"/undo/{Undo.objects.get().pk}", {"next": "/"})
        assert answer["Location"] == "/"

    def test_too_late_says_so(self, page, jar):
        page.post(f"/batches/{jar.pk}/archive")
        Undo.objects.update(made_at=NOON)
        answer = page.post(f"/undo/{Undo.objects.get().pk}", follow=True)
        assert b"more than an hour ago" in answer.content
