"""Has the copies of a picture made, in a process that knows nothing and may break (`darkroom.py`)."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from events import darkroom

PROGRAM = Path(darkroom.__file__)
# By the clock on the wall; its own limit is one of work done.
SECONDS = 4 * darkroom.SECONDS


class CannotBeRead(Exception):
    """It says of itself that it is a picture, but it cannot be unpacked, or is too much to unpack."""


class DarkroomBroke(Exception):
    """It was ended from outside, or broke: that may be the picture, or this machine just now."""


@dataclass(frozen=True, kw_only=True)
class Copies:
    width: int
    height: int
    web: bytes
    thumb: bytes


def made_of(picture: bytes) -> Copies:
    try:
        done = subprocess.run(  # noqa: S603 our own program, and nothing of a stranger's in its name
            [sys.executable, "-I", str(PROGRAM)],
            input=picture,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing is inherited: what breaks in there finds no secret. One arena, for memory is counted.
            env={"MALLOC_ARENA_MAX": "1"},
            cwd="/",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DarkroomBroke(f"It took longer than {SECONDS} s.") from error
    if done.returncode == darkroom.CANNOT_BE_READ:
        raise CannotBeRead
    if done.returncode != 0:
        raise DarkroomBroke(f"It ended with {done.returncode}.")
    return taken_out(done.stdout)


def taken_out(printed: bytes) -> Copies:
    said, _, copies = printed.partition(b"\n")
    told = json.loads(said)
    length = told["copies"]["web"]
    return Copies(
        width=int(told["width"]), height=int(told["height"]), web=copies[:length], thumb=copies[length:]
    )
