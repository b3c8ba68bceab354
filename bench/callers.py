"""Somebody who calls over a few kept connections as fast as answers come; a process of its own."""

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context
from typing import NamedTuple

CONNECTIONS = 4
# Kept for so many answers. Kept for good, all might stay with one of the server's processes while the other is idle:
# which is chance, and doubles or halves what is measured.
KEPT_FOR = 50


class Heard(NamedTuple):
    answers: int
    seconds: float
    refused: int


@dataclass
class Line:
    """One connection, with what has come of the answer so far."""

    port: int
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> None:
        self.received.clear()
        self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """Its first line once all of it is here; None before, and b"" when the server hung up."""
        part = self.socket.recv(262_144)
        self.received += part
        head = self.received.find(b"\r\n\r\n")
        if not part:
            return b""
        if head < 0 or len(self.received) < head + 4 + length_of(self.received[:head]):
            return None
        return bytes(self.received[:head])


def length_of(head: bytearray) -> int:
    start = head.lower().index(b"content-length:") + 15
    end = head.find(b"\r", start)
    return int(head[start : end if end >= 0 else None])


def call(port: int, requests: Sequence[bytes], seconds: float) -> Heard:
    """From a fork, so that asking costs the measured nothing but its share of the machine."""
    with get_context("fork").Pool(1) as pool:
        return pool.apply(listen, (port, list(requests), seconds))


def listen(port: int, requests: list[bytes], seconds: float) -> Heard:
    asking, selector, answers, refused = cycle(requests), selectors.DefaultSelector(), 0, 0
    for _ in range(CONNECTIONS):
        line = Line(port)
        selector.register(line.socket, selectors.EVENT_READ, line)
        line.ask(next(asking))
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        for key, _ in selector.select(1):
            said = key.data.answer()
            if said is None:
                continue
            answers += said[9:10] == b"2"
            refused += said[9:10] not in {b"2", b""}
            if not said or b"onnection: close" in said or (answers + refused) % KEPT_FOR == 0:
                again(selector, key.data)
            key.data.ask(next(asking))
    return Heard(answers, time.monotonic() - began, refused)


def again(selector: selectors.BaseSelector, line: Line) -> None:
    """A server's process that has done its share hangs up."""
    selector.unregister(line.socket)
    line.socket.close()
    line.connect()
    selector.register(line.socket, selectors.EVENT_READ, line)
