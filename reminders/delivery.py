"""From due to told: the tick claims what is due, workers carry it.

The lease in PostgreSQL is the truth, a message a hint. Whatever dies on the way, the lease runs out, the next tick
claims the reminder again, and it goes with the same identity.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.db import InterfaceError, OperationalError

from reminders import queue
from reminders.carrier import SUSPICIOUS, WINDOW, Carrier, Clock
from reminders.queue import Chunk

# The tick comes every second and looks further ahead than that: no reminder waits for a tick.
REST = timedelta(seconds=0.5)
LOOK_EVERY_SECONDS = 15
# More than that in the workers' hands would only wait there, and be claimed again when the lease ends.
MOST_IN_HAND = 4_000


class MaySuspect(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def claims(self) -> int: ...


T = TypeVar("T", bound=MaySuspect)


class DatabaseClock:
    """The database's time, asked for once: a worker's own clock may be wrong, but not how fast it goes."""

    def __init__(self) -> None:
        self.asked = queue.clock()
        # Read after the answer, so that ours is never ahead of the database's.
        self.since = time.monotonic()

    def now(self) -> datetime:
        return self.asked + timedelta(seconds=time.monotonic() - self.since)

    def sleep_until(self, at: datetime) -> None:
        while (left := (at - self.now()).total_seconds()) > 0:
            time.sleep(left)


def due_chunks() -> Iterator[tuple[Chunk, timedelta]]:
    """Claim all that goes before the next tick but one; with each chunk, how long it may wait."""
    now = queue.beat(rest=REST)
    if now is None:
        return
    until = now + WINDOW
    room = MOST_IN_HAND - queue.in_hand(now=now, until=until, most=MOST_IN_HAND)
    since = queue.LONG_AGO
    while room > 0 and (chunk := queue.claim(now=now, until=until, since=since)):
        room, since = room - len(chunk.claimed), chunk.claimed[-1].alert_at
        yield from waiting(chunk, now)
    while again := queue.claim(now=now, until=until, again=True):
        yield from waiting(again, now)
    if now.second % LOOK_EVERY_SECONDS == 0:
        queue.look_from_the_first(now=now)


def waiting(chunk: Chunk, now: datetime) -> Iterator[tuple[Chunk, timedelta]]:
    return ((part, part.claimed[0].alert_at - now) for part in apart(chunk))


def apart(chunk: Chunk) -> list[Chunk]:
    """The suspicious each alone, the others together."""
    return [Chunk(chunk.lease, part) for part in alone_or_together(chunk.claimed)]


def alone_or_together(some: Sequence[T]) -> list[list[T]]:
    suspicious: defaultdict[str, list[T]] = defaultdict(list)
    for one in some:
        if one.claims > SUSPICIOUS:
            suspicious[one.id].append(one)
    together = [one for one in some if one.claims <= SUSPICIOUS]
    return [*filter(None, [together]), *suspicious.values()]


def deliver(chunk: Chunk, *, clock: Clock) -> None:
    """Carry each reminder of it at its very moment. A message that comes twice finds the first at work, or done."""
    turn = turn_of(chunk)
    if not queue.take_turn(turn):
        return
    try:
        Carrier(chunk.lease, [one.id for one in chunk.claimed], clock).carry_each_in_time(chunk.claimed)
    finally:
        with suppress(OperationalError, InterfaceError):
            queue.end_turn(turn)


def go_on(*, clock: Clock, until: datetime) -> Chunk | None:
    """Carry what else is overdue: whoever has just carried a chunk need not wait for a message.

    What is left by then is claimed for one.
    """
    since = queue.LONG_AGO
    while (now := clock.now()) < until:
        lease, found = queue.take(now=now, since=since)
        if not found:
            return None
        since = max(one.alert_at for one in found)
        carrier = Carrier(lease, [one.id for one in found], clock)
        for part in alone_or_together(found):
            carrier.carry(part, now)
    return queue.claim(now=now, until=now, since=since)


def turn_of(chunk: Chunk) -> int:
    name = f"{chunk.lease.isoformat()} {chunk.claimed[0].id}"
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
