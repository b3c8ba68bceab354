"""What the embedded servers have in common: a folder, a log, and a process that stays in the foreground."""

import os
import signal
import subprocess
from pathlib import Path

from kefir.local.folder import Folder
from kefir.local.processes import Pause, Process, start, wait_until


class Service:
    name: str
    stop_signal: signal.Signals = signal.SIGTERM
    # An unkind way, for when the kind one takes too long; nothing may be lost by it.
    hard_signal: signal.Signals = signal.SIGKILL
    patience_seconds = 30.0

    def __init__(self, folder: Folder, pause: Pause) -> None:
        self.folder = folder
        self.pause = pause
        self.process: Process | None = None

    def prepare(self) -> None:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def variables(self) -> dict[str, str]:
        """What the app must know to find this server."""
        raise NotImplementedError

    def user(self) -> tuple[int, int] | None:
        return None

    def environment(self) -> dict[str, str]:
        """Nothing of the person's own settings (PGPORT, RCLONE_…) may change an embedded server."""
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "KEFIR_INSTANCE": self.folder.instance}

    def start(self) -> None:
        self.prepare()
        with self.folder.log(self.name) as log:
            self.process = start(
                self.command(),
                environment=self.environment(),
                output=log,
                folder=Path("/"),
                death_signal=self.stop_signal,
                user=self.user(),
            )
            wait_until(self.ready, self.process, Path(log.name), self.pause, seconds=self.patience_seconds)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(self.hard_signal)
            self.process.wait(10)
