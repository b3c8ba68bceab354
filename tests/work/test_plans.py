"""Jobs are found by an index, however many wait for another day or have ended."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tests.factories import NOON
from work import statements
from work.models import Job, State

LATER = datetime(2999, 1, 1, tzinfo=UTC)
KINDS = 6
ROWS = 6_000


@pytest.fixture
def many(db):
    """Of each kind as many: some due, most for another day, as many done, a few given up."""
    jobs = []
    for number in range(ROWS):
        job = Job(kind=f"kind_{number % KINDS}", key=str(number), due_at=NOON, created_at=NOON)
        if number % 30:
            job.due_at = LATER
        if number // KINDS % 2:
            job.state, job.ended_at = State.DONE if number % 99 else State.DEAD, NOON
        jobs.append(job)
    Job.objects.bulk_create(jobs)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE work_job")


def plan(statement, told):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", told)
        return "\n".join(line for (line,) in cursor.fetchall())


CLAIM = {"now": NOON, "lasts": timedelta(minutes=1), "limited": ["kind_1"], "at_once": [1]}


class TestPlans:
    def test_to_claim_walk_over_no_table(self, many):
        said = plan(statements.CLAIM, CLAIM)

        assert "job_waiting_of_kind" in said
        assert "Seq Scan on work_job" not in said

    def test_to_tick_walk_over_no_table(self, many):
        said = plan(statements.HOW_MANY_DUE, {"most": 4})

        assert "job_waiting_by_due" in said
        assert "Seq Scan" not in said

    def test_to_list_dead_letters_walk_over_no_table(self, many):
        said = Job.objects.dead().order_by("-ended_at")[:50].explain()

        assert "job_ended" in said
