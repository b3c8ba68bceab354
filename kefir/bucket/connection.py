"""The one client of this process, and whose it is. boto3 is loaded by the first who needs it: signing does not."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from kefir.bucket.failures import BucketFailed, Changed, NotThere, Unsupported
from kefir.bucket.signing import Credentials

NOT_THERE = {"404", "NoSuchKey", "NotFound"}
CHANGED = {"412", "PreconditionFailed"}
UNSUPPORTED = {"NotImplemented", "MethodNotAllowed", "UnsupportedOperation", "501", "405"}
# Trying again will not help; somebody has to set something right.
FOR_GOOD = {"AccessDenied", "403", "InvalidAccessKeyId", "NoSuchBucket", "SignatureDoesNotMatch"}
_connecting = threading.Lock()


def client() -> Any:
    with _connecting:
        return _client(
            settings.S3_ENDPOINT_URL,
            settings.S3_REGION,
            settings.S3_ACCESS_KEY_ID,
            settings.S3_SECRET_ACCESS_KEY,
        )


def credentials() -> Credentials:
    if settings.S3_ACCESS_KEY_ID:
        return _given(settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY)
    return _of_the_role()


@contextmanager
def speaking(about: str) -> Iterator[None]:
    """Turns what boto3 says into what we say."""
    try:
        yield
    except ClientError as error:
        raise _failure(error, about) from error
    except BotoCoreError as error:
        raise BucketFailed(f"The bucket does not answer ({about}): {error}") from error


def _failure(error: ClientError, about: str) -> BucketFailed:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in NOT_THERE:
        return NotThere(f"The bucket has no {about}.", permanent=True)
    if code in CHANGED:
        return Changed(f"{about} is not what it was.", permanent=True)
    if code in UNSUPPORTED:
        return Unsupported(f"The bucket cannot do that ({about}).", permanent=True)
    return BucketFailed(f"The bucket refuses ({about}): {error}", permanent=code in FOR_GOOD)


_given = lru_cache(maxsize=4)(Credentials)


@lru_cache(maxsize=4)
def _client(endpoint: str, region: str, access_key: str, secret_key: str) -> Any:
    from botocore.config import Config  # noqa: PLC0415 — see _session

    if not access_key:
        _role()
    return _session().client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if endpoint else "auto"},
            connect_timeout=2,
            read_timeout=20,
            retries={"total_max_attempts": 3, "mode": "standard"},
            # Not every S3 knows the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@lru_cache(maxsize=1)
def _session() -> Any:
    import boto3  # noqa: PLC0415 — 38 MB that a web process, which only signs, need not carry

    return boto3.session.Session()


def _of_the_role() -> Credentials:
    """What the machine's own role gives; botocore renews it a quarter of an hour before it runs out."""
    with speaking("credentials"):
        frozen = _role().get_frozen_credentials()
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")


def _role() -> Any:
    """Asked for again where there was none: the machine may have been slow to say."""
    found = _session().get_credentials()
    if found is None:
        raise BucketFailed("There are no credentials: set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.")
    return found


def forget() -> None:
    """A child must not speak on its parent's connections."""
    _client.cache_clear()


os.register_at_fork(after_in_child=forget)
