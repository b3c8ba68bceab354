"""One POST to an address that somebody else chose.

Its name is looked up once, every address behind it is looked at, and one of those is connected to: the name is never
looked up again. No redirect is followed, no proxy is asked, and however slowly it answers, it ends in time.
"""

import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from socket import getaddrinfo
from typing import NamedTuple

import certifi
from django.utils.translation import gettext_noop

from hooks.addresses import Target, is_public

CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 10.0
MOST_BYTES = 4_096
MOST_ADDRESSES = 4


class NotDelivered(Exception):
    """Says why, for whoever the endpoint belongs to."""


class Forbidden(NotDelivered):
    """Its name leads to where nobody is called. Nothing was connected to."""


class Answer(NamedTuple):
    status: int
    retry_after: str
    body: bytes


class Resolver(threading.Thread):
    """The system's look-up cannot be told to hurry, so it is left behind when it does not."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(daemon=True)
        self.host, self.port = host, port
        self.addresses: list[str] = []
        self.error = gettext_noop("Its name could not be looked up in time.")

    def run(self) -> None:
        try:
            found = getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            self.error = gettext_noop("Its name is not known.")
        else:
            self.addresses = list(dict.fromkeys(str(one[4][0]) for one in found))


def resolve(host: str, port: int) -> list[str]:
    """All addresses of the name, in the system's order. Raises NotDelivered."""
    asked = Resolver(host, port)
    asked.start()
    asked.join(CONNECT_SECONDS)
    if not asked.addresses:
        raise NotDelivered(asked.error)
    return asked.addresses


def checked(target: Target) -> list[str]:
    """Where it may be connected to. One forbidden address among several condemns them all."""
    addresses = resolve(target.host, target.port)
    if not target.is_local and not all(map(is_public, addresses)):
        raise Forbidden(gettext_noop("Its name leads to an address that is not on the internet."))
    return addresses[:MOST_ADDRESSES]


def post(target: Target, *, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises NotDelivered, and nothing else."""
    deadline = time.monotonic() + TOTAL_SECONDS
    raw = connected(checked(target), target.port, deadline)
    try:
        with raw, ended_by(deadline, raw):
            return exchange(target, raw, body, headers, deadline)
    except ssl.SSLCertVerificationError as error:
        raise NotDelivered(gettext_noop("Its certificate is not believed.")) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= deadline or isinstance(error, TimeoutError)
        sentence = (
            gettext_noop("It did not answer in time.")
            if late
            else gettext_noop("It broke off without an answer that makes sense.")
        )
        raise NotDelivered(sentence) from error


def exchange(
    target: Target, raw: socket.socket, body: bytes, headers: Mapping[str, str], deadline: float
) -> Answer:
    raw.settimeout(seconds_until(deadline))
    connection: http.client.HTTPConnection
    if target.is_https:
        connection = http.client.HTTPSConnection(target.host, target.port, context=believed())
        # The name and not the address is what the certificate must be for.
        connection.sock = believed().wrap_socket(raw, server_hostname=target.host)
    else:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = raw
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.getheader("Retry-After", ""), response.read(MOST_BYTES))
    finally:
        connection.close()


def connected(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    """To the first that answers."""
    for address in addresses:
        with suppress(OSError):
            return open_socket(address, port, min(CONNECT_SECONDS, seconds_until(deadline)))
    raise NotDelivered(gettext_noop("It cannot be reached."))


def open_socket(address: str, port: int, seconds: float) -> socket.socket:
    """`address` is numeric, so nothing is looked up."""
    return socket.create_connection((address, port), timeout=seconds)


@contextmanager
def ended_by(deadline: float, raw: socket.socket) -> Iterator[None]:
    """A socket's own time-out begins anew with every byte; this one does not."""
    guard = socket.socket(fileno=os.dup(raw.fileno()))
    timer = threading.Timer(seconds_until(deadline), shut, [guard])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        guard.close()


def shut(guard: socket.socket) -> None:
    with suppress(OSError):
        guard.shutdown(socket.SHUT_RDWR)


def seconds_until(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())


@cache
def believed() -> ssl.SSLContext:
    """The machine's authorities (SSL_CERT_FILE names others) and, where it has none, certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
