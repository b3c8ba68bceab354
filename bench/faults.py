"""What may go wrong while reminders are due, with real processes: each does its damage, then waits for all to arrive.

The judge reads the sink's log, which is on the disk before the sink answers, and the rows.
"""

import importlib.util
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from bench import seeding, work
from bench.sinks import Sink, sink
from bench.stack import Stack, children, stack, wait_for

CHUNK = 100
UNDER_WAY = ("hold", "taken")
LATENCY = "0.05"
# The lease, a tick, and the sending itself.
PATIENCE = 150.0
END_LEASES = (
    "UPDATE reminders_reminder SET leased_until = now() WHERE status = 'waiting' AND leased_until > now()"
)
END_PAUSES = """
    UPDATE reminders_reminder SET held_until = now()
    WHERE status = 'waiting' AND leased_until IS NULL AND held_until > now()
"""


@dataclass
class Verdict:
    """What came of one run."""

    fault: str
    due: int
    lost: int
    duplicates: int
    # How often the one came that came most often.
    most: int
    foreign: int
    seconds: float
    said: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        said = "".join(f", {name} {value:.2f}" for name, value in self.said.items())
        return (
            f"{self.fault}: {self.due} due, {self.lost} lost, {self.duplicates} twice,"
            f" all within {self.seconds:.1f} s{said}"
        )


@dataclass
class Scene:
    """A running Kefir with so many due, and the sink that they must reach."""

    ours: Stack
    expo: Sink
    count: int
    # In the short version leases are moved back, because nobody waits a minute for the tests.
    hurried: bool
    seeded: list[UUID] = field(default_factory=list)
    began: float = 0.0
    early: float = 0.0

    def fill(self, *, over: float = 0.0) -> None:
        """All due at once, or one after the other within so many seconds."""
        self.expo.forget()
        self.expo.turn("ok")
        first = datetime.now(UTC) + timedelta(seconds=0.5 if over else -1)
        step = timedelta(seconds=over / self.count)
        self.alert_at = lambda number: first + number * step
        with self.ours.connect() as connection:
            seeding.forget(connection)
            self.seeded = seeding.seed(connection, self.count, alert_at=self.alert_at).reminders
        self.began = time.monotonic()

    def hurry(self, statement: str, *, after: float = 0.0) -> None:
        """The minute for which a dead worker holds what it had, or the pause before the next try, is over."""
        if self.hurried:
            time.sleep(after)
            with self.ours.connect() as connection:
                connection.execute(statement)

    def until_sent(self, share: float) -> None:
        wait_for(lambda: self.expo.count() >= share * self.count, seconds=60, pause=0.01)

    def until_requests_hang(self, mode: str) -> None:
        """In the middle of it all, one of each child's where there are so many left."""
        self.until_sent(random.uniform(0.1, 0.6))
        before = {one.request for one in self.expo.arrivals()}
        self.expo.turn(mode)
        wait_for(lambda: {one.request for one in self.expo.arrivals()} > before, seconds=30, pause=0.01)
        time.sleep(0.2)

    def judged(self, fault: str, **said: float) -> Verdict:
        with suppress(TimeoutError):
            wait_for(self.all_came, seconds=PATIENCE, pause=0.1)
        seconds = time.monotonic() - self.began
        came = Counter(one.what for one in self.expo.sent())
        wanted = {f"{key}-1" for key in self.seeded}
        return Verdict(
            fault=fault,
            due=self.count,
            lost=len(wanted - came.keys()),
            duplicates=sum(came.values()) - len(came),
            most=max(came.values(), default=0),
            foreign=len(came.keys() - wanted),
            seconds=seconds,
            said=said,
        )

    def lateness(self) -> list[float]:
        wanted = {key: self.alert_at(number).timestamp() for number, key in enumerate(self.seeded)}
        return [one.at - wanted[UUID(one.reminder)] for one in self.expo.sent()]

    def all_came(self) -> bool:
        if self.expo.count() < self.count:
            return False
        with self.ours.connect() as connection:
            return not work.is_waiting(connection)


@contextmanager
def scene(count: int, *, hurried: bool = False, **environment: str) -> Iterator[Scene]:
    with (
        stack(**environment) as ours,
        sink("expo", ours.folder.path / "expo.log", "--each", "--fsync", "--latency", LATENCY) as expo,
    ):
        ours.environment["EXPO_URL"] = expo.url
        ours.begin("worker")
        ours.begin("beat")
        yield Scene(ours, expo, count, hurried)


def a_child_is_killed(mode: str) -> Callable[[Scene], Verdict]:
    """With a request under way, which Expo has taken, or has not."""

    def fault(it: Scene) -> Verdict:
        it.fill()
        it.until_requests_hang(mode)
        random.choice(children(it.ours.running["worker"])).kill()
        # The sink must have noticed, or it answers to nobody and counts it.
        time.sleep(0.1)
        it.expo.turn("ok")
        it.hurry(END_LEASES, after=1.0)
        return it.judged(f"a child killed, {mode}")

    return fault


def the_workers_are_killed(mode: str) -> Callable[[Scene], Verdict]:
    def fault(it: Scene) -> Verdict:
        it.fill()
        it.until_requests_hang(mode)
        it.ours.kill("worker")
        time.sleep(0.1)
        it.expo.turn("ok")
        it.hurry(END_LEASES)
        it.ours.begin("worker")
        again = time.monotonic()
        verdict = it.judged(f"all workers killed, {mode}")
        verdict.said["seconds from restart"] = time.monotonic() - again
        return verdict

    return fault


