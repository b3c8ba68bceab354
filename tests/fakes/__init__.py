"""What stands for the world: servers on loopback that speak the real protocols, as their documentation has them.

They count what arrives, answer badly on request, and keep a log that outlives a kill.
"""

import os
import threading
from pathlib import Path
from typing import Any


class Arrived:
    """What has arrived, in order; a line each in a log that is on the disk before the answer is given."""

    def __init__(self, log: Path | None = None) -> None:
        self.things: list[Any] = []
        self.lock = threading.Lock()
        self.file = log.open("a", buffering=1) if log else None

    def add(self, thing: Any, line: str) -> None:
        with self.lock:
            self.things.append(thing)
            if self.file:
                self.file.write(line + "\n")
                os.fsync(self.file.fileno())

    def close(self) -> None:
        if self.file:
            self.file.close()
