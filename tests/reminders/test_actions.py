from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches import actions as batches
from batches.care import SOON
from events import actions as events
from reminders import actions, bounds
from reminders.models import Reminder
from tests.batches.brews import suggest
from tests.factories import NOON, make_batch, make_bottled, make_reminder

HOUR = timedelta(hours=1)
LATER = NOON + 3 * HOUR


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, temperature_c=22)


def make_cold(*, owner, **filled):
    """Bottles that stood warm for some hours before they were put into the fridge."""
    sealed = make_bottled(owner=owner, now=NOON - 6 * HOUR, temperature_c=22)
    batches.edit(batch=sealed, now=NOON, **filled)
    return batches.move(batch=sealed, now=NOON, status="in_fridge")


def suggestion(batch, kind, now=NOON):
    return next(one for one in suggest(batch.facts(), now=now) if one.kind == kind)


def agreed(batch, kind, **changed):
    one = suggestion(batch, kind)
    return make_reminder(
        batch=batch, **{"kind": kind, "due_at": one.due_at, "message": one.message, **changed}
    )


class TestConfirm:
    def test_schedules_one_of_my_own(self, jar):
        reminder = make_reminder(batch=jar, due_at=LATER, message="Buy lemons")

        assert (reminder.kind, reminder.status, reminder.due_at) == ("custom", "waiting", LATER)
        assert not reminder.follows_plan

    def test_a_suggestion_taken_as_it_is_follows_the_plan(self, jar):
        reminder = agreed(jar, "ready")

        assert reminder.follows_plan
        assert reminder.why == suggestion(jar, "ready").why

    def test_a_suggestion_at_another_time_is_my_own_time(self, jar):
        assert not agreed(jar, "ready", due_at=LATER).follows_plan

    def test_a_time_for_what_is_no_longer_suggested_is_my_own(self, jar):
        burp = make_reminder(batch=jar, kind="burp", due_at=LATER, message="Burp it")
        Reminder.objects.update(follows_plan=True)
        make_reminder(batch=jar, kind="burp", due_at=LATER + HOUR, message="Burp it")
        burp.refresh_from_db()

        assert (burp.due_at, burp.follows_plan) == (LATER + HOUR, False)

    def test_all_or_none(self, jar):
        wanted = [{"due_at": LATER, "message": "Stir"}, {"due_at": NOON, "message": "Too late"}]

        with pytest.raises(actions.InThePast) as refusal:
            actions.confirm(batch=jar, reminders=wanted, now=NOON)

        assert list(refusal.value.error_dict) == ["reminders.1.due_at"]
        assert not Reminder.objects.exists()

    def test_no_more_than_may_wait_and_moving_one_is_no_more(self, jar, monkeypatch):
        monkeypatch.setattr(bounds, "MOST_WAITING", 1)
        make_reminder(batch=jar, kind="taste", due_at=LATER)
        make_reminder(batch=jar, kind="taste", due_at=LATER + HOUR)
        with pytest.raises(bounds.TooManyWaiting):
            make_reminder(batch=jar, due_at=LATER)
        assert [one.due_at for one in Reminder.objects.all()] == [LATER + HOUR]

    def test_the_same_kind_again_moves_what_waits(self, jar):
        first = agreed(jar, "taste")
        again = agreed(jar, "taste", due_at=LATER)

        assert (again.pk, again.due_at) == (first.pk, LATER)

    def test_refuses_an_archived_batch(self, jar):
        batches.archive(batch=jar, now=NOON)

        with pytest.raises(batches.BatchIsArchived):
            make_reminder(batch=jar, due_at=LATER)

    def test_refuses_the_far_future(self, jar):
        with pytest.raises(actions.TooFarAhead):
            make_reminder(batch=jar, due_at=NOON + timedelta(days=731))

    def test_names_the_one_it_refuses(self, jar):
        with pytest.raises(ValidationError) as refusal:
            make_reminder(batch=jar, due_at=LATER, message="x" * 201)

        assert list(refusal.value.error_dict) == ["reminders.0.message"]


