from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.utils import timezone
from PIL import Image

from batches import actions
from batches.models import Batch
from tests.api import BASE, call
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder

# The contract: these, in this order, and nothing else.
FIELDS = [
    "id",
    "name",
    "culture",
    "stage",
    "status",
    "waterVolumeMl",
    "sugarGrams",
    "sugarType",
    "grainsGrams",
    "fruits",
    "temperatureC",
    "startedAt",
    "targetHours",
    "bottledAt",
    "bottleCount",
    "bottleVolumeMl",
    "bottleKind",
    "addedSugarGrams",
    "bottledTemperatureC",
    "bottledTargetHours",
    "readyAt",
    "archivedAt",
    "notes",
    "isPublic",
    "publicNote",
    "parent",
    "grains",
    "newGrains",
    "version",
    "publicUrl",
    "createdAt",
    "updatedAt",
]
PUBLIC = [
    "id",
    "name",
    "culture",
    "stage",
    "status",
    "startedAt",
    "bottledAt",
    "readyAt",
    "publicNote",
    "photos",
]
FULL = {
    "name": "Lemon jar",
    "culture": "kombucha",
    "waterVolumeMl": 1500,
    "sugarGrams": 90.5,
    "sugarType": "raw cane",
    "grainsGrams": 80,
    "fruits": ["lemon", "fig"],
    "temperatureC": 22.5,
    "startedAt": "2026-03-01T12:00:00Z",
    "targetHours": 48,
    "notes": "Two figs",
    "isPublic": True,
    "publicNote": "Ask for grains",
}


def names(answer):
    return [batch["name"] for batch in answer.json()["results"]]


class TestStart:
    def test_with_an_empty_body_works(self, api):
        answer = call(api, "post", "/batches", {})
        assert answer.status_code == 201
        assert list(answer.json()) == [*FIELDS, "suggestions"]
        assert (answer.json()["culture"], answer.json()["status"]) == ("water_kefir", "active")

    def test_keeps_all_that_it_is_given(self, api):
        made = call(api, "post", "/batches", FULL).json()
        assert {name: made[name] for name in FULL} == FULL
        kept = call(api, "get", f"/batches/{made['id']}").json()
        assert {name: kept[name] for name in FULL} == FULL

    def test_answers_with_suggestions_soonest_first(self, api):
        suggestions = call(api, "post", "/batches", {"temperatureC": 22}).json()["suggestions"]
        assert [set(one) for one in suggestions] == [{"kind", "dueAt", "message", "why", "priority"}] * len(
            suggestions
        )
        assert {"taste", "ready"} <= {one["kind"] for one in suggestions}
        assert [one["dueAt"] for one in suggestions] == sorted(one["dueAt"] for one in suggestions)

    def test_suggests_sooner_where_it_is_warmer(self, api):
        def ready_at(warmth):
            suggestions = call(api, "post", "/batches", {"temperatureC": warmth}).json()["suggestions"]
            return next(one["dueAt"] for one in suggestions if one["kind"] == "ready")

        assert ready_at(27) < ready_at(22) < ready_at(18)

    def test_brews_again_from_a_parent_in_any_writing_of_its_id(self, api, alice):
        first = make_batch(owner=alice, sugar_grams=80, fruits=["Fig"], notes="Good one")
        again = call(api, "post", "/batches", {"parent": first.pk.lower(), "sugarGrams": 60}).json()
        assert (again["parent"], again["sugarGrams"], again["fruits"]) == (first.pk, 60, ["Fig"])
        assert again["notes"] == ""

    def test_says_where_it_may_be_scanned(self, api, settings):
        settings.SITE_URL = "https://kefir.example"
        made = call(api, "post", "/batches", {}).json()
        assert made["publicUrl"] == f"https://kefir.example/b/{made['id']}"


class TestOnTheWire:
    def test_times_are_utc_and_numbers_are_numbers(self, api):
        raw = call(api, "post", "/batches", FULL | {"startedAt": "2026-03-01T14:00:00+02:00"})
        assert raw.json()["startedAt"] == "2026-03-01T12:00:00Z"
        assert '"sugarGrams":90.5' in raw.content.decode()
        assert '"waterVolumeMl":1500' in raw.content.decode()

    def test_it_is_json_in_utf8(self, api):
        answer = call(api, "post", "/batches", {"name": "🫙"})
        assert answer["Content-Type"] == "application/json"
        assert "🫙".encode() in answer.content

    def test_whatever_the_client_would_like_instead(self, api):
        answer = call(api, "get", "/batches", headers={"Accept": "text/html"})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


