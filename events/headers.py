"""What a picture says of itself in its header: read, and nothing decoded."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from io import BytesIO

import pillow_heif
from PIL import ExifTags, Image

from events import pictures

# A camera whose clock was never set says 1970, 1980 or nothing but noughts.
CLOCKS_ARE_SET_AFTER = datetime(2000, 1, 2, tzinfo=UTC)
LYING_DOWN = {5, 6, 7, 8}

pillow_heif.register_heif_opener()
# Pillow would warn of large ones, and stop at twice that. Here nothing is unpacked, and `pixels` is judged.
Image.MAX_IMAGE_PIXELS = None


class NoPicture(Exception):
    """These bytes are no picture of a kind we take."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a picture says of itself: its size as it is looked at, upright, and when it was taken."""

    format: str
    width: int
    height: int
    taken_at: datetime | None

    @property
    def pixels(self) -> int:
        return self.width * self.height


def looked_at(picture: bytes, *, zone: tzinfo) -> Seen:
    """Read the header and nothing more; `zone` is where a camera without a word on it keeps its clock."""
    called = pictures.format_of(picture[:64])
    try:
        with Image.open(BytesIO(picture), formats=[called] if called else []) as image:
            exif = image.getexif()
            width, height = image.size
            opened = "JPEG" if image.format == "MPO" else image.format
    except Exception as error:
        # A parser fed by strangers fails in every way there is.
        raise NoPicture from error
    if opened != called:
        raise NoPicture
    if exif.get(ExifTags.Base.Orientation) in LYING_DOWN:
        width, height = height, width
    return Seen(format=opened, width=width, height=height, taken_at=taken_at(exif, zone=zone))


def taken_at(exif: Image.Exif, *, zone: tzinfo) -> datetime | None:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    written = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = details.get(ExifTags.Base.OffsetTimeOriginal) or details.get(ExifTags.Base.OffsetTime) or ""
    try:
        moment = datetime.strptime(str(written).strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(
            tzinfo=zone_of(str(offset)) or zone
        )
        return moment.astimezone(UTC) if moment > CLOCKS_ARE_SET_AFTER else None
    except (ValueError, OverflowError):
        return None


def zone_of(offset: str) -> tzinfo | None:
    try:
        return datetime.strptime(offset.strip("\x00 "), "%z").tzinfo
    except ValueError:
        return None
