"""Reads the environment: the only switch there is. Every secret may come as NAME or from the file in NAME_FILE.

What is missing or malformed is gathered, so that the start stops once, with all the advice there is to give.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

Given = TypeVar("Given")
Found = TypeVar("Found")

_complaints: list[str] = []


def text(name: str, default: str = "") -> str:
    if value := os.environ.get(name, "").strip():
        return value
    if path := os.environ.get(f"{name}_FILE", "").strip():
        return _file(name, path) or default
    return default


def secret(name: str, advice: str, *, at_least: int = 1) -> str:
    """A value without a default; its absence stops the start with the advice."""
    value = text(name)
    if not value:
        _complaints.append(f"{name} is not set. {advice}")
    elif len(value) < at_least:
        _complaints.append(f"{name} is shorter than {at_least} characters. {advice}")
    return value


def number(name: str, default: int) -> int:
    value = text(name)
    if value and not value.isdecimal():
        _complaints.append(f"{name} must be a whole number, not “{value}”.")
        return default
    return int(value or default)


def words(name: str) -> list[str]:
    """A list, separated by commas or white space."""
    return text(name).replace(",", " ").split()


def choice(name: str, default: str, choices: set[str]) -> str:
    value = text(name, default).lower()
    if value not in choices:
        _complaints.append(f"{name} must be one of {', '.join(sorted(choices))}, not “{value}”.")
        return default
    return value


def read(name: str, reader: Callable[[Given], Found], given: Given) -> Found | None:
    """What the reader makes of it; its ValueError is a complaint."""
    try:
        return reader(given)
    except ValueError as error:
        _complaints.append(f"{name}: {error}")
        return None


def origin(name: str) -> str:
    """The address of a server, without a path; empty when it is not set."""
    value = text(name).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query):
        _complaints.append(
            f"{name} must be like https://host or http://host:9000, without a path, not “{value}”."
        )
        return ""
    return value


def unquoted(part: str | None) -> str:
    """A part of a URL as it was before quoting; empty when it is not there."""
    return unquote(part or "")


def complain(sentence: str) -> None:
    _complaints.append(sentence)


def stop_if_incomplete() -> None:
    if _complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in _complaints)
        message = f"Kefir cannot start:\n{lines}\n.env.example explains every variable."
        _complaints.clear()
        raise SystemExit(message)


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        _complaints.append(f"{name}_FILE names {path}, which cannot be read ({error.strerror}).")
        return ""
