"""A mail server (RFC 5321).

python -m tests.fakes.smtp PORTFILE LOG [MODE]
"""

import email
import email.policy
import socketserver
import sys
import threading
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from tests.fakes import Arrived

# What a stage of a mail is answered, per mode; 0 cuts the connection, None says nothing.
MODES: dict[str, dict[str, Any]] = {
    "ok": {},
    "hang": {"DATA": None},
    "silent": {"hello": None},
    "cut": {"MAIL": 0},
    "lost": {"taken": 0},
    "busy": {"MAIL": "421 4.3.2 too busy"},
    "full": {"taken": "452 4.3.1 disk full"},
    "refuses_sender": {"MAIL": "550 5.7.1 not from you"},
    "refuses_content": {"taken": "554 5.6.0 no such mail"},
    "odd": {"taken": "what?"},
}


class MailServer:
    """`refuses` is what an address is answered instead of 250; after `per_connection` mails, 421 and goodbye."""

    def __init__(self, *, log: Path | None = None) -> None:
        self.mode = "ok"
        self.refuses: dict[str, str] = {}
        self.per_connection = 0
        self.connections = 0
        self.arrived = Arrived(log)
        self.is_over = threading.Event()
        self.tcp = _Threads(("127.0.0.1", 0), _handler(self))
        self.port = self.tcp.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self.tcp.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.tcp.shutdown()
        self.tcp.server_close()
        self.arrived.close()

    @property
    def mails(self) -> list[EmailMessage]:
        return self.arrived.things


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no mistake of the test."""


class _Goodbye(Exception):
    pass


def _handler(server: MailServer) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            server.connections += 1
            self.taken = 0
            try:
                self.answer("hello", "220 localhost ESMTP")
                while line := self.rfile.readline():
                    self.command(line.decode().strip())
            except _Goodbye:
                return

        def command(self, line: str) -> None:
            match line.upper().split(" ", 1)[0].split(":")[0]:
                case "EHLO":
                    self.wfile.write(b"250-localhost\r\n250-8BITMIME\r\n250 SIZE 1000000\r\n")
                case "MAIL":
                    if server.per_connection and self.taken >= server.per_connection:
                        self.say("421 4.7.0 enough for one connection")
                        raise _Goodbye
                    self.answer("MAIL", "250 2.1.0 ok")
                case "RCPT":
                    address = line.partition("<")[2].partition(">")[0]
                    self.say(server.refuses.get(address, "250 2.1.5 ok"))
                case "DATA":
                    self.answer("DATA", "354 go on")
                    self.take()
                case "QUIT":
                    self.say("221 2.0.0 goodbye")
                    raise _Goodbye
                case _:
                    self.say("250 2.0.0 ok")

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                if not line:
                    raise _Goodbye
                lines.append(line.removeprefix(b"."))
            stage = MODES[server.mode].get("taken", "250")
            if stage == 0 or not isinstance(stage, str) or stage.startswith("250"):
                mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                server.arrived.add(mail, mail["Message-ID"])
                self.taken += 1
            self.answer("taken", "250 2.6.0 taken")

        def answer(self, stage: str, otherwise: str) -> None:
            told = MODES[server.mode].get(stage, otherwise)
            if told is None:
                server.is_over.wait()
            if not told:
                raise _Goodbye
            self.say(told)
            if told.startswith("421"):
                raise _Goodbye

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    return Handler


if __name__ == "__main__":
    portfile, log, *mode = sys.argv[1:]
    with MailServer(log=Path(log)) as server:
        server.mode = mode[0] if mode else "ok"
        Path(portfile).write_text(str(server.port))
        threading.Event().wait()