class TestReplan:
    def test_warmer_is_sooner(self, jar):
        reminder = agreed(jar, "ready")

        warmer = batches.edit(batch=jar, now=NOON, temperature_c=27)

        due_before, _ = reminder.due_at, reminder.refresh_from_db()
        assert reminder.due_at == suggestion(warmer, "ready").due_at < due_before

    def test_a_logged_temperature_counts_too(self, jar):
        reminder = agreed(jar, "ready")

        events.record(batch=jar, now=NOON + HOUR, kind="measurement", temperature_c=28)

        due_before, _ = reminder.due_at, reminder.refresh_from_db()
        assert reminder.due_at < due_before

    def test_a_time_of_my_own_outlives_what_suggested_it(self, jar):
        burp = make_reminder(batch=jar, kind="burp", due_at=LATER, message="Burp it")
        assert "burp" not in {one.kind for one in suggest(jar.facts(), now=NOON)}
        batches.edit(batch=jar, now=NOON, temperature_c=28)
        events.record(batch=jar, now=NOON, kind="measurement", temperature_c=27)
        burp.refresh_from_db()

        assert (burp.status, burp.due_at) == ("waiting", LATER)

    def test_bottling_ends_what_belonged_to_the_jar(self, jar):
        reminder = agreed(jar, "grains_starve")

        batches.move(batch=jar, now=NOON + HOUR, stage="bottled")

        reminder.refresh_from_db()
        assert reminder.status == "cancelled"

    def test_bottling_finishes_what_was_told(self, jar):
        reminder = agreed(jar, "grains_starve")
        Reminder.objects.update(status="sent", sent_at=NOON)

        batches.move(batch=jar, now=NOON + HOUR, stage="bottled")

        reminder.refresh_from_db()
        assert (reminder.status, reminder.done_at) == ("done", NOON + HOUR)

    def test_archiving_ends_all_and_restoring_brings_them_back(self, jar):
        reminder = make_reminder(batch=jar, due_at=LATER)

        batches.archive(batch=jar, now=NOON)
        reminder.refresh_from_db()
        assert reminder.status == "cancelled"

        batches.restore(batch=jar, now=NOON + HOUR)
        reminder.refresh_from_db()
        assert reminder.status == "waiting"

    def test_restoring_too_late_for_an_alarm_rings_it_in_a_moment(self, alice):
        sealed = make_bottled(owner=alice, temperature_c=22)
        bottles = batches.edit(batch=sealed, now=NOON, bottle_kind="swing_top")
        alarm = agreed(bottles, "chill_by")
        late = alarm.due_at + HOUR

        batches.archive(batch=bottles, now=alarm.due_at - HOUR)
        batches.restore(batch=bottles, now=late)

        alarm.refresh_from_db()
        assert (alarm.status, alarm.priority) == ("waiting", 0)
        assert late < alarm.due_at <= late + SOON

    def test_what_slept_wakes_at_the_time_it_is_asked_for_now(self, jar):
        reminder = agreed(jar, "ready")

        events.record(batch=jar, now=NOON + HOUR, kind="observation", sign="mould")
        events.record(batch=jar, now=NOON + HOUR, kind="measurement", temperature_c=28)
        events.record(batch=jar, now=NOON + 2 * HOUR, kind="observation", sign="no_mould")

        due_before, _ = reminder.due_at, reminder.refresh_from_db()
        wanted = suggestion(jar, "ready", now=NOON + 2 * HOUR)
        assert (reminder.status, reminder.message) == ("waiting", wanted.message)
        assert reminder.due_at == wanted.due_at < due_before

    def test_what_becomes_a_matter_of_safety_is_held_up_by_nothing(self, alice):
        cold = make_cold(owner=alice, culture="milk_kefir", bottle_kind="champagne")
        reminder = agreed(cold, "drink_by")
        assert reminder.priority == 1

        batches.edit(batch=cold, now=NOON + HOUR, bottle_kind="unknown")

        reminder.refresh_from_db()
        assert (reminder.priority, reminder.due_at) == (0, NOON + HOUR + SOON)

    def test_what_i_cancelled_myself_stays_cancelled(self, jar):
        reminder = actions.cancel(reminder=make_reminder(batch=jar, due_at=LATER), now=NOON)

        batches.restore(batch=batches.archive(batch=jar, now=NOON), now=NOON)

        reminder.refresh_from_db()
        assert reminder.status == "cancelled"


class TestSnooze:
    def test_keeps_the_due_time(self, jar):
        reminder = make_reminder(batch=jar, due_at=LATER)

        snoozed = actions.snooze(reminder=reminder, until=LATER + HOUR, now=NOON)

        assert (snoozed.due_at, snoozed.snoozed_until) == (LATER, LATER + HOUR)
        assert not snoozed.is_due(LATER)

    def test_of_what_was_told_begins_another_round(self, jar):
        reminder = make_reminder(batch=jar, due_at=LATER)
        Reminder.objects.update(status="sent", sent_at=LATER)

        snoozed = actions.snooze(reminder=reminder, until=LATER + HOUR, now=LATER)

        assert (snoozed.status, snoozed.round, snoozed.sent_at) == ("waiting", 2, None)


class TestFinishAndSkip:
    def test_done_once(self, jar):
        reminder = actions.finish(reminder=make_reminder(batch=jar, due_at=LATER), now=NOON)
        assert (reminder.status, reminder.done_at) == ("done", NOON)

        with pytest.raises(actions.NotWaiting):
            actions.finish(reminder=reminder, now=NOON)

    def test_skipped_is_not_done(self, jar):
        reminder = actions.skip(reminder=make_reminder(batch=jar, due_at=LATER), now=NOON)

        assert (reminder.status, reminder.done_at) == ("skipped", None)

    def test_what_was_told_cannot_be_cancelled(self, jar):
        reminder = make_reminder(batch=jar, due_at=LATER)
        Reminder.objects.update(status="sent", sent_at=LATER)

        with pytest.raises(actions.NotWaiting):
            actions.cancel(reminder=reminder, now=NOON)
