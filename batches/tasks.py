"""What happens to batches by the clock."""

from celery import shared_task
from django.utils import timezone

from batches import actions


@shared_task
def sweep() -> None:
    """Every hour: word of what has long been gone."""
    while actions.forget_tombstones(now=timezone.now()) == actions.FORGOTTEN_AT_ONCE:
        pass
