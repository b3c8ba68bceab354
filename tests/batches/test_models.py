"""What the database itself holds to, whoever writes: the last line behind the verbs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import actions as accounts
from batches import actions
from batches.models import Batch
from batches.stages import Place, Stage, Status
from tests.factories import NOON, make_batch, make_bottled


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice)


def written(batch, **fields):
    """Past verbs and validators, as a script or a repair by hand would."""
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(**fields)


class TestConstraints:
    @pytest.mark.parametrize(
        "fields",
        [
            {"bottled_at": NOON},
            {"stage": "bottled"},
            {"stage": "bottled", "bottled_at": NOON - timedelta(hours=1)},
            {"status": "archived"},
            {"archived_at": NOON},
            {"started_at": NOON.replace(year=1999)},
            {"fruits": ["x"] * 21},
            {"water_volume_ml": 49},
            {"water_volume_ml": 200_001},
            {"sugar_grams": -1},
            {"sugar_grams": 50_001},
            {"sugar_grams": float("nan")},
            {"grains_grams": 20_001},
            {"temperature_c": 46},
            {"temperature_c": float("inf")},
            {"target_hours": 0},
            {"target_hours": 2161},
            {"bottle_count": 0},
            {"bottle_volume_ml": 1},
            {"added_sugar_grams": -0.1},
            {"bottled_temperature_c": 45.1},
            {"bottled_target_hours": 0.9},
        ],
        ids=str,
    )
    def test_hold_whoever_writes(self, jar, fields):
        with pytest.raises(IntegrityError):
            written(jar, **fields)

    @pytest.mark.parametrize(
        ("field", "low", "high"),
        [
            ("water_volume_ml", 50, 200_000),
            ("sugar_grams", 0, 50_000),
            ("grains_grams", 0, 20_000),
            ("temperature_c", 0, 45),
            ("target_hours", 1, 2160),
            ("bottle_count", 1, 1000),
        ],
    )
    def test_let_the_limits_themselves_through(self, jar, field, low, high):
        for value in (low, high):
            edited = actions.edit(batch=jar, now=NOON, **{field: value})
            assert getattr(edited, field) == value

    def test_every_refusal_of_a_limit_is_a_sentence(self, jar):
        with pytest.raises(ValidationError) as refusal:
            actions.edit(batch=jar, now=NOON, water_volume_ml=49)
        assert refusal.value.messages == ["It must be between 50 and 200 000 ml."]


class TestOf:
    def test_is_ones_own(self, jar, alice, bob):
        assert list(Batch.objects.of(alice)) == [jar]
        assert not Batch.objects.of(bob).exists()

    def test_is_nothing_for_who_is_not_signed_in(self, jar):
        assert not Batch.objects.of(AnonymousUser()).exists()


class TestQuerysets:
    def test_kept_is_what_is_not_archived(self, jar, alice):
        actions.archive(batch=make_batch(owner=alice), now=NOON)
        assert list(Batch.objects.kept()) == [jar]

    def test_public_is_what_is_shared_archived_or_not(self, jar, alice):
        shared = make_batch(owner=alice, is_public=True)
        assert list(Batch.objects.public()) == [shared]

    def test_public_is_nothing_of_who_was_barred(self, alice):
        make_batch(owner=alice, is_public=True)
        accounts.deactivate(user=alice)
        assert not Batch.objects.public().exists()

    def test_older_than_goes_on_where_the_page_ended(self, alice):
        made = [make_batch(owner=alice, started_at=NOON - timedelta(hours=n // 2)) for n in range(6)]
        order = list(Batch.objects.newest_first())
        assert sorted(order, key=lambda one: one.pk) == sorted(made, key=lambda one: one.pk)
        for position, batch in enumerate(order):
            assert list(Batch.objects.older_than(batch).newest_first()) == order[position + 1 :]


class TestBatch:
    def test_knows_where_it_stands(self, jar, alice):
        assert jar.place == Place(Stage.OPEN, Status.ACTIVE)
        assert make_bottled(owner=alice).place == Place(Stage.BOTTLED, Status.ACTIVE)

    def test_in_bottles_is_sealed_until_it_is_put_away(self, jar, alice):
        bottled = make_bottled(owner=alice)
        assert not jar.is_sealed
        assert bottled.is_sealed
        assert not actions.archive(batch=bottled, now=NOON).is_sealed

    def test_hands_its_facts_to_the_rules(self, alice):
        facts = make_batch(owner=alice, temperature_c=22, target_hours=36, sugar_grams=80).facts()
        assert (facts.temperature_c, facts.target, facts.sugar_grams) == (22, timedelta(hours=36), 80)
        assert (facts.started_at, facts.readings) == (NOON, ())

    def test_outlives_its_parent(self, jar, alice):
        child = actions.brew_again(batch=jar, owner=alice, now=NOON)
        jar.delete()
        child.refresh_from_db()
        assert child.parent is None
