"""What finding the next 100 of 10 million reads, before and after a million of them have died.

BENCH_ROWS says another number than 10 million. Only what a claim uses is indexed: the rest would take minutes.
"""

import os
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import scalar_row

from bench.results import Report
from bench.stack import stack
from reminders import queue, statements

ROWS = int(os.environ.get("BENCH_ROWS", "10_000_000"))
GOAL = 10
CHUNK = 100
STEP = 500_000
APART = 0.1

# Written some days before they are due, so that neighbours in time are near in the table. Of ten, eight were sent
# long ago, one is to die, and one waits from now on.
GROW = """
    INSERT INTO reminders_reminder (id, batch_id, owner_id, kind, message, why, priority, due_at, follows_plan,
        status, sent_at, round, cancelled_with_batch, claims, attempts, error, created_at)
    SELECT gen_random_uuid(), '000000000000', gen_random_uuid(), 'custom', 'Taste it, number ' || n, '', 1,
        now() + (n - %(rows)s * 0.9) * %(apart)s * interval '1 s', false,
        CASE WHEN n <= %(rows)s * 0.8 THEN 'sent' ELSE 'waiting' END, now(), 1, false, 0, 0, '', now()
    FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
DIE = "UPDATE reminders_reminder SET status = 'sent' WHERE status = 'waiting' AND alert_at <= now()"
USED = {"reminders_reminder_pkey", "reminder_waiting_by_alert"}


def measure() -> Report:
    report = Report("claim")
    with stack(STATEMENT_TIMEOUT_MS="0") as ours, ours.connect() as connection:
        grow(connection)
        report.calibrate()
        times = moments(ask(connection, "SELECT now()"))
        find = statements.DUE_FIRST.replace("FOR UPDATE SKIP LOCKED", "")
        report.add("finding 100 of clean rows", pages(connection, find, times), "pages", at_most=GOAL)
        report.add("rows that died", connection.execute(DIE).rowcount)
        times = moments(ask(connection, "SELECT now() + interval '30 s'"))
        report.add("finding 100 after that, before any tick", pages(connection, find, times), "pages")
        connection.execute(statements.BEAT, {"rest": timedelta()})
        connection.execute(statements.LOOK_FROM, {"at": times["until"]})
        name = "finding 100 after that, once a tick has looked"
        report.add(name, pages(connection, find, times), "pages", at_most=GOAL)
        # Last, because it leaves versions of the rows behind.
        report.add("claiming these 100", pages(connection, statements.CLAIM_DUE, times), "pages")
    report.notes.append(
        f"{ROWS} rows, a tenth waiting; autovacuum off; “reads” are pages touched, cached or not"
    )
    return report


def grow(connection: psycopg.Connection) -> None:
    drop_what_is_not_used(connection)
    # No journal and no look at foreign keys: it is the reading that is measured.
    connection.execute("SET session_replication_role = replica")
    connection.execute("ALTER TABLE reminders_delivery SET UNLOGGED")
    connection.execute("ALTER TABLE reminders_reminder SET UNLOGGED, SET (autovacuum_enabled = off)")
    for first in range(1, ROWS + 1, STEP):
        last = min(first + STEP - 1, ROWS)
        connection.execute(GROW, {"rows": ROWS, "apart": APART, "first": first, "last": last})
    connection.execute("VACUUM ANALYZE reminders_reminder")


def drop_what_is_not_used(connection: psycopg.Connection) -> None:
    with connection.cursor(row_factory=scalar_row) as cursor:
        names = cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'reminders_reminder'"
        ).fetchall()
    for name in set(names) - USED:
        connection.execute(f'DROP INDEX "{name}"')


def moments(until: datetime) -> dict[str, datetime]:
    lease = until + timedelta(seconds=60)
    return {"now": until, "until": until, "since": queue.LONG_AGO, "lease": lease}


def pages(connection: psycopg.Connection, statement: str, times: dict[str, datetime]) -> int:
    """Of the second time; the first one sweeps up after whatever was before it."""
    for _ in range(2):
        with connection.transaction(force_rollback=True):
            said = ask(connection, f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", times)
    plan = said[0]["Plan"]
    if plan["Actual Rows"] != CHUNK:
        raise RuntimeError(f"{plan['Actual Rows']} rows were found")
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def ask(connection: psycopg.Connection, statement: str, values: dict[str, datetime] | None = None):
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement, values).fetchone()
