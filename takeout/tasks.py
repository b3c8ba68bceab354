"""What happens to exports, imports and accounts by the clock."""

from celery import shared_task

from takeout import actions, farewells
from work import queue


@shared_task
def say_farewell() -> None:
    """Twice a minute: accounts whose day to think it over has passed."""
    farewells.begin(now=queue.clock())


@shared_task
def sweep() -> None:
    """Every hour: archives and what was brought along, when they have lain long enough, each by a job."""
    now = queue.clock()
    actions.have_swept(now=now)
    farewells.sweep(now=now)
