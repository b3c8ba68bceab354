"""Runs the services, then the Procfile; when one ends, or somebody asks, ends them all in order."""

import contextlib
import http.client
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from kefir.local import procfile, variables
from kefir.local.console import Console
from kefir.local.folder import Folder
from kefir.local.postgres import Postgres
from kefir.local.processes import Pause, Process, end_leftovers, kill_group, last_lines, start
from kefir.local.refusals import Refusal
from kefir.local.s3 import S3
from kefir.local.service import Service
from kefir.local.valkey import Valkey

GRACE_SECONDS = 30.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Halted(Exception):
    """Somebody asked for the end."""


@dataclass
class Requests:
    """How often, and first by which signal, the end was asked for."""

    first: int = 0
    count: int = 0

    def listen(self) -> None:
        for number in SIGNALS:
            # Under nohup the terminal's end is to be ignored, and it is already.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.first = self.first or number
        self.count += 1


@dataclass
class Supervisor:
    root: Path
    environment: dict[str, str]
    console: Console
    requests: Requests
    services: list[Service] = field(default_factory=list)
    children: dict[str, Process] = field(default_factory=dict)

    def run(self) -> int:
        """The exit code: 128 + the signal that ended it, or that of the child that fell."""
        commands = self._commands()
        folder = Folder.open(variables.data_folder(self.environment, self.root))
        try:
            self._open(folder)
            self._start_services(folder)
            self._release(commands, folder)
            self._start_children(commands)
            return self._watch()
        except Halted:
            return 128 + self.requests.first
        finally:
            self._stop()
            folder.close()

    def pause(self, seconds: float) -> None:
        self.console.pump(seconds)
        if self.requests.count:
            raise Halted

    def _commands(self) -> dict[str, str]:
        try:
            return procfile.parse((self.root / "Procfile").read_text(encoding="utf-8"))
        except OSError as error:
            raise Refusal(f"there is no Procfile in {self.root} ({error.strerror}).") from None

    def _open(self, folder: Folder) -> None:
        if folder.instance:
            end_leftovers(f"KEFIR_INSTANCE={folder.instance}", self.pause)
        check_port(variables.bind(self.environment), variables.port(self.environment))
        folder.instance = secrets.token_hex(16)
        self.environment = variables.of_instance(self.environment, folder)
        self.console.say(f"Starting. Everything is kept in {folder.path}")

    def _start_services(self, folder: Folder) -> None:
        for service in embedded(self.environment, folder, self.pause):
            self.services.append(service)
            service.start()
            variables.fill(self.environment, service.variables())
            if isinstance(service, Postgres):
                # libpq lets these speak beside the URL; they are about another server.
                self.environment = {k: v for k, v in self.environment.items() if not k.startswith("PG")}
        variables.keep(self.environment, folder)

    def _release(self, commands: Mapping[str, str], folder: Folder) -> None:
        """What must be done once before the others start: the migrations."""
        if "release" not in commands:
            return
        self.console.say("Bringing the database up to date.")
        with folder.log("release") as log:
            log.truncate(0)
            process = self.children["release"] = self._start(commands["release"], log)
        while process.poll() is None:
            self.pause(0.05)
        del self.children["release"]
        if process.returncode:
            self.console.say(last_lines(Path(log.name), 30), "release")
            raise Refusal(f"“{commands['release']}” ended {_how(process)}; the end of {log.name} is above.")

    def _start_children(self, commands: Mapping[str, str]) -> None:
        for name, command in commands.items():
            if name != "release":
                self.children[name] = self._start(command, subprocess.PIPE)
                self.console.follow(name, self.children[name])

    def _start(self, command: str, output: int | IO[bytes]) -> Process:
        return start(
            ["/bin/sh", "-c", f"exec {command}"],
            environment=self.environment,
            output=output,
            folder=self.root,
        )

    def _watch(self) -> int:
        slow_at = time.monotonic() + 60
        announced = "web" not in self.children
        while not (fallen := self._fallen()):
            self.pause(0.2)
            if not announced and (announced := self._web_answers()):
                self._announce()
            if not announced and time.monotonic() > slow_at:
                slow_at = float("inf")
                self.console.say("The web process is alive but does not answer yet.")
        name, process = fallen
        self.console.pump(0.2)
        self.console.say(f"{name} ended {_how(process)}, so everything stops.")
        return 128 - process.returncode if process.returncode < 0 else process.returncode or 1

    def _fallen(self) -> tuple[str, Process] | None:
        watched = [*self.children.items(), *((each.name, each.process) for each in self.services)]
        return next(((name, it) for name, it in watched if it is not None and it.poll() is not None), None)

    def _web_answers(self) -> bool:
        """It must be our own web process that answers, not whoever else has the port."""
        host = variables.bind(self.environment)
        address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 — to be reached, not bound
        connection = http.client.HTTPConnection(address, variables.port(self.environment), timeout=1)
        try:
            connection.request("GET", "/healthz")
            return (
                connection.getresponse().getheader("X-Kefir-Instance") == self.environment["KEFIR_INSTANCE"]
            )
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _announce(self) -> None:
        site = self.environment["SITE_URL"].rstrip("/")
        lines = {"Kefir runs at": site, "Data": self.environment["KEFIR_DATA"], "Stop": "Ctrl-C"}
        if self.environment["KEFIR_LOCAL"] == "1":
            lines = {"Kefir runs at": site, "Its e-mails": f"{site}/dev/mail/  (sign-in codes too)", **lines}
        self.console.show("\n" + "\n".join(f"  {name:<15}{value}" for name, value in lines.items()) + "\n")

    def _stop(self) -> None:
        asked = self.requests.count
        if any(process.poll() is None for process in self.children.values()):
            self.console.say("Stopping. A running task may finish; Ctrl-C again to hurry.")
        for process in self.children.values():
            # To the main process alone: told as well, a worker's pool would drop the task it is at.
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._living() and time.monotonic() < deadline and self.requests.count == asked:
            self.console.pump(0.1)
        for name in self._living():
            self.console.say(f"{name} is ended by force.")
            kill_group(self.children[name])
        self.console.pump(0)
        for service in reversed(self.services):
            service.stop()
        if self.children or asked:
            self.console.say("Stopped.")

    def _living(self) -> list[str]:
        return [name for name, process in self.children.items() if process.poll() is None]


