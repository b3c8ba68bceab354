"""The machine's own limit: reminders claimed and marked as sent in bare SQL, a hundred at a time, and nothing else."""

import time
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

import psycopg

CHUNK = 100
CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id FROM reminders_reminder
        WHERE status = 'waiting' AND alert_at <= now() AND (leased_until IS NULL OR leased_until <= now())
        ORDER BY alert_at, id LIMIT %s FOR UPDATE SKIP LOCKED
    )
    UPDATE reminders_reminder r SET leased_until = now() + interval '60 s'
    FROM due WHERE r.id = due.id RETURNING r.id, r.owner_id, r.message
"""
MARK = (
    "UPDATE reminders_reminder SET status = 'sent', sent_at = now(), leased_until = NULL WHERE id = ANY(%s)"
)


def claim_and_mark(url: str, start: Barrier) -> None:
    with psycopg.connect(url, autocommit=True, prepare_threshold=3) as connection:
        start.wait()
        while rows := connection.execute(CLAIM, [CHUNK]).fetchall():
            connection.execute(MARK, [[row[0] for row in rows]])


def seconds_for_all(url: str, *, connections: int = 2) -> float:
    context = get_context("fork")
    start = context.Barrier(connections + 1)
    workers = [context.Process(target=claim_and_mark, args=(url, start)) for _ in range(connections)]
    for worker in workers:
        worker.start()
    start.wait(30)
    began = time.monotonic()
    for worker in workers:
        worker.join()
    return time.monotonic() - began
