"""What happens to batches by the clock."""

from celery import shared_task
from django.utils import timezone

from batches import actions, forecasts, grains, undoing


@shared_task
def sweep() -> None:
    """Every hour: what is long gone, can be taken back no more, or was said of what is long over."""
    while actions.forget_tombstones(now=timezone.now()) == actions.FORGOTTEN_AT_ONCE:
        pass
    while undoing.forget(now=timezone.now()) == undoing.FORGOTTEN_AT_ONCE:
        pass
    while forecasts.forget(now=timezone.now()) == forecasts.FORGOTTEN_AT_ONCE:
        pass


@shared_task
def notice_grains() -> None:
    """Every quarter of an hour: cultures that rest too long, or stand about unfed."""
    while grains.notice(now=timezone.now()) == grains.NOTICED_AT_ONCE:
        pass
