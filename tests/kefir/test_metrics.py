"""What an operator sees from outside: figures for those who bring the token, and whether all is ready."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from reminders import queue, tallies
from reminders.models import Heartbeat, Reminder
from tests.factories import make_batch, make_reminder
from tests.work.jobs import handled, make_job
from work import queue as jobs
from work.models import Job, Outcome

TOKEN = "a-token-that-only-prometheus-has"


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = TOKEN


def figures(client) -> dict[tuple[str, ...], float]:
    """By name and labels, as Prometheus reads them."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def count(deliveries=(), late=(), refused=()):
    """As the engine does when it notes what became of a hundred."""
    added = tallies.of(deliveries, late, refused)
    queue.settle([], [], lease=timezone.now(), added=added, now=timezone.now())


class TestWhoMayLook:
    @pytest.mark.parametrize("header", ["", TOKEN, "Bearer", "Bearer another", f"Basic {TOKEN}", "Bearer ÄÖ"])
    def test_not_a_stranger(self, client, header):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404

    def test_nobody_where_no_token_is_set(self, client, settings):
        settings.METRICS_TOKEN = ""

        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    def test_not_even_staff(self, page, alice):
        alice.is_staff = alice.is_superuser = True
        alice.save()

        assert page.get("/metrics").status_code == 404


class TestFigures:
    def test_say_what_waits_and_how_late_the_latest_is(self, client, alice):
        now = timezone.now()
        jar = make_batch(owner=alice, now=now - timedelta(days=1))
        for due_at in (now - timedelta(minutes=5), now - timedelta(minutes=1), now + timedelta(hours=1)):
            make_reminder(batch=jar, now=now - timedelta(hours=1), due_at=due_at)

        said = figures(client)

        assert said["kefir_reminders_waiting",] == 3
        assert said["kefir_reminders_due",] == 2
        assert 300 <= said["kefir_reminders_oldest_due_seconds",] < 310

    def test_leave_out_what_was_told(self, client, alice):
        now = timezone.now()
        jar = make_batch(owner=alice, now=now - timedelta(days=1))
        make_reminder(batch=jar, now=now - timedelta(hours=1), due_at=now - timedelta(minutes=1))
        Reminder.objects.update(status="sent", sent_at=now)

        said = figures(client)

        assert (said["kefir_reminders_due",], said["kefir_reminders_oldest_due_seconds",]) == (0, 0)

    def test_count_deliveries_by_channel_and_outcome(self, client, db):
        count(deliveries=[("expo", "sent"), ("expo", "sent"), ("email", "failed")])
        count(deliveries=[("expo", "sent"), ("expo", "retry")])

        said = figures(client)

        assert said["kefir_deliveries_total", "expo", "sent"] == 3
        assert said["kefir_deliveries_total", "expo", "retry"] == 1
        assert said["kefir_deliveries_total", "email", "failed"] == 1

    def test_tell_whoever_runs_it_that_their_credentials_are_refused(self, client, db):
        count(deliveries=[("expo", "retry")], refused=["expo"])

        assert figures(client)["kefir_refused_total", "expo"] == 1

    def test_show_how_late_reminders_went(self, client, db):
        count(late=[0.004, 0.01, 0.2, 4000])

        said = figures(client)

        name = "kefir_reminder_lateness_seconds"
        assert [said[f"{name}_bucket", bound] for bound in ("0.01", "0.1", "0.25", "300.0", "+Inf")] == [
            2,
            2,
            3,
            3,
            4,
        ]
        assert said[f"{name}_count",] == 4
        assert said[f"{name}_sum",] == pytest.approx(4000.214)

    def test_say_when_the_tick_ran_last(self, client, db):
        now = timezone.now()
        Heartbeat.objects.create(name="tick", beat_at=now, nothing_before=now)

        assert figures(client)["kefir_last_tick_timestamp_seconds",] == pytest.approx(now.timestamp())

    def test_cost_few_statements_however_much_there_is(self, client, alice, django_assert_max_num_queries):
        count(deliveries=[("expo", "sent")], late=[1.0])

        with django_assert_max_num_queries(9):
            figures(client)


class TestJobs:
    def test_are_told_by_kind_and_nothing_of_what_somebody_is_at(self, client, db):
        now = timezone.now()
        for minutes, key in ((9, "taken"), (5, "a"), (1, "b"), (-60, "later")):
            make_job(key=key, now=now - timedelta(minutes=minutes))
        jobs.claim(now=now)

        said = figures(client)

        assert (said["kefir_jobs_waiting", "bubble"], said["kefir_jobs_due", "bubble"]) == (4, 2)
        assert 300 <= said["kefir_jobs_oldest_due_seconds", "bubble"] < 310

    def test_that_were_given_up_are_counted_while_they_are_kept(self, client, run_jobs):
        make_job(kind="unknown")
        Job.objects.update(attempts=99)
        run_jobs()

        said = figures(client)

        assert (said["kefir_jobs_dead", "unknown"], said["kefir_jobs_waiting", "unknown"]) == (1, 0)

    def test_of_a_kind_that_there_are_none_of_are_none(self, client, db):
        with handled():
            said = figures(client)

        assert (said["kefir_jobs_due", "bubble"], said["kefir_jobs_dead", "bubble"]) == (0, 0)

    def test_leave_a_count_of_their_tries(self, client, run_jobs):
        with handled():
            for key in range(3):
                make_job(key=str(key))
            run_jobs()
        Outcome.objects.create(kind="bubble", outcome="done", slot=99, count=4)

        assert figures(client)["kefir_jobs_total", "bubble", "done"] == 7

    def test_leave_it_with_what_came_of_them_or_not_at_all(self, run_jobs):
        with transaction.atomic(), handled():
            make_job()
            run_jobs()
            transaction.set_rollback(True)

        assert not Outcome.objects.exists()


class TestCounting:
    def test_is_undone_with_its_transaction(self, db):
        with transaction.atomic():
            count([("expo", "sent")], [0.1])
            transaction.set_rollback(True)

        assert tallies.totals() == tallies.Totals()

    def test_is_added_up_over_the_workers(self, db):
        for slot in (1, 2):
            tallies.Tally.objects.create(figure="expo", label="sent", slot=slot, value=5)

        assert tallies.totals().deliveries == {("expo", "sent"): 10}


def ready(client) -> tuple[int, list[str]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["failed"]


def ticked(ago: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reminders_heartbeat (name, beat_at, nothing_before)"
            " VALUES ('tick', clock_timestamp() - %s, now())",
            [ago],
        )


class TestReadiness:
    def test_is_said_while_the_tick_runs(self, client, db):
        ticked(timedelta(seconds=50))

        assert ready(client) == (200, [])

    def test_is_not_when_the_tick_is_older_than_a_minute(self, client, db):
        ticked(timedelta(seconds=61))

        assert ready(client) == (503, ["tick"])

    def test_is_not_before_the_first_tick(self, client, db):
        assert ready(client) == (503, ["tick"])

    def test_is_not_asked_of_a_process_that_only_has_to_live(self, client, db):
        assert client.get("/healthz").status_code == 200