def embedded(environment: Mapping[str, str], folder: Folder, pause: Pause) -> list[Service]:
    """Those servers for which no other was named."""
    wanted: list[Service] = []
    if not variables.is_set(environment, "DATABASE_URL"):
        wanted.append(Postgres(folder, pause))
    if not variables.is_set(environment, "REDIS_URL"):
        wanted.append(Valkey(folder, pause))
    # A bucket without an address is one at Amazon.
    if not variables.is_set(environment, "S3_ENDPOINT_URL") and not variables.is_set(
        environment, "S3_BUCKET"
    ):
        wanted.append(S3(folder, pause))
    return wanted


def check_port(host: str, port: int) -> None:
    """Also on IPv6, where a browser may look for localhost first."""
    _try_port(host, port)
    if host == "127.0.0.1" and socket.has_dualstack_ipv6():
        _try_port("::1", port)


def _try_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except PermissionError:
        raise Refusal(
            f"port {port} needs more rights than you have. Choose another: PORT=8000 ./run"
        ) from None
    except OSError as error:
        if "in use" in str(error):
            raise Refusal(f"port {port} is taken. Choose another: PORT={port + 1} ./run") from None
        if host != "::1":
            raise Refusal(f"nothing can listen on {host}, port {port} ({error.strerror}).") from None


def _how(process: Process) -> str:
    code = process.returncode
    return f"with exit code {code}" if code >= 0 else f"by signal {signal.Signals(-code).name}"
