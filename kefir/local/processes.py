"""Starting, finding and stopping processes so that none outlives the one that started it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from kefir.local.refusals import Refusal

Process = subprocess.Popen[bytes]
# Whoever waits is handed a function that sleeps, so that a waiting supervisor can do its work meanwhile.
Pause = Callable[[float], None]

LISTS_PROCESSES = Path("/proc/self/environ").exists()
_PR_SET_PDEATHSIG = 1
# Loaded here, because between fork and exec little is safe to do.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    output: int | IO[bytes],
    folder: Path,
    death_signal: int = signal.SIGTERM,
    user: tuple[int, int] | None = None,
) -> Process:
    """Starts a process in a session of its own, so that a Ctrl-C at the terminal is for the supervisor only.

    Call it from the main thread: the kernel ties a child to the thread that made it.
    """
    uid, gid = user or (None, None)
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=folder,
        start_new_session=True,
        user=uid,
        group=gid,
        extra_groups=None if user is None else [],
        preexec_fn=_tied_to(os.getpid(), death_signal),  # noqa: PLW1509 — we start no threads
    )


def kill_group(process: Process) -> None:
    """Ends a process that we have not yet reaped, so its group is surely its own, and what it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(
    ready: Callable[[], bool], process: Process, log: Path, pause: Pause, *, seconds: float
) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise Refusal(f"{log.stem} stopped at once: {last_lines(log)} (all of it: {log})")
        if time.monotonic() > deadline:
            raise Refusal(f"{log.stem} is not ready after {seconds:.0f} seconds; see {log}")
        pause(0.02)


def last_lines(log: Path, count: int = 1) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return "\n".join(lines[-count:]) or "it said nothing"


def end_leftovers(mark: str, pause: Pause, *, kindly: float = 3, firmly: float = 5) -> None:
    """Ends what an earlier supervisor left when it was killed; `mark` is a NAME=value of its environment.

    The kernel told those processes already, so they get some seconds before they are told again.
    """
    for seconds, next_signal in ((kindly, signal.SIGINT), (firmly, signal.SIGKILL), (firmly, None)):
        deadline = time.monotonic() + seconds
        while pids := list(marked(mark)):
            if time.monotonic() > deadline:
                break
            pause(0.05)
        for pid in pids:
            if next_signal is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, next_signal)
    if pids:
        raise Refusal(f"processes of an earlier run do not end: {', '.join(map(str, pids))}")


def marked(mark: str) -> Iterator[int]:
    """Living processes with this in their environment. A pid alone says nothing: it is given anew."""
    return _marked_in_proc(mark.encode()) if LISTS_PROCESSES else _marked_by_ps(mark)


def running_in(folder: Path, program: str) -> list[int]:
    """Processes that run this program with this working folder (Linux; elsewhere none are found)."""
    return [pid for pid in _pids() if _link(pid, "cwd") == folder and _link(pid, "exe").name == program]


def _marked_in_proc(mark: bytes) -> Iterator[int]:
    for pid in _pids():
        with contextlib.suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                yield pid


def _marked_by_ps(mark: str) -> Iterator[int]:
    everything = ["ps", "-A", "-E", "-ww", "-o", "pid=,command="]
    for line in subprocess.run(everything, capture_output=True, text=True, check=False).stdout.splitlines():
        if mark in line.split():
            yield int(line.split()[0])


def _pids() -> Iterator[int]:
    if LISTS_PROCESSES:
        yield from (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal())


def _link(pid: int, name: str) -> Path:
    try:
        return Path(f"/proc/{pid}/{name}").readlink()
    except OSError:
        return Path()


def _tied_to(parent: int, death_signal: int) -> Callable[[], None]:
    def tie() -> None:
        # Asks the kernel for a signal when the parent dies (Linux; elsewhere the next start cleans up).
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie
