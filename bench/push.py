"""100 000 due reminders through claim, Expo and mark-sent, against the bare claim-and-mark loop in SQL."""

import statistics

import psycopg

from bench import limit, work
from bench.results import Report, interleaved
from bench.sinks import Sink, sink
from bench.stack import Stack, stack

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
                limit=lambda: bare(ours, connection),
                ours=lambda: delivered(ours, connection, expo),
            )
    compare(report, said)
    report.notes.append(f"{COUNT} due at once, a device for each 100; Expo's cap lifted; fsync on")
    return report


def warm_up(ours: Stack, connection: psycopg.Connection, expo: Sink) -> None:
    """A child's first chunk pays for its imports and its connections."""
    work.fill(connection, 2000)
    work.seconds_to_deliver(ours, connection, expo, 2000)


def bare(ours: Stack, connection: psycopg.Connection) -> float:
    work.fill(connection, COUNT)
    return COUNT / limit.seconds_for_all(ours.environment["DATABASE_URL"])


def delivered(ours: Stack, connection: psycopg.Connection, expo: Sink) -> float:
    work.fill(connection, COUNT)
    return COUNT / work.seconds_to_deliver(ours, connection, expo, COUNT)


def compare(report: Report, said: dict[str, list[float]]) -> None:
    limits, ours = said["limit"], said["ours"]
    ratios = [one / other for one, other in zip(ours, limits, strict=True)]
    report.add("claim and mark in SQL, 2 connections", statistics.median(limits), "/s", rounds=limits)
    report.add("claim, Expo, mark: a worker of 2 children", statistics.median(ours), "/s", rounds=ours)
    report.add("ours to the limit", statistics.median(ratios), at_least=GOAL, rounds=ratios)
