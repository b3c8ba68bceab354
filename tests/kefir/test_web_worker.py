"""Slow and broken clients before the real web process: nobody else waits for them."""

import socket
import time
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest

from kefir.web_worker import LONGEST, is_whole
from tests.services import Running, running

Connect = Callable[[bytes], socket.socket]

MANY = 40
SLOW_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
SLOW_BODY = (
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 90\r\n\r\n{"
)


class TestIsWhole:
    @pytest.mark.parametrize(
        ("received", "answer"),
        [
            (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
            (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
            (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", False),
            (b"POST / HTTP/1.1\r\ncontent-length:3\r\n\r\nabc", True),
            (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /", True),
            (b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", True),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", True),
            (b"x" * LONGEST, True),
        ],
    )
    def test_of(self, received: bytes, answer: bool) -> None:
        assert is_whole(received) is answer


@pytest.fixture
def web(transactional_db: None) -> Iterator[Running]:
    with running("web") as run:
        yield run


@pytest.fixture
def connect(web: Running) -> Iterator[Callable[[bytes], socket.socket]]:
    """Opens a connection and sends the first bytes on it."""
    opened = []

    def connect(first: bytes) -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", web.port), timeout=5))
        opened[-1].sendall(first)
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def is_answered(web: Running) -> bool:
    with urlopen(f"{web.url}/healthz", timeout=30) as answer:
        return answer.status == 200


@pytest.mark.processes
class TestSlowClients:
    @pytest.mark.parametrize("first", [b"", SLOW_HEAD, SLOW_BODY], ids=["silent", "head", "body"])
    def test_keep_nobody_waiting(self, web: Running, connect: Connect, first: bytes) -> None:
        for _ in range(MANY):
            connect(first)
        time.sleep(0.3)

        # More than there are threads; gunicorn's own worker answers none of them.
        assert all(is_answered(web) for _ in range(10))

    def test_are_answered_when_they_are_done(self, web: Running, connect: Connect) -> None:
        connection = connect(b"GET /heal")
        for piece in (b"thz HTTP/1.1\r\n", b"Host: localhost\r\n", b"\r\n"):
            time.sleep(0.05)
            connection.sendall(piece)

        assert connection.recv(4096).startswith(b"HTTP/1.1 200")

    def test_may_ask_twice_on_one_connection_and_twice_at_once(self, web: Running, connect: Connect) -> None:
        ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection = connect(ask)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")

        connection.sendall(ask + ask)
        said = b""
        while said.count(b"HTTP/1.1 200") < 2:
            said += connection.recv(8192) or pytest.fail("it hung up")

    def test_that_go_away_in_the_middle_leave_nothing_behind(self, web: Running, connect: Connect) -> None:
        for _ in range(MANY):
            connect(SLOW_HEAD).close()

        assert is_answered(web)

    def test_with_too_long_a_body_are_refused_before_it_comes(self, web: Running, connect: Connect) -> None:
        connection = connect(SLOW_BODY.replace(b": 90", b": 900000"))

        assert connection.recv(4096).startswith(b"HTTP/1.1 413")

    def test_that_do_not_say_how_long_are_refused(self, web: Running, connect: Connect) -> None:
        connection = connect(SLOW_BODY.replace(b"Content-Length: 90", b"Transfer-Encoding: chunked"))

        assert connection.recv(4096).startswith(b"HTTP/1.1 411")
