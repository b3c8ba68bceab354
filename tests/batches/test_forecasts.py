"""What was said of batches and what they teach, with the database and the worker's job."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches import actions, bottling, forecasts
from batches.facts import Ending
from batches.models import Batch, bring_history
from batches.past import Forecast, PastStage
from batches.readiness import forecast
from batches.undoing import Undoable, take_back
from events import actions as events
from hooks.models import Message
from reminders import actions as reminders
from reminders.models import Reminder
from tests.batches.brews import suggest
from tests.batches.cultures import make_grains
from tests.factories import NOON, make_batch, make_event, make_user
from tests.hooks.factories import make_endpoint
from work.models import Job

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def brewed(owner, *, took=40, ago=10, **filled):
    """A jar that stood at 22 °C and was bottled after so many hours."""
    begun = NOON - ago * DAY
    batch = make_batch(owner=owner, now=begun, temperature_c=22, **filled)
    return actions.move(batch=batch, now=begun + took * HOUR, stage="bottled")


def told(batch, *, now=NOON):
    forecasts.foretell(batch_id=batch.pk, now=now)
    return list(Forecast.objects.filter(batch=batch).order_by("made_at", "pk"))


def costs(deed):
    with CaptureQueriesContext(connection) as queries:
        deed()
    return len(queries)


class TestHistory:
    def test_is_learned_by_a_job_and_narrows_the_next_forecast(self, alice, run_jobs):
        first = make_batch(owner=alice, temperature_c=22)
        unknowing = forecast(first.facts(), now=NOON)
        for n in range(4):
            brewed(alice, took=40, ago=10 + 3 * n)
        run_jobs()
        knowing = forecast(Batch.objects.get(pk=first.pk).facts(), now=NOON)
        assert knowing.n_history == 4
        assert knowing.latest - knowing.earliest < unknowing.latest - unknowing.earliest

    def test_is_of_the_same_keeper_culture_and_stage(self, alice, bob, run_jobs):
        brewed(bob)
        brewed(alice, culture="kombucha")
        brewed(alice)
        run_jobs()
        assert len(make_batch(owner=alice).facts().history) == 1

    def test_leaves_out_the_batch_itself(self, alice, run_jobs):
        jar = make_batch(owner=alice, now=NOON - 5 * DAY)
        cold = actions.move(batch=jar, now=NOON - 3 * DAY, status="in_fridge")
        run_jobs()
        assert PastStage.objects.filter(batch=cold).exists()
        assert Batch.objects.get(pk=jar.pk).facts().history == ()

    def test_of_other_grains_counts_half_and_of_the_same_or_unknown_ones_whole(self, alice, run_jobs):
        ours, others = (
            make_grains(owner=alice, now=NOON - 30 * DAY, name=name) for name in ("Ours", "Others")
        )
        brewed(alice, ago=20, grains=ours), brewed(alice, ago=15, grains=others), brewed(alice, ago=10)
        run_jobs()
        taught = sorted(make_batch(owner=alice, grains=ours).facts().history, key=lambda past: past.ended_at)
        assert [past.new_grains_since for past in taught] == [0, 1, 0]

    def test_of_what_was_over_before_it_was_written_down_teaches_nothing(self, alice, run_jobs):
        old = make_batch(owner=alice, now=NOON, started_at=NOON - 5 * DAY, temperature_c=22)
        bottled = actions.move(batch=old, now=NOON, stage="bottled", bottled_at=NOON - 4 * DAY)
        actions.move(batch=bottled, now=NOON, status="ready")
        run_jobs()
        assert [(row.stage, row.reference_hours) for row in PastStage.objects.all()] == [("open", 24)]

    def test_takes_back_what_was_undone(self, alice):
        jar = actions.move(batch=make_batch(owner=alice, now=NOON - DAY), now=NOON, status="in_fridge")
        told(jar)
        actions.move(batch=jar, now=NOON + HOUR, status="active")
        told(jar, now=NOON + HOUR)
        assert not PastStage.objects.exists()

    def test_of_a_jar_that_was_poured_in_groups_is_taught_once(self, alice, run_jobs):
        jar = make_batch(owner=alice, now=NOON - 2 * DAY, temperature_c=22)
        bottling.bottle_groups(batch=jar, groups=[{"bottle_count": 2}, {"bottle_count": 3}], now=NOON)
        run_jobs()
        assert [(row.batch_id, row.ending) for row in PastStage.objects.all()] == [(jar.pk, Ending.READY)]

    def test_of_what_was_put_away_says_that_it_would_have_taken_longer(self, alice, run_jobs):
        actions.archive(batch=make_batch(owner=alice, now=NOON - 3 * DAY), now=NOON)
        run_jobs()
        assert [row.ending for row in PastStage.objects.all()] == [Ending.GIVEN_UP]

    def test_is_read_anew_when_a_reading_of_then_is_put_right(self, alice):
        jar = make_batch(owner=alice, now=NOON - 2 * DAY, temperature_c=22)
        event = make_event(batch=jar, now=NOON - HOUR, kind="measurement", ph=3.9, description="")
        bottled = actions.move(batch=jar, now=NOON, stage="bottled")
        told(bottled)
        events.correct(event=event, now=NOON + HOUR, ph=3.6)
        told(bottled, now=NOON + HOUR)
        assert PastStage.objects.get(batch=jar).ph_at_ready == 3.6

    def test_is_the_newest_fifty(self, alice):
        batch = make_batch(owner=alice)
        PastStage.objects.bulk_create(
            PastStage(
                batch=make_batch(owner=alice), owner=alice, culture="water_kefir", stage="open", ending="ready",
                begun_at=NOON - (n + 3) * DAY, ended_at=NOON - n * DAY, reference_hours=40 + n,
            )
            for n in range(55)
        )  # fmt: skip
        assert {past.reference_hours for past in batch.facts().history} == {40 + n for n in range(50)}

    def test_of_many_batches_comes_in_one_query(self, alice, django_assert_num_queries):
        brewed(alice)
        batches = [make_batch(owner=alice, culture=culture) for culture in ("water_kefir", "kombucha") * 3]
        with django_assert_num_queries(1):
            bring_history(batches, {alice})
            assert [len(batch.history) for batch in batches] == [0] * 6


class TestTheLog:
    def test_holds_what_is_said_of_a_new_batch(self, alice, run_jobs):
        batch = make_batch(owner=alice, temperature_c=22)
        run_jobs(now=NOON)
        row = Forecast.objects.get(batch=batch)
        seen = forecast(batch.facts(), now=NOON)
        assert (row.earliest_at, row.median_at, row.latest_at) == (seen.earliest, seen.median, seen.latest)
        assert (row.n_history, row.made_at, row.act_by_at) == (0, NOON, None)

    def test_says_nothing_twice(self, alice):
        batch = make_batch(owner=alice, temperature_c=22)
        assert len(told(batch)) == len(told(batch)) == 1

    def test_says_it_anew_when_a_reading_moves_it(self, alice):
        batch = make_batch(owner=alice, temperature_c=22)
        told(batch)
        make_event(batch=batch, now=NOON + HOUR, kind="measurement", temperature_c=28, description="")
        first, second = told(batch, now=NOON + HOUR)
        assert second.median_at < first.median_at

    def test_holds_the_pressure_of_bottles(self, alice):
        row = told(brewed(alice, ago=2))[0]
        assert row.stage == "bottled"
        assert row.low_bar <= row.likely_bar <= row.high_bar
        assert row.act_by_at is not None

    def test_says_nothing_of_what_no_longer_works(self, alice):
        assert told(actions.archive(batch=make_batch(owner=alice), now=NOON)) == []

    def test_is_not_asked_for_by_a_few_words_or_by_sharing(self, alice, run_jobs):
        batch = make_batch(owner=alice, now=NOON)
        run_jobs()
        make_event(batch=batch, now=NOON, description="Smells good")
        actions.share(batch=batch, now=NOON)
        assert run_jobs() == []

    def test_of_a_batch_that_is_gone_is_no_failure(self, alice, run_jobs):
        batch = make_batch(owner=alice)
        Batch.objects.filter(pk=batch.pk).delete()
        assert [one.error for one in run_jobs() if one.kind == "forecast"] == [""]

    def test_is_forgotten_two_years_after_the_batch_was_put_away(self, alice):
        batch = make_batch(owner=alice)
        told(batch)
        actions.archive(batch=batch, now=NOON)
        assert forecasts.forget(now=NOON + 729 * DAY) == 0
        assert forecasts.forget(now=NOON + 731 * DAY) == 1


class TestReminders:
    def confirmed(self, batch, *, later=timedelta()):
        wish = next(one for one in suggested(batch) if one.kind == "ready")
        wanted = {"kind": "ready", "due_at": wish.due_at + later, "message": "Look"}
        return reminders.confirm(batch=batch, reminders=[wanted], now=NOON)[0]

    @pytest.mark.parametrize(("later", "follows"), [(timedelta(), True), (3 * HOUR, False)])
    def test_follow_what_another_batch_taught_but_for_a_time_of_ones_own(
        self, alice, run_jobs, later, follows
    ):
        batch = make_batch(owner=alice, temperature_c=22)
        run_jobs(now=NOON)
        reminder = self.confirmed(batch, later=later)
        before = reminder.due_at
        for n in range(3):
            brewed(alice, took=60, ago=10 + 3 * n)
        run_jobs(now=NOON)
        reminder.refresh_from_db()
        assert (reminder.due_at > before) is follows


def suggested(batch):
    return suggest(batch.facts(), now=NOON)


class TestWhatIsNoLongerSo:
    """Three slow bottlings are believed, two are not: other bottles must not go on standing as long."""

    def slow(self, owner, *, ago):
        begun = NOON - ago * DAY
        jar = make_batch(owner=owner, now=begun, temperature_c=22)
        bottles = actions.move(batch=jar, now=begun + 36 * HOUR, stage="bottled", bottle_kind="swing_top")
        make_event(batch=bottles, now=begun + 96 * HOUR, kind="taste", fizz=2, description="")
        return bottles

    def alarm(self, bottles):
        wish = next(one for one in suggested(bottles) if one.priority == 0)
        wanted = {"kind": wish.kind, "due_at": wish.due_at, "message": wish.message}
        return reminders.confirm(batch=bottles, reminders=[wanted], now=NOON)[0]

    def due(self, alarm, run_jobs):
        run_jobs(now=NOON)
        alarm.refresh_from_db()
        return alarm.due_at

    def put_right(self, alice, run_jobs, deed, again, *, status="active"):
        """When the alarm comes before, while and after something slipped of which others learned."""
        for ago in (20, 15):
            actions.move(batch=self.slow(alice, ago=ago), now=NOON - (ago - 4) * DAY, status="ready")
        third = self.slow(alice, ago=4.5)
        jar = make_batch(owner=alice, now=NOON - 36 * HOUR, temperature_c=22, water_volume_ml=2000)
        bottles = actions.move(batch=jar, now=NOON, stage="bottled", bottle_kind="swing_top")
        bottles = actions.move(batch=bottles, now=NOON, status=status)
        run_jobs(now=NOON)
        alarm = self.alarm(Batch.objects.get(pk=bottles.pk))
        before, third = self.due(alarm, run_jobs), deed(third)
        while_ = self.due(alarm, run_jobs)
        again(third)
        return before, while_, self.due(alarm, run_jobs)

    @pytest.mark.parametrize("status", ["active", "ready", "in_fridge"])
    def test_moves_the_alarm_of_other_bottles_back_when_an_ending_is_undone(self, alice, run_jobs, status):
        undoable = []

        def called_ready(third):
            undoable.append(Undoable(actions.move, of=third))
            return undoable[0](batch=third, now=NOON, status="ready")

        def undone(third):
            take_back(undo=undoable[0].undo, now=NOON)

        before, meanwhile, after = self.put_right(alice, run_jobs, called_ready, undone, status=status)
        assert meanwhile > before + 6 * HOUR
        assert after == before

    def test_moves_it_back_when_it_turns_out_to_have_been_another_culture(self, alice, run_jobs):
        before, meanwhile, after = self.put_right(
            alice,
            run_jobs,
            lambda third: actions.move(batch=third, now=NOON, status="ready"),
            lambda third: actions.edit(batch=third, now=NOON, culture="ginger_beer"),
        )
        assert meanwhile > before + 6 * HOUR
        assert after == before


class TestMany:
    def taught_and_waiting(self, owner, *, later=timedelta()):
        """A batch with a reminder, and a keeper whose earlier ones took longer, as nobody noticed yet."""
        batch = make_batch(owner=owner, temperature_c=22)
        reminder = TestReminders().confirmed(batch, later=later)
        forecasts.foretell_many(after="", now=NOON)
        for n in range(3):
            brewed(owner, took=60, ago=10 + 3 * n)
        Job.objects.all().delete()
        return reminder

    @pytest.mark.parametrize(("later", "follows"), [(timedelta(), True), (3 * HOUR, False)])
    def test_move_their_reminders_but_for_a_time_of_ones_own(self, alice, run_jobs, later, follows):
        reminder = self.taught_and_waiting(alice, later=later)
        Reminder.objects.update(priority=2)
        forecasts.foretell_all_again(now=NOON)
        run_jobs(now=NOON)
        before, message = reminder.due_at, reminder.message
        reminder.refresh_from_db()
        assert (reminder.due_at > before) is follows
        assert (reminder.message != message) is follows
        assert reminder.priority == (1 if follows else 2)

    def test_move_reminders_in_the_same_number_of_queries_and_tell_webhooks(self, alice, run_jobs):
        def moved(number):
            Batch.objects.all().delete()
            kept = [self.taught_and_waiting(make_user(f"{number}-{n}@example.com")) for n in range(number)]
            forecasts.learn_many(after="", now=NOON), forecasts.foretell_many(after="", now=NOON)
            ids = Job.objects.get(kind=forecasts.FOLLOW).payload["batches"]
            queries = costs(lambda: reminders.follow_forecasts(batch_ids=ids, now=NOON))
            for reminder in kept:
                before = reminder.due_at
                reminder.refresh_from_db()
                assert reminder.due_at > before
            return queries

        assert moved(7) == moved(2)

    def test_tell_webhooks_of_reminders_that_move(self, alice, run_jobs):
        make_endpoint(owner=alice, kinds=["reminder.replanned"])
        alice.refresh_from_db()
        reminder = self.taught_and_waiting(alice)
        forecasts.foretell_all_again(now=NOON)
        run_jobs(now=NOON)
        assert str(reminder.pk) in Message.objects.get(kind="reminder.replanned").body

    def test_leave_alone_what_was_done_put_away_or_deleted_meanwhile(self, alice, run_jobs):
        done, put_away, deleted = (self.taught_and_waiting(alice) for _ in range(3))
        reminders.finish(reminder=done, now=NOON)
        actions.archive(batch=put_away.batch, now=NOON)
        ids = [one.batch_id for one in (done, put_away, deleted)]
        Batch.objects.filter(pk=deleted.batch_id).delete()
        reminders.follow_forecasts(batch_ids=ids, now=NOON)
        for one, status in ((done, "done"), (put_away, "cancelled")):
            before = one.due_at
            one.refresh_from_db()
            assert (one.status, one.due_at) == (status, before)

    def test_of_one_keeper_leave_the_others_alone(self, alice, bob, run_jobs):
        brewed(alice), brewed(bob)
        Job.objects.all().delete()
        forecasts.foretell_all_again(now=NOON, owner=alice)
        run_jobs(now=NOON)
        assert {row.owner_id for row in PastStage.objects.all()} == {alice.pk}

    def test_learn_all_before_anything_is_told(self, alice, run_jobs, monkeypatch):
        monkeypatch.setattr(forecasts, "AT_ONCE", 1)
        for n in range(3):
            brewed(alice, ago=10 + n)
        batches = [make_batch(owner=alice, temperature_c=22) for _ in range(3)]
        Job.objects.all().delete()
        forecasts.foretell_all_again(now=NOON)
        run_jobs(now=NOON)
        told_of = Forecast.objects.filter(batch__in=batches)
        assert [row.n_history for row in told_of] == [3, 3, 3]

    def test_take_the_same_number_of_queries_however_many_there_are(self, alice, bob):
        def foretold(number):
            Batch.objects.all().delete()
            for n in range(number):
                keeper = make_user(f"{number}-{n}@example.com")
                brewed(keeper)
                make_batch(owner=keeper, temperature_c=22)
            return [
                costs(lambda: step(after="", now=NOON))  # noqa: B023 called at once
                for step in (forecasts.learn_many, forecasts.foretell_many)
            ]

        assert foretold(12) == foretold(2)

    def test_are_all_reached_chunk_by_chunk(self, alice, run_jobs, monkeypatch):
        monkeypatch.setattr(forecasts, "AT_ONCE", 2)
        batches = [make_batch(owner=alice) for _ in range(5)]
        run_jobs(now=NOON)
        Forecast.objects.all().delete()
        forecasts.foretell_all_again(now=NOON)
        run_jobs(now=NOON)
        assert set(Forecast.objects.values_list("batch_id", flat=True)) == {one.pk for one in batches}
