"""Django's PostgreSQL, with a cheaper look whether a kept connection still stands, and prepared statements."""

import select
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper


class PreparedCursor(psycopg.Cursor[Any]):
    """PostgreSQL reads and plans a statement once a connection, not once a request."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        return super().execute(query, params, prepare=True, **how)


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """A prepared cursor keeps the statement's name only."""
        return super().last_executed_query(cursor, sql, params) or self.compose_sql(sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        # Not None, so that a PreparedCursor may prepare; Django's own cursors never do.
        return {**super().get_connection_params(), "prepare_threshold": 5}

    def is_usable(self) -> bool:
        """Django asks `SELECT 1` before each request. A server that went away has hung up, which the socket tells."""
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.pgconn.socket, select.POLLIN | select.POLLPRI)
        # Nothing is to come where nothing was asked: what is there is a farewell, or a hang-up.
        return not poll.poll(0)

    def prepared_cursor(self) -> CursorWrapper:
        """As cursor(), for statements that are the same each time but for their values."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            made: CursorWrapper = self._prepare_cursor(  # type: ignore[attr-defined]
                PreparedCursor(self.connection)
            )
        return made


def prepared_cursor() -> CursorWrapper:
    wrapper = connections[DEFAULT_DB_ALIAS]
    assert isinstance(wrapper, DatabaseWrapper)  # noqa: S101 the settings say so
    return wrapper.prepared_cursor()
