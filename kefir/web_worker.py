"""A gunicorn worker that gives a thread only to a request that has arrived.

gunicorn's own gives one to whoever has sent a first byte, so a handful of clients who send the rest slowly, or
never, take all threads. Here the kernel keeps what has come so far; the socket wakes us when there is more.
"""

import re
import socket
import struct
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# From the first byte to the last, and again for the answer: nobody's form takes longer.
ARRIVES_WITHIN = 15.0
LEAVES_WITHIN = struct.pack("ll", 15, 0)
# What is longer goes to the parser, which refuses it; bodies that long are refused before they are read.
LONGEST = 150_000
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def is_whole(received: bytes) -> bool:
    """Whether all of a request is there, or as much as will be waited for."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return len(received) >= LONGEST
    length = LENGTH.search(head)
    expected = int(length[1]) if length else 0
    return len(body) >= expected or len(head) + expected >= LONGEST


class PatientWorker(ThreadWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arriving: dict[TConn, float] = {}

    def enqueue_req(self, conn: TConn) -> None:
        if conn.parser and conn.parser.unreader.buf.getvalue():
            # The next request came along with the last one.
            super().enqueue_req(conn)
            return
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, LEAVES_WITHIN)
        self.admit(conn, seen=0, until=time.monotonic() + ARRIVES_WITHIN)

    def admit(self, conn: TConn, *, seen: int, until: float) -> None:
        """To a thread when all is there; else back to wait for a byte more than has been seen."""
        try:
            received = conn.sock.recv(LONGEST, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            self.wait(conn, seen=0, until=until)
        except OSError:
            self.drop(conn)
        else:
            if seen and len(received) == seen:
                # Woken without a new byte: the other side has gone.
                self.drop(conn)
            elif received and not is_whole(received):
                self.wait(conn, seen=len(received), until=until)
            else:
                self.hand_over(conn)

    def wait(self, conn: TConn, *, seen: int, until: float) -> None:
        conn.sock.settimeout(0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, seen + 1)
        self.arriving[conn] = until
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_more, conn, seen, until))

    def on_more(self, conn: TConn, seen: int, until: float, _: socket.socket) -> None:
        self.forget(conn)
        self.admit(conn, seen=seen, until=until)

    def hand_over(self, conn: TConn) -> None:
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        conn.data_ready = True
        super().enqueue_req(conn)

    def murder_pending(self) -> None:
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn, until in self.arriving.items() if until <= now]:
            self.forget(conn)
            self.drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """Called when the worker stops: it does not wait for those who have not begun."""
        super()._cap_keepalive(deadline)
        self.arriving = {conn: min(until, deadline) for conn, until in self.arriving.items()}

    def forget(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        del self.arriving[conn]

    def drop(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()
