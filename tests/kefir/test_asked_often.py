from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from accounts import tokens
from accounts.actions import begin_sign_in
from accounts.models import SignIn
from events.models import Event
from kefir import asked_often
from kefir.asked_often import AskedOften
from tests.factories import NOON, make_batch
from work import actions as work
from work.models import Job


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


class TestAskedOften:
    def signed_in(self, client, user):
        client.force_login(user)
        return begin_sign_in(user=user, session_key=client.session.session_key, now=datetime.now(UTC))

    def test_finds_what_the_query_finds_with_every_column(self, client, alice):
        alice.timezone, alice.nag_every, alice.quiet_from, alice.quiet_until = (
            "Europe/Berlin", timedelta(hours=1), NOON.time(), time(7, 30)
        )  # fmt: skip
        alice.save()
        key, now = self.signed_in(client, alice).pk, datetime.now(UTC)
        quick = tokens.with_related(SignIn, "user", tokens.ALIVE.ask(key=key, now=now))
        slow = SignIn.objects.alive(now).get(pk=key)
        assert columns(quick) == columns(slow)
        assert columns(quick.user) == columns(slow.user)
        assert quick.user == alice

    def test_brings_the_related_row_along(self, client, alice, django_assert_num_queries):
        key = self.signed_in(client, alice).pk
        with django_assert_num_queries(1):
            row = tokens.ALIVE.ask(key=key, now=datetime.now(UTC))
            assert tokens.with_related(SignIn, "user", row).user.email == alice.email

    def test_finds_nothing_where_nothing_is(self, client, alice):
        key = self.signed_in(client, alice).pk
        assert tokens.ALIVE.ask(key=uuid4(), now=datetime.now(UTC)) is None
        assert tokens.ALIVE.ask(key=key, now=datetime.now(UTC) + timedelta(days=31)) is None

    def test_is_read_by_the_database_once_a_connection(self, db):
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        question = AskedOften(lambda key: SignIn.objects.filter(pk=key), key=UUID(int=0))
        assert [question.ask(key=uuid4()) for _ in range(3)] == [None] * 3
        with connection.cursor() as cursor:
            cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements")
            assert cursor.fetchall() == [(3,)]

    def test_is_asked_again_after_what_was_undone(self, db):
        question = AskedOften(lambda key: SignIn.objects.filter(pk=key), key=UUID(int=0))
        with suppress(ZeroDivisionError), transaction.atomic():
            question.ask(key=uuid4())
            raise ZeroDivisionError
        assert question.ask(key=uuid4()) is None

    def test_what_the_database_refuses_is_refused_as_django_has_it(self, db):
        question = AskedOften(
            lambda key: SignIn.objects.filter(pk=key).extra(where=["1/0=1"]), key=UUID(int=0)
        )
        with pytest.raises(DataError), transaction.atomic():
            question.ask(key=uuid4())


class TestInsert:
    def made(self, batch, **said):
        facts = {"occurred_at": NOON, "created_at": NOON, "updated_at": NOON, "data": {"from": ["jar", 1]}}
        return Event(batch=batch, description="“Böses” 'Wort'", ph=4.1, fizz=2, **(facts | said))

    def test_writes_what_saving_writes(self, alice):
        batch = make_batch(owner=alice)
        quick, slow = self.made(batch), self.made(batch)
        asked_often.insert(quick)
        slow.save(force_insert=True)
        assert quick._state.adding is False
        kept = [columns(Event.objects.get(pk=one.pk)) for one in (quick, slow)]
        assert [one.pop("id") for one in kept] == [quick.pk, slow.pk]
        assert kept[0].pop("stamped_at") <= kept[1].pop("stamped_at")
        assert kept[0] == kept[1]

    def test_leaves_to_the_database_what_it_fills_in_itself(self, alice):
        event = Event(batch=make_batch(owner=alice), occurred_at=NOON, created_at=NOON, description="Bubbles")
        asked_often.insert(event)
        event.refresh_from_db()
        assert event.updated_at > NOON

    def test_writes_a_row_and_its_job_or_neither(self, alice):
        event, other = (self.made(make_batch(owner=alice)) for _ in range(2))
        work.enqueue_beside(event, kind="nothing", key="1", now=NOON, owner=alice)
        other.pk = event.pk
        with pytest.raises(IntegrityError), transaction.atomic():
            work.enqueue_beside(other, kind="nothing", key="2", now=NOON, owner=alice)
        assert list(Job.objects.filter(kind="nothing").values_list("key", "owner")) == [("1", alice.pk)]
        assert Event.objects.filter(pk=event.pk).count() == 1

    def test_asks_for_one_job_however_often(self, alice):
        batch = make_batch(owner=alice)
        first = work.enqueue(kind="nothing", key="1", now=NOON)
        for _ in range(3):
            work.enqueue_beside(self.made(batch), kind="nothing", key="1", now=NOON)
        assert Job.objects.get(kind="nothing").pk == first.pk
        assert batch.events.count() == 3
