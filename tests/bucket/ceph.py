"""A throw-away Ceph with an S3 gateway, all in memory: the strictest S3 server that can be had as a package.

One monitor, one store, one gateway; no manager, no replicas, no authentication among themselves.
"""

import http.client
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from kefir.local import processes
from kefir.local.s3 import free_port

PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool")
SAME_USER = ["--setuser", "root", "--setgroup", "root"] if os.geteuid() == 0 else []
CONFIG = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
pid file = {folder}/$name.pid
keyring = {folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
osd objectstore = memstore
memstore device bytes = 1073741824
osd data = {folder}/store
mon data = {folder}/monitor
mon data avail crit = 1
[mon.a]
host = localhost
mon addr = v1:127.0.0.1:{monitor}
ms bind msgr2 = false
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw data = {folder}/gateway
rgw thread pool size = 32
rgw crypt require ssl = false
"""


def is_installed() -> bool:
    return all(shutil.which(program) for program in PROGRAMS)


@dataclass(frozen=True)
class User:
    name: str
    access_key: str
    secret_key: str


class Ceph:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "ceph.conf"
        self.fsid = str(uuid4())
        self.monitor_port, self.gateway_port = free_port(), free_port()
        self.running: list[processes.Process] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    def start(self) -> None:
        self._write_config()
        self._start_monitor()
        self._start_store()
        self.keeper = self.make_user()
        self._start("radosgw", "-n", "client.rgw")
        self._wait_for("the gateway", self._answers)

    def stop(self) -> None:
        """Nothing of it is kept, so it need not be kind."""
        for process in reversed(self.running):
            processes.kill_group(process)

    def make_user(self) -> User:
        user = User(f"user{secrets.token_hex(4)}", secrets.token_hex(10), secrets.token_hex(20))
        keys = [f"--access-key={user.access_key}", f"--secret-key={user.secret_key}"]
        named = [f"--uid={user.name}", f"--display-name={user.name}"]
        self._run("radosgw-admin", "-n", "client.rgw", "user", "create", *named, *keys)
        return user

    def _write_config(self) -> None:
        for part in ("monitor", "store", "gateway"):
            (self.folder / part).mkdir(parents=True)
        self.config.write_text(
            CONFIG.format(
                fsid=self.fsid, folder=self.folder, monitor=self.monitor_port, gateway=self.gateway_port
            )
        )

    def _start_monitor(self) -> None:
        keyring, map_ = str(self.folder / "keyring"), str(self.folder / "monmap")
        self._run(
            "ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"
        )
        place = f"[v1:127.0.0.1:{self.monitor_port}]"
        self._run("monmaptool", "--create", "--addv", "a", place, "--fsid", self.fsid, map_)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map_, "--keyring", keyring, *SAME_USER)
        self._start("ceph-mon", "-i", "a", *SAME_USER)

    def _start_store(self) -> None:
        # It must be made with the very number that the monitor was told, or it stays “booting” for ever.
        number = str(uuid4())
        self._wait_for(
            "the monitor", lambda: self._does("ceph", "--connect-timeout", "30", "osd", "new", number)
        )
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", number, *SAME_USER)
        self._start("ceph-osd", "-i", "0", *SAME_USER)
        self._wait_for("the store", self._store_is_up)

    def _store_is_up(self) -> bool:
        # Now and then it speaks before it knows with whom (“wrong fsid”), and gives up.
        if self.running[-1].poll() is not None:
            self._start("ceph-osd", "-i", "0", *SAME_USER)
        return "1 up" in self._tried("ceph", "--connect-timeout", "30", "osd", "stat").stdout

    def _wait_for(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not ready():
            assert time.monotonic() < deadline, (
                f"{what} does not answer after a minute:\n{self._last_words()}"
            )
            time.sleep(0.1)

    def _last_words(self) -> str:
        return "\n".join(processes.last_lines(path, 10) for path in sorted(self.folder.glob("*.out")))

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway_port, timeout=5)
        with closing(connection), suppress(OSError):
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        return False

    def _does(self, program: str, *arguments: str) -> bool:
        """A monitor that has just begun refuses what it will do in a moment."""
        return self._tried(program, *arguments).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        done = self._tried(program, *arguments)
        assert done.returncode == 0, f"{program}: {done.stdout[-2000:]}{done.stderr[-2000:]}"

    def _tried(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def _start(self, program: str, *arguments: str) -> None:
        with (self.folder / f"{program}.out").open("ab") as output:
            self.running.append(
                processes.start(
                    [program, "-f", *arguments],
                    environment=self._environment(),
                    output=output,
                    folder=self.folder,
                )
            )

    def _environment(self) -> dict[str, str]:
        # The mark by which the next run finds what a killed one left.
        with (Path(os.environ["KEFIR_DATA"]) / "lock").open() as lock:
            instance = lock.read()
        return {"PATH": os.environ["PATH"], "CEPH_CONF": str(self.config), "KEFIR_INSTANCE": instance}
