"""Somebody's endpoint: a TLS server that keeps what it is sent, behind names that lead where the test says."""

import hashlib
import hmac
import json
import socket
import ssl
from pathlib import Path
from typing import Any

from hooks import transport
from tests.fakes.http import Reply, Request, Server
from tests.fakes.webpush import certified

HOST = "ferment.example.org"
URL = f"https://{HOST}/kefir?from=here"
PUBLIC = "93.184.216.34"


class Names:
    """Instead of the resolver: each look-up of a name takes the next of its answers, the last again and again."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {HOST: [[PUBLIC]]}
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        if host not in self.answers:
            raise socket.gaierror(-2, "Name or service not known")
        waiting = self.answers[host]
        addresses = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]


class Sink:
    def __init__(self, folder: Path) -> None:
        self.authority = folder / "authority.pem"
        self.server = Server(self.answer, tls=certified(folder, self.authority, host=HOST))
        self.names = Names()
        self.replies: list[Any] = []
        self.received: list[Request] = []
        # Every address that was connected to, whether it is forbidden or not.
        self.connected: list[tuple[str, int]] = []
        self.closed: set[str] = set()

    def answer(self, request: Request) -> Any:
        self.received.append(request)
        return self.replies.pop(0) if self.replies else Reply(200, b"thanks")

    def open_socket(self, address: str, port: int, seconds: float) -> socket.socket:
        self.connected.append((address, port))
        if address in self.closed:
            raise ConnectionRefusedError
        plain = socket.socket()
        plain.settimeout(seconds)
        plain.connect(("127.0.0.1", self.server.port))
        return plain

    def stand_in(self, monkeypatch: Any) -> None:
        context = ssl.create_default_context(cafile=str(self.authority))
        monkeypatch.setattr(transport, "believed", lambda: context)
        monkeypatch.setattr(transport, "open_socket", self.open_socket)
        monkeypatch.setattr(transport, "getaddrinfo", self.names.getaddrinfo)

    @property
    def messages(self) -> list[Any]:
        return [json.loads(request.body) for request in self.received]

    @property
    def kinds(self) -> list[str]:
        return [message["kind"] for message in self.messages]


def is_signed(request: Request, secret: str) -> bool:
    """As the other side checks it, written anew."""
    parts = [part.partition("=") for part in request.headers["Kefir-Signature"].split(",")]
    [moment] = [value for name, _, value in parts if name == "t"]
    right = hmac.new(secret.encode(), f"{moment}.".encode() + request.body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(value, right) for name, _, value in parts if name == "v1")
