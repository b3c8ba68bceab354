from datetime import timedelta

import pytest
from django.utils import timezone

from batches import actions as batches
from batches.kinds import Kind
from batches.signals import What
from events import actions as events
from reminders import actions
from reminders.models import Reminder
from reminders.planning import Fate, Planned, settled_by, verdicts
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + 2 * HOUR

SETTLES = {
    "a taste": ("taste", {"taste"}, {Kind.TASTE, Kind.CARBONATION}),
    "a burp": ("burped", set(), {Kind.BURP, Kind.CARBONATION}),
    "a pH": ("measurement", {"ph"}, {Kind.CHECK_PH, Kind.NOT_ACID}),
    "a temperature": ("measurement", {"temperature_c"}, {Kind.SET_TEMPERATURE}),
    "both": ("measurement", {"ph", "temperature_c"}, {Kind.CHECK_PH, Kind.NOT_ACID, Kind.SET_TEMPERATURE}),
    "sugar": ("measurement", {"brix"}, set()),
    "a look": ("observation", set(), {Kind.FIRST_LOOK, Kind.MOULD_LOOK}),
    "a note with a pH": ("note", {"ph"}, {Kind.CHECK_PH, Kind.NOT_ACID}),
    "a note": ("note", set(), set()),
    "nothing": ("", set(), set()),
}


@pytest.mark.parametrize(("kind", "values", "settled"), SETTLES.values(), ids=SETTLES)
def test_what_an_event_settles(kind, values, settled):
    assert settled_by(kind, values) == settled


class TestAtHand:
    def is_finished(self, *, due_at, happened_at=NOON, **given):
        one = Planned(id="one", kind="taste", due_at=due_at, **given)
        found = verdicts([one], [], what=What.LOGGED, now=NOON, settled={"taste"}, happened_at=happened_at)
        return Fate.FINISH in [verdict.fate for verdict in found]

    @pytest.mark.parametrize("due_at", [NOON - DAY, NOON, NOON + HOUR, NOON + DAY])
    def test_is_what_was_due_or_is_within_a_day(self, due_at):
        assert self.is_finished(due_at=due_at)

    def test_is_not_what_is_due_in_days(self):
        assert not self.is_finished(due_at=NOON + DAY + HOUR)

    def test_a_warning_is_only_at_hand_within_the_hour(self):
        assert self.is_finished(due_at=NOON + HOUR, priority=0)
        assert not self.is_finished(due_at=NOON + 2 * HOUR, priority=0)

    def test_what_was_done_long_ago_settles_nothing_of_today(self):
        assert not self.is_finished(due_at=NOON, happened_at=NOON - 2 * DAY, is_sent=True)

    def test_nothing_that_went_with_the_batch(self):
        assert not self.is_finished(due_at=NOON, cancelled_with_batch=True)


@pytest.fixture
def bottles(alice):
    """So sweet that care itself speaks of gas."""
    batch = make_batch(owner=alice, water_volume_ml=1000, sugar_grams=80, temperature_c=22)
    return batches.move(batch=batch, now=NOON, stage="bottled", bottle_kind="swing_top", added_sugar_grams=10)


def make_burp(batch, **wanted):
    wish = {"kind": "burp", "message": "Let gas out", "due_at": LATER} | wanted
    return make_reminder(batch=batch, **wish)


def status_of(reminder):
    reminder.refresh_from_db()
    return reminder.status


class TestLogging:
    def test_finishes_what_waits(self, bottles):
        reminder = make_burp(bottles)
        make_event(batch=bottles, kind="burped")
        assert status_of(reminder) == "done"
        assert reminder.done_at == NOON

    @pytest.mark.parametrize("status", ["sent", "failed"])
    def test_finishes_what_was_told_or_could_not_be(self, bottles, status):
        reminder = make_burp(bottles)
        Reminder.objects.update(status=status, sent_at=LATER)
        make_event(batch=bottles, kind="burped", now=LATER)
        assert status_of(reminder) == "done"

    def test_leaves_the_others(self, bottles):
        own, other = make_reminder(batch=bottles, due_at=LATER), make_burp(bottles, kind="carbonation")
        make_event(batch=bottles, kind="note")
        assert (status_of(own), status_of(other)) == ("waiting", "waiting")

    def test_leaves_other_batches(self, alice, bottles):
        reminder = make_burp(make_bottled(owner=alice))
        make_event(batch=bottles, kind="burped")
        assert status_of(reminder) == "waiting"

    def test_finishes_nothing_by_a_correction(self, bottles):
        note = make_event(batch=bottles)
        reminder = make_burp(bottles)
        events.correct(event=note, now=NOON, kind="burped")
        assert status_of(reminder) == "waiting"

    def test_says_so_to_its_keeper(self, page, alice):
        now = timezone.now()
        batch = make_batch(owner=alice, now=now)
        make_reminder(batch=batch, kind="taste", message="Taste the jar", due_at=now + HOUR, now=now)
        answer = page.post(f"/batches/{batch.pk}/events", {"kind": "taste", "taste": "nearly"}, follow=True)
        assert "Written down. That settles: Taste the jar" in answer.content.decode()


class TestStrikingOut:
    def test_asks_again(self, bottles):
        reminder = make_burp(bottles)
        burp = make_event(batch=bottles, kind="burped")
        events.withdraw(event=burp, now=NOON + timedelta(minutes=1))
        assert status_of(reminder) == "waiting"
        assert (reminder.done_at, reminder.alert_at) == (None, LATER)

    def test_leaves_told_what_was_told(self, bottles):
        reminder = make_burp(bottles)
        Reminder.objects.update(status="sent", sent_at=LATER)
        burp = make_event(batch=bottles, kind="burped", now=LATER)
        events.withdraw(event=burp, now=LATER)
        assert status_of(reminder) == "sent"

    def test_leaves_done_what_was_finished_by_hand(self, bottles):
        reminder = make_burp(bottles)
        actions.finish(reminder=reminder, now=NOON - HOUR)
        events.withdraw(event=make_event(batch=bottles, kind="burped"), now=NOON)
        assert status_of(reminder) == "done"

    def test_makes_way_for_one_that_waits_by_now(self, bottles):
        reminder = make_burp(bottles)
        burp = make_event(batch=bottles, kind="burped")
        make_burp(bottles, due_at=LATER + HOUR)
        events.withdraw(event=burp, now=NOON)
        assert status_of(reminder) == "done"

    def test_tidying_up_later_wakes_nothing(self, bottles):
        reminder = make_burp(bottles)
        burp = make_event(batch=bottles, kind="burped")
        events.withdraw(event=burp, now=NOON + DAY)
        assert status_of(reminder) == "done"
