"""Addresses that let whoever has them put or get one object for a while. Nothing is sent anywhere."""

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.utils.http import content_disposition_header

from kefir.bucket import connection
from kefir.bucket.address import address_of
from kefir.bucket.signing import Credentials, Signer


def presign_put(key: str, *, content_type: str, size: int, seconds: int) -> tuple[str, dict[str, str]]:
    """The address, and the headers to send with it; Content-Length, signed too, every client adds by itself."""
    address = _signer(seconds).put(key, content_type=content_type, size=size)
    return address, {"Content-Type": content_type}


def presign_get(key: str, *, content_type: str, filename: str | None = None, seconds: int) -> str:
    """Answers with this very type. With a file name it is for saving, without one for showing."""
    return _signer(seconds).get(key, content_type=content_type, disposition=_disposition(filename))


def _signer(seconds: int) -> Signer:
    url = settings.S3_PUBLIC_URL or settings.S3_ENDPOINT_URL
    bucket = Place(settings.S3_BUCKET, settings.S3_REGION, url)
    return _signer_of(bucket, connection.credentials(), int(time.time()), seconds)


class Place(NamedTuple):
    bucket: str
    region: str
    url: str


@lru_cache(maxsize=8)
def _signer_of(place: Place, credentials: Credentials, second: int, seconds: int) -> Signer:
    """A moment is a second to a signature: what a page shows is signed by one."""
    address = address_of(place.bucket, region=place.region, url=place.url)
    now = datetime.fromtimestamp(second, UTC)
    return Signer(address, credentials, region=place.region, now=now, seconds=seconds)


def _disposition(filename: str | None) -> str:
    if filename is None:
        return "inline"
    # A line's end in a name would be a header's end.
    printable = "".join(character for character in filename if character.isprintable())
    return content_disposition_header(as_attachment=True, filename=printable) or "attachment"
