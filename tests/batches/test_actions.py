from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches import actions
from batches.models import Batch
from batches.stages import Place, Stage, Status
from tests.factories import NOON, make_batch, make_bottled, make_user


class TestStart:
    def test_needs_nothing_but_a_keeper(self, alice):
        batch = make_batch(owner=alice)

        assert (batch.culture, batch.place) == ("water_kefir", Place(Stage.OPEN, Status.ACTIVE))
        assert batch.name == "Water kefir, 1 Mar"
        assert batch.started_at == NOON

    def test_names_it_after_its_fruits_and_the_local_day(self, db):
        keeper = make_user(timezone="Pacific/Auckland")

        assert make_batch(owner=keeper, fruits=["Lemon", "Ginger"]).name == "Lemon & ginger, 2 Mar"

    def test_refuses_a_start_in_the_future(self, alice):
        with pytest.raises(actions.NotYetHappened):
            make_batch(owner=alice, started_at=NOON + timedelta(minutes=6))

    def test_forgives_a_clock_that_is_a_little_fast(self, alice):
        assert make_batch(owner=alice, started_at=NOON + timedelta(minutes=4)).pk

    def test_leaves_nothing_behind_when_refused(self, alice):
        with pytest.raises(ValidationError):
            make_batch(owner=alice, water_volume_ml=49)

        assert not Batch.objects.exists()


class TestEdit:
    def test_counts_the_version_up(self, alice):
        batch = make_batch(owner=alice)

        edited = actions.edit(batch=batch, now=NOON + timedelta(hours=1), name="Jar 2")

        assert (edited.name, edited.version, edited.updated_at) == ("Jar 2", 2, NOON + timedelta(hours=1))

    def test_is_no_edit_when_nothing_differs(self, alice):
        batch = make_batch(owner=alice, name="Jar")

        assert actions.edit(batch=batch, now=NOON, name="Jar").version == 1

    def test_refuses_an_archived_batch(self, alice):
        batch = actions.archive(batch=make_batch(owner=alice), now=NOON)

        with pytest.raises(actions.BatchIsArchived):
            actions.edit(batch=batch, now=NOON, name="Other")

    def test_refuses_bottling_before_the_start(self, alice):
        batch = make_bottled(owner=alice)

        with pytest.raises(ValidationError) as refusal:
            actions.edit(batch=batch, now=NOON, bottled_at=NOON - timedelta(hours=1))

        assert refusal.value.error_dict["__all__"][0].code == "bottled_before_start"

    def test_works_on_the_row_not_on_what_it_was_handed(self, alice):
        stale = make_batch(owner=alice, name="Jar")
        actions.edit(batch=stale, now=NOON, notes="Two figs")

        edited = actions.edit(batch=stale, now=NOON, name="Pot")

        assert (edited.name, edited.notes) == ("Pot", "Two figs")


class TestMove:
    def test_into_bottles_notes_the_time(self, alice):
        batch = make_bottled(owner=alice)

        assert (batch.place, batch.bottled_at) == (Place(Stage.BOTTLED, Status.ACTIVE), NOON)

    def test_believes_the_time_of_bottling_that_it_is_told(self, alice):
        batch = make_batch(owner=alice, started_at=NOON - timedelta(days=2))

        moved = actions.move(batch=batch, now=NOON, stage="bottled", bottled_at=NOON - timedelta(hours=3))

        assert moved.bottled_at == NOON - timedelta(hours=3)

    def test_refuses_to_unbottle(self, alice):
        with pytest.raises(actions.MoveNotAllowed):
            actions.move(batch=make_bottled(owner=alice), now=NOON, stage="open")

    def test_to_where_it_is_changes_nothing(self, alice):
        batch = make_batch(owner=alice)

        assert actions.move(batch=batch, now=NOON, status="active").version == 1

    def test_remembers_since_when_it_is_in_the_fridge(self, alice):
        batch = actions.move(batch=make_batch(owner=alice), now=NOON, status="in_fridge")
        assert batch.in_fridge_at == NOON

        assert actions.move(batch=batch, now=NOON, status="active").in_fridge_at is None

    def test_of_what_is_ready_leaves_it_as_cold_as_it_stood(self, alice):
        cold = actions.move(batch=make_bottled(owner=alice), now=NOON, status="in_fridge")
        later = NOON + timedelta(days=2)
        ready = actions.move(batch=cold, now=later, status="ready")

        assert ready.facts().cooled_at == NOON
        assert actions.move(batch=ready, now=later, status="in_fridge").in_fridge_at == NOON
        warm = actions.move(batch=make_bottled(owner=alice), now=NOON, status="ready")
        assert warm.facts().cooled_at is None

    def test_remembers_when_it_was_ready(self, alice):
        batch = actions.move(batch=make_batch(owner=alice), now=NOON, status="ready")

        assert batch.ready_at == NOON


