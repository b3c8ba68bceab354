"""100 000 due reminders through claim, Expo and mark-sent, against the bare claim-and-mark loop in SQL."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import psycopg

from bench import limit, seeding
from bench.results import Report, interleaved
from bench.sinks import Sink, sink
from bench.stack import Stack, stack, wait_for

COUNT = 100_000
ROUNDS = 3
GOAL = 0.45


def measure() -> Report:
    report = Report("push")
    with stack(EXPO_PER_SECOND="0") as ours, sink("expo", ours.folder.path / "expo.log") as expo:
        ours.environment["EXPO_URL"] = expo.url
        ours.begin("worker")
        with ours.connect() as connection:
            warm_up(ours, connection, expo)
            said = interleaved(
                report,
                ROUNDS,
                limit=lambda: COUNT / bare(ours, connection),
                ours=lambda: COUNT / delivered(ours, connection, expo),
            )
    ratios = [one / other for one, other in zip(said["ours"], said["limit"], strict=True)]
    report.add("claim and mark in SQL, 2 connections", middle(said["limit"]), "/s", rounds=said["limit"])
    report.add("claim, Expo, mark, worker with 2 children", middle(said["ours"]), "/s", rounds=said["ours"])
    report.add("ours to the limit", middle(ratios), "", at_least=GOAL, rounds=ratios)
    report.notes.append(f"{COUNT} due at once, 1 device a person; the project's cap lifted; fsync on")
    return report


def warm_up(ours: Stack, connection: psycopg.Connection, expo: Sink) -> None:
    """Twice a child's first chunk: its imports and its connections."""
    deliver(ours, connection, expo, 1000)


def bare(ours: Stack, connection: psycopg.Connection) -> float:
    fill(connection, COUNT)
    return limit.seconds_for_all(ours.environment["DATABASE_URL"])


def delivered(ours: Stack, connection: psycopg.Connection, expo: Sink) -> float:
    return deliver(ours, connection, expo, COUNT)


def deliver(ours: Stack, connection: psycopg.Connection, expo: Sink, count: int) -> float:
    fill(connection, count)
    expo.forget()
    began = time.monotonic()
    ours.ask_for("reminders.tasks.tick")
    wait_for(lambda: not left(connection), seconds=120, pause=0.02)
    took = time.monotonic() - began
    came = sum(int(one.what) for one in expo.sent())
    if came != count:
        raise RuntimeError(f"{came} of {count} came; the worker says:\n{ours.says('worker')}")
    return took


def fill(connection: psycopg.Connection, count: int) -> None:
    seeding.forget(connection)
    first = datetime.now(UTC) - timedelta(hours=1)
    seeding.seed(connection, count, alert_at=lambda number: first + timedelta(milliseconds=number))
    connection.execute("ANALYZE")
    connection.execute("CHECKPOINT")


def left(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT EXISTS (SELECT FROM reminders_reminder WHERE status = 'waiting')").fetchone()
    return bool(row and row[0])


def middle(values: list[float]) -> float:
    return statistics.median(values)


