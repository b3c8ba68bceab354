"""What happens to sensors by the clock."""

from celery import shared_task
from django.utils import timezone

from sensors import actions


@shared_task
def notice_silence() -> None:
    """Every five minutes: gadgets from which nothing has come for too long."""
    while actions.notice_silence(now=timezone.now()) == actions.NOTICED_AT_ONCE:
        pass


@shared_task
def sweep() -> None:
    """Every hour: readings that nobody will look at any more."""
    while actions.forget(now=timezone.now()):
        pass
