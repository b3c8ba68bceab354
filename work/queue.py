"""Jobs in PostgreSQL: claimed one at a time under a lease, renewed, settled by whoever still holds it."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from work import registry, statements

LEASE = timedelta(seconds=60)


class Claimed(NamedTuple):
    """A job in our hands until the lease ends."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    owner_id: UUID | None
    attempt: int
    lease: UUID
    request_id: str


class Ending(NamedTuple):
    """What came of a try: done, dead, or retry at `due_at`."""

    outcome: str
    error: str = ""
    due_at: datetime | None = None


def claim(*, now: datetime) -> Claimed | None:
    limits = registry.most_at_once()
    row = first_row(
        statements.CLAIM,
        {"now": now, "lasts": LEASE, "limited": list(limits), "at_once": list(limits.values())},
    )
    return Claimed._make([*row[:3], json.loads(row[3]), *row[4:]]) if row else None


def renew(job: Claimed) -> bool:
    """False when it is no longer ours."""
    return count_changed(statements.RENEW, {"id": job.id, "lease": job.lease, "lasts": LEASE})


def settle(job: Claimed, ending: Ending, *, now: datetime) -> str:
    """Its state from now on; none when it is no longer ours: whoever has it by now will say what came of it."""
    told = {"id": job.id, "lease": job.lease, "now": now, **ending._asdict()}
    [state] = first_row(statements.SETTLE, told) or [""]
    return str(state)


def how_many_due(*, most: int) -> int:
    [count] = first_row(statements.HOW_MANY_DUE, {"most": most}) or [0]
    return int(count)


def clock() -> datetime:
    """The database's: what is due is judged by one clock, however wrong a worker's own may be."""
    [now] = first_row("SELECT clock_timestamp()", {}) or []
    assert isinstance(now, datetime)  # noqa: S101 for the types
    return now


def first_row(statement: str, told: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def count_changed(statement: str, told: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        return bool(cursor.rowcount)
