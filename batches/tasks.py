"""What happens to batches by the clock."""

from celery import shared_task
from django.utils import timezone

from batches import actions, forecasts, undoing


@shared_task
def sweep() -> None:
    """Every hour: what is long gone, can be taken back no more, or was said of what is long over."""
    while actions.forget_tombstones(now=timezone.now()) == actions.FORGOTTEN_AT_ONCE:
        pass
    while undoing.forget(now=timezone.now()) == undoing.FORGOTTEN_AT_ONCE:
        pass
    while forecasts.forget(now=timezone.now()) == forecasts.FORGOTTEN_AT_ONCE:
        pass
