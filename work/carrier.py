"""One job in a worker's hand: tried, the lease renewed meanwhile, and what came of it noted."""

import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, connection, transaction

from kefir import logs
from kefir.logs import without_secrets
from work import queue, registry, timing
from work.models import Job, State
from work.patience import AWAY, patiently
from work.queue import Claimed, Ending
from work.registry import Failed, Task

logger = logging.getLogger("kefir.jobs")

RENEWED_EVERY_SECONDS = 20.0
TRIED_AGAIN_AFTER_SECONDS = 3.0
TOOK_TOO_LONG = "It took longer than a try may."
DIED = "Every try ended with the process that made it."
LONGEST_ERROR = Job._meta.get_field("error").max_length


class Tried(NamedTuple):
    kind: str
    key: str
    outcome: str
    error: str


def carry_one(*, now: datetime | None = None) -> Tried | None:
    """Try what is due, and say what came of it; None when nothing is. Without `now`, by the database's clock."""
    now = now or queue.clock()
    job = queue.claim(now=now)
    if job is None:
        return None
    with logs.under(job.request_id or f"job-{job.id}"), logs.at_job(job.id):
        return carry(job, now=now)


def carry(job: Claimed, *, now: datetime) -> Tried:
    began = time.monotonic()
    with renewed(job):
        ending = ending_of(job, now)
        taken = timedelta(seconds=time.monotonic() - began)
        is_ours = patiently(lambda: end(job, ending, now=now + taken))
    outcome = ending.outcome if is_ours else "lost"
    log(job, outcome, taken)
    return Tried(job.kind, job.key, outcome, ending.error)


def ending_of(job: Claimed, now: datetime) -> Ending:
    handler = registry.handler_of(job.kind)
    if job.attempt > handler.tries:
        return Ending("dead", DIED)
    try:
        handler.function(task_of(job, now))
    except Failed as failure:
        return after_failure(job, handler.tries, failure, now)
    except SoftTimeLimitExceeded:
        return after_failure(job, handler.tries, Failed(TOOK_TOO_LONG), now)
    except Exception as mistake:
        logger.exception("%s %s: a mistake of ours", job.kind, job.id)
        return after_failure(job, handler.tries, Failed(words_of(mistake)), now)
    return Ending("done")


def end(job: Claimed, ending: Ending, *, now: datetime) -> bool:
    """False when it is no longer ours. Of a dead letter also what follows from it is noted, or neither."""
    if ending.outcome != "dead":
        return bool(queue.settle(job, ending, now=now))
    with transaction.atomic():
        state = queue.settle(job, ending, now=now)
        if state == State.DEAD:
            give_up(job, now=now)
    return bool(state)


def give_up(job: Claimed, *, now: datetime) -> None:
    """What a mistake in it spoils must not keep the job from ending."""
    given_up = registry.handler_of(job.kind).given_up
    if given_up is None:
        return
    try:
        with transaction.atomic():
            given_up(task_of(job, now))
    except AWAY:
        raise
    except Exception:
        logger.exception("%s %s was given up, which was not noted", job.kind, job.id)


def task_of(job: Claimed, now: datetime) -> Task:
    return Task(
        kind=job.kind, key=job.key, payload=job.payload, owner_id=job.owner_id, attempt=job.attempt, now=now
    )


def after_failure(job: Claimed, tries: int, failure: Failed, now: datetime) -> Ending:
    error = failure.sentence.replace("\x00", "")[:LONGEST_ERROR]
    if failure.permanent or job.attempt >= tries:
        return Ending("dead", error)
    pause = timing.pause(job.attempt, chance=chance(), wish=failure.retry_after)
    return Ending("retry", error, now + pause)


def chance() -> float:
    return random.random()  # noqa: S311 spreads tries, hides nothing


def words_of(mistake: Exception) -> str:
    """For staff. The first line alone: a database's second one quotes rows."""
    first = (str(mistake).splitlines() or [""])[0]
    return without_secrets(f"{type(mistake).__name__}: {first}")


def log(job: Claimed, outcome: str, taken: timedelta) -> None:
    told = {"kind": job.kind, "outcome": outcome, "attempt": job.attempt}
    milliseconds = round(taken.total_seconds() * 1000)
    logger.info(
        "%s %s: %s, try %s, %s ms", job.kind, job.id, outcome, job.attempt, milliseconds,
        extra={**told, "ms": milliseconds},
    )  # fmt: skip


@contextmanager
def renewed(job: Claimed) -> Iterator[None]:
    """A long job keeps its lease while its process lives, and no longer."""
    over = threading.Event()
    thread = threading.Thread(target=renew, args=(job, over), name=f"lease of {job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def renew(job: Claimed, over: threading.Event) -> None:
    """In a thread and over a connection of its own, for the job may keep the other one busy."""
    pause = RENEWED_EVERY_SECONDS
    try:
        while not over.wait(pause):
            try:
                if not queue.renew(job):
                    return
                pause = RENEWED_EVERY_SECONDS
            except (DatabaseError, InterfaceError):
                connection.close()
                pause = TRIED_AGAIN_AFTER_SECONDS
    finally:
        connection.close()
