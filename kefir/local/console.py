"""What the person at the terminal sees: each line of a child with its name before it."""

import contextlib
import os
import selectors
import sys
from typing import IO

from kefir.local.processes import Process

_COLOURS = {"kefir": 33, "web": 36, "worker": 35, "jobs": 31, "beat": 34, "release": 32}


class Console:
    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._unfinished: dict[str, bytes] = {}
        self._colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def say(self, text: str, name: str = "kefir") -> None:
        label = f"{name:<7}|"
        if self._colour:
            label = f"\033[{_COLOURS.get(name, 90)}m{label}\033[0m"
        self.show("\n".join(f"{label} {line}" for line in text.splitlines()))

    def show(self, text: str) -> None:
        # The terminal may be gone (its window closed); the children's output is still to be read.
        with contextlib.suppress(OSError):
            print(text, flush=True)

    def follow(self, name: str, process: Process) -> None:
        if process.stdout is not None:
            self._selector.register(process.stdout, selectors.EVENT_READ, name)

    def pump(self, seconds: float) -> None:
        """Shows what the children say; sleeps for this time at most."""
        for key, _ in self._selector.select(seconds):
            self._show_new(key.data, key.fileobj)  # type: ignore[arg-type]

    def _show_new(self, name: str, pipe: IO[bytes]) -> None:
        chunk = os.read(pipe.fileno(), 65_536)
        *lines, rest = (self._unfinished.get(name, b"") + chunk).split(b"\n")
        if not chunk:
            self._selector.unregister(pipe)
            pipe.close()
            lines, rest = [rest], b""
        self._unfinished[name] = rest
        for line in lines:
            if line.strip():
                self.say(line.decode(errors="replace").rstrip(), name)
