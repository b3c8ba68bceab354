"""Foretelling all batches anew, as a worker's jobs do after a new model: what it asks of the database, and its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.conninfo import conninfo_to_dict

from batches import forecasts
from bench import shelves
from bench.results import Report
from bench.stack import stack
from reminders import actions
from reminders.models import Reminder
from work.models import Job

USERS = 100  # with a hundred jars each; every second one is put away
MOST_QUERIES = 12
# One reminder of each batch at work is the plan's own, months too late.
FOLLOWING = """
    UPDATE reminders_reminder SET kind = 'ready', follows_plan = true, status = 'waiting',
        due_at = now() + interval '90 days'
    WHERE id IN (SELECT DISTINCT ON (batch_id) r.id FROM reminders_reminder r JOIN batches_batch b ON b.id = batch_id
        WHERE b.status = 'active' ORDER BY batch_id, r.id)
"""


def measure() -> Report:
    report = Report("reforecast")
    with stack(STATEMENT_TIMEOUT_MS="0") as ours, ours.connect() as seeding:
        shelves.fill(seeding, users=USERS)
        seeding.execute(FOLLOWING)
        report.calibrate()
        with spoken_to(ours.environment["DATABASE_URL"]):
            first, again = Anew(), Anew()
    report.add("batches", USERS * shelves.PER_USER)
    report.add("queries of a chunk", max(first.queries), "", at_most=MOST_QUERIES)
    report.add("queries of a chunk, nothing new", max(again.queries), "", at_most=MOST_QUERIES)
    report.add("queries of a chunk's reminders", max(first.following), "", at_most=MOST_QUERIES)
    report.add("reminders that moved", first.moved)
    report.add("all, for the first time", first.seconds, "s")
    report.add("all, nothing new", again.seconds, "s")
    report.notes.append(
        f"chunks of {forecasts.AT_ONCE}; the first time each stage that is over is learned, too"
    )
    return report


class Anew:
    """All learned, all told, and all reminders moved, as the jobs do it one after the other."""

    def __init__(self) -> None:
        self.queries: list[int] = []
        self.following: list[int] = [0]
        begun, self.now = time.perf_counter(), datetime.now(UTC)
        for step in forecasts.STEPS.values():
            self.go_through(step)
        for job in Job.objects.filter(kind=forecasts.FOLLOW).order_by("pk"):
            with CaptureQueriesContext(connection) as asked:
                actions.follow_forecasts(batch_ids=job.payload["batches"], now=self.now)
            self.following.append(len(asked))
        Job.objects.all().delete()
        self.seconds = time.perf_counter() - begun
        self.moved = Reminder.objects.filter(changed_at=self.now).count()

    def go_through(self, step: Callable[..., str | None]) -> None:
        last: str | None = ""
        while last is not None:
            with CaptureQueriesContext(connection) as asked:
                last = step(after=last, now=self.now)
            self.queries.append(len(asked))


@contextmanager
def spoken_to(address: str) -> Iterator[None]:
    """The models speak to this database."""
    told = conninfo_to_dict(address)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    connection.settings_dict.update({name: str(told.get(key) or "") for name, key in names.items()})
    try:
        yield
    finally:
        connection.close()
