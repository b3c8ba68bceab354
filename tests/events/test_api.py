from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from batches import actions as batches
from events.models import Event
from tests.api import BASE, call
from tests.factories import make_batch, make_event

FIELDS = [
    "id",
    "batch",
    "kind",
    "occurredAt",
    "description",
    "ph",
    "brix",
    "temperatureC",
    "taste",
    "fizz",
    "sign",
    "phBy",
    "data",
    "createdAt",
    "updatedAt",
]
FULL = {
    "kind": "measurement",
    "description": "Sour already",
    "ph": 3.9,
    "brix": 6.5,
    "temperatureC": 22.5,
    "taste": "nearly",
    "fizz": 2,
    "phBy": "meter",
}


@pytest.fixture
def jar(alice):
    now = timezone.now()
    return make_batch(owner=alice, now=now, started_at=now - timedelta(days=2))


@pytest.fixture
def path(jar):
    return f"/batches/{jar.pk}/events"


class TestLog:
    def test_keeps_all_that_it_is_given(self, api, jar, path):
        answer = call(api, "post", path, FULL)
        assert answer.status_code == 201
        assert list(answer.json()) == FIELDS
        assert {name: answer.json()[name] for name in FULL} == FULL
        assert (answer.json()["batch"], answer.json()["data"]) == (jar.pk, {})

    def test_is_a_note_of_now_unless_said_otherwise(self, api, path):
        said = call(api, "post", path, {"description": "Bubbles"}).json()
        assert said["kind"] == "note"
        assert said["occurredAt"] == said["createdAt"]

    def test_takes_the_id_that_an_offline_phone_chose(self, api, path):
        chosen = str(uuid4())
        assert (
            call(api, "post", path, {"id": chosen.upper(), "description": "Bubbles"}).json()["id"] == chosen
        )

    def test_a_burp_needs_no_words(self, api, path):
        assert call(api, "post", path, {"kind": "burped"}).status_code == 201

    @pytest.mark.parametrize("kind", ["note", "observation", "measurement", "taste"])
    def test_that_says_nothing_is_refused(self, api, path, kind):
        assert call(api, "post", path, {"kind": kind}).json()["code"] == "says_nothing"

    def test_what_happened_before_the_batch_is_refused(self, api, jar, path):
        for hours, status in ((23, 201), (25, 400)):
            occurred_at = (jar.started_at - timedelta(hours=hours)).isoformat()
            body = {"description": "Soaked the figs", "occurredAt": occurred_at}
            assert call(api, "post", path, body).status_code == status

    def test_nothing_is_logged_in_the_archive(self, api, jar, path):
        batches.archive(batch=jar, now=timezone.now())
        assert call(api, "post", path, {"description": "x"}).json()["code"] == "batch_archived"


class TestTimeline:
    def test_is_newest_first_and_holds_the_moves(self, api, jar, path):
        now = timezone.now()
        make_event(batch=jar, now=now, occurred_at=now - timedelta(hours=5), description="Earlier")
        batches.move(batch=jar, now=now, stage="bottled")
        lines = call(api, "get", path).json()["results"]
        assert [line["kind"] for line in lines] == ["stage_change", "note"]
        assert lines[0]["data"] == {
            "from": {"stage": "open", "status": "active"},
            "to": {"stage": "bottled", "status": "active"},
        }

    def test_is_read_page_by_page(self, api, jar, path):
        for n in range(5):
            make_event(batch=jar, now=timezone.now(), description=str(n))
        first = call(api, "get", f"{path}?limit=3").json()
        second = api.get(first["next"]).json()
        assert [line["description"] for line in first["results"] + second["results"]] == [
            "4",
            "3",
            "2",
            "1",
            "0",
        ]
        assert second["next"] is None

    def test_holds_nothing_of_another_batch(self, api, alice, path):
        make_event(batch=make_batch(owner=alice), description="Other")
        assert call(api, "get", path).json()["results"] == []


class TestCorrect:
    def test_changes_what_is_named_and_nothing_else(self, api, jar):
        event = make_event(batch=jar, now=timezone.now(), ph=4)
        answer = call(api, "patch", f"/events/{event.pk}", {"ph": None, "description": "Flat"})
        assert (answer.status_code, answer.json()["ph"], answer.json()["description"]) == (200, None, "Flat")
        assert answer.json()["occurredAt"] == event.occurred_at.isoformat().replace("+00:00", "Z")

    def test_still_has_to_say_something(self, api, jar):
        event = make_event(batch=jar, now=timezone.now())
        assert call(api, "patch", f"/events/{event.pk}", {"description": ""}).json()["code"] == "says_nothing"

    def test_does_not_touch_a_move(self, api, jar):
        batches.move(batch=jar, now=timezone.now(), status="in_fridge")
        path = f"/events/{jar.events.get().pk}"
        assert call(api, "patch", path, {"description": "No"}).json()["code"] == "written_by_itself"
        assert call(api, "delete", path).json()["code"] == "written_by_itself"


class TestWithdraw:
    def test_takes_it_off_the_timeline(self, api, jar):
        event = make_event(batch=jar, now=timezone.now())
        assert call(api, "delete", f"/events/{event.pk}").status_code == 204
        assert not Event.objects.exists()
        assert call(api, "delete", f"/events/{event.pk}").status_code == 404


def test_one_event_is_read_in_its_timeline_only(api, jar):
    assert api.get(f"{BASE}/events/{make_event(batch=jar, now=timezone.now()).pk}").status_code == 405
