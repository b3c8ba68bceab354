"""Test data from plain functions, built with the verbs, so that no test starts where the program cannot get."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import User
from batches import actions as batches
from batches.models import Batch
from batches.stages import Stage
from events import actions as events
from events.models import Event
from reminders import actions as reminders
from reminders.models import Reminder

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_user(email: str = "alice@example.com", **fields: Any) -> User:
    user = User.objects.create_user(email, **({"welcomed_at": NOON} | fields))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_batch(*, owner: User, now: datetime = NOON, **filled: Any) -> Batch:
    return batches.start(owner=owner, now=now, **filled)


def make_bottled(*, owner: User, now: datetime = NOON, **filled: Any) -> Batch:
    return batches.move(batch=make_batch(owner=owner, now=now, **filled), now=now, stage=Stage.BOTTLED)


def make_event(*, batch: Batch, now: datetime = NOON, description: str = "Bubbles", **happened: Any) -> Event:
    event, _ = events.record(batch=batch, now=now, description=description, **happened)
    return event


def make_reminder(
    *, batch: Batch, due_at: datetime, now: datetime = NOON, message: str = "Taste it", **wanted: Any
) -> Reminder:
    [reminder] = reminders.confirm(
        batch=batch, reminders=[{"due_at": due_at, "message": message, **wanted}], now=now
    )
    return reminder
