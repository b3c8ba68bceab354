"""What the tests stand on: PostgreSQL, Valkey and S3 of this very run, and real processes on request.

A pytest plugin (`-p tests.services`), because it must be there before Django reads its settings. Where
DATABASE_URL, REDIS_URL or S3_ENDPOINT_URL is set, that is used instead.
"""

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from celery.utils.nodenames import gethostname

from kefir.local import processes, procfile, variables
from kefir.local.folder import Folder
from kefir.local.postgres import Postgres
from kefir.local.refusals import Refusal
from kefir.local.s3 import S3, free_port
from kefir.local.valkey import Valkey

pytest_plugins = ["tests.completeness"]

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "kefir-test-"
# What a crash of the machine would lose is thrown away in any case.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}
FIXED = {
    "KEFIR_LOCAL": "1",
    "SITE_URL": "http://testserver",
    "SECRET_KEY": "a-secret-for-tests-only-which-signs-nothing-real",
    "JWT_KEY": "another-secret-for-tests-only-which-is-not-the-first",
}


def _start() -> None:
    _remove_what_killed_runs_left()
    folder = Folder.open(_new_folder())
    folder.instance = secrets.token_hex(16)
    services = _wanted(folder)
    atexit.register(_stop, services, folder, os.getpid())
    os.environ.update(FIXED, KEFIR_DATA=str(folder.path))
    for service in services:
        service.start()
        os.environ.update(service.variables())


def _wanted(folder: Folder) -> list[Postgres | Valkey | S3]:
    # The processes of pytest-xdist inherit the addresses of the first one. A queue they cannot share:
    # each has its own database, so it needs its own workers.
    is_helper = "PYTEST_XDIST_WORKER" in os.environ
    services: list[Postgres | Valkey | S3] = []
    if not variables.is_set(os.environ, "DATABASE_URL"):
        services.append(Postgres(folder, time.sleep, HASTY))
    if is_helper or not variables.is_set(os.environ, "REDIS_URL"):
        services.append(Valkey(folder, time.sleep))
    if not variables.is_set(os.environ, "S3_ENDPOINT_URL"):
        services.append(S3(folder, time.sleep))
    return services


def _new_folder() -> Path:
    # Not where TMPDIR may say: the path of a socket must be short.
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    path.chmod(0o711)
    return path


def _stop(services: list[Postgres | Valkey | S3], folder: Folder, owner: int) -> None:
    if os.getpid() != owner:
        return
    for service in reversed(services):
        service.stop()
    folder.close()
    shutil.rmtree(folder.path, ignore_errors=True)


def _remove_what_killed_runs_left() -> None:
    for path in Path("/tmp").glob(f"{PREFIX}*"):
        if (path / "lock").exists() and path.stat().st_uid == os.geteuid():
            try:
                folder = Folder.open(path)
            except Refusal:
                continue
            processes.end_leftovers(f"KEFIR_INSTANCE={folder.instance}", time.sleep)
            folder.close()
            shutil.rmtree(path, ignore_errors=True)


@dataclass
class Running:
    port: int
    live_port: int
    folder: Path
    started: dict[str, processes.Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def live_url(self) -> str:
        return f"http://localhost:{self.live_port}"

    def output_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def kill(self, name: str) -> None:
        """With all its children, so that none can say goodbye."""
        processes.kill_group(self.started.pop(name))

    def says(self, name: str) -> str:
        """The last words, for a failure's message."""
        return processes.last_lines(self.folder / f"{name}.log", 30)


@contextmanager
def running(*names: str) -> Iterator[Running]:
    """The named processes of the Procfile ("web", "live", "worker", "jobs", "beat"), on the test database.

    They see only what is committed, so the test must be transactional (`django_db(transaction=True)`).
    """
    run = Running(free_port(), free_port(), Path(tempfile.mkdtemp(dir=os.environ["KEFIR_DATA"])))
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DATABASE_URL": _test_database_url(),
        "PORT": str(run.port),
        "SITE_URL": run.url,
        "LIVE_PORT": str(run.live_port),
        **({"LIVE_URL": run.live_url} if "live" in names else {}),
    }
    for old in Path(environment["KEFIR_DATA"]).glob("celerybeat-schedule*"):
        old.unlink()
    try:
        for name in names:
            run.started[name] = _start_process(name, run, environment)
        for name, process in run.started.items():
            _wait_until_ready(name, process, run)
        yield run
    finally:
        _end(run.started)


def _start_process(name: str, run: Running, environment: dict[str, str]) -> processes.Process:
    command = procfile.parse((ROOT / "Procfile").read_text(encoding="utf-8"))[name]
    with (run.folder / f"{name}.log").open("wb") as log:
        return processes.start(
            ["/bin/sh", "-c", f"exec {command}"], environment=environment, output=log, folder=ROOT
        )


def _wait_until_ready(name: str, process: processes.Process, run: Running) -> None:
    signs: dict[str, Callable[[], bool]] = {
        "web": lambda: _listens(run.port),
        "live": lambda: _listens(run.live_port),
        "worker": lambda: _answers("celery"),
        "jobs": lambda: _answers("jobs"),
        "beat": lambda: any(Path(os.environ["KEFIR_DATA"]).glob("celerybeat-schedule*")),
    }
    deadline = time.monotonic() + 60
    while not signs[name]():
        assert process.poll() is None, f"{name} ended:\n{run.says(name)}"
        assert time.monotonic() < deadline, f"{name} is not ready:\n{run.says(name)}"
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _answers(name: str) -> bool:
    from kefir.celery import app

    return bool(app.control.ping([f"{name}@{gethostname()}"], timeout=1, limit=1))


def _end(started: dict[str, processes.Process]) -> None:
    for process in started.values():
        process.terminate()
    for process in started.values():
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            processes.kill_group(process)


def _test_database_url() -> str:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


try:
    _start()
except Refusal as refusal:
    raise SystemExit(f"The tests cannot start: {refusal}") from None
