"""Whatever a press of a button changed can be taken back, exactly, and only while nobody wrote over it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches import actions, bottling, undoing
from batches.kinds import Kind
from batches.models import Batch, Tombstone, Undo
from batches.undoing import ChangedSince, TooLate, Undoable
from events import actions as events
from events import photos
from events.models import DiscardedObject, Event, Photo
from reminders import actions as reminders
from reminders.models import Reminder
from tests.events.album import make_copied
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder
from tests.rows import everything

HOUR, LATER = timedelta(hours=1), NOON + timedelta(minutes=5)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Jar", temperature_c=22)


def what_is_there():
    """All rows, but for what each write changes."""
    fleeting = {
        "version",
        "updated_at",
        "stamped_at",
        "leased_until",
        "claims",
        "attempts",
        "held_until",
        "alert_at",
    }
    return [
        [{name: row[name] for name in row if name not in fleeting} for row in rows] for rows in everything()
    ]


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
        ],
    )
    def test_of_a_batch_is_taken_back_with_all_that_followed(self, jar, verb, how):
        make_reminder(batch=jar, kind=Kind.STRAIN, due_at=NOON + HOUR)
        make_reminder(batch=jar, due_at=NOON + 2 * HOUR, message="Call mother")
        before, after = taken_back(verb, of=jar, batch=jar, **how)
        assert after == before

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
