"""What is told, and what could not be, is heard of by webhooks in the transaction that notes it."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from hooks import actions as hooks
from hooks.models import HookDelivery, Message
from reminders import actions, queue, receipts
from reminders.channels import Failed
from reminders.models import Delivery, Reminder
from tests.accounts.phones import make_device
from tests.api import app_of, call
from tests.factories import NOON, make_batch, make_reminder
from tests.hooks.factories import make_endpoint
from tests.reminders.engine import carry
from work.models import Job

DUE = NOON + timedelta(hours=1)
SOUND = ["reminder.sent", "reminder.failed", "reminder.cancelled"]


def keep(owner, number=1):
    batch = make_batch(owner=owner)
    return [make_reminder(batch=batch, due_at=DUE, message=f"Taste {n}") for n in range(number)]


def told():
    return [(one.kind, str(one.user)) for one in Message.objects.order_by("created_at", "pk")]


@pytest.fixture
def listening(alice):
    return make_endpoint(owner=alice, kinds=SOUND)


class TestTelling:
    def test_is_heard_of_by_those_who_listen_and_nobody_else(self, alice, bob, channels, listening):
        keep(alice, 2), keep(bob, 2)
        carry(DUE)
        assert len(channels["email"].sent) == 4
        assert told() == [("reminder.sent", "alice@example.com")] * 2
        assert Job.objects.filter(kind="webhook").count() == HookDelivery.objects.count() == 2

    def test_looks_as_it_does_in_the_api(self, alice, channels, listening):
        [reminder] = keep(alice)
        carry(DUE)
        [shown] = call(app_of(alice), "get", f"/batches/{reminder.batch_id}/reminders").json()["results"]
        assert json.loads(Message.objects.get().body)["data"] == shown
        assert shown["status"] == "sent"

    def test_that_fails_is_heard_of(self, alice, channels, listening):
        keep(alice)
        channels["email"].answers[""] = [Failed("No such mailbox.")]
        carry(DUE)
        assert told() == [("reminder.failed", "alice@example.com")]

    def test_is_not_heard_of_when_its_keeper_was_quicker(self, alice, channels, listening):
        """They finished it while we were at it."""
        [reminder] = keep(alice)
        channels["email"].before = lambda _: actions.finish(reminder=reminder, now=DUE)
        carry(DUE)
        assert told() == []
        reminder.refresh_from_db()
        assert reminder.status == "done"

    def test_and_the_news_of_it_stand_and_fall_together(self, alice, channels, listening, monkeypatch):
        keep(alice)
        broken = lambda **_: 1 / 0  # noqa: E731
        monkeypatch.setattr(hooks, "announce", broken)
        with pytest.raises(ZeroDivisionError):
            carry(DUE)
        assert Reminder.objects.get().status == "waiting"
        assert not Delivery.objects.exists()

    def test_again_after_a_nag_is_heard_of_again(self, alice, channels, listening):
        User.objects.update(nag_every=timedelta(hours=1))
        keep(alice)
        carry(DUE)
        carry(DUE + timedelta(hours=1, seconds=1))
        assert [kind for kind, _ in told()] == ["reminder.sent"] * 2


class TestCost:
    """For those to whom nobody listens."""

    def test_is_not_a_single_statement_more(self, alice, bob, channels, monkeypatch, listening):
        asked, execute = [], queue.execute
        monkeypatch.setattr(queue, "execute", lambda *given: asked.append(given[0]) or execute(*given))
        make_device(owner=bob)
        keep(bob, 100)
        asked.clear()
        with CaptureQueriesContext(connection) as of_models:
            carry(DUE)
        assert len(channels["expo"].sent) == 100
        assert not of_models
        # Claimed, its turn taken, all known, noted, its turn over; and twice there is nothing more.
        assert len(asked) == 7


class TestReceipts:
    def test_that_end_a_reminder_are_heard_of(self, alice, channels, listening):
        device = make_device(owner=alice)
        [reminder] = keep(alice)
        carry(DUE)
        Message.objects.all().delete()
        Reminder.objects.filter(pk=reminder.pk).update(kind="taste")
        make_reminder(batch=reminder.batch, due_at=DUE + timedelta(days=1), kind="taste")
        delivery = Delivery.objects.get(address=str(device.pk))
        receipts.lose(delivery, Failed("Gone."), now=DUE + timedelta(minutes=15))
        assert told() == [("reminder.failed", "alice@example.com")]
