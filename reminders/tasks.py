"""Beat ticks, the tick claims, workers carry. The lease in PostgreSQL is the truth, a message a hint."""

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.db import InterfaceError, OperationalError
from kombu.exceptions import KombuError
from kombu.exceptions import OperationalError as BrokerIsAway

from reminders import actions, delivery, queue, receipts
from reminders.carrier import Clock
from reminders.queue import Chunk, Claimed
from work.patience import patiently

logger = logging.getLogger("kefir.reminders")

# A message is on its way for a moment, and the worker waits out the rest to the very moment.
HEAD_START = timedelta(milliseconds=50)
AT_ONCE = timedelta()
# Then others have a turn: the tick, and what falls due just now.
GOES_ON_FOR = timedelta(seconds=1)


@shared_task
def tick() -> None:
    """Claim what falls due, in chunks, and hand each chunk to a worker."""
    try:
        for chunk, wait in delivery.due_chunks():
            hand_over(chunk, wait)
    except (OperationalError, InterfaceError) as error:
        # It comes again in a second.
        logger.warning("PostgreSQL did not answer the tick: %s", type(error).__name__)


def hand_over(chunk: Chunk, wait: timedelta) -> None:
    seconds = max(0.0, (wait - HEAD_START).total_seconds())
    claimed = [[one.id, one.alert_at.isoformat(), one.claims] for one in chunk.claimed]
    message = {"lease": chunk.lease.isoformat(), "claimed": claimed}
    try:
        deliver.apply_async(kwargs=message, countdown=seconds)
    except (KombuError, BrokerIsAway):
        queue.release([one.id for one in chunk.claimed], chunk.lease)
        raise


@shared_task
def deliver(*, lease: str, claimed: list[tuple[str, str, int]]) -> None:
    clock = patiently(delivery.DatabaseClock)
    reminders = [Claimed(key, datetime.fromisoformat(at), claims) for key, at, claims in claimed]
    delivery.deliver(Chunk(datetime.fromisoformat(lease), reminders), clock=clock)
    go_on(clock)


def go_on(clock: Clock) -> None:
    if more := delivery.go_on(clock=clock, until=clock.now() + GOES_ON_FOR):
        for chunk in delivery.apart(more):
            hand_over(chunk, AT_ONCE)


@shared_task
def ask_for_receipts() -> None:
    """Every minute: what became of the pushes that Expo took a quarter of an hour ago."""
    receipts.ask(now=patiently(queue.clock))


@shared_task
def sweep() -> None:
    """Every hour: deliveries that nobody will ask about any more."""
    while actions.forget_deliveries(now=patiently(queue.clock)) == actions.FORGOTTEN_AT_ONCE:
        pass
