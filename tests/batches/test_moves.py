"""Whatever is asked of a batch, in whatever order: it stands where the table lets it, and its timeline says how."""

import uuid
from contextlib import nullcontext
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from rest_framework.test import APIClient

from batches import actions
from batches.models import Batch
from batches.stages import MOVES, Place, Stage, Status
from tests.api import call
from tests.factories import NOON, make_batch, make_user

PLACES = st.builds(Place, st.sampled_from(Stage), st.sampled_from(Status))
MAYBE = st.sampled_from([None, *Stage]), st.sampled_from([None, *Status])


def described(place):
    return {"stage": place.stage.value, "status": place.status.value}


class OneBatch(RuleBasedStateMachine):
    """A batch, what is done to it, and where by the table it ought to be."""

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.now = NOON
        keeper = make_user(f"{uuid.uuid4().hex}@example.com")
        self.batch = make_batch(owner=keeper, now=self.now)
        self.place, self.before_archive = self.batch.place, None
        self.moves = []
        self.api = APIClient()
        self.api.force_authenticate(keeper)

    def teardown(self):
        transaction.savepoint_rollback(self.savepoint)

    def asked_for(self, stage, status):
        """By the design: what is left out stays, and into bottles means onto the counter."""
        to = stage or self.place.stage
        return Place(to, status or (self.place.status if to == self.place.stage else Status.ACTIVE))

    def may_go(self, goal):
        if self.place.status == Status.ARCHIVED:
            return goal == Place(self.place.stage, self.before_archive)
        return goal in MOVES[self.place]

    def went(self, goal):
        if goal != self.place:
            self.moves.append({"from": described(self.place), "to": described(goal)})
            self.before_archive = self.place.status
            self.place = goal

    def later(self):
        """No two deeds at one moment, so that the timeline has one order."""
        self.now += timedelta(minutes=1)
        return self.now

    def over_api(self, method, body=None):
        with time_machine.travel(self.later(), tick=False):
            return call(self.api, method, f"/batches/{self.batch.pk}", body)

    @rule(stage=MAYBE[0], status=MAYBE[1])
    def move(self, stage, status):
        goal = self.asked_for(stage, status)
        may = goal == self.place or self.may_go(goal)
        with nullcontext() if may else pytest.raises(actions.MoveNotAllowed):
            actions.move(batch=self.batch, now=self.later(), stage=stage, status=status)
        if may:
            self.went(goal)

    @rule(goal=PLACES)
    def patch(self, goal):
        answer = self.over_api("patch", described(goal))
        may = goal == self.place or self.may_go(goal)
        assert answer.status_code == (200 if may else 400)
        if may:
            self.went(goal)
        else:
            assert answer.json()["code"] == "move_not_allowed"

    @rule()
    def archive(self):
        actions.archive(batch=self.batch, now=self.later())
        self.went(Place(self.place.stage, Status.ARCHIVED))

    @rule()
    def delete(self):
        assert self.over_api("delete").status_code == 204
        self.went(Place(self.place.stage, Status.ARCHIVED))

    @rule()
    def restore(self):
        actions.restore(batch=self.batch, now=self.later())
        if self.place.status == Status.ARCHIVED:
            self.went(Place(self.place.stage, self.before_archive))

    @rule(name=st.sampled_from(["Jar", "Pot"]))
    def edit(self, name):
        archived = self.place.status == Status.ARCHIVED
        with pytest.raises(actions.BatchIsArchived) if archived else nullcontext():
            actions.edit(batch=self.batch, now=self.later(), name=name)

    @invariant()
    def it_stands_where_the_table_says(self):
        kept = Batch.objects.get(pk=self.batch.pk)
        assert kept.place == self.place
        assert (kept.bottled_at is not None) == (kept.stage == Stage.BOTTLED)
        assert (kept.archived_at is not None) == (kept.status == Status.ARCHIVED)

    @invariant()
    def each_move_wrote_one_line_and_they_form_a_chain(self):
        lines = list(self.batch.events.order_by("created_at").values_list("data", flat=True))
        assert lines == self.moves
        assert all(former["to"] == latter["from"] for former, latter in pairwise(lines))


@pytest.mark.django_db
def test_no_sequence_of_deeds_leads_outside_the_table():
    # Without shrinking: a failure is told within seconds, in at most a dozen steps.
    calm = settings(
        max_examples=25,
        stateful_step_count=12,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(OneBatch, settings=calm)


class TestEveryMove:
    """Each pair of places once, whether or not chance came by."""

    def stand(self, alice, place):
        ways = {
            Place(Stage.OPEN, Status.ACTIVE): [],
            Place(Stage.OPEN, Status.IN_FRIDGE): [("open", "in_fridge")],
            Place(Stage.OPEN, Status.READY): [("open", "ready")],
            Place(Stage.BOTTLED, Status.ACTIVE): [("bottled", "active")],
            Place(Stage.BOTTLED, Status.IN_FRIDGE): [("bottled", "active"), ("bottled", "in_fridge")],
            Place(Stage.BOTTLED, Status.READY): [("bottled", "active"), ("bottled", "ready")],
        }
        batch = make_batch(owner=alice)
        for stage, status in ways[place]:
            batch = actions.move(batch=batch, now=NOON, stage=stage, status=status)
        return batch

    @pytest.mark.parametrize("before", MOVES, ids=str)
    def test_is_made_if_the_table_has_it_and_refused_if_not(self, alice, before):
        for after in [Place(stage, status) for stage in Stage for status in Status]:
            batch = self.stand(alice, before)
            written = batch.events.count()
            if after in MOVES[before]:
                moved = actions.move(batch=batch, now=NOON, stage=after.stage, status=after.status)
                assert (moved.place, batch.events.count()) == (after, written + 1)
            elif after != before:
                with pytest.raises(actions.MoveNotAllowed):
                    actions.move(batch=batch, now=NOON, stage=after.stage, status=after.status)
                assert batch.events.count() == written
