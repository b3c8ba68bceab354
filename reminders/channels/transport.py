"""HTTP to the push services: one pool of connections a process, no redirect, no second try of its own."""

import os
import ssl
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import certifi
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    SSLError,
)

from kefir.retry_after import pause_from

CONNECTIONS_PER_HOST = 6
LONGEST_WAIT = timedelta(hours=6)
UNBELIEVED = "its certificate is not believed"


class NotSent(Exception):
    """Nothing has left."""


class MaybeSent(Exception):
    """It has left, and nobody said what became of it."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    def wanted_pause(self, now: datetime) -> timedelta | None:
        return pause_from(self.headers.get("Retry-After", ""), now, longest=LONGEST_WAIT)


@cache
def pool() -> urllib3.PoolManager:
    """Believes the machine's authorities (SSL_CERT_FILE names others) and, where it has none, certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return urllib3.PoolManager(num_pools=50, maxsize=CONNECTIONS_PER_HOST, ssl_context=context, retries=False)


# A connection must not be shared with the process that was forked from this one.
os.register_at_fork(after_in_child=pool.cache_clear)


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], connect: float = 5, read: float = 10
) -> Answer:
    """Raises NotSent or MaybeSent, and nothing else; seconds."""
    timeout = urllib3.Timeout(connect=connect, read=read)
    try:
        response = pool().request("POST", url, body=body, headers=headers, timeout=timeout, redirect=False)
    except (NewConnectionError, ConnectTimeoutError, LocationValueError) as error:
        raise NotSent(type(error).__name__) from error
    except (HTTPError, OSError) as error:
        if is_about_the_certificate(error):
            raise NotSent(UNBELIEVED) from error
        raise MaybeSent(type(error).__name__) from error
    return Answer(response.status, response.headers, response.data)


def be_ready(url: str, *, seconds: float = 5) -> None:
    """Have an open connection, so that nothing but the message is left to be sent. Raises NotSent."""
    host = pool().connection_from_url(url)
    connection = host._get_conn()
    try:
        if connection.is_closed:
            connection.timeout = seconds
            connection.connect()
    except ssl.SSLCertVerificationError as error:
        raise NotSent(UNBELIEVED) from error
    except (HTTPError, OSError) as error:
        raise NotSent(type(error).__name__) from error
    finally:
        host._put_conn(connection)


def is_about_the_certificate(error: Exception) -> bool:
    return isinstance(error, SSLError) and any(
        isinstance(cause, ssl.SSLCertVerificationError) for cause in (*error.args, error.__cause__)
    )
