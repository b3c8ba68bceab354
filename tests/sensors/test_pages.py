import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from batches import actions as batches
from sensors.models import Sensor
from tests.api import call, reasons
from tests.factories import NOON, make_batch
from tests.sensors.gadgets import STREAM, hear, make_sensor, post

HOUR = timedelta(hours=1)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Ginger")


def shown(answer):
    return answer.content.decode()


class TestAdding:
    def typed(self, **other):
        return {"id": uuid4(), "name": "Blue float", "batch": "", "silent_after": "360", **other}

    def test_shows_the_token_once_with_what_to_type(self, page):
        answer = page.post("/sensors/new", self.typed())
        token = re.search(r"kefir_sensor_[\w-]{43}", shown(answer))[0]
        assert answer.status_code == 201
        assert post(token, STREAM).status_code == 201
        for words in (
            f"/api/v1/ingest/{token}",
            f"Bearer {token}",
            "iSpindel",
            "Tilt",
            "RAPT",
            "custom stream",
        ):
            assert words in shown(answer)
        assert token not in shown(page.get("/sensors/")) + shown(
            page.get(f"/sensors/{Sensor.objects.get().pk}")
        )
        assert answer["Cache-Control"] == "no-store, private"

    def test_sent_twice_is_one_sensor(self, page):
        typed = self.typed()
        assert page.post("/sensors/new", typed).status_code == 201
        assert page.post("/sensors/new", typed)["Location"] == "/sensors/"
        assert Sensor.objects.count() == 1

    def test_without_a_name_says_so_and_keeps_the_rest(self, page, jar):
        answer = page.post("/sensors/new", self.typed(name="", batch=jar.pk))
        assert answer.status_code == 422
        assert f'value="{jar.pk}" selected' in shown(answer)

    def test_from_a_batch_begins_with_it(self, page, jar):
        assert f'value="{jar.pk}" selected' in shown(page.get(f"/sensors/new?batch={jar.pk}"))

    def test_into_anothers_batch_is_refused(self, page, bob):
        theirs = make_batch(owner=bob)
        assert page.get(f"/sensors/new?batch={theirs.pk}").status_code == 404
        assert page.post("/sensors/new", self.typed(batch=theirs.pk)).status_code == 422
        assert not Sensor.objects.exists()


class TestBothDoors:
    """What the page refuses the API refuses, for the same reason."""

    @pytest.mark.parametrize("name", ["x" * 101, "a\tb"])
    def test_refuse_a_name(self, page, api, name):
        form = page.post("/sensors/new", {"name": name, "silent_after": ""}).context["form"]
        answer = call(api, "post", "/sensors", {"name": name})
        assert {("name", error.code) for error in form.errors.as_data()["name"]} == reasons(answer)

    @pytest.mark.parametrize("hours", [0, 169])
    def test_refuse_too_little_and_too_much_patience(self, page, api, hours):
        form = page.post("/sensors/new", {"name": "x", "silent_after": hours * 60}).context["form"]
        answer = call(api, "post", "/sensors", {"name": "x", "silentAfter": hours})
        codes = {error.code for error in form.errors.as_data()["silent_after"]}
        assert {("silentAfter", code) for code in codes} <= reasons(answer)
        assert not Sensor.objects.exists()


class TestSensor:
    @pytest.fixture
    def sensor(self, alice):
        return make_sensor(owner=alice)[0]

    def test_is_renamed(self, page, sensor):
        answer = page.post(f"/sensors/{sensor.pk}", {"name": "Red float", "batch": "", "silent_after": "60"})
        sensor.refresh_from_db()
        assert answer["Location"] == "/sensors/"
        assert (sensor.name, sensor.silent_after) == ("Red float", HOUR)

    def test_is_removed(self, page, sensor):
        page.post(f"/sensors/{sensor.pk}/remove")
        assert not Sensor.objects.kept().exists()
        assert page.get(f"/sensors/{sensor.pk}").status_code == 404

    def test_goes_into_a_batch_and_out_again(self, page, sensor, jar):
        page.post(f"/batches/{jar.pk}/sensors", {"sensor": sensor.pk})
        assert list(jar.sensors.all()) == [sensor]
        page.post(f"/batches/{jar.pk}/sensors", {"sensor": sensor.pk, "out": "1"})
        assert not jar.sensors.exists()

    def test_of_another_goes_nowhere(self, page, jar, bob):
        theirs, _ = make_sensor(owner=bob)
        for sensor in (theirs.pk, uuid4(), "x"):
            assert page.post(f"/batches/{jar.pk}/sensors", {"sensor": sensor}).status_code == 404
        assert not jar.sensors.exists()

    def test_does_not_go_into_an_archived_batch(self, page, sensor, jar):
        batches.archive(batch=jar, now=timezone.now())
        page.post(f"/batches/{jar.pk}/sensors", {"sensor": sensor.pk})
        assert not jar.sensors.exists()
        assert "archived" in shown(page.get(f"/batches/{jar.pk}"))

    def test_says_how_it_is(self, page, sensor):
        hear(sensor, now=timezone.now(), temp=21.46, gravity=1.0421, battery=3.2)
        listed = shown(page.get("/sensors/"))
        for words in (
            "21.5\u00a0°C",
            "1.042 (10.5\u00a0°Brix)",
            "battery 3.20 V",
            "nearly empty",
            "Custom stream",
        ):
            assert words in listed


class TestChart:
    @pytest.fixture
    def sensor(self, alice, jar):
        return make_sensor(owner=alice, batch=jar)[0]

    def fill(self, sensor, number=8):
        for n in range(number):
            hear(sensor, now=NOON + n * HOUR, temp=20 + n / 4, gravity=1.05 - n / 400)

    def test_is_not_there_where_nothing_measures(self, page, jar):
        assert "Measured by itself" not in shown(page.get(f"/batches/{jar.pk}"))

    def test_draws_and_says_what_was_measured(self, page, jar, sensor):
        self.fill(sensor)
        text = shown(page.get(f"/batches/{jar.pk}"))
        assert text.count("<polyline") == 2
        assert "Between 20.0 and 21.8 °C" in text
        assert text.count('<th scope="row">') == 8

    def test_is_in_its_readers_units(self, page, alice, jar, sensor):
        alice.temperature_unit = "F"
        alice.save()
        self.fill(sensor)
        text = shown(page.get(f"/batches/{jar.pk}"))
        assert "Between 68.0 and 71." in text
        assert "68\u00a0°F" in text

    def test_is_in_its_readers_hours(self, page, alice, jar, sensor):
        alice.timezone = "Asia/Tokyo"
        alice.save()
        self.fill(sensor)
        assert "Sun 1 Mar, 21:00" in shown(page.get(f"/batches/{jar.pk}"))

    def test_stays_after_the_sensor_is_removed(self, page, jar, sensor):
        self.fill(sensor)
        page.post(f"/sensors/{sensor.pk}/remove")
        assert "<polyline" in shown(page.get(f"/batches/{jar.pk}"))

    def test_of_two_says_which_is_which(self, page, alice, jar, sensor):
        self.fill(sensor)
        self.fill(make_sensor(owner=alice, batch=jar, name="Pill", now=NOON + HOUR)[0])
        assert shown(page.get(f"/batches/{jar.pk}")).count("solid: Blue float · dashed: Pill") == 2

    def test_is_shown_to_no_stranger(self, client, alice):
        jar = make_batch(owner=alice, is_public=True)
        hear(make_sensor(owner=alice, batch=jar, name="Secret float")[0], now=NOON, temp=21)
        assert "Secret" not in shown(client.get(f"/b/{jar.pk}"))
