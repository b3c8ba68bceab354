"""The pictures of an archive: looked at as uploads are, and brought to where photos are kept."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from events import headers, photos, pictures
from events.models import DiscardedObject, Photo, State
from kefir import bucket
from takeout.contents import Line
from takeout.refusals import NoRoom
from work import actions as work

Values = dict[str, Any]


def judge(line: Line, picture: bytes | None) -> None:
    """Raises ValidationError for what no upload would be taken as, either."""
    if picture is None or len(picture) != line["sizeBytes"]:
        raise ValidationError(_("Its picture is not in this archive."), code="no_picture")
    try:
        seen = headers.looked_at(picture, zone=UTC)
    except headers.NoPicture as error:
        raise photos.NotAPicture from error
    if seen.format != pictures.KINDS[line["contentType"]]:
        raise photos.OtherKind
    if seen.pixels > pictures.MOST_PIXELS:
        raise photos.TooManyPixels


def refuse_too_many(user: User, more: int) -> None:
    taken = (
        Photo.objects.of(user).exclude(state=State.REFUSED).aggregate(taken=Sum("size_bytes"))["taken"] or 0
    )
    if taken + more > settings.PHOTO_QUOTA_MB * 1_000_000:
        raise NoRoom


def key_of(user: User, import_id: UUID, photo_id: UUID) -> str:
    """The same at each try, and found by the import when all of it is to go again."""
    return f"{prefix_of(user, import_id)}{photo_id.hex}"


def prefix_of(user: User, import_id: UUID) -> str:
    return f"{bucket.keys.of_owner(bucket.keys.ORIGINALS, user.pk)}{import_id.hex}-"


def take_back(user: User, import_id: UUID) -> None:
    """Nothing was taken in after all."""
    bucket.delete(left_of(user, import_id))


def left_of(user: User, import_id: UUID) -> Iterator[str]:
    """What no photo speaks of, nor one that may still come back: of a try that came to nothing."""
    keys = bucket.list_keys(prefix_of(user, import_id))
    while some := set(islice(keys, 1000)):
        named = Photo.objects.of(user).filter(original_key__in=some).values_list("original_key", flat=True)
        discarded = DiscardedObject.objects.filter(key__in=some).values_list("key", flat=True)
        yield from some.difference(named, discarded)


def places_of(photo_id: UUID, *, user: User, import_id: UUID, now: datetime) -> Values:
    """What its row says of where it is. Its copies are made anew."""
    photo = Photo(id=photo_id)
    photos.name_keys(photo, user)
    return {
        "state": State.READY,
        "stored_at": now,
        "original_key": key_of(user, import_id, photo_id),
        "web_key": photo.web_key,
        "thumbnail_key": photo.thumbnail_key,
    }


def have_copies_made(ids: Iterable[UUID], *, user: User, now: datetime) -> None:
    for photo_id in ids:
        work.enqueue(kind="photo_copies", key=str(photo_id), now=now, payload={"photo": photo_id}, owner=user)
