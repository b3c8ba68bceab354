"""Cultures of one's own over the API."""

from uuid import uuid4

import pytest
from django.utils import timezone

from batches import actions as batches
from batches import grains
from batches.grain_models import Grains, Weighing
from batches.models import Batch
from tests.api import app_of, call, reasons
from tests.batches.cultures import make_grains
from tests.factories import make_batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(alice):
    return make_grains(owner=alice, now=timezone.now(), name="Granny's", grams=80)


class TestKeep:
    def test_with_nothing_said_is_water_kefir(self, api):
        made = call(api, "post", "/grains", {})
        assert made.status_code == 201
        assert (made.json()["name"], made.json()["culture"]) == ("Water kefir grains", "water_kefir")
        assert made.json()["grams"] is None

    def test_twice_with_one_key_is_once(self, api):
        for _ in range(2):
            call(api, "post", "/grains", {"grams": 80}, headers={"Idempotency-Key": "a"})
        assert (Grains.objects.count(), Weighing.objects.count()) == (1, 1)

    def test_with_anothers_id_is_refused(self, api, bob):
        theirs = make_grains(owner=bob)
        assert call(api, "post", "/grains", {"id": str(theirs.pk)}).status_code == 409

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"grams": "80"}, ("grams", "invalid")),
            ({"grams": -1}, ("grams", "min_value")),
            ({"grams": True}, ("grams", "invalid")),
            ({"culture": "vegetables"}, ("culture", "invalid_choice")),
            ({"name": "x" * 101}, ("name", "max_length")),
            ({"name": "a\tb"}, ("name", "one_line")),
            ({"gotAt": "2999-01-01T00:00:00Z"}, ("gotAt", "in_the_future")),
            ({"gotAt": "1999-01-01T00:00:00Z"}, ("gotAt", "min_value")),
            ({"status": "gone"}, ("status", "unknown_field")),
            ({"id": "x"}, ("id", "invalid")),
        ],
    )
    def test_refuses_by_field(self, api, body, reason):
        assert reason in reasons(call(api, "post", "/grains", body))
        assert not Grains.objects.exists()


class TestOne:
    def test_says_what_they_want_and_how_they_grew(self, api, kept):
        one = call(api, "get", f"/grains/{kept.pk}").json()
        assert one["care"]["kind"] == "grains_idle"
        assert (one["grams"], one["growths"], one["inFridgeAt"]) == (80, [], None)

    def test_goes_to_the_fridge_and_back(self, api, kept):
        resting = call(api, "patch", f"/grains/{kept.pk}", {"status": "in_fridge"}).json()
        assert (resting["status"], resting["care"]["kind"]) == ("in_fridge", "grains_rest")
        assert call(api, "patch", f"/grains/{kept.pk}", {"status": "active"}).json()["inFridgeAt"] is None

    def test_refuses_what_is_no_place(self, api, kept):
        answer = call(api, "patch", f"/grains/{kept.pk}", {"status": "sleeping"})
        assert reasons(answer) == {("status", "invalid_choice")}

    def test_is_fed(self, api, kept):
        before = call(api, "get", f"/grains/{kept.pk}").json()["careAt"]
        assert call(api, "post", f"/grains/{kept.pk}/fed").json()["careAt"] >= before

    def test_is_deleted_and_told_among_the_deletions(self, api, kept):
        assert call(api, "delete", f"/grains/{kept.pk}").status_code == 204
        gone = call(api, "get", "/me/deletions").json()["results"]
        assert [(one["kind"], one["id"]) for one in gone] == [("grains", str(kept.pk))]


class TestWeights:
    def test_are_told_newest_first(self, api, kept):
        path = f"/grains/{kept.pk}/weights"
        made = call(api, "post", path, {"grams": 90.5})
        assert made.status_code == 201
        assert [one["grams"] for one in call(api, "get", path).json()["results"]] == [90.5, 80]

    def test_are_taken_back(self, api, kept):
        path = f"/grains/{kept.pk}/weights"
        assert call(api, "delete", f"{path}/{kept.weighings.get().pk}").status_code == 204
        assert call(api, "delete", f"{path}/{uuid4()}").status_code == 404
        assert call(api, "get", path).json()["results"] == []

    def test_of_another_culture_are_not_taken_back_here(self, api, alice, kept):
        other = make_grains(owner=alice, now=timezone.now(), grams=5)
        path = f"/grains/{kept.pk}/weights/{other.weighings.get().pk}"
        assert call(api, "delete", path).status_code == 404
        assert Weighing.objects.count() == 2

    def test_want_a_number(self, api, kept):
        assert reasons(call(api, "post", f"/grains/{kept.pk}/weights", {})) == {("grams", "required")}


class TestAway:
    def test_is_planned_by_what_they_weigh(self, api, kept):
        made = call(api, "get", f"/grains/{kept.pk}/away?leavesOn=2026-03-06&backOn=2026-03-18").json()
        assert (made["days"], made["inFridge"], made["liquidMl"], made["helperDays"]) == (12, True, 550, [])

    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ("", ("leavesOn", "required")),
            ("?leavesOn=x&backOn=2026-03-18", ("leavesOn", "invalid")),
            ("?leavesOn=2026-03-18&backOn=2026-03-06", ("backOn", "back_too_early")),
            ("?leavesOn=9999-12-01&backOn=9999-12-31", ("leavesOn", "out_of_range")),
        ],
    )
    def test_refuses_by_field(self, api, kept, query, reason):
        assert reason in reasons(call(api, "get", f"/grains/{kept.pk}/away{query}"))


