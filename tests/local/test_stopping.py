"""How it all ends: asked, asked twice, or because one of the processes fell."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.local.instances import ELSEWHERE, launched

BUSY = """
import signal, sys, time
def finish(*_):
    time.sleep(float(sys.argv[1]))
    print("finished", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, finish)
print("busy", flush=True)
while True:
    time.sleep(1)
"""
TASKS = """
import os, time
from celery import Celery
app = Celery("tasks", broker=os.environ["REDIS_URL"].replace("unix://", "redis+socket://"))
app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=1)
@app.task
def nap(seconds):
    print("nap begun", flush=True)
    time.sleep(seconds)
    print("nap over", flush=True)
"""
WORKER = "worker: celery -A tasks -q worker -c 2 --without-gossip --without-mingle -l info\n"
NAP = "nap: sh -c 'python -c \"import tasks; tasks.nap.delay($NAP)\"; exec sleep 1000'\n"
ONLY_VALKEY = {name: value for name, value in ELSEWHERE.items() if name != "REDIS_URL"}


def busy(root: Path, seconds: float) -> dict[str, object]:
    (root / "busy.py").write_text(BUSY, encoding="utf-8")
    procfile = f"web: $PYTHON web.py\nworker: $PYTHON busy.py {seconds}\n"
    return {"procfile": procfile, "environment": ELSEWHERE}


class TestStopping:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_lets_what_runs_finish(self, root: Path, number: signal.Signals):
        with launched(root, **busy(root, 0.8)) as instance:
            instance.wait_for("busy")
            assert instance.stop(number) == 128 + number
            assert "worker | finished" in instance.said()
            assert instance.leftovers() == []

    def test_hurries_when_asked_again(self, root: Path):
        with launched(root, **busy(root, 20)) as instance:
            instance.wait_for("busy")
            instance.process.send_signal(signal.SIGINT)
            instance.wait_for("Stopping")
            assert instance.stop() == 130
            assert "worker is ended by force" in instance.said()
            assert instance.leftovers() == []

    def test_stops_all_when_a_process_ends(self, root: Path):
        procfile = "web: $PYTHON web.py\nworker: sh -c 'sleep 0.5; exit 7'"
        with launched(root, procfile, environment=ELSEWHERE) as instance:
            assert instance.wait() == 7
            assert "worker ended with exit code 7, so everything stops." in instance.said()
            assert instance.leftovers() == []

    def test_is_a_failure_also_when_that_process_was_content(self, root: Path):
        with launched(root, "web: true", environment=ELSEWHERE) as instance:
            assert instance.wait() == 1

    def test_starts_nothing_after_a_failed_release(self, root: Path):
        procfile = "release: sh -c 'echo no such column; exit 3'\nweb: $PYTHON web.py"
        with launched(root, procfile, environment=ELSEWHERE) as instance:
            assert instance.wait() == 1
            assert "release| no such column" in instance.said()
            assert "web" not in instance.said()
            assert "ended with exit code 3" in instance.said()

    def test_can_be_asked_during_the_release(self, root: Path):
        with launched(root, "release: sh -c 'echo moving; exec sleep 60'", environment=ELSEWHERE) as instance:
            instance.wait_for("Bringing the database up to date")
            assert instance.stop() == 130
            assert instance.leftovers() == []

    def test_does_not_take_the_answer_of_another_for_its_own(self, root: Path):
        procfile = "web: $PYTHON web.py stranger\nclock: sh -c 'sleep 1.2; exit 9'"
        with launched(root, procfile, environment=ELSEWHERE) as instance:
            assert instance.wait() == 9
            assert "Kefir runs at" not in instance.said()


class TestCelery:
    def test_finishes_its_task_before_the_end(self, root: Path):
        (root / "tasks.py").write_text(TASKS, encoding="utf-8")
        with launched(root, WORKER + NAP, environment={**ONLY_VALKEY, "NAP": "2"}) as instance:
            instance.wait_for("nap begun")
            assert instance.stop() == 130
            assert "nap over" in instance.said()

    def test_leaves_no_pool_behind_when_it_is_killed_at_a_task(self, root: Path):
        (root / "tasks.py").write_text(TASKS, encoding="utf-8")
        with launched(root, WORKER + NAP, environment={**ONLY_VALKEY, "NAP": "600"}) as instance:
            instance.wait_for("nap begun")
            [worker] = _processes_with(instance.process.pid, b"worker")
            os.kill(worker, signal.SIGKILL)
            assert instance.wait() == 128 + signal.SIGKILL
            assert "worker ended by signal SIGKILL" in instance.said()
            _wait_until_gone(instance.leftovers)


def _processes_with(parent: int, argument: bytes) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
    return [
        int(pid) for pid in children if argument in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]


def _wait_until_gone(leftovers) -> None:
    deadline = time.monotonic() + 5
    while left := leftovers():
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.05)
