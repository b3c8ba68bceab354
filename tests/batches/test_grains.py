"""A culture of one's own, from the day it came."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from batches import actions as batches
from batches import bottling, grains
from batches.grain_models import Grains, Weighing
from batches.models import Batch, Tombstone
from tests.batches.cultures import make_grains
from tests.factories import NOON, make_batch

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TestKeep:
    def test_names_them_by_what_they_are(self, alice):
        assert make_grains(owner=alice, culture="kombucha").name == "SCOBY"

    def test_keeps_their_first_weight(self, alice):
        assert make_grains(owner=alice, grams=80).grams == 80

    def test_is_for_fifty(self, alice, monkeypatch):
        monkeypatch.setattr(grains, "MOST_GRAINS", 1)
        make_grains(owner=alice)
        with pytest.raises(grains.TooManyGrains):
            make_grains(owner=alice)

    def test_refuses_a_time_to_come(self, alice):
        with pytest.raises(ValidationError) as refused:
            make_grains(owner=alice, got_at=NOON + DAY)
        assert [error.code for error in refused.value.error_dict["got_at"]] == ["in_the_future"]

    def test_keeps_nothing_where_the_weight_is_refused(self, alice):
        with pytest.raises(ValidationError):
            make_grains(owner=alice, grams=-1)
        assert not Grains.objects.exists()


class TestWeigh:
    def test_the_last_is_what_they_weigh(self, alice):
        kept = make_grains(owner=alice)
        grains.weigh(grains=kept, grams=90, weighed_at=NOON, now=NOON)
        grains.weigh(grains=kept, grams=70, weighed_at=NOON - DAY, now=NOON)
        assert kept.grams == 90

    def test_taken_back_is_the_one_before(self, alice):
        kept = make_grains(owner=alice, grams=80)
        wrong = grains.weigh(grains=kept, grams=800, now=NOON + HOUR)
        grains.unweigh(weighing=wrong, now=NOON + HOUR)
        assert kept.grams == 80

    @pytest.mark.parametrize("grams", [-0.5, 20_001, float("inf")])
    def test_refuses_what_nothing_weighs(self, alice, grams):
        kept = make_grains(owner=alice)
        with pytest.raises(ValidationError):
            grains.weigh(grains=kept, grams=grams, now=NOON)
        assert not Weighing.objects.exists()


class TestBatches:
    def test_start_with_what_they_weighed_last(self, alice):
        kept = make_grains(owner=alice, grams=80)
        assert make_batch(owner=alice, grains=kept).grains_grams == 80
        assert make_batch(owner=alice, grains=kept, grains_grams=50).grains_grams == 50

    def test_wake_those_that_rest(self, alice):
        kept = grains.rest(grains=make_grains(owner=alice), now=NOON)
        make_batch(owner=alice, grains=kept)
        kept.refresh_from_db()
        assert (kept.status, kept.in_fridge_at, kept.care_at) == ("active", None, None)

    def test_are_not_started_with_those_that_are_gone(self, alice):
        kept = grains.let_go(grains=make_grains(owner=alice), now=NOON)
        with pytest.raises(batches.GrainsAreGone):
            make_batch(owner=alice, grains=kept)
        assert not Batch.objects.exists()

    def test_brewed_again_are_made_with_the_same(self, alice):
        kept = make_grains(owner=alice)
        first = make_batch(owner=alice, grains=kept)
        assert batches.brew_again(batch=first, owner=alice, now=NOON).grains == kept
        grains.let_go(grains=kept, now=NOON)
        first.refresh_from_db()
        assert batches.brew_again(batch=first, owner=alice, now=NOON).grains is None

    def test_strained_tell_from_when_they_stand_about(self, alice):
        kept = make_grains(owner=alice, culture="milk_kefir")
        jar = make_batch(owner=alice, culture="milk_kefir", grains=kept, temperature_c=22)
        batches.move(batch=jar, now=NOON + DAY, stage="bottled")
        kept.refresh_from_db()
        assert kept.care_at == NOON + 2 * DAY

    def test_put_away_and_taken_back_are_counted_anew(self, alice):
        kept = make_grains(owner=alice, culture="milk_kefir")
        jar = make_batch(owner=alice, culture="milk_kefir", grains=kept)
        batches.archive(batch=jar, now=NOON + DAY)
        kept.refresh_from_db()
        assert kept.care_at is not None
        batches.restore(batch=jar, now=NOON + DAY)
        kept.refresh_from_db()
        assert kept.care_at is None


class TestStrainOff:
    def test_notes_what_they_weigh_now(self, alice):
        kept = make_grains(owner=alice, grams=80)
        jar = make_batch(owner=alice, grains=kept)
        later = NOON + 2 * DAY
        done = bottling.bottle_groups(batch=jar, groups=[{}], now=later, next_jar={}, grains_weigh_grams=100)
        [grown] = kept.growths()
        assert (grown.percent, done.next_jar.grains) == (25, kept)

    def test_counts_several_groups_as_one_batch(self, alice):
        kept = make_grains(owner=alice, grams=80)
        jar = make_batch(owner=alice, grains=kept)
        bottling.bottle_groups(batch=jar, groups=[{}, {}], now=NOON + DAY, grains_weigh_grams=88)
        assert kept.batches.get() == jar
        assert [round(one.percent) for one in kept.growths()] == [10]

    def test_of_no_culture_is_refused_and_nothing_is_bottled(self, alice):
        jar = make_batch(owner=alice)
        with pytest.raises(bottling.NothingToWeigh):
            bottling.bottle_groups(batch=jar, groups=[{}], now=NOON, grains_weigh_grams=88)
        jar.refresh_from_db()
        assert jar.stage == "open"

    def test_refuses_a_weight_by_its_field(self, alice):
        jar = make_batch(owner=alice, grains=make_grains(owner=alice))
        with pytest.raises(ValidationError) as refused:
            bottling.bottle_groups(batch=jar, groups=[{}], now=NOON, grains_weigh_grams=-1)
        assert set(refused.value.error_dict) == {"grains_weigh_grams"}


class TestGone:
    def test_stays_written_down_and_can_come_back(self, alice):
        kept = grains.let_go(grains=make_grains(owner=alice, grams=80), now=NOON)
        assert (kept.is_gone, kept.gone_at, kept.grams) == (True, NOON, 80)
        with pytest.raises(grains.AreGone):
            grains.rest(grains=kept, now=NOON)
        assert not grains.wake(grains=kept, now=NOON).is_gone

    def test_deleted_leaves_its_batches_and_a_tombstone(self, alice):
        kept = make_grains(owner=alice, grams=80)
        jar = make_batch(owner=alice, grains=kept)
        grains.remove(grains=kept)
        jar.refresh_from_db()
        assert (jar.grains, jar.grains_grams) == (None, 80)
        assert Tombstone.objects.of(alice).get(kind="grains").thing_id == str(kept.pk)

    def test_deleted_meanwhile_is_refused(self, alice):
        kept = make_grains(owner=alice)
        grains.remove(grains=Grains.objects.get())
        with pytest.raises(grains.NotHere):
            grains.weigh(grains=kept, grams=80, now=NOON)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def at_once(self, deed, times=4):
        def one(_):
            try:
                return deed()
            except ValidationError as refusal:
                return refusal
            finally:
                connection.close()

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(one, range(times)))

    def test_of_many_the_limit_counts_each(self, alice, monkeypatch):
        monkeypatch.setattr(grains, "MOST_GRAINS", 2)
        self.at_once(lambda: make_grains(owner=alice))
        assert Grains.objects.count() == 2

    def test_whoever_notices_first_asks_for_the_reminder(self, alice):
        grains.rest(grains=make_grains(owner=alice), now=NOON)
        Grains.objects.update(told_at=None)
        assert sum(self.at_once(lambda: grains.notice(now=NOON))) == 1
