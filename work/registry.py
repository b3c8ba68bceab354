"""Which kinds of job there are, and the function that does each.

    @handles("photo_copies")
    def make_copies(task: Task) -> None: ...

stands in an app's `jobs.py`. After a crash the same job is done once more, so doing it twice must come to the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

TRIES = 8


@dataclass(frozen=True, kw_only=True)
class Task:
    """One try. `now` is the database's time at the claim; `attempt` counts from 1."""

    kind: str
    key: str
    payload: dict[str, Any]
    owner_id: UUID | None
    attempt: int
    now: datetime


class Failed(Exception):
    """The world is broken. `sentence` is for staff; tried again after a pause, or not at all when `permanent`.

    `retry_after` is what the other side asked for, honoured up to a day.
    """

    def __init__(
        self, sentence: str, *, permanent: bool = False, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence, self.permanent, self.retry_after = sentence, permanent, retry_after


Function = Callable[[Task], None]


@dataclass(frozen=True, kw_only=True)
class Handler:
    function: Function
    tries: int
    # So many of this kind are under way at most, as far as a glance tells: the others are for other kinds.
    at_once: int | None
    given_up: Function | None = None


HANDLERS: dict[str, Handler] = {}


def handles(
    kind: str, *, tries: int = TRIES, at_once: int | None = None, given_up: Function | None = None
) -> Callable[[Function], Function]:
    """The function below does jobs of this kind. `at_once`: what takes minutes must not take all workers.

    `given_up` notes what follows when the last try has failed, or has killed its worker; together with that.
    """

    def register(function: Function) -> Function:
        if kind in HANDLERS:
            raise ValueError(f"There are two functions for jobs of the kind “{kind}”.")
        HANDLERS[kind] = Handler(function=function, tries=tries, at_once=at_once, given_up=given_up)
        return function

    return register


def handler_of(kind: str) -> Handler:
    """A kind without one comes from another release, before or after this: it waits for one that knows it."""
    return HANDLERS.get(kind, UNKNOWN)


def most_at_once() -> dict[str, int]:
    return {kind: one.at_once for kind, one in HANDLERS.items() if one.at_once is not None}


def nobody_knows(task: Task) -> None:
    raise Failed(f"This release does not know jobs of the kind “{task.kind}”.")


UNKNOWN = Handler(function=nobody_knows, tries=TRIES, at_once=None)