class TestList:
    def test_is_mine_newest_first(self, api, alice, bob):
        make_batch(owner=bob, name="Not mine")
        for hours, name in ((2, "Second"), (1, "First"), (3, "Third")):
            make_batch(owner=alice, name=name, started_at=NOON - timedelta(hours=hours))
        assert names(call(api, "get", "/batches")) == ["First", "Second", "Third"]

    def test_leaves_out_the_archive_unless_asked(self, api, alice):
        actions.archive(batch=make_batch(owner=alice, name="Old"), now=NOON)
        make_batch(owner=alice, name="New")
        assert names(call(api, "get", "/batches")) == ["New"]
        assert names(call(api, "get", "/batches?status=archived")) == ["Old"]
        assert set(names(call(api, "get", "/batches?status=active,archived"))) == {"Old", "New"}

    def test_is_filtered_by_stage_and_culture(self, api, alice):
        make_batch(owner=alice, name="Open")
        make_bottled(owner=alice, name="Bottled")
        make_batch(owner=alice, name="Tea", culture="kombucha")
        assert names(call(api, "get", "/batches?stage=bottled")) == ["Bottled"]
        assert names(call(api, "get", "/batches?culture=kombucha&stage=open")) == ["Tea"]

    def test_is_searched_in_names_and_notes(self, api, alice):
        make_batch(owner=alice, name="Lemon")
        make_batch(owner=alice, name="Fig", notes="with LEMON peel")
        make_batch(owner=alice, name="Plum")
        assert set(names(call(api, "get", "/batches?search=lemon"))) == {"Lemon", "Fig"}

    def test_is_read_page_by_page_without_loss_while_it_grows(self, api, alice):
        for n in range(5):
            make_batch(owner=alice, name=str(n), started_at=NOON - timedelta(hours=n))
        first = call(api, "get", "/batches?limit=2").json()
        make_batch(owner=alice, name="New", started_at=NOON)
        second = api.get(first["next"]).json()
        third = api.get(second["next"]).json()
        seen = [batch["name"] for page in (first, second, third) for batch in page["results"]]
        assert (seen, third["next"]) == (["0", "1", "2", "3", "4"], None)
        assert [one["name"] for one in api.get(third["previous"]).json()["results"]] == ["2", "3"]

    def test_reads_on_through_many_of_one_moment(self, api, alice):
        for _ in range(5):
            make_batch(owner=alice)
        seen, path = [], f"{BASE}/batches?limit=2"
        while path:
            page = api.get(path).json()
            seen += [batch["id"] for batch in page["results"]]
            path = page["next"]
        assert seen == sorted(seen, reverse=True)
        assert len(set(seen)) == 5

    def test_gives_fifty_if_not_told_how_many(self, api, alice):
        Batch.objects.bulk_create(
            Batch(owner=alice, name=str(n), started_at=NOON, created_at=NOON, updated_at=NOON)
            for n in range(51)
        )
        assert len(names(call(api, "get", "/batches"))) == 50
        assert len(names(call(api, "get", "/batches?limit=100"))) == 51


class TestEdit:
    def test_changes_what_is_named_and_nothing_else(self, api, alice):
        batch = make_batch(owner=alice, name="Jar", sugar_grams=80)
        before = call(api, "get", f"/batches/{batch.pk}").json()
        after = call(api, "patch", f"/batches/{batch.pk}", {"sugarGrams": None}).json()
        assert {name for name in before if before[name] != after[name]} == {
            "sugarGrams",
            "version",
            "updatedAt",
        }

    def test_of_nothing_changes_nothing(self, api, alice):
        batch = make_batch(owner=alice)
        answer = call(api, "patch", f"/batches/{batch.pk}", {})
        assert (answer.status_code, answer.json()["version"]) == (200, 1)

    def test_moves_edits_and_shares_in_one_go(self, api, alice):
        batch = make_batch(owner=alice)
        body = {
            "stage": "bottled",
            "bottleCount": 6,
            "bottleKind": "swing_top",
            "name": "Six",
            "isPublic": True,
        }
        answer = call(api, "patch", f"/batches/{batch.pk}", body).json()
        assert {name: answer[name] for name in body} == body
        assert answer["bottledAt"]

    def test_of_what_is_archived_restores_it_on_demand(self, api, alice):
        batch = actions.archive(batch=make_batch(owner=alice), now=NOON)
        assert call(api, "patch", f"/batches/{batch.pk}", {"name": "Pot"}).json()["code"] == "batch_archived"
        answer = call(api, "patch", f"/batches/{batch.pk}", {"status": "active", "name": "Pot"})
        assert (answer.status_code, answer.json()["name"]) == (200, "Pot")

    def test_before_it_is_bottled_knows_no_time_of_bottling(self, api, alice):
        batch = make_batch(owner=alice)
        answer = call(api, "patch", f"/batches/{batch.pk}", {"bottledAt": "2026-03-01T12:00:00Z"})
        assert answer.json()["code"] == "not_bottled"


