"""What happens to exports, imports and accounts by the clock."""

from celery import shared_task

from takeout import actions, imports
from work import queue


@shared_task
def sweep() -> None:
    """Every hour: archives and what was brought along, when they have lain long enough."""
    now = queue.clock()
    actions.sweep_archives(now=now)
    imports.sweep(now=now)
