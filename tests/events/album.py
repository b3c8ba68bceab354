"""Pictures for tests, built with all that cameras write into them, and the way they take through the bucket."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pillow_heif
from django.db import transaction
from PIL import ExifTags, Image, ImageCms

from batches.models import Batch
from events import photos
from events.models import Photo
from events.pictures import KINDS
from kefir import bucket
from tests.bucket.http import send
from tests.factories import NOON

pillow_heif.register_heif_opener()

# One content type for each format that is taken.
TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}
SECRET = "48.8584"  # a place that nobody else is to know
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>{SECRET}</place></x:xmpmeta>'.encode()


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: Any = (180, 90, 40), **how: Any
) -> bytes:
    written = BytesIO()
    Image.new(how.pop("mode", "RGB"), size, colour).save(written, kind, **how)
    return written.getvalue()


def exif(orientation: int | None = None, taken: str = "", offset: str = "") -> bytes:
    """With the place where it was taken."""
    said = Image.Exif()
    said[ExifTags.Base.Make] = SECRET
    if orientation:
        said[ExifTags.Base.Orientation] = orientation
    said.get_ifd(ExifTags.IFD.GPSInfo).update(
        {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0), 29: "2026:03:01"}
    )
    details = said.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.UserComment] = SECRET.encode()
    if taken:
        details[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    return said.tobytes()


def telling(kind: str, **said: Any) -> bytes:
    """All that the format can carry along: EXIF with the place, XMP, a comment, a profile."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    how = {"exif": exif(**said), "icc_profile": profile}
    if kind == "JPEG":
        how |= {"xmp": XMP, "comment": SECRET.encode()}
    elif kind in {"WEBP", "HEIF", "AVIF"}:
        how |= {"xmp": XMP}
    elif kind == "PNG":
        how |= {"pnginfo": noted()}
    return picture(kind, **how)


def noted() -> Any:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", SECRET)
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return notes


def ask(
    batch: Batch, body: bytes, *, now: datetime = NOON, content_type: str = "image/jpeg", **said: Any
) -> Photo:
    return photos.ask(batch=batch, now=now, content_type=content_type, size_bytes=len(body), **said)


def upload(photo: Photo, body: bytes) -> int:
    """As a client does; the status it is answered."""
    address, headers = photos.upload_address(photo)
    return send("PUT", address, body, **headers).status


def uploaded(batch: Batch, body: bytes, **said: Any) -> Photo:
    photo = ask(batch, body, **said)
    assert upload(photo, body) == 200
    return photo


def make_photo(*, batch: Batch, now: datetime = NOON, body: bytes = b"", **said: Any) -> Photo:
    """On the timeline, without copies so far."""
    body = body or picture()
    asked = uploaded(batch, body, now=now, content_type=TYPES[kind_of(body)])
    photo, _ = photos.confirm(photo=asked, now=now, **said)
    return photo


def make_copied(*, batch: Batch, now: datetime = NOON, **said: Any) -> Photo:
    photo = make_photo(batch=batch, now=now, **said)
    photos.make_copies(photo_id=photo.pk, now=now, attempt=1)
    return Photo.objects.get(pk=photo.pk)


def hang_up(batch: Batch, number: int, *, now: datetime) -> Photo:
    """So many rows as if they had come all that way; the last one. There is nothing in the bucket."""
    for n in range(number):
        photo = ask(batch, b"Bubbles", now=now + timedelta(seconds=n))
        with transaction.atomic():
            photos.put_on_timeline(photo, f"Bubbles {n}", now=now)
        Photo.objects.filter(pk=photo.pk).update(copied_at=now, width=640, height=480)
    return photo


def kind_of(body: bytes) -> str:
    with Image.open(BytesIO(body)) as image:
        assert image.format in KINDS.values()
        return str(image.format)


def shown(key: str) -> Image.Image:
    image = Image.open(BytesIO(bucket.read(key)))
    image.load()
    return image


def in_bucket(owner: Any) -> set[str]:
    """The keys of all that lies there of somebody."""
    return {
        key
        for prefix in bucket.keys.PREFIXES
        for key in bucket.list_keys(bucket.keys.of_owner(prefix, owner.pk))
    }
