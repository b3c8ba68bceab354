from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import actions as accounts
from tests.factories import NOON
from tests.work.jobs import handled, make_job
from work import actions
from work.models import Job, State

HOUR = timedelta(hours=1)


def kill(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(state=State.DEAD, ended_at=NOON, attempts=8, error="No luck.")
    job.refresh_from_db()
    return job


class TestEnqueue:
    def test_keeps_a_row_until_somebody_does_it(self, alice):
        photo = uuid4()

        make_job(kind="photo_copies", key=str(photo), payload={"photo": photo}, owner=alice)

        job = Job.objects.get()
        assert (job.kind, job.payload, job.owner) == ("photo_copies", {"photo": str(photo)}, alice)
        assert (job.state, job.due_at, job.attempts) == ("waiting", NOON, 0)

    def test_gives_the_same_job_to_who_asks_again(self, db):
        assert make_job().pk == make_job().pk
        assert make_job(key="2").pk != make_job(kind="fizz", key="2").pk
        assert Job.objects.count() == 3

    def test_goes_by_the_sooner_time_and_the_later_payload(self, db):
        make_job(due_at=NOON + HOUR, payload={"round": 1})
        make_job(due_at=NOON + 2 * HOUR, payload={"round": 2})

        job = Job.objects.get()
        assert (job.due_at, job.payload) == (NOON + HOUR, {"round": 2})

    def test_hurries_no_job_that_has_failed(self, run_jobs):
        make_job(kind="unknown")
        run_jobs(now=NOON)
        paused = Job.objects.get().due_at

        make_job(kind="unknown")

        assert Job.objects.get().due_at == paused > NOON

    def test_makes_a_new_one_when_the_last_has_ended(self, run_jobs):
        with handled():
            make_job()
            run_jobs(now=NOON)
            make_job()

        assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "waiting"]

    def test_is_undone_with_its_transaction(self, db):
        with transaction.atomic():
            make_job()
            transaction.set_rollback(True)

        assert not Job.objects.exists()

    def test_is_one_statement(self, alice, django_assert_num_queries):
        with django_assert_num_queries(1):
            make_job(owner=alice, payload={"id": 1})

    @pytest.mark.parametrize("wrong", [{"kind": ""}, {"key": ""}, {"kind": "x" * 41}, {"key": "x" * 201}])
    def test_refuses_what_is_no_name(self, db, wrong):
        with pytest.raises(ValidationError):
            make_job(**wrong)

    def test_is_erased_with_its_owner(self, alice, bob):
        make_job(owner=alice)
        make_job(key="2", owner=bob)

        accounts.erase(user=alice)

        assert Job.objects.get().owner == bob


class TestCancel:
    def test_takes_back_what_waits_and_nothing_else(self, db):
        make_job()
        make_job(key="2")

        assert actions.cancel(kind="bubble", key="1")
        assert not actions.cancel(kind="bubble", key="1")
        assert Job.objects.get().key == "2"

    def test_leaves_what_has_ended(self, db):
        kill(make_job())

        assert not actions.cancel(kind="bubble", key="1")


class TestReplay:
    def test_gives_all_tries_again(self, db):
        job = actions.replay(job=kill(make_job()), now=NOON + HOUR)

        assert (job.state, job.attempts, job.error, job.ended_at) == ("waiting", 0, "", None)
        assert job.due_at == NOON + HOUR

    def test_is_for_dead_letters_alone(self, db):
        with pytest.raises(actions.NotGivenUp):
            actions.replay(job=make_job(), now=NOON)

    def test_is_refused_while_such_a_job_waits(self, db):
        dead = kill(make_job())
        make_job()

        with pytest.raises(actions.WaitsAlready):
            actions.replay(job=dead, now=NOON)

        assert sorted(Job.objects.values_list("state", flat=True)) == ["dead", "waiting"]


class TestForget:
    @pytest.mark.parametrize(("state", "days"), [(State.DONE, 7), (State.DEAD, 90)])
    def test_takes_away_what_nobody_asks_about_any_more(self, db, state, days):
        for key, ago in (("old", timedelta(days=days, seconds=1)), ("young", timedelta(days=days))):
            Job.objects.filter(pk=make_job(key=key).pk).update(state=state, ended_at=NOON - ago)

        assert actions.forget(now=NOON) == 1
        assert Job.objects.get().key == "young"

    def test_leaves_what_waits_however_long(self, db):
        make_job(now=NOON - timedelta(days=999))

        assert actions.forget(now=NOON) == 0

    def test_goes_on_until_all_are_gone(self, db, monkeypatch):
        monkeypatch.setattr(actions, "FORGOTTEN_AT_ONCE", 2)
        for key in range(5):
            kill(make_job(key=str(key)))

        rounds = list(iter(lambda: actions.forget(now=NOON + timedelta(days=91)), 0))

        assert rounds == [2, 2, 1]
