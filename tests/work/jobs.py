"""What tests of anything that enqueues share: all that is due, done in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from tests.factories import NOON
from work import actions, carrier, registry
from work.carrier import Tried
from work.models import Job
from work.registry import Task


class RunJobs(Protocol):
    def __call__(self, *, now: datetime | None = None) -> list[Tried]: ...


def run_jobs(*, now: datetime | None = None) -> list[Tried]:
    """One after the other until none is due, by the database's clock or at the time that is said.

    What came of each: (kind, key, outcome, error). A mistake in a handler is an error there, too: look at it.
    """
    tried = []
    while one := carrier.carry_one(now=now):
        tried.append(one)
    return tried


def make_job(*, kind: str = "bubble", key: str = "1", now: datetime = NOON, **wanted: Any) -> Job:
    return actions.enqueue(kind=kind, key=key, now=now, **wanted)


@contextmanager
def handled(kind: str = "bubble", **how: Any) -> Iterator[list[Task]]:
    """A kind of job for one test. What was tried is in the list; `does` is called with each."""
    does = how.pop("does", lambda task: None)
    tried: list[Task] = []

    def function(task: Task) -> None:
        tried.append(task)
        does(task)

    registry.handles(kind, **how)(function)
    try:
        yield tried
    finally:
        del registry.HANDLERS[kind]
