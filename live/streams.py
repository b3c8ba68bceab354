"""Who listens, and what each has still to be told. Nobody's slowness costs more than a few names."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from live.changes import Name, gathered
from live.visitors import Visitor

# Tabs that nobody sees close their stream, so this is a person's screens.
OF_ONE_PERSON = 12


class TooMany(Exception):
    pass


@dataclass(eq=False)
class Stream:
    visitor: Visitor
    since: datetime
    is_new: bool = True
    is_over: bool = False
    waiting: set[Name] = field(default_factory=set)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, names: set[Name], until: datetime) -> None:
        self.waiting = gathered(self.waiting | names)
        self.since, self.is_new = until, False
        if self.waiting:
            self.stirred.set()

    def end(self) -> None:
        self.is_over = True
        self.stirred.set()

    def take(self) -> set[Name]:
        taken, self.waiting = self.waiting, set()
        self.stirred.clear()
        return taken


class Streams:
    def __init__(self, most: int) -> None:
        self.most = most
        self.by_owner: defaultdict[str, set[Stream]] = defaultdict(set)
        self.count = 0

    def __iter__(self) -> Iterator[Stream]:
        return (stream for streams in list(self.by_owner.values()) for stream in list(streams))

    @contextmanager
    def opened(self, visitor: Visitor, since: datetime) -> Iterator[Stream]:
        others = self.by_owner.get(visitor.owner_id, ())
        if self.count >= self.most or len(others) >= OF_ONE_PERSON:
            raise TooMany
        stream = Stream(visitor, since)
        self.by_owner[visitor.owner_id].add(stream)
        self.count += 1
        try:
            yield stream
        finally:
            self.leave(stream)

    def leave(self, stream: Stream) -> None:
        others = self.by_owner[stream.visitor.owner_id]
        others.discard(stream)
        self.count -= 1
        if not others:
            del self.by_owner[stream.visitor.owner_id]
