"""What a worker with two children holds: all of it, and how much more while it sends."""

import threading
from pathlib import Path

from bench import work
from bench.results import Report
from bench.sinks import sink
from bench.stack import children, stack

COUNT = 50_000


def measure() -> Report:
    report = Report("memory")
    with stack(EXPO_PER_SECOND="0") as ours, sink("expo", ours.folder.path / "expo.log") as expo:
        ours.environment["EXPO_URL"] = expo.url
        worker = ours.begin("worker")
        with ours.connect() as connection:
            work.fill(connection, 2000)
            idle = [megabytes(one.pid) for one in children(worker)]
            work.seconds_to_deliver(ours, connection, expo, 2000)
            work.fill(connection, COUNT)
            with Watched([worker.pid, *(one.pid for one in children(worker))]) as watched:
                work.seconds_to_deliver(ours, connection, expo, COUNT)
        most = watched.most
    report.add("worker with 2 children, at its most", watched.most_together, "MB", at_most=200)
    report.add("a child, never used", max(idle), "MB")
    report.add(
        "a child that sends, more than idle", max(list(most.values())[1:]) - max(idle), "MB", at_most=60
    )
    report.notes.append(f"proportional set size, while {COUNT} are pushed")
    return report


def megabytes(pid: int) -> float:
    """Proportional: what is shared with others counts in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Watched:
    """The most that each process has held, and all together, looked at 20 times a second."""

    def __init__(self, pids: list[int]) -> None:
        self.most = dict.fromkeys(pids, 0.0)
        self.most_together = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self) -> None:
        while not self.over.wait(0.05):
            now = {pid: megabytes(pid) for pid in self.most}
            self.most = {pid: max(now[pid], most) for pid, most in self.most.items()}
            self.most_together = max(self.most_together, sum(now.values()))

    def __enter__(self) -> "Watched":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
