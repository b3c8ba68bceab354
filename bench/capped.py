"""Expo takes 600 messages a second from a project: reached when it answers after 150 ms, and in no second exceeded."""

from bench import work
from bench.results import Report
from bench.sinks import Arrival, sink
from bench.stack import stack

COUNT = 9_000
CAP = 600
LATENCY = "0.15"


def measure() -> Report:
    report = Report("capped")
    with stack() as ours, sink("expo", ours.folder.path / "expo.log", "--latency", LATENCY) as expo:
        ours.environment["EXPO_URL"] = expo.url
        ours.begin("worker")
        report.calibrate()
        with ours.connect() as connection:
            work.fill(connection, COUNT)
            work.seconds_to_deliver(ours, connection, expo, COUNT)
        arrivals = expo.sent()
    report.add("messages in the fullest second", fullest_second(arrivals), "", at_most=CAP)
    report.add("messages a second, from first to last", rate(arrivals), "/s", at_least=CAP * 0.95)
    report.notes.append(f"{COUNT} due at once, Expo answers after {LATENCY} s, any window of one second")
    return report


def fullest_second(arrivals: list[Arrival]) -> int:
    """The most in any second, wherever it begins."""
    most, held, first = 0, 0, 0
    for one in arrivals:
        held += int(one.what)
        while arrivals[first].at <= one.at - 1:
            held -= int(arrivals[first].what)
            first += 1
        most = max(most, held)
    return most


def rate(arrivals: list[Arrival]) -> float:
    """The last request opens a slot that nobody fills, so it does not count."""
    messages = sum(int(one.what) for one in arrivals[:-1])
    return messages / (arrivals[-1].at - arrivals[0].at)
