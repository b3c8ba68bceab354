"""Signs addresses: AWS Signature Version 4 in the query. Pure: credentials and time are handed in.

Source: AWS, “Authenticating Requests: Using Query Parameters”. boto3 signs the same, byte for byte, in some fifty
times the time (`bench/run presign`), and a page shows fifty photos.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

from kefir.bucket.address import Address

ALGORITHM = "AWS4-HMAC-SHA256"
LONGEST_SECONDS = 604_800  # what S3 allows


@dataclass(frozen=True)
class Credentials:
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    """Of a role's short-lived credentials."""


class Signer:
    """Signs at one moment, for so many seconds; what all its addresses have in common is worked out once."""

    def __init__(
        self, address: Address, credentials: Credentials, *, region: str, now: datetime, seconds: int
    ) -> None:
        if not 0 < seconds <= LONGEST_SECONDS:
            raise ValueError(f"An address is signed for 1 to {LONGEST_SECONDS} seconds, not {seconds}.")
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{region}/s3/aws4_request"
        self._address = address
        self._key = _day_key(credentials.secret_key, stamp[:8], region)
        self._preamble = f"{ALGORITHM}\n{stamp}\n{scope}\n"
        self._query = _common_query(credentials, scope, stamp, seconds)

    def get(self, key: str, *, content_type: str, disposition: str) -> str:
        answer = (
            f"&response-content-disposition={_quoted(disposition)}"
            f"&response-content-type={_quoted(content_type)}"
        )
        return self._signed("GET", key, f"host:{self._address.host}\n", "host", answer)

    def put(self, key: str, *, content_type: str, size: int) -> str:
        headers = f"content-length:{size}\ncontent-type:{content_type}\nhost:{self._address.host}\n"
        return self._signed("PUT", key, headers, "content-length;content-type;host")

    def _signed(self, method: str, key: str, headers: str, names: str, more: str = "") -> str:
        path = self._address.path_of(key)
        query = f"{self._query}{_quoted(names)}{more}"
        request = f"{method}\n{path}\n{query}\n{headers}\n{names}\nUNSIGNED-PAYLOAD"
        to_sign = self._preamble + hashlib.sha256(request.encode()).hexdigest()
        signature = hmac.digest(self._key, to_sign.encode(), "sha256").hex()
        return f"{self._address.origin}{path}?{query}&X-Amz-Signature={signature}"


def _common_query(credentials: Credentials, scope: str, stamp: str, seconds: int) -> str:
    """In the order of the names, as it is signed; ends where the names of the signed headers go."""
    credential = _quoted(f"{credentials.access_key}/{scope}")
    token = f"&X-Amz-Security-Token={_quoted(credentials.token)}" if credentials.token else ""
    return (
        f"X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={credential}&X-Amz-Date={stamp}"
        f"&X-Amz-Expires={seconds}{token}&X-Amz-SignedHeaders="
    )


@lru_cache(maxsize=8)
def _day_key(secret_key: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(maxsize=512)
def _quoted(value: str) -> str:
    return quote(value, safe="~")
