"""What happens to exports, imports and accounts by the clock."""

from celery import shared_task

from takeout import actions
from work import queue


@shared_task
def sweep() -> None:
    """Every hour: archives that have lain long enough."""
    actions.sweep_archives(now=queue.clock())
