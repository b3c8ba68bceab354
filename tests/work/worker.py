"""Kefir's Celery app, with kinds of job that real workers do for the tests: they note in files what they do."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from kefir.celery import app
from work.registry import Task, handles

__all__ = ["app"]


def note(task: Task, name: str) -> None:
    with (Path(task.payload["folder"]) / name).open("a") as lines:
        lines.write(f"{task.key} {os.getpid()}\n")


@handles("watched", tries=3)
def watched(task: Task) -> None:
    """Takes as long as there is a file "hold"."""
    note(task, "begun")
    while (Path(task.payload["folder"]) / "hold").exists():
        time.sleep(0.02)
    note(task, "ended")


@handles("deaf", tries=3)
def deaf(task: Task) -> None:
    """The same, and lets nothing disturb it."""
    note(task, "begun")
    while (Path(task.payload["folder"]) / "hold").exists():
        with suppress(Exception):
            time.sleep(0.02)
    note(task, "ended")


@handles("poison", tries=2)
def poison(task: Task) -> None:
    """Kills whoever touches it."""
    note(task, "begun")
    os.kill(os.getpid(), signal.SIGKILL)
