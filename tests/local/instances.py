"""Runs the launcher as a person would, with a Procfile of the test's own in a folder of its own."""

import functools
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kefir.local import processes
from kefir.local.folder import Folder
from kefir.local.postgres import Postgres
from kefir.local.s3 import free_port
from tests.local.users import python_path

WEB = """
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("X-Kefir-Instance", (sys.argv + [os.environ["KEFIR_INSTANCE"]])[1])
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""
# Where what is tried is the supervisor alone: servers it must not start, because others are named.
ELSEWHERE = {
    "DATABASE_URL": "postgresql://elsewhere/x",
    "REDIS_URL": "redis://elsewhere",
    "S3_BUCKET": "elsewhere",
}


@dataclass
class Instance:
    process: subprocess.Popen[bytes]
    root: Path
    data: Path
    port: int
    output: Path

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str = "Kefir runs at", seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert self.process.poll() is None, f"it ended ({self.process.returncode}):\n{self.said()}"
            assert time.monotonic() < deadline, f"no “{words}” in {seconds} s:\n{self.said()}"
            time.sleep(0.02)

    def wait(self, seconds: float = 45) -> int:
        return self.process.wait(seconds)

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.wait()

    def variables(self) -> dict[str, str]:
        words = (shlex.split(line) for line in (self.data / "env").read_text(encoding="utf-8").splitlines())
        return dict(word[1].split("=", 1) for word in words)

    def leftovers(self) -> list[int]:
        token = (self.data / "lock").read_text(encoding="utf-8")
        marked = set(processes.marked(f"KEFIR_INSTANCE={token}"))
        return sorted(marked | set(processes.running_in(self.data / "postgres", "postgres")))


@contextmanager
def launched(
    root: Path,
    procfile: str | None = "web: $PYTHON web.py",
    *,
    data: Path | None = None,
    environment: dict[str, str] | None = None,
    command: list[str] | None = None,
    user: tuple[int, int] | None = None,
    fresh: bool = False,
) -> Iterator[Instance]:
    """`fresh` is the very first start; otherwise the time for making an empty PostgreSQL is saved."""
    (root / "web.py").write_text(WEB, encoding="utf-8")
    if procfile is not None:
        (root / "Procfile").write_text(procfile, encoding="utf-8")
    port, data, output = free_port(), data or root / "var", root / f"output-{time.monotonic_ns()}"
    if not fresh and "DATABASE_URL" not in (environment or {}):
        _put_empty_postgres(data, user)
    with output.open("wb") as file:
        process = subprocess.Popen(
            command or [sys.executable, "-m", "kefir.local"],
            cwd=root,
            env={**_environment(port, data), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user and user[0],
            group=user and user[1],
            extra_groups=None if user is None else [],
        )
    instance = Instance(process, root, data, port, output)
    try:
        yield instance
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def _put_empty_postgres(data: Path, user: tuple[int, int] | None) -> None:
    if (data / "postgres").exists():
        return
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", _empty_postgres(), data / "postgres"], check=True)
    if user is not None:
        os.chown(data, *user)


@functools.cache
def _empty_postgres() -> Path:
    path = Path(os.environ["KEFIR_DATA"]) / "template"
    path.mkdir(mode=0o711)
    folder = Folder.open(path)
    Postgres(folder, time.sleep).prepare()
    folder.close()
    return path / "postgres"


def _environment(port: int, data: Path) -> dict[str, str]:
    """Nothing of the test run's own services; no Django for the Celery of a test."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "PYTHONPATH": python_path(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DJANGO_SETTINGS_MODULE": "",
        "PORT": str(port),
        "KEFIR_DATA": str(data),
    }


def refusal(instance: Instance) -> str:
    """The one line it says, when it does not start."""
    assert instance.wait() == 1, instance.said()
    *before, line = instance.said().splitlines()
    assert all("Starting." in other for other in before), instance.said()
    assert line.startswith("Kefir cannot start: ")
    return line
