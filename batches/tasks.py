"""What happens to batches by the clock."""

from celery import shared_task
from django.utils import timezone

from batches import actions, forecasts, grains, undoing


@shared_task
def sweep() -> None:
    """Every hour: what is long gone or over; and cultures that rest too long, or stand about unfed."""
    while actions.forget_tombstones(now=timezone.now()) == actions.FORGOTTEN_AT_ONCE:
        pass
    while undoing.forget(now=timezone.now()) == undoing.FORGOTTEN_AT_ONCE:
        pass
    while forecasts.forget(now=timezone.now()) == forecasts.FORGOTTEN_AT_ONCE:
        pass
    while grains.notice(now=timezone.now()) == grains.NOTICED_AT_ONCE:
        pass
