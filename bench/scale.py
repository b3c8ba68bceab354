"""The hot queries, as our own code asks them, among a million rows and ten: the same time, the same pages.

BENCH_ROWS says other sizes than “1000000,10000000” (of events, and of reminders; a tenth of that of batches).
"""

import os
import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg
from django.db.models import QuerySet

from accounts.models import User
from batches.models import Batch
from batches.serializers import BatchWire
from bench import shelves
from bench.results import Report
from bench.stack import stack
from events.models import Event
from events.serializers import EventWire
from kefir.api.lists import shape
from kefir.api.paging import Keyset, Place
from reminders import queue, statements

SIZES = [int(size) for size in os.environ.get("BENCH_ROWS", "1000000,10000000").split(",")]
PER_USER = shelves.PER_USER * shelves.PER_BATCH
ASKED, ROUNDS, PAGE = 100, 3, 50
MOST_PAGES, MOST_GROWTH = 60, 1.25


class Query(NamedTuple):
    sql: str
    values: Any
    # What is asked most is read and planned once a connection; the rest each time, as Django does.
    prepared: bool = False


class Keeper(NamedTuple):
    number: int
    of: int

    @property
    def id(self) -> uuid.UUID:
        return shelves.user_id(self.number)


class Seen(NamedTuple):
    milliseconds: float
    pages: float
    rows: int
    plan: str


def measure() -> Report:
    report = Report("scale")
    seen = [at_size(report, size) for size in SIZES]
    for name in QUERIES:
        small, large = seen[0][name], seen[-1][name]
        report.add(f"{name}, growth", large.milliseconds / small.milliseconds, "", at_most=MOST_GROWTH)
        report.add(f"{name}, pages for {large.rows} rows", large.pages, "", **goal(name))
        report.notes.append(f"{name}: {small.milliseconds:.3f} and {large.milliseconds:.3f} ms\n{large.plan}")
    return report


def goal(name: str) -> dict[str, float]:
    """For each 50 rows; a claim takes a hundred. Changes of all batches look into each batch."""
    if name == "changed events of all batches":
        return {}
    return {"at_most": MOST_PAGES * 2 if name == "due reminders" else MOST_PAGES}


def at_size(report: Report, size: int) -> dict[str, Seen]:
    users = max(1, size // PER_USER)
    with stack(STATEMENT_TIMEOUT_MS="0") as ours, ours.connect() as connection:
        shelves.fill_bare(connection, users=users)
        report.calibrate()
        return {name: seen(connection, make, users) for name, make in QUERIES.items()}


def seen(connection: psycopg.Connection, make: Callable[[Keeper], Query], users: int) -> Seen:
    """Of as many people as fit, in turn; the pages are the median of what each one's rows took."""
    chosen = random.Random(7).choices(range(1, users + 1), k=ASKED)
    queries = [make(Keeper(user, users)) for user in chosen]
    times = [timed(connection, query) for _ in range(ROUNDS) for query in queries]
    looked = [explained(connection, query) for query in queries[:20]]
    pages, rows, plan = sorted(looked)[len(looked) // 2]
    return Seen(statistics.median(times), pages, rows, plan)


def timed(connection: psycopg.Connection, query: Query) -> float:
    began = time.perf_counter()
    connection.execute(query.sql, query.values, prepare=query.prepared).fetchall()
    return 1000 * (time.perf_counter() - began)


def explained(connection: psycopg.Connection, query: Query) -> tuple[int, int, str]:
    with connection.transaction(force_rollback=True):
        lines = connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query.sql}", query.values
        ).fetchone()
    plan = lines[0][0]["Plan"]
    return (
        plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        int(plan["Actual Rows"]),
        "\n".join(drawn(plan)),
    )


def drawn(plan: dict[str, Any], depth: int = 3) -> Iterator[str]:
    about = plan.get("Index Name") or plan.get("Relation Name") or ""
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    yield f"{'  ' * depth}{plan['Node Type']} {about} rows={plan['Actual Rows']:.0f} pages={pages}"
    for part in plan.get("Plans", ()):
        yield from drawn(part, depth + 1)


def asked(queryset: QuerySet[Any]) -> Query:
    return Query(*queryset.query.sql_with_params())


def batches(keeper: Keeper) -> Any:
    return Batch.objects.of(User(pk=keeper.id)).values_list(*shape(BatchWire).columns)


def page(queryset: QuerySet[Any], order: tuple[str, str], place: Place | None = None) -> Query:
    paging = Keyset()
    paging.order, paging.place = order, place
    return asked(paging.from_place(queryset)[: PAGE + 1])


def half_a_year_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=200)


NEWEST, STAMPED = ("-started_at", "-id"), ("stamped_at", "id")
QUERIES: dict[str, Callable[[Keeper], Query]] = {
    "newest 50 batches": lambda keeper: page(batches(keeper).kept(), NEWEST)._replace(prepared=True),
    "the page after half a year": lambda keeper: page(batches(keeper), NEWEST, Place(half_a_year_ago(), "0")),
    "timeline of a batch": lambda keeper: page(
        Event.objects.filter(batch=shelves.batch_id(keeper.number, 7, users=keeper.of)).values_list(
            *shape(EventWire).columns
        ),
        ("-occurred_at", "-id"),
    ),
    "search": lambda keeper: page(batches(keeper).that_say("ginger", of=User(pk=keeper.id)), NEWEST),
    "changed batches": lambda keeper: page(
        batches(keeper).filter(stamped_at__gte=half_a_year_ago()), STAMPED
    ),
    "changed events of all batches": lambda keeper: page(
        Event.objects.of(User(pk=keeper.id))
        .filter(stamped_at__gte=datetime.now(UTC) - timedelta(days=7))
        .values_list(*shape(EventWire).columns),
        STAMPED,
    ),
    "due reminders": lambda _: Query(
        statements.DUE_FIRST.replace("FOR UPDATE SKIP LOCKED", ""),
        {"until": datetime.now(UTC), "now": datetime.now(UTC), "since": queue.LONG_AGO},
        prepared=True,
    ),
}
