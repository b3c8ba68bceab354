"""What happens to photos by the clock."""

import logging

from celery import shared_task
from django.utils import timezone

from events import originals, photos
from kefir.bucket import BucketFailed

logger = logging.getLogger("events.photos")


@shared_task
def throw_away() -> None:
    """Every minute: objects of the bucket that no row names any more."""
    try:
        while photos.throw_away(now=timezone.now()):
            pass
    except BucketFailed as failure:
        # The rows stay, and the next minute comes.
        logger.warning("Objects could not be deleted: %s", failure)


@shared_task
def sweep() -> None:
    """Every hour: photos that were asked for and never confirmed."""
    photos.sweep(now=timezone.now())


@shared_task
def look_ahead() -> None:
    """Every hour: whose originals the bucket will forget in a month."""
    originals.look_ahead(now=timezone.now())
