"""What a worker does in the bucket itself."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from botocore.exceptions import ClientError
from django.conf import settings

from kefir.bucket.connection import client, speaking
from kefir.bucket.failures import BucketFailed, Changed, NotThere, Unsupported

Named = dict[str, str]

CHUNK = 256 * 1024
PART = 8 * 1024 * 1024
# What one request may name.
MOST_DELETED_AT_ONCE = 1000


@dataclass(frozen=True)
class Stored:
    size: int
    content_type: str
    etag: str


def head(key: str) -> Stored | None:
    try:
        answer = _ask("head_object", key)
    except NotThere:
        return None
    return Stored(answer["ContentLength"], answer.get("ContentType", ""), _etag(answer))


def read(key: str, *, first: int | None = None) -> bytes:
    """All of it, or the first so many bytes."""
    if first is None:
        return b"".join(stream(key))
    with speaking(key):
        try:
            answer = client().get_object(Bucket=settings.S3_BUCKET, Key=key, Range=f"bytes=0-{first - 1}")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 416:
                return b""  # An empty object has no first byte.
            raise
        return bytes(answer["Body"].read(first))


def stream(key: str) -> Iterator[bytes]:
    with speaking(key):
        body = client().get_object(Bucket=settings.S3_BUCKET, Key=key)["Body"]
        try:
            yield from body.iter_chunks(CHUNK)
        finally:
            body.close()


def put(key: str, body: bytes, *, content_type: str) -> None:
    _ask("put_object", key, Body=body, ContentType=content_type)


def put_file(key: str, fileobj: IO[bytes], *, content_type: str) -> None:
    """In parts, so its size is no matter; the parts of one that failed are taken away."""
    from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 — see connection.py

    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
    with speaking(key):
        client().upload_fileobj(
            fileobj, settings.S3_BUCKET, key, ExtraArgs={"ContentType": content_type}, Config=config
        )


def copy(source: str, target: str, *, content_type: str, etag: str = "") -> str:
    """Without leaving the bucket. With `etag`, only what has it still: else `Changed`. The copy's ETag."""
    only = {"CopySourceIfMatch": f'"{etag}"'} if etag else {}
    answer = _ask(
        "copy_object",
        target,
        CopySource={"Bucket": settings.S3_BUCKET, "Key": source},
        ContentType=content_type,
        MetadataDirective="REPLACE",
        **only,
    )
    copied = _etag(answer["CopyObjectResult"])
    # Not every server heeds the condition. Where keys of KMS change the ETag with every copy, it does.
    if etag and copied != etag and not answer.get("ServerSideEncryption", "").startswith("aws:kms"):
        delete([target])
        raise Changed(f"{source} is not what it was.", permanent=True)
    return copied


def delete(keys: Iterable[str]) -> None:
    """What is not there any more is no matter. Raises where one stays; the others are gone none the less."""
    _refuse_what_stays(delete_each(keys))


def delete_each(keys: Iterable[str]) -> dict[str, str]:
    """Those that the bucket does not let go, and why; the others are gone."""
    left, refused = iter(keys), dict[str, str]()
    while some := list(islice(left, MOST_DELETED_AT_ONCE)):
        refused |= _delete([{"Key": key} for key in some])
    return refused


def erase(prefix: str) -> None:
    """What begins so is gone with all its old versions: for what somebody has a right to see gone."""
    with suppress(Unsupported):  # By a server that keeps none.
        for objects in _versions(prefix):
            _refuse_what_stays(_delete(objects))
    delete(list_keys(prefix))


def _versions(prefix: str) -> Iterator[list[Named]]:
    with speaking(prefix):
        pages = client().get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Prefix=prefix):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]


def list_keys(prefix: str) -> Iterator[str]:
    with speaking(prefix):
        pages = client().get_paginator("list_objects_v2").paginate(Bucket=settings.S3_BUCKET, Prefix=prefix)
        for page in pages:
            yield from (each["Key"] for each in page.get("Contents", ()))


def _delete(objects: list[Named]) -> dict[str, str]:
    if not objects:
        return {}
    about = f"{len(objects)} objects to delete"
    with speaking(about):
        answer = client().delete_objects(
            Bucket=settings.S3_BUCKET, Delete={"Objects": objects, "Quiet": True}
        )
    errors = [error for error in answer.get("Errors", ()) if error.get("Code") != "NoSuchKey"]
    return {error["Key"]: error.get("Code", "") for error in errors}


def _refuse_what_stays(refused: dict[str, str]) -> None:
    if refused:
        why = ", ".join(sorted(set(refused.values())))
        raise BucketFailed(f"The bucket does not delete {len(refused)} objects: {why}.")


def _etag(answer: dict[str, Any]) -> str:
    # Some servers put it in quotation marks here and not there.
    return str(answer["ETag"]).strip('"')


def _ask(operation: str, key: str, **how: Any) -> dict[str, Any]:
    with speaking(key):
        answer: dict[str, Any] = getattr(client(), operation)(Bucket=settings.S3_BUCKET, Key=key, **how)
    return answer
