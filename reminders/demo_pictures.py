"""Two pictures for the week of somebody who only tries it: drawn for it, and taken in like anybody's photos."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from batches.models import Batch
from batches.stages import Stage, Status
from events import photos
from events.models import Photo
from kefir import bucket, languages

JOB = "demo_pictures"
HERE = Path(__file__).parent / "pictures"
JPEG = "image/jpeg"


def hang(*, user_id: UUID, now: datetime) -> None:
    """Done twice it is once; nothing for whoever has kept it or gone meanwhile. Raises bucket.BucketFailed."""
    keeper = User.objects.filter(pk=user_id, demo_until__gt=now, is_active=True).first()
    if keeper is None:
        return
    theirs = Batch.objects.of(keeper).filter(created_at__lte=keeper.date_joined)
    drunk = theirs.filter(status=Status.READY).first()
    at_work = theirs.filter(stage=Stage.OPEN, status=Status.ACTIVE).first()
    with languages.spoken(keeper.language):
        add(drunk, "glass.jpg", _("Lively, and deep red."), ago=timedelta(days=4, hours=18), now=now)
        add(at_work, "jar.jpg", _("The figs float."), ago=timedelta(hours=6), now=now)


def add(batch: Batch | None, name: str, caption: str, *, ago: timedelta, now: datetime) -> None:
    if batch is None or Photo.objects.ready().filter(batch=batch).exists():
        return
    picture = (HERE / name).read_bytes()
    photo = photos.ask(batch=batch, now=now, content_type=JPEG, size_bytes=len(picture), filename=name)
    bucket.put(photo.incoming_key, picture, content_type=JPEG)
    photos.confirm(photo=photo, now=now, caption=caption, taken_at=now - ago)
