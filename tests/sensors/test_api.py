from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AnsweredRequest
from batches import actions as batches
from sensors import actions
from sensors.models import Reading, Sensor
from tests.api import app_of, call, reasons
from tests.factories import NOON, make_batch
from tests.sensors.gadgets import STREAM, hear, make_sensor, post

MINUTE = timedelta(minutes=1)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice)


class TestAdd:
    def test_answers_with_a_token_that_opens(self, api):
        answer = call(api, "post", "/sensors", {"name": "Blue float"})
        assert answer.status_code == 201
        assert post(answer.json()["token"], STREAM).status_code == 201
        assert answer.json() | {"silentAfter": 6, "kind": "unknown", "batch": None} == answer.json()

    def test_takes_a_batch_and_patience(self, api, jar):
        answer = call(api, "post", "/sensors", {"name": "x", "batch": jar.pk, "silentAfter": None})
        assert (answer.json()["batch"], answer.json()["silentAfter"]) == (jar.pk, None)

    def test_twice_with_one_key_is_one_sensor_with_one_token_kept_sealed(self, api):
        first, again = (
            call(api, "post", "/sensors", {"name": "x"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
        )
        assert first.json() == again.json()
        assert Sensor.objects.count() == 1
        assert first.json()["token"] not in str(AnsweredRequest.objects.values())

    def test_with_an_id_that_is_taken_is_refused(self, api, bob):
        theirs, _ = make_sensor(owner=bob)
        answer = call(api, "post", "/sensors", {"id": str(theirs.pk), "name": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "id_taken")

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({}, ("name", "required")),
            ({"name": "a\nb"}, ("name", "one_line")),
            ({"name": "x", "silentAfter": 0}, ("silentAfter", "min_value")),
            ({"name": "x", "silentAfter": 169}, ("silentAfter", "max_value")),
            ({"name": "x", "silentAfter": 10**12}, ("silentAfter", "invalid")),
            ({"name": "x", "token": "mine"}, ("token", "unknown_field")),
        ],
    )
    def test_refuses_what_makes_no_sense(self, api, body, reason):
        assert reason in reasons(call(api, "post", "/sensors", body))
        assert not Sensor.objects.exists()

    def test_into_anothers_batch_is_as_into_none(self, api, bob):
        answer = call(api, "post", "/sensors", {"name": "x", "batch": make_batch(owner=bob).pk})
        assert reasons(answer) == {("batch", "does_not_exist")}

    def test_has_an_end(self, api, alice, monkeypatch):
        monkeypatch.setattr(actions, "MOST_SENSORS", 1)
        first, _ = make_sensor(owner=alice)
        assert call(api, "post", "/sensors", {"name": "x"}).json()["code"] == "too_many"
        actions.remove(sensor=first, now=NOON)
        assert call(api, "post", "/sensors", {"name": "x"}).status_code == 201


class TestEdit:
    def test_renames_and_moves(self, api, alice, jar):
        sensor, _ = make_sensor(owner=alice)
        answer = call(api, "patch", f"/sensors/{sensor.pk}", {"name": "Red", "batch": jar.pk})
        assert (answer.json()["name"], answer.json()["batch"]) == ("Red", jar.pk)
        assert call(api, "patch", f"/sensors/{sensor.pk}", {"batch": None}).json()["batch"] is None

    def test_into_an_archived_batch_is_refused(self, api, alice, jar):
        sensor, _ = make_sensor(owner=alice)
        batches.archive(batch=jar, now=timezone.now())
        answer = call(api, "patch", f"/sensors/{sensor.pk}", {"batch": jar.pk})
        assert answer.json()["code"] == "batch_archived"

    def test_shows_how_it_is(self, api, alice):
        sensor, _ = make_sensor(owner=alice)
        hear(sensor, now=timezone.now(), temp=21.5, battery=3.2)
        one = call(api, "get", f"/sensors/{sensor.pk}").json()
        assert (one["latest"]["temperatureC"], one["hasLowBattery"], one["kind"]) == (21.5, True, "stream")


class TestRemove:
    def test_keeps_what_belongs_to_batches_and_nothing_else(self, api, alice, jar):
        sensor, _ = make_sensor(owner=alice)
        hear(sensor, now=NOON, temp=20)
        actions.edit(sensor=sensor, now=NOON, batch=jar)
        hear(sensor, now=NOON + MINUTE, temp=21)
        assert call(api, "delete", f"/sensors/{sensor.pk}").status_code == 204
        actions.forget(now=NOON)
        assert [one.temperature_c for one in Reading.objects.all()] == [21]
        assert call(api, "get", f"/sensors/{sensor.pk}").status_code == 404
        assert call(api, "get", "/sensors").json()["results"] == []


class TestReadings:
    @pytest.fixture
    def read(self, alice, jar):
        sensor, _ = make_sensor(owner=alice, batch=jar)
        return [hear(sensor, now=NOON + n * MINUTE, temp=20 + n, odd=n) for n in range(5)]

    def test_are_listed_newest_first_in_pages(self, api, jar, read):
        page = call(api, "get", f"/batches/{jar.pk}/readings?limit=2").json()
        assert [one["temperatureC"] for one in page["results"]] == [24, 23]
        rest = api.get(page["next"]).json()
        assert [one["temperatureC"] for one in rest["results"]] == [22, 21]

    def test_may_begin_somewhere(self, api, jar, read):
        since = (NOON + 3 * MINUTE).isoformat().replace("+00:00", "Z")
        page = call(api, "get", f"/batches/{jar.pk}/readings?since={since}").json()
        assert [one["temperatureC"] for one in page["results"]] == [24, 23]

    def test_bring_what_is_unknown_to_us(self, api, jar, read):
        page = call(api, "get", f"/batches/{jar.pk}/readings").json()
        assert page["results"][0]["raw"] == {"odd": 4}

    @pytest.mark.parametrize("query", ["since=yesterday", "since=2026-03-01T12:00:00", "limit=0", "cursor=x"])
    def test_are_not_guessed_at(self, api, jar, query):
        assert call(api, "get", f"/batches/{jar.pk}/readings?{query}").status_code == 400

    def test_of_anothers_batch_are_not_there(self, jar, bob, read):
        assert call(app_of(bob), "get", f"/batches/{jar.pk}/readings").status_code == 404


class TestForget:
    def test_takes_what_is_long_over_and_nothing_else(self, alice, jar):
        sensor, _ = make_sensor(owner=alice)
        hear(sensor, now=NOON, temp=20)
        actions.edit(sensor=sensor, now=NOON, batch=jar)
        hear(sensor, now=NOON + MINUTE, temp=21)
        assert actions.forget(now=NOON + timedelta(days=89)) == 0
        assert actions.forget(now=NOON + timedelta(days=91)) == 1
        batches.archive(batch=jar, now=NOON)
        assert actions.forget(now=NOON + timedelta(days=729)) == 0
        assert actions.forget(now=NOON + timedelta(days=731)) == 1
        assert Sensor.objects.get().latest is None

    def test_takes_what_a_removed_sensor_leaves_and_then_itself(
        self, alice, jar, django_assert_max_num_queries
    ):
        sensor, _ = make_sensor(owner=alice)
        for n in range(3):
            hear(sensor, now=NOON + n * MINUTE, temp=20)
        actions.edit(sensor=sensor, now=NOON, batch=jar)
        hear(sensor, now=NOON + 3 * MINUTE, temp=21)
        with django_assert_max_num_queries(4):
            actions.remove(sensor=sensor, now=NOON + timedelta(hours=1))
        assert (actions.forget(now=NOON), Reading.objects.count()) == (3, 1)
        assert (actions.forget(now=NOON), Sensor.objects.count()) == (0, 1)
        jar.delete()
        assert (actions.forget(now=NOON), Sensor.objects.count()) == (1, 0)
