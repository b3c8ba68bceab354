"""Every job is done, with one result, whatever dies on the way. Real processes, on services that may be killed.

A dead worker holds what it had for a minute; nobody waits for that here, so leases are moved back by hand.
"""

import json
import os
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from bench.faults import repeated
from bench.stack import Stack, stack, wait_for
from work import carrier, statements

pytestmark = pytest.mark.processes


class Scene:
    """A running Kefir, a folder where its jobs note what they do, and the rows."""

    def __init__(self, ours: Stack) -> None:
        self.ours = ours
        self.folder = ours.folder.path / "jobs"
        self.folder.mkdir()
        self.hold = self.folder / "hold"

    def ask(self, key: str, kind: str = "watched") -> None:
        told = {"kind": kind, "key": key, "payload": json.dumps({"folder": str(self.folder)})}
        now = datetime.now(UTC)
        with self.ours.connect() as connection:
            connection.execute(
                statements.ENQUEUE, {**told, "now": now, "due_at": now, "owner": None, "request_id": ""}
            )

    def noted(self, name: str) -> list[tuple[str, int]]:
        path: Path = self.folder / name
        lines = path.read_text().splitlines() if path.exists() else []
        return [(key, int(pid)) for key, pid in map(str.split, lines)]

    def times(self, name: str) -> Counter[str]:
        return Counter(key for key, _ in self.noted(name))

    def rows(self, statement: str) -> list[tuple]:
        with self.ours.connect() as connection:
            return connection.execute(statement).fetchall()

    def states(self) -> dict[str, str]:
        return dict(self.rows("SELECT key, state FROM work_job"))

    def counted(self) -> dict[str, int]:
        return dict(self.rows("SELECT outcome, sum(count)::int FROM work_outcome GROUP BY outcome"))

    def end_leases(self) -> None:
        self.rows("UPDATE work_job SET leased_until = now() WHERE lease IS NOT NULL RETURNING id")

    def begin_one(self, key: str = "one") -> int:
        """A job under way, and the process that is at it."""
        self.hold.touch()
        self.ask(key)
        until(lambda: self.times("begun")[key] == 1)
        return self.noted("begun")[-1][1]

    def until_ended(self, *keys: str) -> None:
        until(lambda: all(self.states()[key] != "waiting" for key in keys))

    def clear(self) -> None:
        self.hold.unlink(missing_ok=True)
        for path in self.folder.iterdir():
            path.unlink()
        self.rows("DELETE FROM work_job RETURNING id")
        self.rows("DELETE FROM work_outcome RETURNING id")


def until(condition) -> None:
    wait_for(condition, seconds=40)


@pytest.fixture(scope="module")
def running_kefir():
    with stack() as ours:
        ours.app = "tests.work.worker"
        for name in ("jobs", "worker", "beat"):
            ours.begin(name)
        yield Scene(ours)


@pytest.fixture
def scene(running_kefir):
    running_kefir.clear()
    return running_kefir


def done_once(scene: Scene, key: str = "one", *, begun: int, ended: int = 1) -> None:
    assert scene.states()[key] == "done"
    assert (scene.times("begun")[key], scene.times("ended")[key]) == (begun, ended)
    assert scene.counted() == {"done": 1}


class TestAJobIsDoneOnceMore:
    def test_though_its_process_is_killed(self, scene):
        psutil.Process(scene.begin_one()).kill()
        scene.hold.unlink()
        scene.end_leases()
        scene.until_ended("one")

        done_once(scene, begun=2)

    def test_though_all_workers_are_killed(self, scene):
        scene.begin_one()
        scene.ours.kill("jobs")
        scene.hold.unlink()
        scene.end_leases()
        scene.ours.begin("jobs")
        scene.until_ended("one")

        done_once(scene, begun=2)

    def test_and_who_stood_still_meanwhile_comes_too_late(self, scene):
        asleep = psutil.Process(scene.begin_one())
        asleep.suspend()
        try:
            scene.hold.unlink()
            scene.end_leases()
            scene.until_ended("one")
        finally:
            asleep.resume()
        until(lambda: ": lost, try 1" in scene.ours.log("jobs").read_text())

        done_once(scene, begun=2, ended=2)


class TestAJobIsDoneOnce:
    def test_though_postgres_falls_while_it_is_under_way(self, scene):
        scene.begin_one()
        server = scene.ours.postgres
        server.process.send_signal(signal.SIGQUIT)
        server.process.wait(20)
        scene.hold.unlink()
        time.sleep(1)
        server.start()
        scene.until_ended("one")

        done_once(scene, begun=1)

    def test_though_its_workers_are_asked_to_stop(self, scene):
        scene.begin_one()
        threading.Timer(1.0, scene.hold.unlink).start()
        scene.ours.end("jobs")

        done_once(scene, begun=1)
        scene.ours.begin("jobs")

    def test_though_the_broker_is_emptied_again_and_again(self, scene):
        keys = [str(number) for number in range(40)]
        with repeated(lambda: scene.ours.redis("FLUSHALL"), every=0.3):
            for key in keys:
                scene.ask(key)
                time.sleep(0.05)
            scene.until_ended(*keys)

        assert set(scene.times("ended").values()) == {1}
        assert scene.counted() == {"done": 40}

    def test_though_the_broker_hangs(self, scene):
        keys = [str(number) for number in range(40)]
        pid = scene.ours.valkey.process.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            for key in keys:
                scene.ask(key)
            time.sleep(3)
        finally:
            os.kill(pid, signal.SIGCONT)
        scene.until_ended(*keys)

        assert scene.times("ended") == dict.fromkeys(keys, 1)


@pytest.fixture
def without_beat(scene):
    """Nobody sends hints but the test."""
    scene.ours.end("beat")
    yield scene
    scene.ours.begin("beat")


class TestAJobThatHangs:
    def hint(self, scene, kind, **limits):
        scene.hold.touch()
        scene.ask("one", kind)
        scene.ours.ask_for("work.tasks.carry_on", queue="jobs", **limits)
        until(lambda: scene.times("begun")["one"] == 1)

    def test_is_ended_and_says_why(self, without_beat):
        self.hint(without_beat, "watched", soft_time_limit=1)
        until(lambda: without_beat.counted() == {"retry": 1})

        [(state, error)] = without_beat.rows("SELECT state, error FROM work_job")
        assert (state, error) == ("waiting", carrier.TOOK_TOO_LONG)

    def test_and_hears_nothing_loses_its_process_and_is_taken_up_again(self, without_beat):
        self.hint(without_beat, "deaf", soft_time_limit=1, time_limit=2)
        at_it = without_beat.noted("begun")[0][1]
        until(lambda: not psutil.pid_exists(at_it))
        without_beat.hold.unlink()
        without_beat.end_leases()
        without_beat.ours.ask_for("work.tasks.carry_on", queue="jobs")
        without_beat.until_ended("one")

        done_once(without_beat, begun=2)


class TestPoison:
    def test_ends_as_a_dead_letter_and_the_others_are_done(self, scene):
        keys = [str(number) for number in range(10)]
        scene.ask("poison", kind="poison")
        for key in keys:
            scene.ask(key)
        for tries in (1, 2):
            until(lambda tries=tries: scene.times("begun")["poison"] == tries)
            scene.end_leases()
        scene.until_ended("poison", *keys)

        [(state, error)] = scene.rows("SELECT state, error FROM work_job WHERE key = 'poison'")
        assert (state, error) == ("dead", carrier.DIED)
        assert scene.times("begun")["poison"] == 2
        assert {scene.states()[key] for key in keys} == {"done"}