class TestDelete:
    def test_archives_and_loses_nothing(self, api, alice):
        batch = make_batch(owner=alice, now=timezone.now())
        make_event(batch=batch, now=timezone.now())
        assert call(api, "delete", f"/batches/{batch.pk}").status_code == 204
        kept = call(api, "get", f"/batches/{batch.pk}").json()
        assert kept["status"] == "archived"
        assert kept["archivedAt"]
        assert batch.events.count() == 2

    def test_twice_is_once(self, api, alice):
        path = f"/batches/{make_batch(owner=alice).pk}"
        assert [call(api, "delete", path).status_code for _ in range(2)] == [204, 204]
        assert call(api, "get", path).json()["version"] == 2

    def test_cancels_what_is_due(self, api, alice):
        batch = make_batch(owner=alice, now=timezone.now())
        reminder = make_reminder(batch=batch, now=timezone.now(), due_at=timezone.now() + timedelta(hours=1))
        call(api, "delete", f"/batches/{batch.pk}")
        reminder.refresh_from_db()
        assert reminder.status == "cancelled"


class TestPublicSummary:
    def test_holds_what_the_contract_names_and_nothing_else(self, client, alice):
        batch = make_bottled(owner=alice, is_public=True, public_note="Ask", notes="Hidden", name="Jar")
        answer = client.get(f"{BASE}/public/b/{batch.pk.lower()}")
        assert list(answer.json()) == PUBLIC
        assert (answer.json()["name"], answer.json()["publicNote"], answer.json()["photos"]) == (
            "Jar",
            "Ask",
            [],
        )

    def test_is_gone_as_soon_as_it_is_not_shared(self, client, alice):
        batch = make_batch(owner=alice, is_public=True)
        actions.unshare(batch=batch, now=NOON)
        assert client.get(f"{BASE}/public/b/{batch.pk}").status_code == 404

    def test_needs_no_sign_in_and_is_stopped_by_none_that_is_stale(self, client, alice):
        batch = make_batch(owner=alice, is_public=True)
        answer = client.get(f"{BASE}/public/b/{batch.pk}", headers={"Authorization": "Bearer old"})
        assert answer.status_code == 200


class TestCode:
    def test_is_drawn_as_svg_and_png(self, api, alice):
        batch = make_batch(owner=alice)
        svg, png = (api.get(f"{BASE}/batches/{batch.pk}/qr.{kind}") for kind in ("svg", "png"))
        assert (svg["Content-Type"], png["Content-Type"]) == ("image/svg+xml", "image/png")
        assert b"<svg" in svg.content
        assert png.content.startswith(b"\x89PNG")

    @pytest.mark.parametrize("size", [100, 600, 2000])
    def test_is_at_most_as_wide_as_asked(self, api, alice, size):
        answer = api.get(f"{BASE}/batches/{make_batch(owner=alice).pk}/qr.png?size={size}")
        assert size * 0.7 <= Image.open(BytesIO(answer.content)).width <= size


class TestClock:
    def test_of_the_server_is_the_one_that_counts(self, api):
        with time_machine.travel(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), tick=False):
            made = call(api, "post", "/batches", {}).json()
        assert made["startedAt"] == made["createdAt"] == "2026-03-29T00:59:00Z"

    def test_of_a_phone_may_be_five_minutes_fast(self, api):
        for minutes, status in ((4, 201), (6, 400)):
            started_at = (timezone.now() + timedelta(minutes=minutes)).isoformat()
            assert call(api, "post", "/batches", {"startedAt": started_at}).status_code == status