def redis_is_emptied(it: Scene) -> Verdict:
    """Every two seconds, while they fall due."""
    it.fill(over=it.count / 100)
    with repeated(lambda: it.ours.redis("FLUSHALL"), every=2.0):
        return it.judged("emptied every 2 s")


def postgres_falls(it: Scene) -> Verdict:
    """At once, without a word to those connected, and comes back after a second."""
    over = max(6.0, it.count / 100)
    it.fill(over=over)
    it.until_sent(0.3)
    server = it.ours.postgres
    assert server.process is not None
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait(20)
    time.sleep(1)
    server.start()
    back, before = time.time(), it.expo.count()
    wait_for(lambda: it.expo.count() > before, seconds=60, pause=0.02)
    return it.judged("PostgreSQL stopped hard", **{"seconds until it sends again": time.time() - back})


def redis_is_frozen(it: Scene, *, seconds: float = 20.0) -> Verdict:
    """The web must answer meanwhile."""
    it.ours.begin("web")
    it.fill(over=seconds + 2)
    it.until_sent(0.05)
    assert it.ours.valkey.process is not None
    with visits(it.ours) as waits:
        os.kill(it.ours.valkey.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(it.ours.valkey.process.pid, signal.SIGCONT)
    back, before = time.time(), it.expo.count()
    wait_for(lambda: it.expo.count() > before, seconds=60, pause=0.02)
    said = {
        "slowest page": max(waits),
        "pages": float(len(waits)),
        "seconds until it sends again": time.time() - back,
    }
    verdict = it.judged(f"frozen {seconds:.0f} s", **said)
    it.ours.end("web")
    return verdict


def expo_answers(mode: str) -> Callable[[Scene], Verdict]:
    """Badly for some seconds, then well."""

    def fault(it: Scene) -> Verdict:
        it.fill()
        it.expo.turn(mode)
        wait_for(lambda: any(one.word != "sent" or mode == "lost" for one in it.expo.arrivals()), seconds=30)
        time.sleep(1 if it.hurried else 4)
        it.expo.turn("ok")
        it.hurry(END_PAUSES, after=1.0)
        return it.judged(f"Expo: {mode}")

    return fault


def the_clock_is_off(seconds: int) -> Callable[[Scene], Verdict]:
    """The worker's alone: it must neither send early nor lose anything."""

    def fault(it: Scene) -> Verdict:
        it.ours.kill("worker")
        it.ours.begin("worker", "worker-off", **shifted_clock(seconds))
        try:
            it.fill(over=max(2.0, it.count / 200))
            verdict = it.judged(f"clock {seconds:+d} s")
        finally:
            it.ours.kill("worker-off")
            it.ours.begin("worker")
        late = it.lateness()
        verdict.said |= {"earliest": min(late), "latest": max(late)}
        return verdict

    return fault


def shifted_clock(seconds: int) -> dict[str, str]:
    """Only the wall clock: with the other one shifted too, Python's sleep fails."""
    package = importlib.util.find_spec("libfaketime")
    assert package is not None
    assert package.origin is not None
    library = Path(package.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
    return {"LD_PRELOAD": str(library), "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@contextmanager
def repeated(act: Callable[[], object], *, every: float) -> Iterator[None]:
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(every):
            act()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def visits(ours: Stack) -> Iterator[list[float]]:
    """Somebody who looks at a jar, and notes something, again and again: how long each took, and 99 for a failure."""
    visitor = Visitor(ours)
    waits: list[float] = []
    with repeated(lambda: waits.append(visitor.visit()), every=0.1):
        yield waits


class Visitor:
    """Signed in with a session of the first keeper."""

    SIGN_IN = (
        "from django.test import Client; from accounts.models import User; from batches.models import Batch;"
        "user = User.objects.order_by('email').first(); client = Client(); client.force_login(user);"
        "batch = Batch.objects.of(user).first();"
        "print(client.cookies['session'].value, batch.pk)"
    )
    CSRF = "x" * 32

    def __init__(self, ours: Stack) -> None:
        session, self.batch = ours.manage("shell", "--verbosity", "0", "--command", self.SIGN_IN).split()
        self.site = f"http://localhost:{ours.port}"
        self.headers = {
            "Cookie": f"session={session}; csrf={self.CSRF}",
            "X-CSRFToken": self.CSRF,
            "Content-Type": "application/json",
        }
        self.turn = 0

    def visit(self) -> float:
        self.turn += 1
        began = time.monotonic()
        try:
            if self.turn % 2:
                self.open(f"/batches/{self.batch}", None)
            else:
                self.open(
                    f"/api/v1/batches/{self.batch}/events", b'{"kind": "note", "description": "Bubbles"}'
                )
        except (urllib.error.URLError, TimeoutError) as error:
            print(f"  a visit failed: {error}")
            return 99.0
        return time.monotonic() - began

    def open(self, path: str, body: bytes | None) -> None:
        request = urllib.request.Request(f"{self.site}{path}", data=body, headers=self.headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()


FAULTS: list[Callable[[Scene], Verdict]] = [
    *(a_child_is_killed(mode) for mode in UNDER_WAY),
    *(the_workers_are_killed(mode) for mode in UNDER_WAY),
    redis_is_emptied,
    postgres_falls,
    redis_is_frozen,
    *(expo_answers(mode) for mode in ("500", "429", "hang", "cut", "lost")),
    the_clock_is_off(90),
    the_clock_is_off(-90),
]
