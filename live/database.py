"""One connection to PostgreSQL for a process that waits on many people at once."""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg
from django.conf import settings
from psycopg.rows import TupleRow

PATIENCE = 5.0


class DatabaseIsAway(Exception):
    pass


class Database:
    def __init__(self) -> None:
        self.connection: psycopg.AsyncConnection[TupleRow] | None = None
        self.lock = asyncio.Lock()

    async def rows(self, statement: str, parameters: dict[str, Any]) -> list[TupleRow]:
        """Asked one after the other; whoever is cut off leaves no half answer for the next one."""
        async with self.lock:
            try:
                return await asyncio.wait_for(self._asked(statement, parameters), PATIENCE)
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError, TimeoutError) as error:
                await self._hang_up()
                raise DatabaseIsAway(type(error).__name__) from error

    async def close(self) -> None:
        async with self.lock:
            await self._hang_up()

    async def _asked(self, statement: str, parameters: dict[str, Any]) -> list[TupleRow]:
        if self.connection is None:
            self.connection = await psycopg.AsyncConnection.connect(
                **address(), autocommit=True, prepare_threshold=5
            )
        answer = await self.connection.execute(statement.encode(), parameters, prepare=True)
        return await answer.fetchall()

    async def _hang_up(self) -> None:
        connection, self.connection = self.connection, None
        if connection:
            with suppress(psycopg.Error, OSError):
                await connection.close()


def address() -> dict[str, Any]:
    """The same as Django's."""
    given = settings.DATABASES["default"]
    wanted: dict[str, Any] = {
        "dbname": given["NAME"],
        "user": given.get("USER"),
        "password": given.get("PASSWORD"),
        "host": given.get("HOST"),
        "port": given.get("PORT"),
    }
    return {**{name: value for name, value in wanted.items() if value}, **given.get("OPTIONS", {})}