class TestArchive:
    @pytest.mark.parametrize("status", ["active", "in_fridge", "ready"])
    def test_is_undone_to_where_it_was(self, alice, status):
        batch = actions.move(batch=make_batch(owner=alice), now=NOON, status=status)

        archived = actions.archive(batch=batch, now=NOON)
        restored = actions.restore(batch=archived, now=NOON)

        assert archived.archived_at == NOON
        assert (restored.status, restored.archived_at) == (status, None)

    def test_twice_is_once(self, alice):
        batch = actions.archive(batch=make_batch(owner=alice), now=NOON)

        assert actions.archive(batch=batch, now=NOON).version == batch.version

    def test_is_left_only_to_where_it_was(self, alice):
        batch = actions.archive(batch=make_batch(owner=alice), now=NOON)

        with pytest.raises(actions.MoveNotAllowed):
            actions.move(batch=batch, now=NOON, status="ready")
        assert actions.move(batch=batch, now=NOON, status="active").status == "active"


class TestShare:
    def test_and_unshare(self, alice):
        batch = actions.share(batch=make_batch(owner=alice), now=NOON, public_note="Ask for grains")
        assert (batch.is_public, batch.public_note) == (True, "Ask for grains")

        assert not actions.unshare(batch=batch, now=NOON).is_public


class TestBrewAgain:
    def test_copies_what_went_in_and_not_what_happened(self, alice):
        first = make_bottled(owner=alice, sugar_grams=80, fruits=["Fig"], notes="Good one")

        again = actions.brew_again(batch=first, owner=alice, now=NOON + timedelta(days=3))

        assert (again.sugar_grams, again.fruits, again.parent) == (80, ["Fig"], first)
        assert (again.stage, again.notes, again.started_at) == ("open", "", NOON + timedelta(days=3))

    def test_takes_what_is_different_now(self, alice):
        first = make_batch(owner=alice, sugar_grams=80)

        assert actions.brew_again(batch=first, owner=alice, now=NOON, sugar_grams=60).sugar_grams == 60


class TestRevise:
    def test_moves_and_edits_in_one_go(self, alice):
        batch = make_batch(owner=alice)

        revised = actions.revise(
            batch=batch, now=NOON, stage="bottled", bottle_count=6, name="Six bottles", is_public=True
        )

        assert (revised.stage, revised.bottle_count, revised.name) == ("bottled", 6, "Six bottles")
        assert revised.is_public

    def test_all_or_nothing(self, alice):
        batch = make_batch(owner=alice, name="Jar")

        with pytest.raises(ValidationError):
            actions.revise(batch=batch, now=NOON, stage="bottled", temperature_c=90)

        batch.refresh_from_db()
        assert (batch.stage, batch.version) == ("open", 1)

    def test_refuses_a_version_that_has_passed(self, alice):
        batch = make_batch(owner=alice)
        actions.edit(batch=batch, now=NOON, name="Other")

        with pytest.raises(actions.HasChanged):
            actions.revise(batch=batch, now=NOON, version=1, name="Mine")
