"""Beat ticks, the tick sends hints, workers carry. The lease in PostgreSQL is the truth, a message a hint."""

import logging
import time

from celery import shared_task
from django.db import close_old_connections
from kombu.exceptions import KombuError
from kombu.exceptions import OperationalError as BrokerIsAway

from work import actions, carrier, queue
from work.patience import AWAY

logger = logging.getLogger("kefir.jobs")

HINTS_AT_ONCE = 4
HINT_LASTS_SECONDS = 5
# Then the process may be ended kindly, or get a message of its own.
GOES_ON_FOR_SECONDS = 10
A_JOB_MAY_TAKE_SECONDS = 30 * 60


@shared_task
def tick() -> None:
    """Every second: wake as many as there are jobs, a few at most; each goes on with the next by itself."""
    try:
        due = queue.how_many_due(most=HINTS_AT_ONCE)
    except AWAY as error:
        # It comes again in a second.
        logger.warning("PostgreSQL did not answer the tick: %s", type(error).__name__)
        return
    for _ in range(due):
        carry_on.apply_async(expires=HINT_LASTS_SECONDS)


# Taken off the queue before the work: lost with its worker it is no loss, and come twice no gain.
@shared_task(
    acks_late=False,
    soft_time_limit=GOES_ON_FOR_SECONDS + A_JOB_MAY_TAKE_SECONDS,
    time_limit=GOES_ON_FOR_SECONDS + A_JOB_MAY_TAKE_SECONDS + 60,
)
def carry_on() -> None:
    """One job after the other, until none is due or others want a turn."""
    until = time.monotonic() + GOES_ON_FOR_SECONDS
    try:
        while carrier.carry_one():
            close_old_connections()
            if time.monotonic() > until:
                return hint()
    except AWAY as error:
        logger.warning("PostgreSQL did not answer a worker: %s", type(error).__name__)
    return None


def hint() -> None:
    """Without it the next tick sends one."""
    try:
        carry_on.apply_async(expires=HINT_LASTS_SECONDS)
    except (KombuError, BrokerIsAway):
        logger.warning("The broker took no hint")


@shared_task
def sweep() -> None:
    """Every hour: jobs that nobody will ask about any more."""
    while actions.forget(now=queue.clock()):
        pass
