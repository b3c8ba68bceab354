"""Who wakes whom. The broker carries hints; lost ones cost a second."""

import pytest
from kombu.exceptions import OperationalError as BrokerIsAway

from kefir.celery import app
from tests.factories import NOON
from tests.work.jobs import handled, make_job
from work import queue, tasks
from work.models import Job


@pytest.fixture
def hints(monkeypatch):
    """What would be sent."""
    sent = []
    monkeypatch.setattr(tasks.carry_on, "apply_async", lambda **how: sent.append(how))
    return sent


class TestTick:
    @pytest.mark.parametrize(("due", "wanted"), [(0, 0), (1, 1), (3, 3), (9, 4)])
    def test_wakes_as_many_as_there_are_jobs_and_a_few_at_most(self, db, hints, due, wanted):
        for key in range(due):
            make_job(key=str(key))

        tasks.tick()

        assert len(hints) == wanted

    def test_wakes_nobody_for_what_is_in_hand_or_for_later(self, db, hints):
        make_job(key="later", due_at=queue.clock().replace(year=2999))
        make_job(key="taken")
        queue.claim(now=queue.clock())

        tasks.tick()

        assert hints == []

    def test_sends_what_is_forgotten_when_nobody_takes_it(self, db, hints):
        make_job()

        tasks.tick()

        assert 0 < hints[0]["expires"] < 60

    def test_is_quiet_while_the_database_is_away(self, hints, monkeypatch, caplog):
        monkeypatch.setattr(queue, "how_many_due", lambda **_: away())

        tasks.tick()

        assert (hints, caplog.messages) == ([], ["PostgreSQL did not answer the tick: OperationalError"])


def away():
    raise tasks.AWAY[0]("gone")


@pytest.mark.django_db(transaction=True)
class TestCarryingOn:
    def test_does_all_that_is_due(self, hints):
        with handled() as tried:
            for key in range(5):
                make_job(key=str(key))
            tasks.carry_on()

        assert (len(tried), hints) == (5, [])

    def test_leaves_the_rest_to_another_when_its_time_is_over(self, hints, monkeypatch):
        monkeypatch.setattr(tasks, "GOES_ON_FOR_SECONDS", -1)
        with handled() as tried:
            for key in range(5):
                make_job(key=str(key))
            tasks.carry_on()

        assert (len(tried), len(hints)) == (1, 1)

    def test_loses_nothing_when_the_broker_takes_no_hint(self, monkeypatch):
        def refuse(**_):
            raise BrokerIsAway

        monkeypatch.setattr(tasks.carry_on, "apply_async", refuse)
        monkeypatch.setattr(tasks, "GOES_ON_FOR_SECONDS", -1)
        with handled():
            make_job()
            make_job(key="2")
            tasks.carry_on()

        assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "waiting"]

    def test_has_workers_of_its_own(self):
        assert app.amqp.router.route({}, tasks.carry_on.name)["queue"].name == "jobs"
        assert app.amqp.router.route({}, "reminders.tasks.deliver")["queue"].name == "celery"

    def test_ends_a_job_that_hangs(self):
        assert tasks.carry_on.time_limit > tasks.carry_on.soft_time_limit > tasks.A_JOB_MAY_TAKE_SECONDS


class TestSweep:
    def test_takes_away_what_nobody_asks_about_any_more(self, db):
        make_job()
        Job.objects.update(state="done", ended_at=NOON.replace(year=2020))

        tasks.sweep()

        assert not Job.objects.exists()
