"""What looks once a second, turn by turn, on the real database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from batches.models import Batch
from live import database as live_database
from live.changes import EVERYTHING, MOST_NAMED
from live.database import Database
from live.figures import Figures
from live.streams import Streams, TooMany
from live.visitors import Visitor, visitor_of
from live.watch import Watch
from tests.factories import make_batch, make_event
from tests.live.listener import cookie_of


@asynccontextmanager
async def watching():
    database = Database()
    try:
        yield Watch(database, Streams(100), Figures())
    finally:
        await database.close()


def listener(person):
    return Visitor(str(person.pk), cookie_of(person).partition("=")[2])


def runs(play):
    """Django's own connection stays in this thread, and so does the loop of whoever holds a browser."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(lambda: asyncio.run(play())).result()


@pytest.mark.django_db(transaction=True)
class TestATurn:
    def test_tells_each_change_once(self, alice):
        jar, visitor = make_batch(owner=alice, now=timezone.now()), listener(alice)

        async def play():
            async with watching() as watch:
                with watch.streams.opened(visitor, timezone.now()) as stream:
                    await watch.turn()
                    await here(make_event, batch=jar, now=timezone.now())
                    await watch.turn()
                    first = stream.take()
                    await watch.turn()
                    return first, stream.take()

        assert runs(play) == ({("event", jar.pk)}, set())

    def test_tells_what_was_written_before_and_committed_after_it_looked(self, alice):
        jar, visitor = make_batch(owner=alice, now=timezone.now()), listener(alice)

        async def play():
            async with watching() as watch, writer() as elsewhere:
                with watch.streams.opened(visitor, timezone.now()) as stream:
                    await elsewhere.execute("UPDATE batches_batch SET name = 'Late' WHERE id = %s", [jar.pk])
                    await watch.turn()
                    seen_too_early = stream.take()
                    await elsewhere.commit()
                    await watch.turn()
                    return seen_too_early, stream.take()

        assert runs(play) == (set(), {("batch", jar.pk)})

    def test_tells_it_to_who_comes_back_after_it_was_committed(self, alice):
        """However long it took: what is told to ask with lies before it."""
        jar, visitor = make_batch(owner=alice, now=timezone.now()), listener(alice)

        async def play():
            async with watching() as watch, writer() as elsewhere:
                await elsewhere.execute("UPDATE batches_batch SET name = 'Late' WHERE id = %s", [jar.pk])
                with watch.streams.opened(visitor, timezone.now()) as stream:
                    await watch.turn()
                    told_to_ask_with = stream.since
                await elsewhere.commit()
                with watch.streams.opened(visitor, told_to_ask_with) as again:
                    await watch.turn()
                    return again.take()

        assert runs(play) == {("batch", jar.pk)}

    def test_tells_a_newcomer_what_is_still_under_way(self, alice):
        """It was stamped long before the page was drawn, which could not show it."""
        jar, visitor = make_batch(owner=alice, now=timezone.now()), listener(alice)

        async def play():
            async with watching() as watch, writer() as elsewhere:
                await elsewhere.execute("UPDATE batches_batch SET name = 'Late' WHERE id = %s", [jar.pk])
                with watch.streams.opened(visitor, timezone.now() + timedelta(minutes=1)) as stream:
                    await watch.turn()
                    seen_too_early = stream.take()
                    await elsewhere.commit()
                    await watch.turn()
                    return seen_too_early, stream.take()

        assert runs(play) == (set(), {("batch", jar.pk)})

    def test_tells_once_what_was_written_while_something_else_takes_long(self, alice, bob):
        visitor, theirs = listener(alice), make_batch(owner=bob, now=timezone.now())
        jar = make_batch(owner=alice, now=timezone.now())

        async def play():
            async with watching() as watch, writer() as elsewhere:
                await elsewhere.execute("UPDATE batches_batch SET name = 'Late' WHERE id = %s", [theirs.pk])
                with watch.streams.opened(visitor, timezone.now()) as stream:
                    await watch.turn()
                    await here(make_event, batch=jar, now=timezone.now())
                    heard = []
                    for _ in range(3):
                        await watch.turn()
                        heard.append(stream.take())
                    return heard

        assert runs(play) == [{("event", jar.pk)}, set(), set()]

    def test_tells_of_all_where_so_many_changed(self, alice):
        """More than are looked up, and than are told by their names."""
        for number in range(MOST_NAMED + 1):
            make_batch(owner=alice, name=f"{number}", now=timezone.now())
        visitor = listener(alice)

        async def play():
            async with watching() as watch:
                with watch.streams.opened(visitor, timezone.now()) as stream:
                    await watch.turn()
                    stream.take()
                    await here(rename_all)
                    await watch.turn()
                    return stream.take()

        assert runs(play) == {EVERYTHING}

    def test_tells_a_newcomer_what_others_have_heard_already(self, alice):
        jar, visitor = make_batch(owner=alice, now=timezone.now()), listener(alice)
        long_ago = timezone.now() - timedelta(hours=1)

        async def play():
            async with watching() as watch:
                with watch.streams.opened(visitor, timezone.now()) as known:
                    await watch.turn()
                    with watch.streams.opened(visitor, long_ago) as newcomer:
                        await watch.turn()
                        return known.take(), newcomer.take()

        known, newcomer = runs(play)
        assert known == set()
        assert ("batch", jar.pk) in newcomer

    def test_asks_nothing_while_nobody_listens(self, db, monkeypatch):
        monkeypatch.setattr(live_database, "address", lambda: pytest.fail("nobody listens"))

        async def play():
            async with watching() as watch:
                await watch.turn()

        runs(play)

    def test_sees_out_who_is_signed_out(self, alice, bob):
        gone, stays = listener(alice), listener(bob)

        async def play():
            async with watching() as watch:
                with (
                    watch.streams.opened(gone, timezone.now()) as one,
                    watch.streams.opened(stays, timezone.now()) as other,
                ):
                    await here(alice.delete)
                    await watch.turn()
                    return one.is_over, other.is_over

        assert runs(play) == (True, False)


