"""How late a reminder reaches the sink on an idle stack, known long before and written just before."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg

from bench import seeding, work
from bench.results import Report, percentile
from bench.sinks import Sink, sink
from bench.stack import Stack, stack, wait_for

COUNT = 300
APART = timedelta(milliseconds=50)
SOON = 60
AHEAD = timedelta(seconds=5)


def measure() -> Report:
    report = Report("lateness")
    with stack() as ours, sink("expo", ours.folder.path / "expo.log", "--each") as expo:
        ours.environment["EXPO_URL"] = expo.url
        ours.begin("worker")
        ours.begin("beat")
        with ours.connect() as connection:
            warm_up(ours, connection, expo)
            report.calibrate()
            say(report, known_before(connection, expo), f"{COUNT} at 20/s")
            report.calibrate()
            say(report, written_just_before(connection, expo), f"{SOON} written 1 to 5 s ahead")
    return report


def warm_up(ours: Stack, connection: psycopg.Connection, expo: Sink) -> None:
    """Both children have sent once."""
    work.fill(connection, 2000)
    work.seconds_to_deliver(ours, connection, expo, 2000)


def known_before(connection: psycopg.Connection, expo: Sink) -> list[float]:
    first = datetime.now(UTC) + AHEAD
    return lateness(connection, expo, COUNT, lambda number: first + number * APART)


def written_just_before(connection: psycopg.Connection, expo: Sink) -> list[float]:
    """All at once, as far ahead as somebody who is asked to taste in a moment."""
    first = datetime.now(UTC) + timedelta(seconds=1.2)
    return lateness(connection, expo, SOON, lambda number: first + number * timedelta(milliseconds=66))


def lateness(connection: psycopg.Connection, expo: Sink, count: int, alert_at) -> list[float]:
    seeding.forget(connection)
    expo.forget()
    seeded = seeding.seed(connection, count, alert_at=alert_at)
    wanted = {key: alert_at(number).timestamp() for number, key in enumerate(seeded.reminders)}
    time.sleep((alert_at(count) - datetime.now(UTC)).total_seconds())
    wait_for(lambda: expo.count() >= count, seconds=30)
    return [one.at - wanted[UUID(one.reminder)] for one in expo.sent()]


def say(report: Report, late: list[float], what: str) -> None:
    report.add(f"{what}: median", percentile(late, 0.5) * 1000, "ms")
    report.add(f"{what}: 99th in a hundred", percentile(late, 0.99) * 1000, "ms", at_most=50)
    report.add(f"{what}: latest", max(late) * 1000, "ms", at_most=1000)
    report.add(f"{what}: earliest", min(late) * 1000, "ms", at_least=0)