class TestBatches:
    def test_name_theirs(self, api, kept):
        made = call(api, "post", "/batches", {"grains": str(kept.pk)}).json()
        assert (made["grains"], made["grainsGrams"]) == (str(kept.pk), 80)
        assert call(api, "get", "/batches").json()["results"][0]["grains"] == str(kept.pk)
        changed = call(api, "patch", f"/batches/{made['id']}", {"grains": None}).json()
        assert changed["grains"] is None

    @pytest.mark.parametrize("given", ["x", "", 5, True, [], {}, str(uuid4())])
    def test_refuse_what_is_none(self, api, given):
        [(field, _)] = reasons(call(api, "post", "/batches", {"grains": given}))
        assert field == "grains"

    def test_refuse_anothers_as_if_it_were_not_there(self, alice, bob, kept):
        mine = make_batch(owner=bob, now=timezone.now())
        for method, path in (("post", "/batches"), ("patch", f"/batches/{mine.pk}")):
            answer = call(app_of(bob), method, path, {"grains": str(kept.pk)})
            assert reasons(answer) == {("grains", "does_not_exist")}
        assert not Batch.objects.filter(grains=kept).exists()

    def test_are_bottled_with_a_weight(self, api, kept):
        made = call(api, "post", "/batches", {"grains": str(kept.pk)}).json()
        body = {"groups": [{}], "grainsWeighGrams": 92}
        assert call(api, "post", f"/batches/{made['id']}/bottle", body).status_code == 201
        assert kept.grams == 92


class TestSync:
    def test_tells_of_what_was_weighed_too(self, api, kept):
        page = call(api, "get", "/grains?updatedSince=2000-01-01T00:00:00Z").json()
        assert [one["id"] for one in page["results"]] == [str(kept.pk)]
        since = page["syncedUntil"]
        grains.weigh(grains=kept, grams=85, now=timezone.now())
        page = call(api, "get", f"/grains?updatedSince={since}").json()
        assert [one["id"] for one in page["results"]] == [str(kept.pk)]

    def test_lists_nothing_of_anothers(self, bob, kept):
        assert call(app_of(bob), "get", "/grains").json()["results"] == []


class TestVersion:
    def tag(self, api, kept):
        return call(api, "get", f"/grains/{kept.pk}")["ETag"]

    def test_rises_with_all_that_is_shown(self, api, alice, kept):
        seen = [self.tag(api, kept)]

        def look():
            seen.append(self.tag(api, kept))

        call(api, "patch", f"/grains/{kept.pk}", {"name": "Aunt's"}), look()
        call(api, "post", f"/grains/{kept.pk}/fed"), look()
        call(api, "post", f"/grains/{kept.pk}/weights", {"grams": 90}), look()
        jar = make_batch(owner=alice, now=timezone.now(), grains=kept)
        look()
        batches.edit(batch=jar, now=timezone.now(), grains=None), look()
        assert len(set(seen)) == 6

    def test_lets_whoever_saw_the_last_one_change_and_delete_them(self, api, kept):
        path = f"/grains/{kept.pk}"
        headers = {"If-Match": self.tag(api, kept)}
        changed = call(api, "patch", path, {"name": "Aunt's"}, headers=headers)
        assert (changed.status_code, changed.json()["name"]) == (200, "Aunt's")
        assert call(api, "delete", path, headers={"If-Match": changed["ETag"]}).status_code == 204

    def test_that_is_not_current_refuses(self, api, kept):
        path, headers = f"/grains/{kept.pk}", {"If-Match": self.tag(api, kept)}
        call(api, "post", f"{path}/weights", {"grams": 90})
        for answer in (
            call(api, "patch", path, {"name": "Aunt's"}, headers=headers),
            call(api, "delete", path, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (412, "stale")
        assert Grains.objects.get().name == "Granny's"

    def test_that_is_known_spares_the_answer(self, api, kept):
        path, headers = f"/grains/{kept.pk}", {"If-None-Match": self.tag(api, kept)}
        assert call(api, "get", path, headers=headers).status_code == 304
        call(api, "post", f"{path}/fed")
        assert call(api, "get", path, headers=headers).status_code == 200

    def test_of_a_new_one_comes_with_it(self, api):
        made = call(api, "post", "/grains", {})
        assert (made["ETag"], made.json()["version"]) == ('"1"', 1)

    def test_and_care_follow_when_a_batch_was_made_with_others_after_all(self, alice, kept):
        jar = make_batch(owner=alice, now=timezone.now(), grains=kept)
        before = Grains.objects.get(pk=kept.pk).care_at
        batches.edit(batch=jar, now=timezone.now(), grains=None)
        assert Grains.objects.get(pk=kept.pk).care_at != before
