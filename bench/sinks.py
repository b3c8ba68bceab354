"""What stands for the world: Expo and a mail server on loopback, as processes of their own, counting what arrives.

    python -m bench.sinks expo PORT LOG [--latency SECONDS] [--each] [--fsync]

Light on purpose, because it shares the cores with what is measured. `POST /mode/500` changes how Expo answers.
"""

import argparse
import asyncio
import gzip
import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bench.stack import ROOT, wait_for
from kefir.local import processes
from kefir.local.s3 import free_port

# hold: answers when it is well again, those who are still there; taken: the same, and it has them already.
MODES = ("ok", "500", "429", "hang", "cut", "lost", "hold", "taken")


class Log:
    def __init__(self, path: Path, *, fsync: bool) -> None:
        self.file = path.open("a", buffering=1)
        self.fsync = fsync

    def note(self, lines: list[str]) -> None:
        self.file.write("".join(f"{line}\n" for line in lines))
        self.file.flush()
        if self.fsync:
            os.fsync(self.file.fileno())


class Expo(asyncio.Protocol):
    """Answers a ticket for each message, in order."""

    mode = "ok"
    latency = 0.0
    each = False
    log: Log
    tickets = itertools.count()
    held: ClassVar[list[Callable[[], None]]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.read = bytearray()

    def data_received(self, data: bytes) -> None:
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.read[:end])
            length = int(header(head, b"content-length") or 0)
            if len(self.read) < end + 4 + length:
                return
            body = bytes(self.read[end + 4 : end + 4 + length])
            del self.read[: end + 4 + length]
            self.take(head, body)

    def take(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1].decode()
        if path.startswith("/mode/"):
            self.turn(path.rpartition("/")[2])
            return
        if header(head, b"content-encoding") == b"gzip":
            body = gzip.decompress(body)
        asyncio.get_running_loop().call_later(self.latency, self.judge, body, time.time())

    def turn(self, mode: str) -> None:
        Expo.mode = mode
        self.answer(200, b"{}")
        if mode == "ok":
            held, Expo.held = Expo.held, []
            for act in held:
                act()

    def judge(self, body: bytes, at: float) -> None:
        match Expo.mode:
            case "ok":
                count = self.note(at, body, "sent")
                self.answer(200, tickets(count))
            case "500":
                self.note(at, body, "500")
                self.answer(500, b"<html>Internal Server Error</html>", kind=b"text/html")
            case "429":
                self.note(at, body, "429")
                self.answer(429, b'{"errors":[{"code":"TOO_MANY_REQUESTS"}]}', extra=b"Retry-After: 2\r\n")
            case "cut":
                self.note(at, body, "cut")
                self.transport.abort()
            case "lost":
                # Taken, and nobody is told.
                self.note(at, body, "sent")
                self.transport.abort()
            case "hang":
                self.note(at, body, "hang")
            case "hold":
                self.note(at, body, "hold")
                self.held.append(lambda: None if self.transport.is_closing() else self.judge(body, at))
            case "taken":
                count = self.note(at, body, "sent")
                self.held.append(lambda: self.answer(200, tickets(count)))

    def note(self, at: float, body: bytes, word: str) -> int:
        """One line a message, or one a request where every microsecond counts; by the time at which it came."""
        if not self.each:
            count = body.count(b'"to"')
            self.log.note([f"{at:.6f} {word} {count}"])
            return count
        messages = json.loads(body)
        identities = [f"{one['data']['reminderId']}-{one['data']['round']}" for one in messages]
        request = next(self.tickets)
        self.log.note([f"{at:.6f} {word} {identity} {request}" for identity in identities])
        return len(messages)

    def answer(
        self, status: int, body: bytes, *, kind: bytes = b"application/json", extra: bytes = b""
    ) -> None:
        self.transport.write(
            b"HTTP/1.1 %d X\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s"
            % (status, kind, extra, len(body), body)
        )


def header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""


def tickets(count: int) -> bytes:
    stem = f"{time.time_ns():x}"
    ids = ",".join(f'{{"status":"ok","id":"{stem}-{number}"}}' for number in range(count))
    return f'{{"data":[{ids}]}}'.encode()


class Mail(asyncio.Protocol):
    """A mail server that takes everything; one line a message in the log, with its Message-ID."""

    log: Log

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.read = bytearray()
        self.in_message = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.read += data
        while (end := self.read.find(b"\r\n.\r\n" if self.in_message else b"\r\n")) >= 0:
            part = bytes(self.read[:end])
            del self.read[: end + (5 if self.in_message else 2)]
            self.take_message(part) if self.in_message else self.take_command(part)

    def take_message(self, message: bytes) -> None:
        self.in_message = False
        head = message.partition(b"\r\n\r\n")[0]
        self.log.note([f"{time.time():.6f} sent {header(b'-' + head, b'message-id').decode() or '-'} 0"])
        self.transport.write(b"250 taken\r\n")

    def take_command(self, line: bytes) -> None:
        match line[:4].upper():
            case b"DATA":
                self.in_message = True
                self.transport.write(b"354 go on\r\n")
            case b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            case b"EHLO":
                self.transport.write(b"250-sink\r\n250 8BITMIME\r\n")
            case _:
                self.transport.write(b"250 ok\r\n")


@dataclass
class Arrival:
    at: float
    word: str
    # The identity of a message, or how many came in one request.
    what: str
    request: str = ""

    @property
    def reminder(self) -> str:
        """Whose arrival: the identity without its round."""
        return self.what.rpartition("-")[0]


@dataclass
class Sink:
    port: int
    path: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def arrivals(self) -> list[Arrival]:
        if not self.path.exists():
            return []
        # What follows the last line break is still being written.
        lines = self.path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        return [Arrival(float(at), *rest) for at, *rest in (line.split() for line in lines)]

    def sent(self) -> list[Arrival]:
        return [one for one in self.arrivals() if one.word == "sent"]

    def count(self) -> int:
        return sum(int(one.what) if one.what.isdecimal() else 1 for one in self.sent())

    def forget(self) -> None:
        os.truncate(self.path, 0)

    def turn(self, mode: str) -> None:
        assert mode in MODES
        urllib.request.urlopen(f"{self.url}/mode/{mode}", data=b"", timeout=5).read()


@contextmanager
def sink(kind: str, log: Path, *options: str) -> Iterator[Sink]:
    """A sink in a process of its own."""
    port = free_port()
    with log.with_suffix(".err").open("wb") as errors:
        process = processes.start(
            [sys.executable, "-m", "bench.sinks", kind, str(port), str(log), *options],
            environment=dict(os.environ),
            output=errors,
            folder=ROOT,
        )
    try:
        wait_for(lambda: listens(port), seconds=20, pause=0.02)
        yield Sink(port, log)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            processes.kill_group(process)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def serve(kind: type[asyncio.Protocol], port: int) -> None:
    server = await asyncio.get_running_loop().create_server(kind, "127.0.0.1", port, backlog=256)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["expo", "mail"])
    parser.add_argument("port", type=int)
    parser.add_argument("log", type=Path)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--fsync", action="store_true")
    given = parser.parse_args()
    protocol = {"expo": Expo, "mail": Mail}[given.kind]
    protocol.log = Log(given.log, fsync=given.fsync)
    Expo.latency, Expo.each = given.latency, given.each
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(protocol, given.port))


if __name__ == "__main__":
    main()
