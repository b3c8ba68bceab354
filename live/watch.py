"""Looks once a second what changed for those who listen, and tells them; whoever signed out hears no more."""

import asyncio
import logging
import time
from datetime import UTC, datetime
from itertools import count

from kefir.postgres.horizon import HORIZON
from live import statements
from live.changes import Change, news, written_since
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
        until = await self.horizon()
        found = await self.ask({owner: since(streams, until) for owner, streams in listening.items()})
        for owner, streams in listening.items():
            for stream in streams:
                missed = written_since(since([stream], until), found.get(owner, ()))
                known = () if stream.is_new else self.told.get(owner, ())
                stream.tell(news(missed, known, may_hide=until > self.until), until)
        self.told = {owner: written_since(until, found.get(owner, ())) for owner in listening}
        self.until = until

    async def horizon(self) -> datetime:
        """Up to here everything is committed; it does not go back, as whoever begins later stamps later."""
        [row] = await self.database.rows(HORIZON, {})
        until: datetime = row[0]
        return max(self.until, until)

    async def ask(self, since: dict[str, datetime]) -> dict[str, set[Change]]:
        """By owner."""
        asked = {"owners": list(since), "since": list(since.values())}
        found: dict[str, set[Change]] = {}
        for owner, *change in await self.database.rows(statements.CHANGED, asked):
            found.setdefault(owner, set()).add(Change(*change))
        return found


def since(streams: list[Stream], until: datetime) -> datetime:
    """From where to look for them. What was under way when a page was drawn may have been stamped before that."""
    return min([until, *(stream.since for stream in streams)])
