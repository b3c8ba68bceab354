"""Everything of a person with 100 000 and with a million rows as CSV, against a bare COPY of the same rows."""

import http.client
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import psycopg

from bench import seeding
from bench.memory import Watched, megabytes
from bench.results import Report, interleaved
from bench.stack import Stack, children, stack
from events.models import Event

COUNTS = (100_000, 1_000_000)
ROUNDS = 5
PER_BATCH = 200
BARE = """
    COPY (SELECT * FROM events_event WHERE batch_id IN (SELECT id FROM batches_batch WHERE owner_id = '{owner}'))
    TO STDOUT (FORMAT csv, HEADER)
"""
SIGN_IN = (
    "from django.test import Client; from accounts.models import User;"
    "client = Client(); client.force_login(User.objects.get(pk='{owner}'));"
    "print(client.cookies['session'].value)"
)


def measure() -> Report:
    report = Report("csv")
    # One process, so that whose memory it is that grows is known; max-requests would replace it.
    with stack(WEB_CONCURRENCY="1") as ours:
        web = ours.begin("web")
        with ours.connect() as connection:
            for count in COUNTS:
                owner = seed(connection, count)
                said = Compared(Export(ours, owner), bare(connection, owner), children(web)[0].pid)
                of_one_size(report, said, count)
    report.notes.append("from the request to the last byte over HTTP, and COPY by psycopg, in turns; medians")
    return report


class Compared(NamedTuple):
    export: "Export"
    bare: Callable[[], float]
    web: int


def of_one_size(report: Report, compared: Compared, count: int) -> None:
    export, bare, web = compared
    export.seconds()
    before = megabytes(web)
    with Watched([web]) as watched:
        said = interleaved(report, ROUNDS, export=export.seconds, bare=bare)
    assert export.lines > count, f"{export.lines} lines for {count} rows"
    ratios = [one / other for one, other in zip(said["export"], said["bare"], strict=True)]
    name = f"{count:,} rows".replace(",", " ")
    report.add(f"{name}: of a bare COPY", statistics.median(ratios), "×", at_most=3, rounds=ratios)
    report.add(f"{name}: first byte", statistics.median(export.first_bytes), "ms", at_most=50)
    report.add(f"{name}: memory of the web worker, more", watched.most[web] - before, "MB", at_most=8)
    report.add(f"{name}: the export itself", statistics.median(said["export"]), "s")
    report.add(f"{name}: a bare COPY", statistics.median(said["bare"]), "s")


class Export:
    """Somebody who takes out everything, again and again."""

    def __init__(self, ours: Stack, owner: str) -> None:
        command = SIGN_IN.format(owner=owner)
        session = ours.manage("shell", "--verbosity", "0", "--command", command).strip()
        self.headers = {"Cookie": f"session={session}"}
        self.port = ours.port
        self.first_bytes: list[float] = []
        self.lines = 0

    def seconds(self) -> float:
        began = time.perf_counter()
        connection = http.client.HTTPConnection("localhost", self.port, timeout=120)
        connection.request("GET", "/api/v1/export.csv", headers=self.headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        self.lines = answer.read(1).count(b"\n")
        self.first_bytes.append((time.perf_counter() - began) * 1000)
        while piece := answer.read(1 << 18):
            self.lines += piece.count(b"\n")
        took = time.perf_counter() - began
        connection.close()
        return took


def bare(connection: psycopg.Connection, owner: str) -> Callable[[], float]:
    def seconds() -> float:
        began = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(BARE.format(owner=owner)) as copied:
            for _ in copied:
                pass
        return time.perf_counter() - began

    return seconds


def seed(connection: psycopg.Connection, count: int) -> str:
    """Somebody with so many events, of which some say much and some measure."""
    owner, now = uuid.uuid4(), datetime.now(UTC)
    batches = [uuid.uuid4().hex[:12] for _ in range(-(-count // PER_BATCH))]
    user = {"id": owner, "email": f"{owner}@example.com", "password": f"!{owner}"}
    jar = {"owner_id": owner, "started_at": now, "created_at": now, "updated_at": now}
    with connection.transaction():
        seeding.copy(connection, seeding.User, [user])
        seeding.copy(connection, seeding.Batch, ({"id": pk, "name": f"Jar {pk}", **jar} for pk in batches))
        seeding.copy(connection, Event, (happened(batches, number, now) for number in range(count)))
    connection.execute("VACUUM ANALYZE")
    return str(owner)


def happened(batches: list[str], number: int, now: datetime) -> dict[str, object]:
    return {
        "id": uuid.uuid4(),
        "batch_id": batches[number // PER_BATCH],
        "kind": "measurement" if number % 3 == 0 else "note",
        "occurred_at": now - timedelta(minutes=number),
        "description": f"Number {number}: sweet still, a few bubbles, smells of figs and lemon.",
        "temperature_c": 20 + number % 70 / 10 if number % 3 == 0 else None,
        "ph": 3.5 if number % 6 == 0 else None,
        "created_at": now,
    }
