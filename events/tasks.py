"""What happens to photos by the clock."""

from celery import shared_task
from django.utils import timezone

from events import photos


@shared_task
def throw_away() -> None:
    """Every minute: objects of the bucket that no row names any more."""
    while photos.throw_away(now=timezone.now()):
        pass


@shared_task
def sweep() -> None:
    """Every hour: photos that were asked for and never confirmed."""
    photos.sweep(now=timezone.now())
