"""Pictures: asked for, confirmed once uploaded, edited, removed; and what follows by itself.

Whatever takes an object's key off a row, or the row away, has the object deleted (a trigger; `throw_away`). So nothing
here deletes objects itself, and a crash leaves none behind.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from batches import actions as batch_actions
from batches.actions import CLOCK_SKEW, BatchIsArchived
from batches.models import Batch
from batches.signals import What
from events import actions, copies, headers, pictures, unnamed
from events.kinds import Kind
from events.models import COPIES_ARE, DiscardedObject, Event, Photo, State
from kefir import bucket
from work import actions as work

logger = logging.getLogger("events.photos")

UPLOAD_WITHIN = timedelta(minutes=5)
MOST_PENDING = 50
PENDING_FOR = timedelta(days=1)
# Of somebody who only tries it.
DEMO_QUOTA_MB = 20
# Longer than a removal can be taken back.
REMOVED_KEPT_FOR = timedelta(hours=2)
THROW_AWAY = "throw_away"
THROWN_AWAY_AT_ONCE = 200
REFUSED_WAITS_FOR = timedelta(hours=1)
# A picture that breaks the darkroom this often has earned it.
DARKROOM_TRIES = 3


class NoRoom(ValidationError):
    def __init__(self, most_mb: int) -> None:
        most = f"{most_mb:,}".replace(",", " ")
        sentence = _("Your photos take all of the %(most)s MB there are. Remove some first.") % {"most": most}
        super().__init__(sentence, code="photo_quota")


class TooManyPending(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("Upload and confirm the %(most)s you asked for first.") % {"most": MOST_PENDING},
            code="too_many_pending",
        )


class UnknownPhoto(ValidationError):
    def __init__(self) -> None:
        sentence = _("Ask for an upload URL first, and send its photoId.")
        super().__init__({"photo_id": ValidationError(sentence, code="does_not_exist")})


class NotUploaded(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("The photo has not arrived yet. Upload it, then confirm."), code="not_uploaded")


class NotTaken(ValidationError):
    """What came is not what may be kept: the door has it refused for good, for here all is undone."""


class WrongSize(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("What was uploaded is not as long as was said."), code="wrong_size")


class NotAPicture(NotTaken):
    def __init__(self) -> None:
        super().__init__(
            _("This is no picture that can be read. Take JPEG, PNG, WebP, HEIC or AVIF."),
            code="not_a_picture",
        )


class OtherKind(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("This is another kind of picture than was said."), code="other_kind")


class TooManyPixels(NotTaken):
    def __init__(self) -> None:
        most = pictures.MOST_PIXELS // 1_000_000
        super().__init__(
            _("A photo has at most %(most)s megapixels.") % {"most": most}, code="too_many_pixels"
        )


class WasRefused(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This upload was refused. Ask for another one."), code="photo_refused")


class CopiesAreGone(Exception):
    """It took so long that they were taken for left behind: they are made once more."""


# --- uploaded -------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(*, batch: Batch, now: datetime, content_type: str, size_bytes: int, filename: str = "") -> Photo:
    """Room for a photo that is yet to be uploaded; `upload_address` says where to."""
    # Counted under a lock, or many at once would each see room.
    owner = User.objects.select_for_update(no_key=True).get(pk=batch.owner_id)
    if batch.is_archived:
        raise BatchIsArchived
    photo = Photo(
        batch=batch, content_type=content_type, size_bytes=size_bytes, filename=filename, created_at=now
    )
    name_keys(photo, owner)
    photo.full_clean(validate_unique=False)
    refuse_too_much(owner, size_bytes)
    photo.save(force_insert=True)
    return photo


def name_keys(photo: Photo, owner: User) -> None:
    copied = bucket.keys.fresh(bucket.keys.COPIES, owner.pk)
    photo.incoming_key = bucket.keys.fresh(bucket.keys.INCOMING, owner.pk)
    photo.web_key, photo.thumbnail_key = f"{copied}/web.webp", f"{copied}/thumb.webp"


def refuse_too_much(owner: User, size_bytes: int) -> None:
    theirs = Photo.objects.of(owner).exclude(state=State.REFUSED)
    if theirs.pending().count() >= MOST_PENDING:
        raise TooManyPending
    taken = theirs.aggregate(taken=Sum("size_bytes"))["taken"] or 0
    most_mb = DEMO_QUOTA_MB if owner.demo_until else settings.PHOTO_QUOTA_MB
    if taken + size_bytes > most_mb * 1_000_000:
        raise NoRoom(most_mb)


def upload_address(photo: Photo) -> tuple[str, dict[str, str]]:
    """Where to PUT it, and with which headers."""
    return bucket.presign_put(
        photo.incoming_key,
        content_type=photo.content_type,
        size=photo.size_bytes,
        seconds=int(UPLOAD_WITHIN.total_seconds()),
    )


@transaction.atomic
def ask_again(*, photo: Photo, now: datetime) -> Photo | None:
    """As if it were asked for now, while nothing is confirmed; None when there is nothing to upload any more."""
    asked = locked(photo)
    if asked is None or asked.state != State.PENDING:
        return None
    asked.created_at = now
    asked.save(update_fields=["created_at"])
    return asked


@dataclass(frozen=True)
class Arrived:
    """What came: where it is kept out of reach of any signed PUT, and what it says of itself."""

    key: str
    etag: str
    seen: headers.Seen


def confirm(
    *, photo: Photo, now: datetime, caption: str = "", taken_at: datetime | None = None
) -> tuple[Photo, bool]:
    """It is uploaded: look at it, keep it, put it on the timeline; say whether that is new.

    Raises NotUploaded, or NotTaken for what must then be refused. BucketFailed is the world's fault.
    """
    arrived = look_at(photo=photo, now=now, taken_at=taken_at)
    return keep(photo=photo, arrived=arrived, now=now, caption=caption, taken_at=taken_at)


def look_at(*, photo: Photo, now: datetime, taken_at: datetime | None = None) -> Arrived | None:
    """Copied, then looked at, while no lock is held: the store may be slow. None of one that is no longer pending."""
    pending = Photo.objects.pending().select_related("batch__owner").filter(pk=photo.pk).first()
    if pending is None:
        return None
    refuse_nonsense(pending, taken_at, now=now)
    key = bucket.keys.fresh(bucket.keys.ORIGINALS, pending.batch.owner_id)
    unnamed.goes([key], now=now)
    etag = take_in(pending, key)
    return Arrived(key, etag, judged(pending, key))


@transaction.atomic
def keep(
    *,
    photo: Photo,
    arrived: Arrived | None,
    now: datetime,
    caption: str = "",
    taken_at: datetime | None = None,
) -> tuple[Photo, bool]:
    """What `look_at` saw goes onto the timeline, unless another was sooner."""
    kept = locked(photo)
    if kept is None:
        raise UnknownPhoto
    if kept.state == State.REFUSED:
        raise WasRefused
    if kept.is_ready:
        return kept, False
    refuse_nonsense(kept, taken_at, now=now)
    if arrived is None or not unnamed.named([arrived.key]):
        raise NotUploaded
    seen = arrived.seen
    kept.original_key, kept.etag = arrived.key, arrived.etag
    kept.width, kept.height = seen.width, seen.height
    kept.taken_at = taken_at or (seen.taken_at if seen.taken_at and seen.taken_at < now else None)
    put_on_timeline(kept, caption, now=now)
    return kept, True


def locked(photo: Photo) -> Photo | None:
    """None when it has gone meanwhile."""
    return Photo.objects.select_for_update(of=("self",)).filter(pk=photo.pk).first()


def refuse_nonsense(photo: Photo, taken_at: datetime | None, *, now: datetime) -> None:
    batch_actions.refuse_future(taken_at, "taken_at", now)
    photo.taken_at = taken_at
    photo.clean_fields()


def take_in(photo: Photo, key: str) -> str:
    """Copy it to where no signed PUT reaches, so that what is looked at next is what is kept."""
    there = bucket.head(photo.incoming_key)
    if there is None:
        raise NotUploaded
    if there.size != photo.size_bytes:
        raise WrongSize
    try:
        return bucket.copy(photo.incoming_key, key, content_type=photo.content_type, etag=there.etag)
    except (bucket.NotThere, bucket.Changed) as error:
        raise NotUploaded from error


def judged(photo: Photo, key: str) -> headers.Seen:
    picture = bucket.read(key)
    if len(picture) != photo.size_bytes:
        raise WrongSize
    try:
        seen = headers.looked_at(picture, zone=photo.batch.owner.zone)
    except headers.NoPicture as error:
        raise NotAPicture from error
    if seen.format != pictures.KINDS[photo.content_type]:
        raise OtherKind
    if seen.pixels > pictures.MOST_PIXELS:
        raise TooManyPixels
    return seen


def put_on_timeline(photo: Photo, caption: str, *, now: datetime) -> None:
    batch = batch_actions.locked(photo.batch)
    if batch.is_archived:
        raise BatchIsArchived
    at = photo.taken_at if photo.taken_at and is_of_its_time(batch, photo.taken_at, now) else now
    event = Event(
        batch=batch, kind=Kind.PHOTO, occurred_at=at, description=caption, created_at=now, updated_at=now
    )
    event.full_clean(validate_unique=False)
    event.save(force_insert=True)
    photo.event, photo.batch, photo.state = event, batch, State.READY
    photo.confirmed_at = photo.stored_at = now
    photo.incoming_key = ""
    photo.full_clean(validate_unique=False)
    photo.save()
    work.enqueue(
        kind="photo_copies", key=str(photo.pk), now=now, payload={"photo": photo.pk}, owner=batch.owner
    )
    actions.tell(event, What.LOGGED, now=now)


def is_of_its_time(batch: Batch, at: datetime, now: datetime) -> bool:
    """An old picture may well be shown with a batch; it stands on its timeline where it was shown."""
    return batch.started_at - actions.BEFORE_THE_START <= at <= now + CLOCK_SKEW


@transaction.atomic
def refuse(*, photo: Photo, now: datetime) -> None:
    """It is none. Its objects go; if it is on the timeline, the line stays and says so."""
    if photo.event_id:
        batch_actions.locked(photo.batch)
    refused = locked(photo)
    if refused is None or refused.state == State.REFUSED or refused.copied_at:
        return
    refused.state, refused.is_cover = State.REFUSED, False
    refused.incoming_key = refused.original_key = refused.web_key = refused.thumbnail_key = ""
    refused.save()
    logger.info("A photo was refused", extra={"photo": str(photo.pk)})
    if refused.event:
        refused.event.data, refused.event.updated_at = {"refused": True}, now
        refused.event.save(update_fields=["data", "updated_at"])
        actions.tell(refused.event, What.CORRECTED, now=now)


# --- kept -----------------------------------------------------------------------------------------------------


@transaction.atomic
def edit(*, photo: Photo, now: datetime, caption: str | None = None, is_cover: bool | None = None) -> Photo:
    """Other words below it; or onto the cover, which holds one, and off it again."""
    photo = of_an_open_batch(photo)
    if is_cover is not None:
        if is_cover:
            Photo.objects.filter(batch=photo.batch, is_cover=True).update(is_cover=False)
        photo.is_cover = is_cover
        photo.full_clean(validate_unique=False)
        photo.save(update_fields=["is_cover"])
    if caption is not None and photo.event:
        photo.event.description, photo.event.updated_at = caption, now
        photo.event.full_clean(validate_unique=False)
        photo.event.save(update_fields=["description", "updated_at"])
        actions.tell(photo.event, What.CORRECTED, now=now)
    return photo


@transaction.atomic
def remove(*, photo: Photo, now: datetime, objects_go_at: datetime | None = None) -> None:
    """With its line of the timeline. One that was never on it just goes.

    Its objects may be kept for a while, so that it can come back; by themselves they go at once.
    """
    if photo.event_id is None:
        Photo.objects.filter(pk=photo.pk, event=None).delete()
        return
    try:
        kept = of_an_open_batch(photo)
    except UnknownPhoto:
        return
    if kept.event:
        actions.withdraw(event=kept.event, now=now)
    if objects_go_at:
        keys = [kept.incoming_key, kept.original_key, kept.web_key, kept.thumbnail_key]
        DiscardedObject.objects.filter(key__in=keys, due_at__lt=objects_go_at).update(due_at=objects_go_at)


def of_an_open_batch(photo: Photo) -> Photo:
    batch = batch_actions.locked(photo.batch)
    if batch.is_archived:
        raise BatchIsArchived
    kept = locked(photo)
    if kept is None:
        raise UnknownPhoto
    kept.batch = batch
    if kept.event:
        kept.event.batch = batch
    return kept


# --- by itself ------------------------------------------------------------------------------------------------


def make_copies(*, photo_id: UUID, now: datetime, attempt: int) -> None:
    """The copies that are shown. Done twice, they are the same ones; what cannot be unpacked is refused."""
    photo = Photo.objects.ready().filter(pk=photo_id, copied_at=None).select_related("batch").first()
    if photo is None:
        return
    try:
        made = copies.made_of(bucket.read(photo.original_key))
    except copies.CannotBeRead:
        refuse(photo=photo, now=now)
    except copies.DarkroomBroke:
        if attempt < DARKROOM_TRIES:
            raise
        refuse(photo=photo, now=now)
    else:
        put_copies(photo=photo, made=made, now=now)


def put_copies(*, photo: Photo, made: copies.Copies, now: datetime) -> None:
    """While no lock is held: the store may be slow."""
    if not makes_room_for_copies(photo=photo, now=now):
        return
    bucket.put(photo.web_key, made.web, content_type=COPIES_ARE)
    bucket.put(photo.thumbnail_key, made.thumb, content_type=COPIES_ARE)
    keep_copies(photo=photo, made=made, now=now)


@transaction.atomic
def makes_room_for_copies(*, photo: Photo, now: datetime) -> bool:
    kept = locked(photo)
    wants_copies = kept is not None and kept.is_ready and kept.copied_at is None
    if wants_copies:
        unnamed.goes([photo.web_key, photo.thumbnail_key], now=now)
    return wants_copies


@transaction.atomic
def keep_copies(*, photo: Photo, made: copies.Copies, now: datetime) -> None:
    """Those of a photo that was removed meanwhile go by themselves."""
    kept = locked(photo)
    if kept is None or not kept.is_ready or kept.copied_at:
        return
    if not unnamed.named([kept.web_key, kept.thumbnail_key]):
        raise CopiesAreGone
    kept.width, kept.height, kept.copied_at = made.width, made.height, now
    kept.save(update_fields=["width", "height", "copied_at"])


@transaction.atomic
def sweep(*, now: datetime) -> int:
    """What was asked for a day ago and never confirmed, and what was refused."""
    _, gone = Photo.objects.unfinished(before=now - PENDING_FOR).delete()
    return gone.get(Photo._meta.label, 0)


def have_thrown_away(*, now: datetime) -> None:
    if DiscardedObject.objects.filter(due_at__lte=now).exists():
        work.enqueue(kind=THROW_AWAY, key="all", now=now)


@transaction.atomic
def throw_away(*, now: datetime) -> int:
    """Delete objects that no row names any more, then forget them: after a crash they are deleted once more.

    Those that the bucket refuses to let go wait for an hour, and hold up no others.
    """
    due = DiscardedObject.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
    discarded = list(due.order_by("due_at")[:THROWN_AWAY_AT_ONCE])
    if discarded:
        refused = bucket.delete_each(one.key for one in discarded)
        gone = [one.pk for one in discarded if one.key not in refused]
        DiscardedObject.objects.filter(pk__in=gone).delete()
        if refused:
            put_off(refused, until=now + REFUSED_WAITS_FOR)
    return len(discarded)


def put_off(refused: dict[str, str], *, until: datetime) -> None:
    logger.warning(
        "The bucket does not delete %s objects: %s", len(refused), ", ".join(sorted(set(refused.values())))
    )
    DiscardedObject.objects.filter(key__in=refused, due_at__lt=until).update(due_at=until)
