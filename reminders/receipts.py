"""What became of pushes after Expo took them: asked a quarter of an hour later, and for a day.

A ticket says that Expo has a message; its receipt, that Apple or Google has it. A receipt that is not there within
a day never will be: then nobody knows.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from accounts.devices import retire_device
from batches.kinds import Kind
from hooks import actions as hooks
from hooks.kinds import Kind as Told
from reminders.channels import Failed, Later, Outcome, Sent, expo
from reminders.models import Delivery, Reminder
from reminders.timing import next_try

# Nobody else asks for the same ones meanwhile; what dies of it leaves them to the next.
LEASE = timedelta(minutes=5)
SOONEST_AGAIN = timedelta(minutes=15)
KEPT_FOR = timedelta(hours=24)
NEVER_SAID = gettext_noop("Expo never said whether it arrived.")


def ask(*, now: datetime) -> int:
    """Ask for all that are due, and note what Expo says; say how many were asked for."""
    asked = 0
    while claimed := claim(now=now):
        told = expo.receipts([one.ticket for one in claimed], now=now)
        asked += len(claimed)
        if told is None:
            # It is no use asking on; the lease brings these back.
            break
        note(claimed, told, now=now)
    return asked


@transaction.atomic
def claim(*, now: datetime) -> list[Delivery]:
    due = Delivery.objects.filter(receipt_due_at__lte=now).order_by("receipt_due_at")
    claimed = list(due.select_for_update(skip_locked=True)[: expo.RECEIPTS_AT_ONCE])
    Delivery.objects.filter(pk__in=[one.pk for one in claimed]).update(receipt_due_at=now + LEASE)
    return claimed


@transaction.atomic
def note(claimed: Sequence[Delivery], told: Mapping[str, Outcome], *, now: datetime) -> None:
    arrived = [one for one in claimed if isinstance(told.get(one.ticket), Sent)]
    _still_ours(arrived, now).update(receipt_due_at=None)
    _ask_again([one for one in claimed if one.ticket not in told], now)
    lost = [one for one in claimed if isinstance(told.get(one.ticket), Later | Failed)]
    # Deliveries before their reminders, and those in one order, as the engine locks them.
    for delivery in sorted(_still_ours(lost, now).select_for_update(), key=lambda one: one.reminder_id.int):
        lose(delivery, told[delivery.ticket], now=now)


def _still_ours(deliveries: Iterable[Delivery], now: datetime) -> QuerySet[Delivery]:
    """What was sent anew since we asked has another time, and another ticket."""
    return Delivery.objects.filter(pk__in=[one.pk for one in deliveries], receipt_due_at=now + LEASE)


def _ask_again(silent: Sequence[Delivery], now: datetime) -> None:
    by_time: defaultdict[datetime | None, list[Delivery]] = defaultdict(list)
    for one in silent:
        by_time[next_question(sent_at=one.sent_at or now, now=now)].append(one)
    for at, deliveries in by_time.items():
        _still_ours(deliveries, now).update(receipt_due_at=at) if at else _still_ours(deliveries, now).update(
            status=Delivery.Status.UNKNOWN,
            receipt_due_at=None,
            error=NEVER_SAID,
        )


def next_question(*, sent_at: datetime, now: datetime) -> datetime | None:
    """Ever more seldom; None when a day is over."""
    age = now - sent_at
    if age >= KEPT_FOR:
        return None
    return now + min(max(age, SOONEST_AGAIN), KEPT_FOR - age)


def lose(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """It did not arrive after all: it is sent once more, or another way."""
    reminder = told_by(delivery, now=now)
    again_at = (
        _again_at(delivery, reminder, outcome, now) if reminder and isinstance(outcome, Later) else None
    )
    sent_at = delivery.sent_at
    delivery.status = Delivery.Status.RETRY if again_at else Delivery.Status.FAILED
    delivery.next_try_at, delivery.receipt_due_at, delivery.ticket = again_at, None, ""
    delivery.error = getattr(outcome, "reason", "")[:300]
    delivery.save()
    if reminder:
        tell_again(reminder, again_at, error=delivery.error, now=now)
    if isinstance(outcome, Failed) and outcome.retires:
        retire_device(device_pk=delivery.address, reason=outcome.reason, sent_at=sent_at, now=now)


def told_by(delivery: Delivery, *, now: datetime) -> Reminder | None:
    """The reminder, when it counts as told by this round and has not gone on since."""
    reminder = Reminder.objects.filter(pk=delivery.reminder_id).select_for_update().first()
    if reminder is None or reminder.status != Reminder.Status.SENT or reminder.round != delivery.round:
        return None
    is_in_hand = reminder.leased_until is not None and reminder.leased_until > now
    return None if is_in_hand else reminder


def _again_at(delivery: Delivery, reminder: Reminder, outcome: Later, now: datetime) -> datetime | None:
    return next_try(
        attempts=delivery.attempts,
        asked=outcome.after,
        wanted_at=reminder.wanted_at,
        tried_since=delivery.created_at,
        now=now,
        chance=random.random(),  # noqa: S311
    )


def tell_again(reminder: Reminder, again_at: datetime | None, *, error: str, now: datetime) -> None:
    """Told elsewhere, it stays told; else it waits once more, and the engine finds another way."""
    told = [Delivery.Status.SENT, Delivery.Status.UNKNOWN]
    if reminder.deliveries.filter(round=reminder.round, status__in=told).exists():
        reminder.again_at = min(filter(None, [reminder.again_at, again_at]), default=None)
    elif has_a_successor(reminder):
        reminder.status, reminder.error = Reminder.Status.FAILED, error
        hooks.announce(user=reminder.owner, told=[(Told.REMINDER_FAILED, reminder)], now=now)
    else:
        reminder.status, reminder.sent_at, reminder.again_at = Reminder.Status.WAITING, None, None
        reminder.held_until, reminder.leased_until = again_at or now, None
    reminder.save()


def has_a_successor(reminder: Reminder) -> bool:
    """One of its kind was planned since, and of those only one may wait."""
    if reminder.kind == Kind.CUSTOM:
        return False
    same = Reminder.objects.filter(batch=reminder.batch_id, grains=reminder.grains_id, kind=reminder.kind)
    return same.waiting().exists()
