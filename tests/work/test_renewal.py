"""A long job keeps its lease while its process lives, and no longer."""

import threading
import time

import pytest
from django.db import OperationalError

from tests.work.jobs import handled, make_job
from work import carrier, queue
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(carrier, "RENEWED_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(carrier, "TRIED_AGAIN_AFTER_SECONDS", 0.01)


def lease_of_the_job():
    return Job.objects.values_list("leased_until", flat=True).get()


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_renewal(_):
    before = lease_of_the_job()
    until(lambda: lease_of_the_job() > before)


class TestRenewal:
    def test_moves_the_end_of_the_lease_while_the_job_runs(self, run_jobs):
        with handled(does=wait_for_renewal):
            make_job()
            assert [one.outcome for one in run_jobs()] == ["done"]

    def test_is_over_with_the_job(self, run_jobs):
        with handled():
            make_job()
            run_jobs()

        assert not [one for one in threading.enumerate() if one.name.startswith("lease of")]

    def test_goes_on_after_the_database_was_away(self, run_jobs, monkeypatch):
        away = [OperationalError("gone"), OperationalError("gone")]
        renew = queue.renew

        def renew_when_back(job):
            if away:
                raise away.pop()
            return renew(job)

        monkeypatch.setattr(queue, "renew", renew_when_back)
        with handled(does=wait_for_renewal):
            make_job()
            assert [one.outcome for one in run_jobs()] == ["done"]

        assert away == []

    def test_takes_nothing_back_from_who_has_it_now(self, run_jobs):
        def lose(_):
            Job.objects.update(leased_until=queue.clock())
            assert queue.claim(now=queue.clock())
            before = lease_of_the_job()
            time.sleep(0.2)
            assert lease_of_the_job() == before

        with handled(does=lose):
            make_job()
            assert [one.outcome for one in run_jobs()] == ["lost"]
