"""Foretelling all batches anew, as a worker's jobs do after a new model: what it asks of the database, and its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.conninfo import conninfo_to_dict

from batches import forecasts
from bench import shelves
from bench.results import Report
from bench.stack import stack

USERS = 100  # with a hundred jars each; every second one is put away
MOST_QUERIES = 12


def measure() -> Report:
    report = Report("reforecast")
    with stack(STATEMENT_TIMEOUT_MS="0") as ours, ours.connect() as seeding:
        shelves.fill(seeding, users=USERS)
        report.calibrate()
        with spoken_to(ours.environment["DATABASE_URL"]):
            first, again = all_anew(), all_anew()
    report.add("batches", USERS * shelves.PER_USER)
    report.add("queries of a chunk", max(first.queries), "", at_most=MOST_QUERIES)
    report.add("queries of a chunk, nothing new", max(again.queries), "", at_most=MOST_QUERIES)
    report.add("all, for the first time", first.seconds, "s")
    report.add("all, nothing new", again.seconds, "s")
    report.notes.append(
        f"chunks of {forecasts.AT_ONCE}; the first time each stage that is over is learned, too"
    )
    return report


class Anew:
    def __init__(self, seconds: float, queries: list[int]) -> None:
        self.seconds, self.queries = seconds, queries


def all_anew() -> Anew:
    begun, queries, last, now = time.perf_counter(), [], "", datetime.now(UTC)
    while last is not None:
        with CaptureQueriesContext(connection) as asked:
            last = forecasts.foretell_many(after=last, now=now)
        queries.append(len(asked))
    return Anew(time.perf_counter() - begun, queries)


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
