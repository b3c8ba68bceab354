"""When it goes: quiet hours, pauses, clocks that are wrong, and workers that die on the way, with simulated time."""

import time as real_time
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import OperationalError

from reminders import actions, carrier, delivery, queue
from reminders.models import Heartbeat, Reminder
from reminders.queue import LEASE
from tests.factories import NOON, make_batch, make_reminder, make_user
from tests.reminders.engine import Clock, carry
from work import patience

HOUR = timedelta(hours=1)
EVENING = datetime(2026, 3, 28, 21, 30, tzinfo=UTC)
MORNING = datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


@pytest.fixture
def keeper(db):
    return make_user(timezone="Europe/Berlin", quiet_from=time(22), quiet_until=time(7))


@pytest.fixture
def jar(keeper):
    return make_batch(owner=keeper)


def remind(jar, due_at, **filled):
    reminder = make_reminder(batch=jar, due_at=due_at)
    Reminder.objects.filter(pk=reminder.pk).update(**filled)
    reminder.refresh_from_db()
    return reminder


class TestQuietHours:
    def test_move_the_alert_and_keep_the_due_time(self, jar, channels):
        reminder = remind(jar, EVENING)

        carry(EVENING)

        reminder.refresh_from_db()
        assert channels["email"].sent == []
        # In this night the clocks go forward: seven o'clock comes an hour sooner.
        assert (reminder.status, reminder.due_at, reminder.alert_at) == ("waiting", EVENING, MORNING)
        assert (reminder.snoozed_until, reminder.attempts) == (None, 0)

    def test_end_with_the_message(self, jar, channels):
        remind(jar, EVENING)
        carry(EVENING)
        carry(MORNING)

        assert channels["email"].times == [MORNING]

    def test_hold_up_no_word_on_safety(self, jar, channels):
        remind(jar, EVENING, priority=0)

        carry(EVENING)

        assert channels["email"].times == [EVENING]

    def test_that_are_changed_hold_by_what_they_are_now(self, jar, keeper, channels):
        remind(jar, EVENING)
        carry(EVENING)
        type(keeper).objects.update(quiet_until=time(9))
        carry(MORNING)
        carry(MORNING + 2 * HOUR)

        assert channels["email"].times == [MORNING + 2 * HOUR]

    def test_give_way_to_another_time(self, jar, channels):
        reminder = remind(jar, EVENING)
        carry(EVENING)

        actions.snooze(reminder=reminder, until=MORNING - 12 * HOUR + HOUR * 15, now=EVENING)

        reminder.refresh_from_db()
        assert reminder.alert_at == reminder.snoozed_until


class TestPause:
    def test_holds_all_until_its_end(self, jar, keeper, channels):
        until = NOON + timedelta(days=9)
        type(keeper).objects.update(paused_until=until)
        remind(jar, NOON + HOUR)

        carry(NOON + HOUR)
        carry(until)

        assert channels["email"].times == [until]


class TestClocks:
    def test_a_chunk_that_is_far_ahead_by_the_true_clock_is_given_back(self, jar, channels):
        reminder = remind(jar, NOON + HOUR)
        wrong = NOON + HOUR
        chunk = queue.claim(now=wrong, until=wrong)

        delivery.deliver(chunk, clock=Clock(NOON))

        reminder.refresh_from_db()
        assert (channels["email"].sent, reminder.leased_until) == ([], None)

    def test_ours_is_the_databases_and_never_ahead_of_it(self, db):
        clock = delivery.DatabaseClock()
        for _ in range(20):
            assert clock.now() <= queue.clock()

    def test_ours_waits_until_the_very_moment(self, db):
        clock = delivery.DatabaseClock()
        at = clock.now() + timedelta(milliseconds=120)
        clock.sleep_until(at)

        assert timedelta() <= clock.now() - at < timedelta(milliseconds=100)


class TestPatience:
    def test_notes_what_was_sent_when_the_database_is_back(self, jar, channels, monkeypatch):
        remind(jar, NOON + HOUR)
        monkeypatch.setattr(patience, "connection", Unconcerned())
        monkeypatch.setattr(patience.time, "sleep", lambda _: None)
        monkeypatch.setattr(queue, "settle", AwayFor(3, queue.settle))

        carry(NOON + HOUR)

        assert (len(channels["email"].sent), Reminder.objects.get().status) == (1, "sent")

    def test_has_an_end(self, db, monkeypatch):
        monkeypatch.setattr(patience, "connection", Unconcerned())
        monkeypatch.setattr(patience, "PATIENCE_SECONDS", -1)

        with pytest.raises(OperationalError):
            patience.patiently(AwayFor(99, lambda: None))


class TestTick:
    def test_says_when_it_last_looked(self, db):
        list(delivery.due_chunks())

        last = Heartbeat.last_tick()
        assert last is not None
        assert abs(last.timestamp() - real_time.time()) < 60

    def test_a_worker_goes_on_with_what_is_overdue(self, jar, channels):
        wanted = [{"due_at": NOON + HOUR, "message": f"{number}"} for number in range(50)]
        for _ in range(5):
            actions.confirm(batch=jar, reminders=wanted, now=NOON)
        clock = Clock(NOON + 2 * HOUR)

        left = delivery.go_on(clock=clock, until=clock.now() + HOUR)

        assert (left, [len(call) for call in channels["email"].calls]) == (None, [100, 100, 50])
        assert not Reminder.objects.waiting().exists()

    def test_a_worker_leaves_the_rest_for_a_message_when_its_time_is_over(self, jar, channels):
        remind(jar, NOON + HOUR)
        clock = Clock(NOON + 2 * HOUR)

        left = delivery.go_on(clock=clock, until=clock.now())

        assert (len(left.claimed), channels["email"].sent) == (1, [])


class AwayFor:
    """The database, gone for so many calls."""

    def __init__(self, times, work):
        self.times, self.work = times, work

    def __call__(self, *args, **kwargs):
        self.times -= 1
        if self.times >= 0:
            raise OperationalError("the database is away")
        return self.work(*args, **kwargs)


class Unconcerned:
    """Tests run in a transaction, where nothing may be tried twice; nothing is broken there in truth."""

    in_atomic_block = False

    def close(self):
        pass


def test_the_lease_outlasts_the_longest_call():
    assert carrier.LONGEST_CALL < LEASE
