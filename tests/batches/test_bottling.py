"""Bottling day: one jar, several kinds of bottles, and the next jar."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from batches import actions, bottling
from batches.models import Batch
from tests.api import BASE, call
from tests.batches.brews import suggest
from tests.batches.cultures import make_grains
from tests.factories import NOON, make_batch, make_event
from tests.rows import everything

HOUR = timedelta(hours=1)
LEMON = {"fruits": ["lemon"], "bottle_count": 2, "bottle_volume_ml": 500, "bottle_kind": "swing_top"}
GINGER = {"fruits": ["ginger"], "bottle_count": 1, "bottle_volume_ml": 750, "bottled_target_hours": 48.0}
PLAIN = {"bottle_count": 1, "bottle_volume_ml": 330, "bottle_kind": "pet"}


@pytest.fixture
def jar(alice):
    recipe = {"water_volume_ml": 2000, "sugar_grams": 120, "grains_grams": 60, "temperature_c": 22}
    return make_batch(owner=alice, now=NOON - 30 * HOUR, name="Big jar", **recipe)


def bottled(jar, *groups, **how):
    return bottling.bottle_groups(batch=jar, groups=groups, now=NOON, **how)


class TestGrainsOfMilkKefir:
    """Strained off, they want milk by tomorrow, unless they have it already."""

    def are_asked_for(self, *, owner, next_jar=None, **filled):
        jar = make_batch(owner=owner, now=NOON - 30 * HOUR, culture="milk_kefir", temperature_c=20, **filled)
        (bottles,) = bottled(jar, PLAIN, next_jar=next_jar).groups
        found = call_suggestions(owner, bottles)
        return "feed" in found

    def test_are_asked_for_where_no_jar_followed(self, alice, bob):
        make_batch(owner=alice, now=NOON)
        make_batch(owner=alice, now=NOON - 3 * HOUR, culture="milk_kefir")
        make_batch(owner=bob, now=NOON, culture="milk_kefir")
        assert self.are_asked_for(owner=alice)

    def test_are_in_the_next_jar(self, alice):
        assert not self.are_asked_for(owner=alice, next_jar={})

    def test_are_in_a_jar_that_was_filled_an_hour_before(self, alice):
        make_batch(owner=alice, now=NOON - HOUR, culture="milk_kefir")
        assert not self.are_asked_for(owner=alice)

    def test_that_are_kept_by_themselves_are_looked_after_there(self, alice):
        own = make_grains(owner=alice, culture="milk_kefir", now=NOON - 40 * HOUR)
        assert not self.are_asked_for(owner=alice, grains=own)


def call_suggestions(owner, batch):
    again = Batch.objects.of(owner).get(pk=batch.pk)
    return {one.kind for one in suggest(again.facts(), now=NOON)}


class TestGroups:
    def test_are_batches_of_their_own_with_the_jar_as_parent(self, jar):
        lemon, ginger, plain = bottled(jar, LEMON, GINGER, PLAIN).groups
        assert {one.parent_id for one in (lemon, ginger, plain)} == {jar.pk}
        assert [one.name for one in (lemon, ginger, plain)] == ["Lemon, 1 Mar", "Ginger, 1 Mar", "Big jar"]
        assert [one.place for one in (lemon, ginger, plain)] == [("bottled", "active")] * 3
        assert (ginger.bottled_target_hours, plain.bottle_kind) == (48, "pet")
        assert list(jar.children.order_by("name")) == [plain, ginger, lemon]

    def test_leave_an_empty_jar_that_was_ready(self, jar):
        bottled(jar, LEMON, PLAIN)
        jar.refresh_from_db()
        assert (jar.stage, jar.status, jar.ready_at, jar.archived_at) == ("open", "archived", NOON, NOON)
        assert actions.restore(batch=jar, now=NOON).status == "ready"

    def test_hold_as_much_of_all_as_their_bottles(self, jar):
        lemon, _ = bottled(jar, LEMON, PLAIN).groups
        assert (lemon.water_volume_ml, lemon.sugar_grams, lemon.grains_grams) == (1000, 60, 30)

    def test_of_unknown_size_do_not_pretend_to_be_the_whole_jar(self, jar):
        sweet, _ = bottled(jar, {"added_sugar_grams": 10.0}, PLAIN).groups
        assert (sweet.water_volume_ml, sweet.sugar_grams, sweet.added_sugar_grams) == (None, None, 10)

    def test_remember_how_warm_the_jar_stood(self, jar):
        make_event(batch=jar, now=NOON - 10 * HOUR, kind="measurement", temperature_c=28)
        lemon, _ = bottled(jar, LEMON, PLAIN).groups
        assert [reading.temperature_c for reading in Batch.objects.get(pk=lemon.pk).facts().readings] == [28]

    def test_begin_their_timelines_with_the_bottling(self, jar):
        groups = bottled(jar, LEMON, PLAIN, bottled_at=NOON - HOUR).groups
        assert [one.events.get().kind for one in groups] == ["stage_change"] * 2
        assert {one.events.get().occurred_at for one in groups} == {NOON - HOUR}

    def test_when_there_is_one_are_the_batch_itself(self, jar):
        [lemon] = bottled(jar, LEMON).groups
        assert (lemon.pk, lemon.stage, lemon.fruits, lemon.bottle_count) == (jar.pk, "bottled", ["lemon"], 2)
        assert Batch.objects.count() == 1


class TestNextJar:
    def test_has_the_recipe_but_for_its_own_grains(self, jar):
        again = bottled(jar, LEMON, PLAIN, next_jar={"grains_grams": 72.0}).next_jar
        assert (again.stage, again.status, again.parent_id) == ("open", "active", jar.pk)
        assert (again.sugar_grams, again.water_volume_ml, again.grains_grams) == (120, 2000, 72)

    def test_does_not_taste_of_the_bottles(self, jar):
        assert bottled(jar, LEMON, next_jar={}).next_jar.fruits == []

    def test_is_started_only_when_wanted(self, jar):
        assert bottled(jar, LEMON).next_jar is None


class TestRefusal:
    @pytest.mark.parametrize(
        ("groups", "how", "field"),
        [
            ([], {}, "groups"),
            ([PLAIN] * 13, {}, "groups"),
            ([LEMON, {"bottle_count": 0}], {}, "groups.1.bottle_count"),
            ([LEMON, PLAIN], {"next_jar": {"grains_grams": -1.0}}, "next_jar.grains_grams"),
            ([LEMON, PLAIN], {"bottled_at": NOON + HOUR}, "bottled_at"),
        ],
    )
    def test_names_the_place_and_changes_nothing(self, jar, groups, how, field):
        before = everything()
        with pytest.raises(ValidationError) as refused:
            bottled(jar, *groups, **how)
        assert set(refused.value.error_dict) == {field}
        assert everything() == before

    def test_of_bottles_filled_before_the_jar_was(self, jar):
        with pytest.raises(ValidationError) as refused:
            bottled(jar, LEMON, PLAIN, bottled_at=NOON - 31 * HOUR)
        assert [error.code for error in refused.value.error_dict["__all__"]] == ["bottled_before_start"]

    def test_of_what_is_no_open_jar_any_more(self, jar):
        bottled(jar, LEMON)
        with pytest.raises(actions.MoveNotAllowed):
            bottled(jar, LEMON)

    def test_of_what_changed_since_it_was_read(self, jar):
        actions.edit(batch=jar, now=NOON, notes="Two figs")
        with pytest.raises(actions.HasChanged):
            bottled(jar, LEMON, version=1)


@pytest.mark.django_db(transaction=True)
def test_of_six_who_bottle_at_once_one_does(alice):
    jar = make_batch(owner=alice, now=NOON - HOUR)

    def pour(_number):
        try:
            return len(bottled(jar, LEMON, PLAIN).groups)
        except ValidationError:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(pour, range(6))) == [0] * 5 + [2]
    assert jar.children.count() == 2


class TestPage:
    def typed(self, **more):
        day = {"bottled_at": f"{timezone.now():%Y-%m-%dT%H:%M}", "fruits": "lemon", "bottle_count": "2"}
        return day | more

    @pytest.fixture
    def jar(self, alice):
        return make_batch(owner=alice, now=timezone.now() - HOUR, grains_grams=60)

    def test_pours_three_flavours_and_starts_the_next_jar(self, page, jar):
        more = {"more1-fruits": "ginger", "more2-fruits": "plum, mint", "more2-bottle_count": "1"}
        again = {"next-wanted": "on", "next-grains_grams": "72"}
        answer = page.post(f"/batches/{jar.pk}/bottle", self.typed(**more, **again))
        made = {tuple(one.fruits): one for one in jar.children.all()}
        assert set(made) == {("lemon",), ("ginger",), ("plum", "mint"), ()}
        assert made[()].grains_grams == 72
        assert answer["Location"].startswith(f"/batches/{made[('lemon',)].pk}/reminders?next=")

    def test_goes_from_plan_to_plan(self, page, jar):
        answer = page.post(f"/batches/{jar.pk}/bottle", self.typed(**{"more1-fruits": "ginger"}))
        onward = page.post(answer["Location"], {})["Location"]
        ginger = jar.children.get(fruits=["ginger"])
        assert onward == f"/batches/{ginger.pk}/reminders"
        assert page.post(onward, {})["Location"] == f"/batches/{ginger.pk}"

    def test_puts_each_refusal_beside_its_field(self, page, jar):
        wrong = {
            "more2-fruits": "plum",
            "more2-bottle_count": "0",
            "next-wanted": "on",
            "next-grains_grams": "-1",
        }
        answer = page.post(f"/batches/{jar.pk}/bottle", self.typed(**wrong))
        assert answer.status_code == 422
        assert set(answer.context["more"][1].errors) == {"bottle_count"}
        assert set(answer.context["next_jar"].errors) == {"grains_grams"}
        assert not jar.children.exists()

    def test_offers_the_next_jar_ticked_and_with_its_grains(self, page, jar):
        form = page.get(f"/batches/{jar.pk}/bottle").context["next_jar"]
        assert (form["wanted"].value(), form["grains_grams"].value()) == (True, "60")


class TestApi:
    def test_pours_groups_and_starts_the_next_jar_once_for_a_key(self, api, alice):
        jar = make_batch(owner=alice, now=timezone.now() - HOUR, grains_grams=60)
        body = {"groups": [{"fruits": ["lemon"]}, {"name": "Plain", "bottleCount": 2}], "nextJar": {}}
        one, again = (
            call(api, "post", f"/batches/{jar.pk}/bottle", body, headers={"Idempotency-Key": "k"})
            for _ in "12"
        )
        assert (one.status_code, again.json()) == (201, one.json())
        assert [group["parent"] for group in one.json()["groups"]] == [jar.pk] * 2
        assert (one.json()["nextJar"]["grainsGrams"], Batch.objects.count()) == (60, 4)

    def test_names_what_is_wrong_by_its_place(self, api, alice):
        jar = make_batch(owner=alice, now=timezone.now() - HOUR)
        answer = call(api, "post", f"/batches/{jar.pk}/bottle", {"groups": [{}, {"bottleCount": 0}]})
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["groups.1.bottleCount"]

    def test_of_anothers_jar_is_nowhere(self, api, bob):
        jar = make_batch(owner=bob)
        assert api.post(f"{BASE}/batches/{jar.pk}/bottle", {}, format="json").status_code == 404
