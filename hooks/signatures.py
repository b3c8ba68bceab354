"""How a message proves that it comes from us and is new: HMAC-SHA256 over its time and its body.

`Kefir-Signature: t=1767225600,v1=5257a8…`; while a secret is being replaced there is a v1 for each of the two.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime


def header(body: bytes, *, secrets: Iterable[str], now: datetime) -> str:
    moment = int(now.timestamp())
    return ",".join(
        [f"t={moment}", *(f"v1={sign(body, secret=secret, moment=moment)}" for secret in secrets)]
    )


def sign(body: bytes, *, secret: str, moment: int) -> str:
    return hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
