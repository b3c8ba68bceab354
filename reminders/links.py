"""The link in each message that finishes its reminder where it is read: signed, for that one alone, for two weeks."""

import hashlib
import hmac
import struct
import time
from datetime import timedelta
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare

LASTS = timedelta(days=14)
# The reminder, until when (seconds since 1970), and the round in which it was sent.
CONTENT = struct.Struct(">16sIH")
SIGNATURE_BYTES = 16


def link_for(reminder_id: UUID | str, round: int) -> str:  # noqa: A002
    return f"{settings.SITE_URL}/r/{token_for(reminder_id, round)}"


def token_for(reminder_id: UUID | str, round: int) -> str:  # noqa: A002
    """Letters and digits only, and their case means nothing: mail programs have done both to links."""
    until = int(time.time() + LASTS.total_seconds())
    content = CONTENT.pack(bytes.fromhex(str(reminder_id).replace("-", "")), until, round)
    return (content + _signature(content, settings.SECRET_KEY)).hex()


def read(token: str) -> UUID | None:
    """Which reminder it is about; None when it is forged, mangled or over."""
    try:
        signed = bytes.fromhex(token)
        content, signature = signed[:-SIGNATURE_BYTES], signed[-SIGNATURE_BYTES:]
        reminder_id, until, _ = CONTENT.unpack(content)
    except (ValueError, struct.error):
        return None
    if not _is_ours(content, signature) or until < time.time():
        return None
    return UUID(bytes=reminder_id)


def _is_ours(content: bytes, signature: bytes) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any([constant_time_compare(signature, _signature(content, key)) for key in keys])  # noqa: C419


def _signature(content: bytes, key: str) -> bytes:
    return hmac.digest(_derived(key), content, "sha256")[:SIGNATURE_BYTES]


@cache
def _derived(key: str) -> bytes:
    """For these links alone. Derived once: one is signed for every message."""
    return hashlib.sha256(f"reminders.links {key}".encode()).digest()
