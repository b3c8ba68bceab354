"""What happens to photos by the clock."""

from celery import shared_task
from django.utils import timezone

from events import originals, photos


@shared_task
def throw_away() -> None:
    """Every minute: a job for objects of the bucket that no row names any more."""
    photos.have_thrown_away(now=timezone.now())


@shared_task
def sweep() -> None:
    """Every hour: photos that were asked for and never confirmed."""
    photos.sweep(now=timezone.now())


@shared_task
def look_ahead() -> None:
    """Every hour: whose originals the bucket will forget in a month."""
    originals.look_ahead(now=timezone.now())
