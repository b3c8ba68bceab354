"""One try, and what comes of it, with the time handed in."""

import logging
from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.work.jobs import handled, make_job
from work import carrier, queue, registry, timing
from work.models import Job, Outcome
from work.registry import Failed

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch):
    monkeypatch.setattr(carrier, "chance", lambda: 0.5)


def fail(*_, **how):
    raise Failed("The bucket does not answer.", **how)


class TestOneTry:
    def test_is_told_what_to_do(self, alice, run_jobs):
        with handled() as tried:
            make_job(payload={"id": 7}, owner=alice)
            run_jobs(now=NOON)

        [task] = tried
        assert (task.kind, task.key, task.payload, task.owner_id) == ("bubble", "1", {"id": 7}, alice.pk)
        assert (task.attempt, task.now) == (1, NOON)

    def test_that_succeeds_is_the_last(self, run_jobs):
        with handled() as tried:
            make_job()
            assert run_jobs(now=NOON) == [("bubble", "1", "done", "")]
            assert run_jobs(now=NOON + 9 * HOUR) == []

        job = Job.objects.get()
        assert (len(tried), job.state, job.lease, job.leased_until) == (1, "done", None, None)
        assert NOON <= job.ended_at < NOON + timedelta(minutes=1)

    def test_comes_when_it_is_due_and_not_before(self, run_jobs):
        with handled() as tried:
            make_job(due_at=NOON + HOUR)
            run_jobs(now=NOON + HOUR - timedelta(microseconds=1))
            assert tried == []
            run_jobs(now=NOON + HOUR)
            assert len(tried) == 1

    def test_without_a_time_goes_by_the_databases_clock(self, run_jobs):
        with handled() as tried:
            make_job(now=queue.clock())
            run_jobs()

        assert abs(tried[0].now - queue.clock()) < timedelta(minutes=1)

    def test_is_one_line_in_the_log(self, run_jobs, caplog):
        caplog.set_level(logging.INFO, "kefir.jobs")
        with handled():
            job = make_job(key="a-key-that-may-tell")
            run_jobs(now=NOON)

        [line] = caplog.records
        assert line.getMessage().startswith(f"bubble {job.pk}: done, try 1, ")
        assert (line.kind, line.outcome, line.attempt) == ("bubble", "done", 1)
        assert "a-key" not in line.getMessage()


class TestFailure:
    def test_is_tried_again_with_growing_pauses(self, run_jobs):
        pauses, now = [], NOON
        with handled(does=fail, tries=9):
            make_job()
            while Job.objects.waiting().exists():
                now = Job.objects.get().due_at
                run_jobs(now=now)
                pauses.append(round((Job.objects.get().due_at - now).total_seconds()))

        assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 0]

    def test_says_to_staff_what_was_the_matter(self, run_jobs):
        with handled(does=fail):
            make_job()
            assert run_jobs(now=NOON) == [("bubble", "1", "retry", "The bucket does not answer.")]

        assert Job.objects.get().error == "The bucket does not answer."

    def test_that_lasts_ends_it_at_once(self, run_jobs):
        with handled(does=lambda _: fail(permanent=True)) as tried:
            make_job()
            run_jobs(now=NOON)

        assert (len(tried), Job.objects.get().state) == (1, "dead")

    def test_waits_as_long_as_the_other_side_asks(self, run_jobs):
        with handled(does=lambda _: fail(retry_after=5 * HOUR)):
            make_job()
            run_jobs(now=NOON)

        assert NOON + 5 * HOUR <= Job.objects.get().due_at < NOON + 5 * HOUR + timedelta(minutes=1)

    @pytest.mark.parametrize(("wish", "wait"), [(-HOUR, 0 * HOUR), (9_999 * HOUR, 24 * HOUR)])
    def test_waits_within_reason(self, wish, wait):
        assert timing.pause(1, chance=0.5, wish=wish) == wait

    def test_is_not_tried_again_by_all_at_the_same_moment(self):
        pauses = [timing.pause(4, chance=chance).total_seconds() for chance in (0.0, 0.5, 1.0)]

        assert pauses == [180, 240, 300]

    def test_leaves_the_others_alone(self, run_jobs):
        with handled("poison", does=fail), handled() as tried:
            make_job(kind="poison")
            make_job()
            outcomes = {one.kind: one.outcome for one in run_jobs(now=NOON)}

        assert (outcomes, len(tried)) == ({"poison": "retry", "bubble": "done"}, 1)

    def test_that_is_a_mistake_of_ours_is_tried_again_too(self, run_jobs, caplog):
        with handled(does=lambda _: 1 / 0):
            make_job()
            [one] = run_jobs(now=NOON)

        assert (one.outcome, one.error) == ("retry", "ZeroDivisionError: division by zero")
        assert any(line.exc_info for line in caplog.records)

    def test_tells_staff_no_address_and_no_row(self, run_jobs):
        def quote(_):
            raise ValueError("Key (email)=(alice@example.com) exists\nDETAIL: Failing row contains (Alice)")

        with handled(does=quote):
            make_job()
            [one] = run_jobs(now=NOON)

        assert one.error == "ValueError: Key (email)=([address]) exists"

    def test_of_any_length_and_with_any_sign_can_be_kept(self, run_jobs):
        with handled(does=lambda _: (_ for _ in ()).throw(Failed("\x00ä" * 2_000))):
            make_job()
            run_jobs(now=NOON)

        assert len(Job.objects.get().error) == 500

    def test_of_a_kind_that_nobody_knows_waits_for_who_does(self, run_jobs):
        make_job(kind="of_the_next_release")
        [one] = run_jobs(now=NOON)
        assert (one.outcome, Job.objects.get().attempts) == ("retry", 1)

        with handled("of_the_next_release") as tried:
            run_jobs(now=NOON + HOUR)
        assert len(tried) == 1


