"""A house of its own: how its colours and its sign are said in the settings. Read while these are loaded."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

PAIR = re.compile(r"([a-z][a-z-]*):(#[0-9a-f]{6})/(#[0-9a-f]{6})", re.ASCII | re.IGNORECASE)
SIGNS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
LARGEST_SIGN = 100_000
PAPER = ("#f6eedf", "#1a130e")
# What tokens.css names; the rest is said in terms of these.
COLOURS = frozenset(
    ["paper", "paper-dot", "card", "sunk", "line", "edge", "ink", "ink-soft", "marker", "focus"]
    + [
        f"{state}{part}"
        for state in ("honey", "raspberry", "ice", "leaf", "quiet", "danger")
        for part in ("", "-tint", "-ink")
    ]
)

Colours = Mapping[str, tuple[str, str]]


def colours(words: Iterable[str]) -> Colours:
    """“honey:#b5750a/#f0b54a”: a name, in the light and in the dark. Raises ValueError with a sentence."""
    found = {}
    for word in words:
        match = PAIR.fullmatch(word)
        if match is None or match[1] not in COLOURS:
            raise ValueError(
                f"“{word}” is no colour like honey:#b5750a/#f0b54a. The names are in tokens.css."
            )
        found[match[1]] = (match[2].lower(), match[3].lower())
    return found


def sign(file: str) -> Path | None:
    """The picture beside the name. Raises ValueError with a sentence."""
    if not file:
        return None
    found = Path(file)
    if found.suffix.lower() not in SIGNS or not found.is_file() or found.stat().st_size > LARGEST_SIGN:
        raise ValueError(f"{file} must be an SVG, PNG or WebP file of at most 100 kB.")
    return found


def stylesheet(own: Colours) -> str:
    """After tokens.css and in its layer, so that what stands here holds."""
    rules = "".join(f" --{name}: light-dark({light}, {dark});" for name, (light, dark) in own.items())
    return f"@layer tokens {{ :root {{{rules} }} }}\n"
