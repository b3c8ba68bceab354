from datetime import timedelta

import pytest
from django.utils import timezone

from batches import actions as batches
from reminders import actions
from reminders.models import Reminder
from tests.api import call
from tests.factories import make_batch, make_reminder

FIELDS = [
    "id",
    "batch",
    "batchName",
    "kind",
    "message",
    "dueAt",
    "snoozedUntil",
    "status",
    "sentAt",
    "doneAt",
    "grains",
    "grainsName",
]
HOUR = timedelta(hours=1)


def wire(moment):
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, now=timezone.now(), name="Jar", temperature_c=22)


@pytest.fixture
def due_at():
    return timezone.now() + 3 * HOUR


@pytest.fixture
def reminder(jar, due_at):
    return make_reminder(batch=jar, now=timezone.now(), due_at=due_at)


class TestSuggestions:
    def test_are_those_that_starting_gave(self, api):
        made = call(api, "post", "/batches", {"temperatureC": 22}).json()
        answer = call(api, "get", f"/batches/{made['id']}/reminders/suggestions").json()
        assert [(one["kind"], one["message"]) for one in answer["suggestions"]] == [
            (one["kind"], one["message"]) for one in made["suggestions"]
        ]

    def test_follow_the_batch_into_its_bottles(self, api, jar):
        batches.move(batch=jar, now=timezone.now(), stage="bottled", bottle_kind="swing_top")
        kinds = {
            one["kind"]
            for one in call(api, "get", f"/batches/{jar.pk}/reminders/suggestions").json()["suggestions"]
        }
        assert "chill_by" in kinds
        assert "grains_starve" not in kinds

    def test_are_none_in_the_archive(self, api, jar):
        batches.archive(batch=jar, now=timezone.now())
        assert call(api, "get", f"/batches/{jar.pk}/reminders/suggestions").json() == {
            "suggestions": [],
            "muted": [],
        }


class TestConfirm:
    def confirm(self, api, jar, *wanted):
        return call(api, "post", f"/batches/{jar.pk}/reminders/confirm", {"reminders": list(wanted)})

    def test_takes_suggestions_as_they_are_and_they_follow_the_plan(self, api, jar):
        suggestions = call(api, "get", f"/batches/{jar.pk}/reminders/suggestions").json()["suggestions"]
        wanted = [{name: one[name] for name in ("kind", "dueAt", "message")} for one in suggestions]
        answer = self.confirm(api, jar, *wanted)
        assert answer.status_code == 201
        assert [
            {name: one[name] for name in ("kind", "dueAt", "message")} for one in answer.json()["reminders"]
        ] == wanted
        assert set(Reminder.objects.values_list("follows_plan", flat=True)) == {True}

    def test_takes_one_of_ones_own(self, api, jar, due_at):
        [kept] = self.confirm(api, jar, {"dueAt": wire(due_at), "message": "Buy lemons"}).json()["reminders"]
        assert list(kept) == FIELDS
        assert (kept["kind"], kept["status"], kept["dueAt"]) == ("custom", "waiting", wire(due_at))
        assert (kept["batch"], kept["batchName"]) == (jar.pk, "Jar")

    def test_sets_all_or_none(self, api, jar, due_at):
        past = {"dueAt": wire(timezone.now() - HOUR), "message": "Too late"}
        answer = self.confirm(api, jar, {"dueAt": wire(due_at), "message": "Stir"}, past)
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["reminders.1.dueAt"]
        assert not Reminder.objects.exists()

    def test_of_a_kind_that_waits_moves_it(self, api, jar, due_at):
        wanted = {"kind": "taste", "message": "Taste it"}
        first = self.confirm(api, jar, wanted | {"dueAt": wire(due_at)}).json()["reminders"]
        again = self.confirm(api, jar, wanted | {"dueAt": wire(due_at + HOUR)}).json()["reminders"]
        assert first[0]["id"] == again[0]["id"]
        assert again[0]["dueAt"] == wire(due_at + HOUR)


