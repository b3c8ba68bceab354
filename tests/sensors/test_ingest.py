"""What gadgets send in, by all the ways they know."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import actions as accounts
from batches import actions as batches
from kefir import limits
from sensors import actions
from sensors.models import Reading, Sensor
from tests.api import reasons
from tests.factories import make_batch
from tests.rows import everything
from tests.sensors.gadgets import ISPINDEL, RAPT, STREAM, TILT, make_sensor, post

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sensor(alice):
    return make_sensor(owner=alice)


def earlier(sensor, span=MINUTE):
    """As if its last reading had come so long ago."""
    Sensor.objects.filter(pk=sensor.pk).update(last_seen_at=timezone.now() - span)


class TestToken:
    def test_in_the_header_opens(self, sensor):
        _, token = sensor
        assert post(token, STREAM).status_code == 201

    def test_in_the_address_opens(self, sensor):
        _, token = sensor
        assert APIClient().post(f"/api/v1/ingest/{token}", STREAM, format="json").status_code == 201

    def test_in_the_body_opens_and_is_not_kept(self, sensor):
        _, token = sensor
        assert post("", ISPINDEL | {"token": token}).status_code == 201
        assert token not in str(Reading.objects.values())

    @pytest.mark.parametrize("token", ["", "kefir_sensor_x", "x" * 5_000, "kefir_sensor_\x00", "ü"])
    def test_that_nobody_has_is_refused(self, sensor, token):
        before = everything()
        answer = APIClient().post("/api/v1/ingest", STREAM | {"token": token}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (401, "unknown_token")
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert (everything(), Reading.objects.count()) == (before, 0)

    def test_of_a_removed_sensor_looks_like_one_that_never_was(self, sensor):
        one, token = sensor
        actions.remove(sensor=one, now=timezone.now())
        removed, unknown = post(token, STREAM).json(), post("kefir_sensor_nobody", STREAM).json()
        assert removed | {"requestId": ""} == unknown | {"requestId": ""}

    def test_of_somebody_who_may_not_sign_in_is_refused(self, sensor, alice):
        accounts.deactivate(user=alice)
        assert post(sensor[1], STREAM).status_code == 401

    def test_of_somebody_who_leaves_is_refused_until_they_stay(self, sensor, alice):
        accounts.ask_to_erase(user=alice, now=timezone.now())
        assert post(sensor[1], STREAM).status_code == 401
        accounts.keep_account(user=alice)
        assert post(sensor[1], STREAM).status_code == 201

    def test_is_looked_at_before_the_body(self, sensor):
        answer = APIClient().generic(
            "POST", "/api/v1/ingest/kefir_sensor_nobody", b"{", content_type="application/json"
        )
        assert answer.status_code == 401

    def test_opens_nothing_else(self, sensor):
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {sensor[1]}")
        assert client.get("/api/v1/batches").status_code == 401
        assert client.get("/api/v1/sensors").status_code == 401

    def test_is_in_no_log(self, sensor, caplog):
        caplog.set_level(logging.DEBUG)
        client = APIClient(raise_request_exception=False)
        for body in (STREAM, {"nothing": 1}, {"temp": "hot"}):
            client.post(f"/api/v1/ingest/{sensor[1]}", body, format="json")
        written = "\n".join(record.getMessage() for record in caplog.records if record.name != "urllib3")
        assert "ingest" in written
        assert sensor[1] not in written

    def test_is_kept_as_a_hash(self, sensor):
        one, token = sensor
        kept = Sensor.objects.values().get(pk=one.pk)
        assert token not in str(kept)
        assert token.startswith(one.token_beginning)


class TestBody:
    def test_may_be_a_form(self, sensor):
        answer = APIClient().post(
            f"/api/v1/ingest/{sensor[1]}",
            "&".join(f"{name}={value}" for name, value in TILT.items()),
            content_type="application/x-www-form-urlencoded",
        )
        assert (answer.status_code, answer.json()["gravitySg"]) == (201, 1.021)

    @pytest.mark.parametrize("body", [ISPINDEL, TILT, RAPT, STREAM], ids=lambda body: next(iter(body)))
    def test_of_every_gadget_is_taken(self, sensor, body):
        assert post(sensor[1], body).status_code == 201

    @pytest.mark.parametrize(
        ("raw", "kind", "status", "code"),
        [
            (b"{", "application/json", 400, "invalid_json"),
            (b'{"temp": NaN}', "application/json", 400, "invalid_json"),
            (b'{"temp": 1, "temp": 2}', "application/json", 400, "invalid_json"),
            (b'{"temp": 1e999}', "application/json", 400, "invalid"),
            (b"[" * 5_000, "application/json", 400, "invalid_json"),
            (b"temp=%FF", "application/x-www-form-urlencoded", 400, "invalid_form"),
            (b"a=1&" * 200, "application/x-www-form-urlencoded", 400, "invalid_form"),
            (b"temp=nan", "application/x-www-form-urlencoded", 400, "invalid"),
            (b"temp=21", "text/plain", 415, "unsupported_media_type"),
            (b'{"temp": "' + b"x" * 10_000 + b'"}', "application/json", 413, "too_large"),
            (b"a=" + b"x" * 10_000, "application/x-www-form-urlencoded", 413, "too_large"),
        ],
    )
    def test_that_is_none_is_refused_and_changes_nothing(self, sensor, raw, kind, status, code):
        answer = APIClient().generic(
            "POST", "/api/v1/ingest", raw, content_type=kind, HTTP_AUTHORIZATION=f"Bearer {sensor[1]}"
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not Reading.objects.exists()

    def test_names_the_field_that_is_wrong(self, sensor):
        assert reasons(post(sensor[1], {"temp": 200})) == {("temp", "out_of_range")}

    def test_says_what_was_taken(self, sensor):
        answer = post(sensor[1], STREAM).json()
        assert (answer["accepted"], answer["temperatureC"], answer["brix"]) == (True, 20.32, 10.5)
        assert "no batch" in answer["detail"]


class TestBatch:
    def test_gets_the_readings_of_the_sensor_in_it(self, alice):
        batch = make_batch(owner=alice)
        _, token = make_sensor(owner=alice, batch=batch)
        answer = post(token, STREAM).json()
        assert (answer["batch"], answer["detail"]) == (batch.pk, "")
        assert [one.temperature_c for one in batch.readings.all()] == [20.32]

    def test_that_is_archived_lets_its_sensor_go(self, alice):
        batch = make_batch(owner=alice)
        sensor, token = make_sensor(owner=alice, batch=batch)
        batches.archive(batch=batch, now=timezone.now())
        assert post(token, STREAM).json()["batch"] is None
        sensor.refresh_from_db()
        assert (sensor.batch, batch.readings.count()) == (None, 0)

    def test_of_an_erased_keeper_takes_all_along(self, alice):
        _, token = make_sensor(owner=alice, batch=make_batch(owner=alice))
        post(token, STREAM)
        accounts.erase(user=alice)
        assert post(token, STREAM).status_code == 401
        assert not Reading.objects.exists()


class TestOften:
    def test_is_once_a_minute(self, sensor):
        _, token = sensor
        post(token, STREAM)
        answer = post(token, STREAM)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert 0 < int(answer["Retry-After"]) <= 60
        assert Reading.objects.count() == 1

    def test_is_over_after_a_minute(self, sensor):
        one, token = sensor
        post(token, STREAM)
        earlier(one)
        assert post(token, STREAM).status_code == 201

    def test_counts_what_was_taken_and_nothing_else(self, sensor):
        _, token = sensor
        assert post(token, {"temp": 500}).status_code == 400
        assert post(token, STREAM).status_code == 201

    def test_is_each_sensors_own(self, sensor, alice):
        post(sensor[1], STREAM)
        assert post(make_sensor(owner=alice)[1], STREAM).status_code == 201

    def test_is_known_without_redis(self, sensor, monkeypatch):
        def away(*_):
            raise limits.Unavailable

        monkeypatch.setattr(limits, "hit", away)
        answers = [post(sensor[1], STREAM).status_code for _ in range(2)]
        assert answers == [201, 429]


class TestAgain:
    def test_is_the_same_reading(self, sensor):
        first, again = post(sensor[1], RAPT), post(sensor[1], RAPT)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json()["accepted"] is False
        assert Reading.objects.count() == 1

    def test_counts_however_late(self, sensor):
        one, token = sensor
        post(token, TILT)
        earlier(one, timedelta(days=2))
        assert post(token, TILT).status_code == 200

    def test_by_another_sensor_is_another(self, sensor, alice):
        post(sensor[1], RAPT)
        assert post(make_sensor(owner=alice)[1], RAPT).status_code == 201


class TestTime:
    def at(self, sensor, **ago):
        written = (timezone.now() - timedelta(**ago)).isoformat()
        post(sensor[1], RAPT | {"created_date": written})
        return timezone.now() - Reading.objects.get().measured_at

    def test_is_the_gadgets_own(self, sensor):
        assert timedelta(hours=3) <= self.at(sensor, hours=3) < timedelta(hours=3, minutes=1)

    @pytest.mark.parametrize("ago", [{"days": 300}, {"days": -2}])
    def test_that_cannot_be_true_is_when_it_came(self, sensor, ago):
        assert self.at(sensor, **ago) < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def at_once(self, token, bodies):
        def send(body):
            try:
                return APIClient().post(f"/api/v1/ingest/{token}", body, format="json").status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(20) as pool:
            return Counter(pool.map(send, bodies))

    def test_one_is_taken_and_the_others_came_too_soon(self, alice):
        _, token = make_sensor(owner=alice, batch=make_batch(owner=alice))
        assert self.at_once(token, [STREAM] * 20) == {201: 1, 429: 19}
        assert Reading.objects.count() == 1

    def test_one_is_taken_and_the_others_are_the_same(self, alice):
        _, token = make_sensor(owner=alice, batch=make_batch(owner=alice))
        assert self.at_once(token, [RAPT] * 20) == {201: 1, 200: 19}
        assert Reading.objects.count() == 1

    def test_two_sensors_of_one_batch_do_not_block_each_other(self, alice):
        batch = make_batch(owner=alice)
        tokens = [make_sensor(owner=alice, batch=batch)[1] for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda token: self.at_once(token, [STREAM]), tokens))
        assert answers == [Counter({201: 1})] * 6
