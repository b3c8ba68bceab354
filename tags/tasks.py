"""What happens to tags by the clock."""

from celery import shared_task
from django.utils import timezone

from tags import actions


@shared_task
def sweep() -> None:
    """Every hour: blank tags that nobody has scanned for a year."""
    while actions.sweep(now=timezone.now()):
        pass
