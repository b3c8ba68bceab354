"""Dead letters in the back office: read, and replayed."""

import pytest

from tests.factories import NOON, make_user
from tests.work.jobs import handled, make_job
from work.models import Job
from work.registry import Failed

LIST = "/admin/work/job/"


@pytest.fixture
def office(client, db):
    client.force_login(make_user("staff@example.com", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def dead(run_jobs) -> Job:
    def fail(_):
        raise Failed("The bucket is not ours.", permanent=True)

    with handled(does=fail):
        job = make_job(key="photo-7")
        run_jobs(now=NOON)
    return job


def replayed(office, *jobs):
    chosen = {"action": "replay", "_selected_action": [job.pk for job in jobs]}
    return [str(one) for one in office.post(LIST, chosen, follow=True).context["messages"]]


class TestDeadLetters:
    def test_can_be_found_and_read(self, office, dead):
        make_job(key="photo-8")

        page = office.get(f"{LIST}?state__exact=dead").content.decode()

        assert "The bucket is not ours." in page
        assert "photo-7" in page
        assert "photo-8" not in page

    def test_are_replayed_and_then_done(self, office, dead, run_jobs):
        assert replayed(office, dead) == ["1 will be tried again."]
        with handled() as tried:
            run_jobs()

        assert (len(tried), Job.objects.get().state) == (1, "done")

    def test_that_wait_again_already_are_said_and_the_others_go_on(self, office, dead):
        waiting = make_job(key="photo-7")
        other = make_job(key="photo-9")
        Job.objects.filter(pk=other.pk).update(state="dead", ended_at=NOON)

        said = replayed(office, dead, waiting, other)

        assert set(said) == {
            "1 will be tried again.",
            f"bubble {waiting.pk}: It was not given up, so there is nothing to replay.",
            f"bubble {dead.pk}: Such a job is waiting already.",
        }

    def test_take_the_same_queries_however_many_there_are(self, office, dead, django_assert_max_num_queries):
        for key in range(30):
            make_job(key=str(key), owner=make_user(f"{key}@example.com"))

        with django_assert_max_num_queries(10):
            office.get(LIST)
