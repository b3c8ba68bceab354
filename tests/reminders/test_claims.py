"""Who takes which reminder: one worker at a time, soonest first, and what kills its worker is given up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from reminders import actions, delivery, queue
from reminders.models import Reminder
from reminders.queue import LEASE
from tests.factories import NOON, make_batch, make_reminder, make_user
from tests.reminders.engine import (
    AFTER_THE_LEASE,
    DAY,
    DUE,
    HOUR,
    MINUTE,
    Clock,
    Crash,
    carry,
    claimed,
    deliveries,
    seen,
)


class TestClaim:
    def test_takes_what_is_due(self, reminder):
        assert claimed() == [reminder.pk]

    def test_leaves_what_is_not(self, reminder):
        assert claimed(DUE - timedelta(seconds=1)) == []

    def test_takes_nothing_twice_while_the_lease_runs(self, reminder):
        claimed()

        assert claimed(DUE + timedelta(seconds=30)) == []

    def test_takes_up_again_what_hangs(self, reminder):
        claimed()

        assert claimed(AFTER_THE_LEASE) == [reminder.pk]

    def test_takes_a_hundred_soonest_first(self, jar):
        wanted = [{"due_at": DUE - timedelta(seconds=n), "message": f"{n}"} for n in range(50)]
        for _ in range(3):
            actions.confirm(batch=jar, reminders=wanted, now=NOON)

        chunk = queue.claim(now=DUE, until=DUE)

        alerts = [one.alert_at for one in chunk.claimed]
        assert (len(alerts), alerts) == (100, sorted(alerts))
        assert Reminder.objects.filter(leased_until=None).count() == 50

    def test_looks_no_further_back_than_where_the_first_waits(self, reminder):
        now = queue.beat(rest=timedelta())
        queue.look_from_the_first(now=now)

        assert claimed() == [reminder.pk]
        Reminder.objects.update(due_at=DUE - DAY)
        assert claimed(AFTER_THE_LEASE) == []
        queue.look_from_the_first(now=now)
        assert claimed(AFTER_THE_LEASE) == [reminder.pk]


class TestTick:
    def test_claims_what_goes_before_the_next_but_one(self, jar):
        now = queue.clock()
        for seconds in (1.5, 60):
            make_reminder(batch=jar, due_at=now + timedelta(seconds=seconds), message=f"{seconds}", now=NOON)

        [(chunk, wait)] = delivery.due_chunks()

        assert [Reminder.objects.get(pk=one.id).message for one in chunk.claimed] == ["1.5"]
        assert timedelta(seconds=1) < wait < timedelta(seconds=1.6)

    def test_leaves_it_to_another_that_has_just_run(self, reminder):
        assert [len(list(delivery.due_chunks())) for _ in range(3)] == [1, 0, 0]

    def test_hands_over_no_more_than_workers_can_carry(self, jar, monkeypatch):
        monkeypatch.setattr(delivery, "MOST_IN_HAND", 3)
        monkeypatch.setattr(delivery, "REST", timedelta())
        for number in range(3):
            make_reminder(batch=jar, due_at=DUE, message=f"{number}")
        first = list(delivery.due_chunks())
        make_reminder(batch=jar, due_at=DUE, message="One more")

        assert (len(first), list(delivery.due_chunks())) == (1, [])


class TestPoison:
    def test_goes_alone_after_a_few_claims(self, jar):
        for number in range(3):
            make_reminder(batch=jar, due_at=DUE, message=f"{number}")
        Reminder.objects.filter(message="0").update(claims=delivery.SUSPICIOUS)

        parts = delivery.apart(queue.claim(now=DUE, until=DUE))

        assert [len(part.claimed) for part in parts] == [2, 1]

    def test_that_kills_its_worker_every_time_is_given_up(self, reminder, channels):
        channels["email"].before = Crash()
        now, tries = DUE, 0
        while seen(reminder).status == "waiting":
            try:
                carry(now)
            except Crash.Crashed:
                tries += 1
            now += LEASE + timedelta(seconds=1)

        assert reminder.error == "Every try ended in the middle."
        assert delivery.SUSPICIOUS < tries < 20

    def test_a_lost_message_is_no_failed_try(self, reminder, channels):
        now = DUE
        for _ in range(30):
            assert claimed(now) == [reminder.pk]
            now += LEASE

        carry(now)

        assert seen(reminder).status == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_share_nothing():
    jar = make_batch(owner=make_user())
    reminders = [
        make_reminder(batch=jar, due_at=DUE - HOUR, message=f"{n}", now=NOON - HOUR) for n in range(2)
    ]
    late = make_reminder(batch=jar, due_at=DUE, message="late")

    with transaction.atomic():
        mine = queue.claim(now=DUE, until=DUE - MINUTE)
        theirs = in_another_connection(lambda: queue.claim(now=DUE, until=DUE))

    assert {one.id for one in mine.claimed} == {str(one.pk) for one in reminders}
    assert [one.id for one in theirs.claimed] == [str(late.pk)]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_twice_at_once_is_carried_once(channels):
    reminder = make_reminder(batch=make_batch(owner=make_user()), due_at=DUE)
    chunk = queue.claim(now=DUE, until=DUE)
    channels["email"].before = lambda _: in_another_connection(
        lambda: delivery.deliver(chunk, clock=Clock(DUE))
    )

    delivery.deliver(chunk, clock=Clock(DUE))

    assert (len(channels["email"].sent), seen(reminder).status) == (1, "sent")


def in_another_connection(work):
    def worked():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(worked).result()


@pytest.mark.django_db(transaction=True)
def test_who_hung_longer_than_the_lease_notes_it_beside_who_carried_it_meanwhile(channels):
    reminder = make_reminder(batch=make_batch(owner=make_user()), due_at=DUE)
    chunk = queue.claim(now=DUE, until=DUE)
    channels["email"].before = lambda _: overtaken(channels)

    delivery.deliver(chunk, clock=Clock(DUE))

    assert (len(channels["email"].sent), seen(reminder).status, deliveries()) == (
        2,
        "sent",
        [("email", "sent")],
    )


def overtaken(channels):
    channels["email"].before = lambda _: None
    in_another_connection(lambda: carry(AFTER_THE_LEASE))
