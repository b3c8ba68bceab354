"""Has a PDF made, in a process that knows nothing and may break (`press.py`)."""

import base64
import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from django.conf import settings

from tags import press

PROGRAM = Path(press.__file__)
# By the clock on the wall; its own limit is one of work done.
SECONDS = 3 * press.SECONDS
LIBRARIES_MISSING = "WeasyPrint does not start. On Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0"


class PressCannotStart(Exception):
    """Its libraries are missing on this machine."""


class PressBroke(Exception):
    """It was ended from outside, or broke."""


def made_of(html: str, *, css: str) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        try:
            done = subprocess.run(  # noqa: S603 our own program, and nothing of a stranger's in its name
                [sys.executable, "-I", str(PROGRAM)],
                input=json.dumps({"html": html, "css": css, "fonts": fonts()}).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Nothing is inherited: what breaks in there finds no secret. It wants to keep what it knows of fonts.
                env={"MALLOC_ARENA_MAX": "1", "HOME": scratch, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
                cwd="/",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PressBroke(f"It took longer than {SECONDS} s.") from error
    if done.returncode == press.CANNOT_START:
        raise PressCannotStart(LIBRARIES_MISSING)
    if done.returncode != 0:
        raise PressBroke(f"It ended with {done.returncode}.")
    return done.stdout


@cache
def fonts() -> str:
    """The house's own, carried along: a server may have none."""
    return "".join(face(name) for name in ("figtree-latin", "figtree-latin-ext"))


def face(name: str) -> str:
    font = base64.b64encode((settings.BASE_DIR / f"static/fonts/{name}.woff2").read_bytes()).decode()
    source = f"url(data:font/woff2;base64,{font}) format('woff2')"
    return f"@font-face {{ font-family: Figtree; font-weight: 300 900; src: {source}; {RANGES[name]} }}\n"


RANGES = {
    "figtree-latin": "unicode-range: U+0000-00FF, U+2000-206F, U+20AC, U+2122",
    "figtree-latin-ext": "unicode-range: U+0100-02FF, U+1E00-1EFF",
}
