"""Whatever changes is told of, in the words of the API."""

import json
from datetime import timedelta

import pytest

from batches import actions as batches
from events import actions as events
from hooks.models import Message
from reminders import actions as reminders
from tests.api import app_of, call
from tests.factories import NOON, make_batch, make_event, make_reminder

SOON = NOON + timedelta(hours=1)


@pytest.fixture
def told(endpoint):
    """The kinds told since it was last asked."""

    def since() -> list[str]:
        kinds = list(Message.objects.order_by("created_at", "pk").values_list("kind", flat=True))
        Message.objects.all().delete()
        return sorted(kinds)

    return since


@pytest.fixture
def jar(alice, told):
    batch = make_batch(owner=alice, started_at=NOON - timedelta(hours=30))
    told()
    return batch


def last_body():
    return json.loads(Message.objects.latest("created_at").body)


class TestBatches:
    def test_are_told_of_when_they_are_started(self, alice, told):
        make_batch(owner=alice)
        assert told() == ["batch.started"]

    @pytest.mark.parametrize(
        ("verb", "kind"),
        [
            (lambda jar: batches.edit(batch=jar, now=NOON, name="Fig"), "batch.edited"),
            (lambda jar: batches.move(batch=jar, now=NOON, stage="bottled"), "batch.moved"),
            (lambda jar: batches.archive(batch=jar, now=NOON), "batch.archived"),
            (lambda jar: batches.share(batch=jar, now=NOON), "batch.shared"),
        ],
    )
    def test_are_told_of_when_something_changes(self, jar, told, verb, kind):
        verb(jar)
        assert told() == [kind]

    def test_are_told_of_when_it_is_taken_back(self, jar, told):
        batches.unshare(batch=batches.share(batch=jar, now=NOON), now=NOON)
        batches.restore(batch=batches.archive(batch=jar, now=NOON), now=NOON)
        assert told() == ["batch.archived", "batch.restored", "batch.shared", "batch.unshared"]

    def test_look_as_they_do_in_the_api(self, alice, jar):
        batch = batches.edit(batch=jar, now=NOON, name="Fig ü", temperature_c=21.5)
        said = last_body()
        assert said["data"] == call(app_of(alice), "get", f"/batches/{batch.pk}").json()
        assert (said["kind"], said["occurredAt"]) == ("batch.edited", "2026-03-01T12:00:00Z")
        assert said["id"] == str(Message.objects.get().pk)

    def test_that_did_not_change_are_not_told_of(self, jar, told):
        batches.edit(batch=jar, now=NOON, name=jar.name)
        batches.move(batch=jar, now=NOON, stage="open")
        assert told() == []


class TestEvents:
    def test_are_told_of_from_first_to_last(self, jar, told):
        event = make_event(batch=jar)
        event = events.correct(event=event, now=NOON, description="More bubbles")
        events.withdraw(event=event, now=NOON)
        assert told() == ["event.corrected", "event.recorded", "event.withdrawn"]

    def test_look_as_they_do_in_the_api(self, alice, jar):
        event = make_event(batch=jar, ph=4.2)
        [shown] = call(app_of(alice), "get", f"/batches/{jar.pk}/events").json()["results"]
        assert last_body()["data"] == shown
        events.withdraw(event=event, now=NOON + timedelta(seconds=1))
        assert (last_body()["kind"], last_body()["data"]) == ("event.withdrawn", shown)

    def test_sent_twice_by_a_client_they_are_told_of_once(self, jar, told):
        event = make_event(batch=jar)
        events.record(batch=jar, now=NOON, id=event.pk, description="Bubbles")
        assert told() == ["event.recorded"]


class TestReminders:
    @pytest.mark.parametrize(
        ("verb", "kind"),
        [
            (lambda one: reminders.finish(reminder=one, now=NOON), "reminder.done"),
            (lambda one: reminders.skip(reminder=one, now=NOON), "reminder.skipped"),
            (lambda one: reminders.cancel(reminder=one, now=NOON), "reminder.cancelled"),
            (lambda one: reminders.snooze(reminder=one, until=SOON, now=NOON), "reminder.snoozed"),
        ],
    )
    def test_are_told_of_when_somebody_acts(self, jar, told, verb, kind):
        reminder = make_reminder(batch=jar, due_at=SOON)
        verb(reminder)
        assert told() == sorted(["reminder.confirmed", kind])

    def test_look_as_they_do_in_the_api(self, alice, jar):
        make_reminder(batch=jar, due_at=SOON)
        [shown] = call(app_of(alice), "get", f"/batches/{jar.pk}/reminders").json()["results"]
        assert last_body()["data"] == shown

    def test_are_told_of_when_their_batch_takes_them_along(self, jar, told):
        make_reminder(batch=jar, due_at=SOON)
        told()
        batches.restore(batch=batches.archive(batch=jar, now=NOON), now=NOON)
        assert told() == ["batch.archived", "batch.restored", "reminder.cancelled", "reminder.replanned"]

    def test_are_told_of_when_what_they_ask_for_was_written_down(self, jar, told):
        make_reminder(batch=jar, due_at=SOON, kind="taste")
        told()
        event, _ = events.record(batch=jar, now=NOON, kind="taste", taste="just_right")
        assert told() == ["event.recorded", "reminder.done"]
        events.withdraw(event=event, now=NOON)
        assert told() == ["event.withdrawn", "reminder.replanned"]

    def test_that_are_not_acted_on_twice_are_told_of_once(self, jar, told):
        reminder = make_reminder(batch=jar, due_at=SOON)
        for _ in range(2):
            reminders.cancel(reminder=reminder, now=NOON)
        assert told() == ["reminder.cancelled", "reminder.confirmed"]
