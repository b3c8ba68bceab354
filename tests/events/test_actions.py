from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from batches import actions as batches
from events import actions
from events.models import Event
from tests.factories import NOON, make_batch, make_event


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice)


class TestRecord:
    def test_happens_now_unless_said_otherwise(self, jar):
        assert make_event(batch=jar).occurred_at == NOON

    def test_the_same_id_again_is_the_same_event(self, jar):
        chosen = uuid4()

        first, is_new = actions.record(batch=jar, now=NOON, id=chosen, description="Bubbles")
        again, is_new_again = actions.record(batch=jar, now=NOON, id=chosen, description="Other words")

        assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
        assert Event.objects.get().description == "Bubbles"

    def test_refuses_an_id_that_another_batch_has(self, jar, bob):
        other = make_event(batch=make_batch(owner=bob))

        with pytest.raises(actions.IdIsTaken):
            actions.record(batch=jar, now=NOON, id=other.pk, description="Mine")
        assert not jar.events.exists()

    def test_refuses_what_has_not_happened_yet(self, jar):
        with pytest.raises(batches.NotYetHappened):
            make_event(batch=jar, occurred_at=NOON + timedelta(minutes=6))

    def test_refuses_what_was_long_before_the_batch(self, jar):
        with pytest.raises(actions.BeforeTheBatch):
            make_event(batch=jar, occurred_at=NOON - timedelta(days=1, minutes=1))

    def test_allows_the_day_before(self, jar):
        assert make_event(batch=jar, occurred_at=NOON - timedelta(hours=23)).pk

    def test_refuses_an_archived_batch(self, jar):
        batches.archive(batch=jar, now=NOON)

        with pytest.raises(batches.BatchIsArchived):
            make_event(batch=jar)

    @pytest.mark.parametrize("kind", ["stage_change", "status_change", "photo"])
    def test_refuses_what_only_deeds_write(self, jar, kind):
        with pytest.raises(actions.WrittenByItself):
            make_event(batch=jar, kind=kind)

    @pytest.mark.parametrize("kind", ["note", "observation", "measurement", "taste"])
    def test_refuses_to_say_nothing(self, jar, kind):
        with pytest.raises(ValidationError) as refusal:
            make_event(batch=jar, kind=kind, description="")

        assert refusal.value.error_dict["__all__"][0].code == "says_nothing"

    def test_a_burp_needs_no_words(self, jar):
        assert make_event(batch=jar, kind="burped", description="").pk


class TestCorrect:
    def test_changes_what_was_written(self, jar):
        event = make_event(batch=jar)

        assert (
            actions.correct(event=event, now=NOON, description="Many bubbles").description == "Many bubbles"
        )

    def test_does_not_touch_a_move(self, jar):
        batches.move(batch=jar, now=NOON, status="in_fridge")

        with pytest.raises(actions.WrittenByItself):
            actions.correct(event=jar.events.get(), now=NOON, description="No")


class TestWithdraw:
    def test_takes_it_off_the_timeline(self, jar):
        actions.withdraw(event=make_event(batch=jar), now=NOON)

        assert not jar.events.exists()

    def test_does_not_touch_a_move(self, jar):
        batches.move(batch=jar, now=NOON, status="in_fridge")

        with pytest.raises(actions.WrittenByItself):
            actions.withdraw(event=jar.events.get(), now=NOON)


class TestMoves:
    def test_write_themselves_with_from_and_to(self, jar):
        batches.move(batch=jar, now=NOON, stage="bottled")

        event = jar.events.get()
        assert (event.kind, event.occurred_at) == ("stage_change", NOON)
        assert event.data == {
            "from": {"stage": "open", "status": "active"},
            "to": {"stage": "bottled", "status": "active"},
        }

    def test_archiving_and_restoring_too(self, jar):
        batches.restore(batch=batches.archive(batch=jar, now=NOON), now=NOON)

        assert set(jar.events.values_list("kind", flat=True)) == {"status_change"}
        assert jar.events.count() == 2

    def test_an_edit_is_no_move(self, jar):
        batches.edit(batch=jar, now=NOON, name="Other")

        assert not jar.events.exists()