@pytest.mark.django_db(transaction=True)
class TestADatabaseThatIsAway:
    def test_is_asked_again_and_nothing_is_lost(self, alice, monkeypatch):
        jar, visitor = make_batch(owner=alice, now=timezone.now()), listener(alice)

        async def play():
            async with watching() as watch:
                with watch.streams.opened(visitor, timezone.now()) as stream:
                    await watch.turn()
                    await watch.database.rows("SELECT 1", {})
                    await cut(watch.database)
                    await here(make_event, batch=jar, now=timezone.now())
                    await watch.turn()
                    await watch.turn()
                    return watch.figures.failures, stream.take()

        assert runs(play) == (1, {("event", jar.pk)})


@pytest.mark.django_db(transaction=True)
class TestAVisitor:
    def test_is_known_by_the_session(self, alice):
        key = cookie_of(alice).partition("=")[2]
        assert runs(lambda: known(key)) == Visitor(str(alice.pk), key)

    def test_is_not_who_is_barred(self, alice):
        key = cookie_of(alice).partition("=")[2]
        alice.is_active = False
        alice.save()
        assert runs(lambda: known(key)) is None

    def test_is_not_who_signed_in_under_another_secret(self, alice, settings):
        key = cookie_of(alice).partition("=")[2]
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-one" * 5, [settings.SECRET_KEY]
        assert runs(lambda: known(key)) == Visitor(str(alice.pk), key)
        settings.SECRET_KEY_FALLBACKS = []
        assert runs(lambda: known(key)) is None


class TestStreams:
    def test_are_only_so_many(self):
        streams = Streams(1)
        with (
            streams.opened(Visitor("a", "1"), timezone.now()),
            pytest.raises(TooMany),
            streams.opened(Visitor("b", "2"), timezone.now()),
        ):
            pass
        assert streams.count == 0
        assert not streams.by_owner


async def known(key):
    database = Database()
    try:
        return await visitor_of(key, database)
    finally:
        await database.close()


async def here(verb, **given):
    """In a thread of its own, where Django may be asked; it leaves no connection behind."""

    def done():
        verb(**given)
        connections.close_all()

    await asyncio.to_thread(done)


def rename_all():
    Batch.objects.update(name="Another")


@asynccontextmanager
async def writer():
    """Somebody else, in the midst of a transaction."""
    async with await psycopg.AsyncConnection.connect(**live_database.address()) as connection:
        yield connection


async def cut(database):
    """As when the server restarts."""
    async with await psycopg.AsyncConnection.connect(**live_database.address(), autocommit=True) as other:
        pid = database.connection.info.backend_pid
        await other.execute("SELECT pg_terminate_backend(%s)", [pid])
