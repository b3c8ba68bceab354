"""An HTTP server that answers, hangs, or cuts the connection."""

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Request:
    method: str
    path: str
    headers: Any
    body: bytes
    at: float


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


# In place of a reply: the connection ends, stays open without a word, or a byte comes now and then and never the last.
CUT, HANG, DRIP = object(), object(), object()


class Server:
    def __init__(self, answer: Callable[[Request], Any], *, tls: ssl.SSLContext | None = None) -> None:
        self.is_over = threading.Event()
        self.httpd = _Threads(("127.0.0.1", 0), _handler(answer, self.is_over))
        if tls:
            self.httpd.socket = tls.wrap_socket(self.httpd.socket, server_side=True)
        self.port = self.httpd.server_address[1]
        self.thread = threading.Thread(target=self.httpd.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.httpd.shutdown()
        self.httpd.server_close()


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or believes another authority, is no mistake of the test."""


def _handler(answer: Callable[[Request], Any], is_over: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = answer(Request("POST", self.path, self.headers, body, time.monotonic()))
            if reply is HANG:
                is_over.wait()
            while reply is DRIP and not is_over.wait(0.05):
                self.wfile.write(b"H")
            if reply in (CUT, HANG, DRIP):
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
