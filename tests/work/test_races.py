"""Several at once, over connections of their own."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection

from tests.work.jobs import handled, make_job
from work import actions, carrier, queue
from work.models import Job, Outcome, State

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count, act):
    """Each with a connection of its own, begun together."""
    start = Barrier(count)

    def one(number):
        try:
            connection.ensure_connection()
            start.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


class TestAsking:
    def test_twelve_times_at_once_makes_one_job(self):
        jobs = at_once(12, lambda number: make_job(payload={"from": number}).pk)

        assert len(set(jobs)) == 1
        assert Job.objects.count() == 1

    def test_while_it_is_done_is_never_lost(self):
        """Whatever was asked last is done after it was asked, wherever the two meet."""
        seen, over = [], Event()

        def work(number):
            while not over.is_set() or Job.objects.waiting().exists():
                carrier.carry_one()

        def ask(number):
            for version in range(60):
                make_job(payload={"version": version})
                over.wait(random.random() / 200)
            over.set()

        def see(task):
            seen.append(task.payload["version"])
            time.sleep(random.random() / 100)

        with handled(does=see):
            at_once(3, lambda number: ask(number) if number == 0 else work(number))

        assert seen[-1] == max(seen) == 59
        assert not Job.objects.waiting().exists()


class TestClaiming:
    def test_gives_each_job_to_one(self):
        for key in range(60):
            make_job(kind=f"kind_{key % 3}", key=str(key))

        def claim_all(_):
            empty, claimed = 0, []
            while empty < 3:
                one = queue.claim(now=queue.clock())
                claimed += [one.id] if one else []
                empty = 0 if one else empty + 1
            return claimed

        times = Counter(job for claimed in at_once(6, claim_all) for job in claimed)

        assert (len(times), set(times.values())) == (60, {1})

    def test_and_doing_comes_to_one_result_each(self):
        with handled() as tried:
            for key in range(40):
                make_job(key=str(key))
            at_once(4, lambda _: all(iter(carrier.carry_one, None)))

        assert len({task.key for task in tried}) == len(tried) == 40
        assert sum(Outcome.objects.values_list("count", flat=True)) == 40


class TestReplaying:
    def test_the_same_dead_letter_at_once_does_it_once(self):
        dead = make_job()
        Job.objects.update(state=State.DEAD, ended_at=dead.created_at)

        def replay(_):
            try:
                return actions.replay(job=dead, now=dead.created_at).state
            except (actions.NotGivenUp, actions.WaitsAlready) as refusal:
                return refusal.code

        assert sorted(at_once(4, replay)) == ["not_given_up"] * 3 + ["waiting"]

    def test_and_asking_anew_leaves_one_that_waits(self):
        for turn in range(10):
            dead = make_job(key=str(turn))
            Job.objects.filter(pk=dead.pk).update(state=State.DEAD, ended_at=dead.created_at)

            def act(number, dead=dead, key=str(turn)):
                if number:
                    return make_job(key=key).state
                try:
                    return actions.replay(job=dead, now=dead.created_at).state
                except actions.WaitsAlready as refusal:
                    return refusal.code

            assert set(at_once(2, act)) <= {"waiting", "waiting_already"}

        assert Job.objects.waiting().count() == 10
