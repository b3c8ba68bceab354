"""Carries what PostgreSQL copies out to whoever asked, a piece at a time, over a connection of its own.

The request's own is not free for that: what answers the request (its session, say) still needs it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import psycopg
from django.db import connections
from django.utils.translation import gettext as _

from accounts.models import User
from takeout import statements

LINES = 256
# The longest that one export may keep a connection and a thread.
SECONDS = 600
TURN = """
    SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)),
           set_config('statement_timeout', %s, true),
           set_config('jit', 'off', true),
           set_config('max_parallel_workers_per_gather', '0', true)
"""


class BeingExported(Exception):
    """They are taking out everything just now, in another window or by a script."""

    def __init__(self) -> None:
        super().__init__(_("Your data is being exported already. Wait until that is done."))


class Everything:
    """All that is somebody's, as lines of CSV. Closed at whichever point, it ends the COPY."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.connection = psycopg.connect(**connections["default"].get_connection_params())
        self._take_turn()

    def _take_turn(self) -> None:
        """The lock goes with the transaction, so whatever ends that ends the turn, too."""
        turn = self.connection.execute(TURN, [f"export of {self.user.pk}", f"{SECONDS}s"]).fetchone()
        if not turn or not turn[0]:
            raise BeingExported

    def __iter__(self) -> Iterator[bytes]:
        statement, parameters = statements.everything_of(self.user)
        try:
            with self.connection.cursor() as cursor, cursor.copy(statement, parameters) as copied:
                yield from pieces(copied)
        finally:
            self.close()

    def close(self) -> None:
        self.connection.close()

    def __del__(self) -> None:
        # An answer that nobody has begun to read is not always closed.
        self.close()


def pieces(copied: psycopg.Copy) -> Iterator[bytes]:
    """Each row comes by itself and ends as Unix has it; RFC 4180 wants CRLF between records, and in no cell."""
    rows: Iterator[Any] = iter(copied)
    # The headings are there before the first row is looked for: whoever waits sees that something comes.
    yield bytes(next(rows)[:-1]) + b"\r\n"
    while some := [bytes(row[:-1]) for row in islice(rows, LINES)]:
        some.append(b"")
        yield b"\r\n".join(some)
