"""What stands on a jar: 8 characters of Crockford's base-32, whose address fits a small QR code."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from batches.codes import code
from batches.identifiers import ALPHABET, canonical

LENGTH = 8
SHAPE = "[0-9A-HJKMNP-TV-Za-hjkmnp-tv-zOoIiLl]{8}"


def new_code() -> str:
    """40 random bits: few enough for a small label, and guesses are counted."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def scan_address(code: str, *, site: str) -> str:
    """Upper case throughout, so that it fits the denser alphanumeric mode: `HTTPS://KEFIR.EXAMPLE/J/7K3QX9M2`."""
    return f"{site}/j/{code}".upper()


class CodeConverter:
    regex = SHAPE

    def to_python(self, value: str) -> str:
        return canonical(value)

    def to_url(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Drawing:
    """A QR code with its quiet zone, as an SVG path over so many modules a side."""

    modules: int
    path: str


@lru_cache(maxsize=2_000)
def drawing(address: str) -> Drawing:
    drawn = code(address)
    rows = drawn.get_matrix()
    return Drawing(len(rows), "".join(runs(row, y) for y, row in enumerate(rows)))


def runs(row: Sequence[bool | None], y: int) -> str:
    """One rectangle for all dark modules that lie side by side: without seams, and short."""
    x, path = 0, ""
    for dark, modules in groupby(row):
        width = len(list(modules))
        path += f"M{x} {y}h{width}v1h-{width}z" if dark else ""
        x += width
    return path
