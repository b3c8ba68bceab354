"""The bucket: where photos and archives are kept, in any S3.

Browsers and apps put and get there by signed addresses (`presign_put`, `presign_get`), so no photo passes through a
web request. What a worker does there by itself may fail with `BucketFailed`.
"""

from kefir.bucket import keys
from kefir.bucket.failures import BucketFailed, Changed, NotThere, Unsupported
from kefir.bucket.objects import (
    Stored,
    copy,
    delete,
    delete_each,
    erase,
    head,
    list_keys,
    put,
    put_file,
    read,
    stream,
)
from kefir.bucket.presigning import presign_get, presign_put

__all__ = [
    "BucketFailed",
    "Changed",
    "NotThere",
    "Stored",
    "Unsupported",
    "copy",
    "delete",
    "delete_each",
    "erase",
    "head",
    "keys",
    "list_keys",
    "presign_get",
    "presign_put",
    "put",
    "put_file",
    "read",
    "stream",
]
