"""Addresses that let whoever has them put or get one object for a while. Nothing is sent anywhere."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.utils.http import content_disposition_header

from kefir.bucket import connection
from kefir.bucket.address import address_of
from kefir.bucket.signing import Signer


def presign_put(key: str, *, content_type: str, size: int, seconds: int) -> tuple[str, dict[str, str]]:
    """The address, and the headers to send with it; Content-Length, signed too, every client adds by itself."""
    address = _signer(seconds).put(key, content_type=content_type, size=size)
    return address, {"Content-Type": content_type}


def presign_get(key: str, *, content_type: str, filename: str | None = None, seconds: int) -> str:
    """Answers with this very type. With a file name it is for saving, without one for showing."""
    return _signer(seconds).get(key, content_type=content_type, disposition=_disposition(filename))


def presign_gets(keys: Iterable[str], *, content_type: str, seconds: int) -> dict[str, str]:
    """For showing, all of one type: {key: address}."""
    signer = _signer(seconds)
    return {key: signer.get(key, content_type=content_type, disposition="inline") for key in keys}


def _signer(seconds: int) -> Signer:
    address = address_of(
        settings.S3_BUCKET, region=settings.S3_REGION, url=settings.S3_PUBLIC_URL or settings.S3_ENDPOINT_URL
    )
    return Signer(
        address, connection.credentials(), region=settings.S3_REGION, now=datetime.now(UTC), seconds=seconds
    )


def _disposition(filename: str | None) -> str:
    if filename is None:
        return "inline"
    # A line's end in a name would be a header's end.
    printable = "".join(character for character in filename if character.isprintable())
    return content_disposition_header(as_attachment=True, filename=printable) or "attachment"
