"""The one name of a batch: 12 characters of Crockford's base-32, in pages, API and QR code."""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_READ_AS = str.maketrans("OIL", "011")


def new_batch_id() -> str:
    """60 random bits: a name that nobody guesses, but never a proof of anything."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def canonical(text: str) -> str:
    """As it is stored. Case does not matter, and O, I and L are read as 0 and 1 (Crockford)."""
    return text.upper().translate(_READ_AS)


SHAPE = "[0-9A-HJKMNP-TV-Za-hjkmnp-tv-zOoIiLl]{12}"


def named(text: str) -> str:
    """The id that somebody wrote, as it is stored; nothing where it can be none."""
    return canonical(text) if re.fullmatch(SHAPE, text) else ""


class BatchIdConverter:
    regex = SHAPE

    def to_python(self, value: str) -> str:
        return canonical(value)

    def to_url(self, value: str) -> str:
        return value
