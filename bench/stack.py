"""A Kefir of its own for one measurement: a PostgreSQL that keeps its word, Valkey, and processes of the Procfile."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from celery import Celery
from redis import Redis

from kefir.local import processes, procfile
from kefir.local.folder import Folder
from kefir.local.postgres import Postgres
from kefir.local.processes import Process
from kefir.local.s3 import free_port
from kefir.local.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "kefir-bench-"
# fsync stays on: what is measured is what a crash of the machine would leave.
POSTGRES = {
    "max_connections": "60",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_utility": "off",
}
FIXED = {
    "KEFIR_LOCAL": "1",
    "SITE_URL": "http://localhost",
    "SECRET_KEY": "a-secret-for-measuring-only-which-signs-nothing-real",
    "JWT_KEY": "another-secret-for-measuring-only-which-is-not-the-first",
    "S3_BUCKET": "kefir",
    "WEB_CONCURRENCY": "2",
    "WORKER_CONCURRENCY": "2",
    "JOBS_CONCURRENCY": "2",
}


class Stack:
    """Its services can be stopped, frozen and started again under the feet of its processes."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self.folder = Folder.open(path)
        self.postgres = Postgres(self.folder, time.sleep, POSTGRES)
        self.valkey = Valkey(self.folder, time.sleep)
        self.port = free_port()
        self.environment = {
            **without_kefir(os.environ),
            **FIXED,
            "PORT": str(self.port),
            "KEFIR_DATA": str(path),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            **environment,
        }
        self.running: dict[str, Process] = {}
        # The module that workers run; another one may know more kinds of job.
        self.app = "kefir"

    def open(self) -> None:
        for service in (self.postgres, self.valkey):
            service.start()
            self.environment.update(service.variables())
        self.manage("migrate", "--no-input", "--verbosity", "0")

    def close(self) -> None:
        self.end(*self.running)
        for service in (self.valkey, self.postgres):
            if service.process is not None and service.process.poll() is None:
                service.process.send_signal(signal.SIGCONT)
            service.stop()
        self.folder.close()
        shutil.rmtree(self.folder.path, ignore_errors=True)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)

    def manage(self, *arguments: str, **environment: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def begin(self, program: str, name: str = "", *, app: str = "", **environment: str) -> Process:
        """A process of the Procfile, ready for work; `name` tells a second one from the first ("worker-2").

        `app` is what the web server serves instead of ours.
        """
        name = name or program
        if program == "beat":
            environment["KEFIR_DATA"] = str(self._own_folder(name))
        command = procfile.parse((ROOT / "Procfile").read_text(encoding="utf-8"))[program]
        command = command.replace("--app kefir ", f"--app {self.app} ")
        if app:
            command = command.replace("kefir.wsgi", app)
        with self.log(name).open("wb") as log:
            process = processes.start(
                ["/bin/sh", "-c", f"exec {command}"],
                environment={**self.environment, **environment},
                output=log,
                folder=ROOT,
            )
        self.running[name] = process
        self._wait_until_ready(program, name, process)
        return process

    def _own_folder(self, name: str) -> Path:
        """Two beats would overwrite each other's schedule."""
        folder = self.folder.path / name.replace(" ", "-")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def end(self, *names: str) -> None:
        """As a process manager does: kindly, and firmly after a while."""
        ending = [self.running.pop(name) for name in names]
        for process in ending:
            process.terminate()
        for process in ending:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                processes.kill_group(process)

    def kill(self, name: str) -> None:
        """With all its children, so that none can say goodbye."""
        process = self.running.pop(name)
        family = children(process)
        processes.kill_group(process)
        psutil.wait_procs(family, 10)

    def log(self, name: str) -> Path:
        return self.folder.path / f"{name}.log"

    def says(self, name: str) -> str:
        return processes.last_lines(self.log(name), 30)

    def _wait_until_ready(self, program: str, name: str, process: Process) -> None:
        deadline = time.monotonic() + 60
        while not self._is_ready(program, name, process):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} is not ready:\n{self.says(name)}")
            time.sleep(0.05)

    def _is_ready(self, program: str, name: str, process: Process) -> bool:
        match program:
            case "web":
                return "Booting worker" in self.log(name).read_text(errors="replace")
            case "worker" | "jobs":
                wanted = int(self.environment[f"{program.upper()}_CONCURRENCY"])
                return len(children(process)) >= wanted and self._listens()
            case _:
                return any((self.folder.path / name.replace(" ", "-")).glob("celerybeat-schedule*"))

    def _listens(self) -> bool:
        """A worker asks for work by blocking on the queue."""
        workers = sum(name.startswith(("worker", "jobs")) for name in self.running)
        return self.redis("CLIENT", "LIST").lower().count("cmd=brpop") >= workers

    def ask_for(self, task: str, **how: Any) -> None:
        """Put a message into the workers' queue."""
        with Celery(broker=self.environment["REDIS_URL"].replace("unix://", "redis+socket://", 1)) as app:
            app.conf.broker_transport_options = {"global_keyprefix": "kefir:"}
            app.send_task(task, ignore_result=True, **how)

    def redis(self, *words: str) -> str:
        with Redis.from_url(self.environment["REDIS_URL"], decode_responses=True, socket_timeout=5) as client:
            answer = client.execute_command(*words)
        return str(answer)


def children(process: Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def without_kefir(environment: os._Environ[str]) -> dict[str, str]:
    """Nothing that the caller's shell says about another Kefir."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "USER", "TERM")
    return {name: environment[name] for name in kept if name in environment}


@contextmanager
def stack(**environment: str) -> Iterator[Stack]:
    # Not where TMPDIR may say: the path of a socket must be short.
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    path.chmod(0o711)
    made = Stack(path, environment)
    try:
        made.open()
        yield made
    finally:
        made.close()


def wait_for(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> float:
    """How long it took; raises TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"still not so after {seconds:.0f} s")
        time.sleep(pause)
    return time.monotonic() - began