class TestDeath:
    def test_comes_after_the_last_try(self, run_jobs):
        with handled(does=fail, tries=3) as tried:
            make_job()
            for hours in range(9):
                run_jobs(now=NOON + hours * HOUR)

        assert ([one.attempt for one in tried], Job.objects.get().state) == ([1, 2, 3], "dead")

    def test_comes_to_a_job_that_kills_its_worker_each_time(self, run_jobs):
        with handled(tries=3) as tried:
            make_job()
            for hours in range(3):
                queue.claim(now=NOON + hours * HOUR)
            [one] = run_jobs(now=NOON + 3 * HOUR)

        assert (tried, one.outcome, one.error) == ([], "dead", carrier.DIED)

    def test_is_told_to_who_waits_for_it(self, run_jobs):
        told = []
        with handled(does=fail, tries=2, given_up=told.append):
            make_job(payload={"id": 7})
            run_jobs(now=NOON)
            assert told == []
            run_jobs(now=NOON + HOUR)

        assert [(task.payload, task.attempt) for task in told] == [({"id": 7}, 2)]

    def test_by_killing_every_worker_is_told_too(self, run_jobs):
        told = []
        with handled(tries=3, given_up=told.append):
            make_job()
            for hours in range(3):
                queue.claim(now=NOON + hours * HOUR)
            run_jobs(now=NOON + 3 * HOUR)

        assert len(told) == 1

    def test_that_is_told_in_vain_is_none_the_less(self, run_jobs, caplog):
        with handled(does=lambda _: fail(permanent=True), given_up=lambda _: 1 / 0):
            make_job()
            assert [one.outcome for one in run_jobs(now=NOON)] == ["dead"]

        assert Job.objects.get().state == "dead"
        assert any(line.exc_info for line in caplog.records)

    def test_of_a_job_in_other_hands_is_told_by_those(self, run_jobs):
        told = []
        with handled(
            does=lambda _: (queue.claim(now=NOON + HOUR), fail(permanent=True)), given_up=told.append
        ):
            make_job()
            assert [one.outcome for one in run_jobs(now=NOON)] == ["lost"]

        assert told == []


