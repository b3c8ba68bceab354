"""What the measurements of delivery share: fill the table, set the workers going, wait until nothing waits."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg

from bench import seeding
from bench.seeding import Seeded
from bench.sinks import Sink
from bench.stack import Stack, wait_for

TICK = "reminders.tasks.tick"


def fill(connection: psycopg.Connection, count: int, *, device: str = "android", **filled: object) -> Seeded:
    """So many, due since an hour, in a table as if new."""
    first = datetime.now(UTC) - timedelta(hours=1)
    return refill(
        connection, count, lambda number: first + timedelta(milliseconds=number), device=device, **filled
    )


def refill(
    connection: psycopg.Connection,
    count: int,
    alert_at: Callable[[int], datetime],
    *,
    device: str = "android",
    **filled: object,
) -> Seeded:
    seeding.forget(connection)
    seeded = seeding.seed(connection, count, alert_at=alert_at, device=device, user=filled)
    connection.execute("ANALYZE")
    connection.execute("CHECKPOINT")
    return seeded


def waiting(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM reminders_reminder WHERE status = 'waiting'").fetchone()
    assert row is not None
    return int(row[0])


def is_waiting(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM reminders_reminder WHERE status = 'waiting')"
    ).fetchone()
    return bool(row and row[0])


def seconds_to_deliver(
    ours: Stack, connection: psycopg.Connection, sink: Sink, count: int, *, patience: float = 120
) -> float:
    """From the tick until the last is noted as sent; complains when the sink has not seen each."""
    sink.forget()
    began = time.monotonic()
    ours.ask_for(TICK)
    try:
        wait_for(lambda: not is_waiting(connection), seconds=patience, pause=0.02)
    except TimeoutError:
        raise RuntimeError(
            f"{waiting(connection)} still wait; the worker says:\n{ours.says('worker')}"
        ) from None
    took = time.monotonic() - began
    if (came := sink.count()) != count:
        raise RuntimeError(f"{came} of {count} came; the worker says:\n{ours.says('worker')}")
    return took
