"""New grains keep their own time: what was learned from the old ones counts half from then on."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches import actions, forecasts, grains
from batches.models import Batch
from tests.api import call
from tests.batches.cultures import make_grains
from tests.factories import NOON, make_batch

DAY = timedelta(days=1)


def brewed(owner, *, ago, **filled):
    """Started, and bottled two days later."""
    batch = make_batch(owner=owner, now=NOON - ago * DAY, temperature_c=22, **filled)
    batch = actions.move(batch=batch, now=NOON - (ago - 2) * DAY, stage="bottled")
    forecasts.foretell(batch_id=batch.pk, now=NOON)
    return batch


def learned_by(batch):
    """How often new grains were taken since each earlier batch, the newest first."""
    fresh = Batch.objects.get(pk=batch.pk)
    return [
        past.new_grains_since for past in sorted(fresh.history, key=lambda one: one.ended_at, reverse=True)
    ]


class TestOfABatch:
    def test_halve_what_was_before_it_for_itself_and_all_later_ones(self, alice):
        brewed(alice, ago=20)
        brewed(alice, ago=10, new_grains=True)
        assert learned_by(make_batch(owner=alice)) == [0, 1]

    def test_halve_it_for_the_very_batch_that_is_started_with_them(self, alice):
        brewed(alice, ago=10)
        assert learned_by(make_batch(owner=alice, new_grains=True)) == [1]
        assert learned_by(make_batch(owner=alice)) == [0]

    def test_halve_it_each_time(self, alice):
        brewed(alice, ago=30)
        brewed(alice, ago=20, new_grains=True)
        brewed(alice, ago=10, new_grains=True)
        assert learned_by(make_batch(owner=alice)) == [0, 1, 2]

    def test_say_nothing_of_another_culture_of_ones_own(self, alice):
        old, other = (make_grains(owner=alice, now=NOON - 40 * DAY, name=name) for name in ("Old", "Other"))
        brewed(alice, ago=30, grains=old)
        brewed(alice, ago=20, grains=other, new_grains=True)
        assert learned_by(make_batch(owner=alice, grains=old)) == [1, 0]

    def test_are_not_taken_over_by_the_next_brew(self, alice):
        first = make_batch(owner=alice, new_grains=True)
        assert not actions.brew_again(batch=first, owner=alice, now=NOON).new_grains

    def test_are_put_right_like_all_that_was_written_down(self, api, alice):
        brewed(alice, ago=10)
        batch = make_batch(owner=alice)
        assert call(api, "patch", f"/batches/{batch.pk}", {"newGrains": True}).json()["newGrains"] is True
        assert learned_by(batch) == [1]


class TestOfACulture:
    @pytest.fixture
    def kept(self, alice):
        return make_grains(owner=alice, now=NOON - 40 * DAY)

    def test_halve_what_the_old_ones_did(self, alice, kept):
        brewed(alice, ago=20, grains=kept)
        grains.renew(grains=kept, now=NOON - 15 * DAY)
        brewed(alice, ago=10, grains=kept)
        assert learned_by(make_batch(owner=alice, grains=kept)) == [0, 1]

    def test_leave_the_batches_before_them_as_they_were(self, alice, kept):
        brewed(alice, ago=20, grains=kept)
        batch = make_batch(owner=alice, grains=kept)
        grains.renew(grains=kept, now=NOON + DAY)
        assert learned_by(batch) == [0]

    def test_are_taken_back(self, alice, kept):
        brewed(alice, ago=20, grains=kept)
        grains.renew(grains=kept, now=NOON - DAY)
        grains.unrenew(grains=kept, now=NOON - DAY)
        assert learned_by(make_batch(owner=alice, grains=kept)) == [0]

    def test_are_noted_when_a_batch_is_started_with_them_and_count_once(self, alice, kept):
        brewed(alice, ago=20, grains=kept)
        batch = make_batch(owner=alice, grains=kept, new_grains=True)
        kept.refresh_from_db()
        assert kept.renewed_at == batch.started_at
        assert learned_by(batch) == [1]

    def test_are_refused_of_one_that_is_gone(self, kept):
        gone = grains.let_go(grains=kept, now=NOON)
        with pytest.raises(ValidationError, match="gone"):
            grains.renew(grains=gone, now=NOON)

    def test_come_by_both_doors(self, page, api, kept):
        page.post(f"/grains/{kept.pk}/renew")
        assert call(api, "get", f"/grains/{kept.pk}").json()["renewedAt"] is not None
        assert call(api, "delete", f"/grains/{kept.pk}/renewed").status_code == 204
        assert call(api, "post", f"/grains/{kept.pk}/renewed").json()["renewedAt"] is not None
        page.post(f"/grains/{kept.pk}/renew?off")
        assert call(api, "get", f"/grains/{kept.pk}").json()["renewedAt"] is None

    def test_are_nobody_elses_business(self, client, bob, kept):
        client.force_login(bob)
        assert client.post(f"/grains/{kept.pk}/renew").status_code == 404