class TestLists:
    def test_are_soonest_first_by_when_they_are_told(self, api, jar, due_at):
        late, soon, snoozed = (
            make_reminder(batch=jar, now=timezone.now(), due_at=due_at + n * HOUR, message=str(n))
            for n in (3, 1, 0)
        )
        actions.snooze(reminder=snoozed, until=due_at + 2 * HOUR, now=timezone.now())
        for path in ("/me/reminders", f"/batches/{jar.pk}/reminders"):
            ids = [one["id"] for one in call(api, "get", path).json()["results"]]
            assert ids == [str(soon.pk), str(snoozed.pk), str(late.pk)]

    def test_are_read_page_by_page(self, api, jar, due_at):
        for n in range(5):
            make_reminder(batch=jar, now=timezone.now(), due_at=due_at, message=str(n))
        first = call(api, "get", "/me/reminders?limit=3").json()
        second = api.get(first["next"]).json()
        assert len({one["id"] for one in first["results"] + second["results"]}) == 5
        assert second["next"] is None

    def test_are_filtered_by_status(self, api, jar, reminder, due_at):
        done = make_reminder(batch=jar, now=timezone.now(), due_at=due_at, message="Done")
        actions.finish(reminder=done, now=timezone.now())
        for path in ("/me/reminders", f"/batches/{jar.pk}/reminders"):
            found = call(api, "get", f"{path}?status=done").json()["results"]
            assert [one["message"] for one in found] == ["Done"]
            assert len(call(api, "get", path).json()["results"]) == 2

    def test_of_a_batch_hold_its_own_only(self, api, alice, jar, reminder):
        other = make_batch(owner=alice, now=timezone.now())
        assert call(api, "get", f"/batches/{other.pk}/reminders").json()["results"] == []


class TestDeeds:
    def test_done_is_done_with_its_time(self, api, reminder):
        answer = call(api, "post", f"/reminders/{reminder.pk}/done")
        assert (answer.status_code, answer.json()["status"]) == (200, "done")
        assert answer.json()["doneAt"]

    def test_skipped_is_not_done(self, api, reminder):
        answer = call(api, "post", f"/reminders/{reminder.pk}/skip").json()
        assert (answer["status"], answer["doneAt"]) == ("skipped", None)

    def test_snoozed_for_minutes_keeps_its_due_time(self, api, reminder, due_at):
        before = timezone.now()
        answer = call(api, "post", f"/reminders/{reminder.pk}/snooze", {"minutes": 90}).json()
        assert answer["dueAt"] == wire(due_at)
        assert wire(before + 1.5 * HOUR) <= answer["snoozedUntil"] <= wire(timezone.now() + 1.5 * HOUR)

    def test_snoozed_until_a_time_waits_for_it(self, api, reminder, due_at):
        until = wire(due_at + HOUR)
        answer = call(api, "post", f"/reminders/{reminder.pk}/snooze", {"until": until}).json()
        assert (answer["snoozedUntil"], answer["status"]) == (until, "waiting")

    def test_cancelled_is_out_of_the_way_and_twice_is_once(self, api, reminder):
        assert [call(api, "delete", f"/reminders/{reminder.pk}").status_code for _ in range(2)] == [204, 204]
        assert call(api, "get", "/me/reminders?status=waiting").json()["results"] == []

    @pytest.mark.parametrize("deed", ["done", "skip", "snooze"])
    def test_what_is_done_is_done(self, api, reminder, deed):
        call(api, "post", f"/reminders/{reminder.pk}/done")
        answer = call(
            api, "post", f"/reminders/{reminder.pk}/{deed}", {"minutes": 5} if deed == "snooze" else None
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "not_waiting")


def test_a_warmer_shelf_moves_what_follows_the_plan(api, jar):
    """The whole way over the API: suggested, confirmed, edited, planned anew."""
    suggestions = call(api, "get", f"/batches/{jar.pk}/reminders/suggestions").json()["suggestions"]
    [ready] = [
        {n: one[n] for n in ("kind", "dueAt", "message")} for one in suggestions if one["kind"] == "ready"
    ]
    call(api, "post", f"/batches/{jar.pk}/reminders/confirm", {"reminders": [ready]})
    call(api, "patch", f"/batches/{jar.pk}", {"temperatureC": 28})
    [kept] = call(api, "get", f"/batches/{jar.pk}/reminders").json()["results"]
    assert kept["dueAt"] < ready["dueAt"]
