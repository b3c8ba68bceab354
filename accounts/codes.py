"""Codes and tokens: how they are made, and the only form in which they are kept."""

import re
import secrets

from django.utils.crypto import constant_time_compare, salted_hmac

DIGITS = 6


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def new_token() -> str:
    """256 bits, for whoever asked for a code: without it the code is worth nothing."""
    return secrets.token_urlsafe(32)


def keyed(*parts: str) -> str:
    """What is kept in place of a secret: an HMAC, so that a copy of the database opens nothing."""
    return salted_hmac("accounts.codes", "\0".join(parts), algorithm="sha256").hexdigest()


def fits(kept: str, *parts: str) -> bool:
    return bool(kept) and constant_time_compare(kept, keyed(*parts))


def as_typed(code: str) -> str:
    """People type “123 456” and “123-456” and mean the same."""
    return re.sub(r"[\s-]", "", code)
