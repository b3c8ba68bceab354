"""Looks once a second what changed for those who listen, and tells them; whoever signed out hears no more."""

import asyncio
import logging
import time
from datetime import UTC, datetime
from itertools import count

from live import statements
from live.changes import COMMITTED_WITHIN, Change, later_than
from live.database import Database, DatabaseIsAway
from live.figures import Figures
from live.streams import Stream, Streams
from live.visitors import still_here

logger = logging.getLogger("kefir.live")

EVERY = 1.0
SEE_OUT_EVERY = 5
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Watch:
    def __init__(self, database: Database, streams: Streams, figures: Figures) -> None:
        self.database, self.streams, self.figures = database, streams, figures
        self.until = LONG_AGO
        self.told: dict[str, set[Change]] = {}

    async def run(self) -> None:
        for turn in count():
            began = time.monotonic()
            await self.turn(sees_out=turn % SEE_OUT_EVERY == 0)
            await asyncio.sleep(max(EVERY / 10, EVERY - (time.monotonic() - began)))

    async def turn(self, *, sees_out: bool = True) -> None:
        """Where nobody listens, nothing is asked."""
        try:
            if sees_out and self.streams.count:
                await self.see_out()
            if self.streams.count:
                await self.look()
            self.figures.looked()
        except DatabaseIsAway as reason:
            self.figures.failed()
            logger.warning("The database is away (%s); whoever listens is told later.", reason)
        except Exception:
            # A mistake of ours must not leave hundreds of pages waiting for nothing: the next turn may do.
            self.figures.failed()
            logger.exception("Looking what changed failed.")

    async def see_out(self) -> None:
        streams = list(self.streams)
        here = await still_here((stream.visitor for stream in streams), self.database)
        for stream in streams:
            if stream.visitor.session_key not in here:
                stream.end()

    async def look(self) -> None:
        """What was told is remembered for as long as it is found again."""
        listening = {owner: list(streams) for owner, streams in self.streams.by_owner.items()}
        floor = self.until - COMMITTED_WITHIN
        found, until = await self.ask({owner: since(streams, floor) for owner, streams in listening.items()})
        for owner, streams in listening.items():
            changes = found.get(owner, set())
            fresh = later_than(floor, changes) - self.told.get(owner, set())
            for stream in streams:
                stream.tell(later_than(stream.since, changes) if stream.is_new else fresh, until)
        remembered = until - COMMITTED_WITHIN
        self.told = {owner: later_than(remembered, found.get(owner, ())) for owner in listening}
        self.until = until

    async def ask(self, since: dict[str, datetime]) -> tuple[dict[str, set[Change]], datetime]:
        """By owner, of the last seconds at least; and the database's time."""
        asked = {"owners": list(since), "since": list(since.values()), "at_least": COMMITTED_WITHIN}
        rows = await self.database.rows(statements.CHANGED, asked)
        found: dict[str, set[Change]] = {}
        for owner, *change in rows:
            found.setdefault(owner, set()).add(Change(*change))
        (now,) = found.pop("")
        return found, now.stamped_at


def since(streams: list[Stream], floor: datetime) -> datetime:
    """From where to look for one person: newcomers may have been away for long."""
    return min([stream.since for stream in streams if stream.is_new], default=floor)
