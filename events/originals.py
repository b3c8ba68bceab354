"""A month before the bucket forgets what somebody sent, they are told what will go, and how to take it along."""

from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction

from accounts import mail
from accounts.models import User
from events.models import Photo, PhotoQuerySet
from work import actions as work

TOLD_BEFORE = timedelta(days=30)
# Whoever takes a photo a day is not written to every day: what goes in the month after that is told along with it.
TOLD_ALONG = timedelta(days=30)
MOST_NAMED = 40


def kept_for() -> timedelta | None:
    """None where originals are kept for ever."""
    return timedelta(days=settings.PHOTO_ORIGINALS_DAYS) if settings.PHOTO_ORIGINALS_DAYS else None


@transaction.atomic
def look_ahead(*, now: datetime) -> None:
    """Have those told whose first original goes within a month."""
    for owner in User.objects.filter(batches__photos__in=untold(by=now + TOLD_BEFORE)).distinct():
        work.enqueue(kind="originals_will_go", key=str(owner.pk), now=now, owner=owner)


def untold(*, by: datetime) -> PhotoQuerySet:
    kept = kept_for()
    if kept is None:
        return Photo.objects.none()
    return Photo.objects.ready().filter(warned_at=None, stored_at__lte=by - kept)


def tell(*, owner_id: UUID, now: datetime) -> None:
    """One mail. After a crash before it is noted it leaves once more, under the same Message-ID."""
    owner = User.objects.filter(pk=owner_id).first()
    if owner is None or not untold(by=now + TOLD_BEFORE).of(owner).exists():
        return
    going = untold(by=now + TOLD_BEFORE + TOLD_ALONG).of(owner)
    photos = list(going.select_related("batch", "event").order_by("stored_at", "id"))
    mail.send(
        "originals_will_go",
        owner.email,
        message_id=f"originals-{uuid5(photos[0].pk, str(owner.pk))}",
        language=owner.language,
        zone=owner.zone,
        first=photos[0].original_kept_until,
        count=len(photos),
        batches=by_batch(photos[:MOST_NAMED]),
        more=max(0, len(photos) - MOST_NAMED),
    )
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(warned_at=now)


def by_batch(photos: list[Photo]) -> list[tuple[str, list[Photo]]]:
    sorted_by_batch = sorted(photos, key=lambda photo: (photo.batch.started_at, photo.batch_id))
    return [
        (group[0].batch.name, group)
        for group in (list(some) for _, some in groupby(sorted_by_batch, lambda photo: photo.batch_id))
    ]
