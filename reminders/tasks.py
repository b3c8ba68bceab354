"""Beat ticks, the tick claims, workers deliver. The lease in PostgreSQL is the truth, a message a hint."""

import logging
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from reminders import actions

logger = logging.getLogger("kefir.reminders")


@shared_task
def tick() -> None:
    """Claim what is due, in chunks, and hand each chunk to a worker."""
    while ids := actions.claim(now=timezone.now()):
        deliver.delay(reminder_ids=[str(one) for one in ids])


@shared_task
def deliver(*, reminder_ids: list[str]) -> None:
    for reminder_id in reminder_ids:
        try:
            actions.deliver(UUID(reminder_id), now=timezone.now())
        except Exception:
            # The others of the chunk must not wait for it; its lease runs out, and it is taken up again.
            logger.exception("Reminder %s was not delivered", reminder_id)
