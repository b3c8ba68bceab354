"""How many messages Celery carries for each 100 pushes."""

import re

from bench import work
from bench.results import Report
from bench.sinks import sink
from bench.stack import Stack, stack

COUNT = 20_000


def measure() -> Report:
    report = Report("queue")
    with stack(EXPO_PER_SECOND="0") as ours, sink("expo", ours.folder.path / "expo.log") as expo:
        ours.environment["EXPO_URL"] = expo.url
        ours.begin("worker")
        with ours.connect() as connection:
            work.fill(connection, COUNT)
            report.calibrate()
            before = published(ours)
            work.seconds_to_deliver(ours, connection, expo, COUNT)
            requests = len(expo.sent())
        # The tick itself was one.
        messages = published(ours) - before - 1
    report.add("Celery messages for 100 pushes", messages * 100 / COUNT, at_most=1.0)
    report.add("requests to Expo for 100 pushes", requests * 100 / COUNT, at_most=1.0)
    return report


def published(ours: Stack) -> int:
    """Each message of Celery's is pushed onto a list once."""
    found = re.search(r"'?cmdstat_lpush'?: \{'calls': (\d+)", ours.redis("INFO", "commandstats"))
    return int(found[1]) if found else 0