class TestLease:
    def test_keeps_a_job_from_others_for_a_minute(self, run_jobs):
        with handled() as tried:
            make_job()
            queue.claim(now=NOON)
            assert run_jobs(now=NOON + timedelta(seconds=59)) == []
            run_jobs(now=NOON + timedelta(seconds=60))

        assert [task.attempt for task in tried] == [2]

    def test_that_ran_out_takes_away_the_word_on_it(self, run_jobs):
        """As of a process that stood still: it goes on, but what it says comes too late."""
        make_job()
        late = queue.claim(now=NOON)
        mine = queue.claim(now=NOON + HOUR)

        assert not queue.settle(late, queue.Ending("dead", "late"), now=NOON + HOUR)
        assert queue.settle(mine, queue.Ending("done"), now=NOON + HOUR)
        assert not queue.settle(mine, queue.Ending("dead", "twice"), now=NOON + HOUR)
        assert (Job.objects.get().state, Job.objects.get().error) == ("done", "")
        assert list(Outcome.objects.values_list("outcome", "count")) == [("done", 1)]

    def test_is_renewed_by_who_has_it_and_nobody_else(self, db):
        make_job()
        late = queue.claim(now=NOON)
        mine = queue.claim(now=NOON + HOUR)

        assert queue.renew(mine)
        assert not queue.renew(late)
        assert Job.objects.get().leased_until > queue.clock() + timedelta(seconds=50)

    def test_is_not_missed_by_a_job_that_was_erased_meanwhile(self, run_jobs):
        with handled(does=lambda _: Job.objects.all().delete()):
            make_job()
            assert [one.outcome for one in run_jobs(now=NOON)] == ["lost"]

        assert not Outcome.objects.exists()


class TestAskedAgainMeanwhile:
    """Whoever is at it may have read what was before."""

    def test_it_is_done_once_more(self, run_jobs):
        asks = [{"round": 2}]
        with handled(does=lambda _: asks and make_job(payload=asks.pop())) as tried:
            make_job(payload={"round": 1})
            run_jobs(now=NOON)

        assert [task.payload for task in tried] == [{"round": 1}, {"round": 2}]
        assert [task.attempt for task in tried] == [1, 1]
        assert Job.objects.get().state == "done"

    def test_for_later_it_is_done_then(self, run_jobs):
        later = [NOON + HOUR]
        with handled(does=lambda _: later and make_job(due_at=later.pop())) as tried:
            make_job()
            run_jobs(now=NOON)
            assert (len(tried), Job.objects.get().due_at) == (1, NOON + HOUR)
            run_jobs(now=NOON + HOUR)

        assert (len(tried), Job.objects.get().state) == (2, "done")

    def test_a_try_after_that_does_for_both(self, run_jobs):
        make_job()
        queue.claim(now=NOON)
        make_job()
        with handled() as tried:
            run_jobs(now=NOON + HOUR)

        assert (len(tried), Job.objects.get().state) == (1, "done")

    def test_it_is_not_given_up(self, run_jobs):
        asks = [1]
        told = []
        does = lambda _: (asks and asks.pop() and make_job(), fail(permanent=True))  # noqa: E731
        with handled(does=does, given_up=told.append) as tried:
            make_job()
            outcomes = [one.outcome for one in run_jobs(now=NOON)]

        assert (outcomes, len(tried), len(told)) == (["dead", "dead"], 2, 1)
        assert Job.objects.get().state == "dead"


class TestTurns:
    def claimed(self, now=NOON):
        return queue.claim(now=now).kind

    def test_go_to_what_waits_longest(self, db):
        for minutes, key in ((2, "b"), (1, "a"), (3, "c")):
            make_job(key=key, now=NOON + timedelta(minutes=minutes))

        assert [queue.claim(now=NOON + HOUR).key for _ in range(3)] == ["a", "b", "c"]

    def test_go_to_the_kind_that_the_fewest_are_at(self, db):
        for key in range(5):
            make_job(kind="flood", key=str(key), now=NOON - HOUR)
        make_job(kind="photo")

        assert [self.claimed() for _ in range(3)] == ["flood", "photo", "flood"]

    def test_leave_workers_for_others_where_a_kind_takes_long(self, db):
        for key in range(3):
            make_job(kind="slow", key=str(key))
        with handled("slow", at_once=1):
            assert self.claimed() == "slow"
            assert queue.claim(now=NOON) is None
            assert self.claimed(NOON + HOUR) == "slow"

    def test_are_found_however_many_wait_for_another_day(self, db):
        for key in range(20):
            make_job(kind=f"later_{key % 7}", key=str(key), due_at=NOON + HOUR)
        make_job(kind="now")

        assert self.claimed() == "now"
        assert queue.claim(now=NOON) is None


class TestRegistry:
    def test_has_one_function_for_a_kind(self):
        with handled(), pytest.raises(ValueError, match="two functions"):
            registry.handles("bubble")(lambda task: None)
