"""Whatever the page refuses the API refuses, for the same reason; and neither changes anything.

What is compared are the rules. Each door reads its own kind of text, so that a number is one (`invalid`) or that a
field must be filled in (`required`, `blank`) is its own affair.
"""

from datetime import UTC, timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from batches import actions as batches
from kefir.api.names import camel
from reminders import actions as reminders
from reminders.models import Reminder
from tests.api import call, on_the_wire, reasons
from tests.events.album import make_photo
from tests.factories import make_batch, make_bottled, make_event, make_reminder
from tests.rows import everything

LONG_AGO, FAR = "1999-12-31T23:59", "2999-01-01T12:00"


def wrong(*names):
    """Cases that are read at both doors alike: names inside, values as a JSON body has them."""
    limits = {
        "water_volume_ml": (49, 200_001),
        "sugar_grams": (-0.5, 50_000.5),
        "grains_grams": (-0.5, 20_000.5),
        "temperature_c": (-0.5, 45.5),
        "target_hours": (0.5, 2160.5),
        "bottle_count": (0, 1001),
        "bottle_volume_ml": (49, 200_001),
        "added_sugar_grams": (-0.5, 50_000.5),
        "bottled_temperature_c": (-0.5, 45.5),
        "bottled_target_hours": (0.5, 2160.5),
        "name": ("x" * 101, "a\tb"),
        "sugar_type": ("x" * 41, "a\x7fb"),
        "culture": ("beer",),
        "bottle_kind": ("bucket",),
        "notes": ("x" * 2001,),
        "public_note": ("x" * 501,),
        "started_at": (LONG_AGO, FAR),
        "bottled_at": (FAR,),
        "ph": (-0.5, 14.5),
        "brix": (-0.5, 60.5),
        "taste": ("salty",),
        "kind": ("photo", "stage_change"),
        "description": ("x" * 2001,),
        "occurred_at": (LONG_AGO, FAR),
    }
    return pytest.mark.parametrize(
        ("name", "value"),
        [pytest.param(name, value, id=f"{name}={value!s:.12}") for name in names for value in limits[name]],
    )


def on_page(page, path, typed, form="form"):
    answer = page.post(path, typed)
    assert answer.status_code == 422, answer
    return {
        ("" if name == "__all__" else camel(name), error.code)
        for name, errors in answer.context[form].errors.as_data().items()
        for error in errors
    }


def over_api(api, method, path, body):
    answer = call(api, method, path, body)
    assert answer.status_code == 400, answer.content
    return reasons(answer)


def said(answer):
    """The sentences at the top of the next page."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


RECIPE = [
    "water_volume_ml",
    "sugar_grams",
    "grains_grams",
    "temperature_c",
    "target_hours",
    "sugar_type",
    "culture",
]
BOTTLING = [
    *(
        "bottle_count",
        "bottle_volume_ml",
        "added_sugar_grams",
        "bottled_temperature_c",
        "bottled_target_hours",
    ),
    *("bottle_kind", "bottled_at"),
]


@pytest.fixture
def jar(alice):
    now = timezone.now()
    return make_batch(owner=alice, now=now, started_at=now - timedelta(hours=2), name="Jar")


@pytest.fixture
def put_away(jar):
    return batches.archive(batch=jar, now=timezone.now())


class TestStart:
    @wrong(*RECIPE, "name", "notes", "started_at")
    def test_refuses_alike(self, page, api, name, value):
        typed = {"culture": "water_kefir", "started_at": "2026-03-01T12:00"} | {name: value}
        seen = on_page(page, "/batches/new", typed)
        assert seen == over_api(api, "post", "/batches", on_the_wire(**{name: value}))
        assert {field for field, _ in seen} == {camel(name)}
        assert not any(everything())

    def test_refuses_fruits_alike(self, page, api):
        for fruits in (["x"] * 21, ["x" * 41]):
            typed = {"culture": "water_kefir", "started_at": "2026-03-01T12:00", "fruits": ",".join(fruits)}
            seen = on_page(page, "/batches/new", typed) | over_api(
                api, "post", "/batches", {"fruits": fruits}
            )
            assert {field.partition(".")[0] for field, _ in seen} == {"fruits"}
        assert not any(everything())

    def test_accepts_alike(self, page, api):
        page.post(
            "/batches/new", {"culture": "kombucha", "started_at": "2026-03-01T12:00", "sugar_grams": "80"}
        )
        call(
            api,
            "post",
            "/batches",
            on_the_wire(culture="kombucha", started_at="2026-03-01T12:00", sugar_grams=80),
        )
        first, second = everything()[0]
        their_own = {"id", "created_at", "updated_at", "stamped_at"}
        assert [name for name in first if first[name] != second[name] and name not in their_own] == []


class TestEdit:
    def page_of(self, batch, **typed):
        known = {
            "name": batch.name,
            "culture": batch.culture,
            "started_at": f"{batch.started_at:%Y-%m-%dT%H:%M}",
        }
        return known | typed

    @wrong(*RECIPE, "name", "notes", "started_at")
    def test_refuses_alike(self, page, api, jar, name, value):
        before = everything()
        seen = on_page(page, f"/batches/{jar.pk}/edit", self.page_of(jar, **{name: value}))
        assert seen == over_api(api, "patch", f"/batches/{jar.pk}", on_the_wire(**{name: value}))
        assert {field for field, _ in seen} == {camel(name)}
        assert everything() == before

    @wrong(*BOTTLING)
    def test_of_what_is_bottled_refuses_alike(self, page, api, alice, name, value):
        bottled = make_bottled(owner=alice, now=timezone.now())
        typed = {"bottled_at": f"{bottled.bottled_at:%Y-%m-%dT%H:%M}"} | {name: value}
        before = everything()
        seen = on_page(page, f"/batches/{bottled.pk}/edit", self.page_of(bottled, **typed))
        assert seen == over_api(api, "patch", f"/batches/{bottled.pk}", on_the_wire(**{name: value}))
        assert everything() == before

    def test_refuses_bottling_before_the_start_alike(self, page, api, alice):
        bottled = make_bottled(owner=alice, now=timezone.now())
        early = f"{bottled.started_at - timedelta(hours=1):%Y-%m-%dT%H:%M}"
        seen = on_page(page, f"/batches/{bottled.pk}/edit", self.page_of(bottled, bottled_at=early))
        assert seen == over_api(api, "patch", f"/batches/{bottled.pk}", on_the_wire(bottled_at=early))
        assert seen == {("", "bottled_before_start")}

    def test_refuses_what_is_put_away_alike(self, page, api, put_away):
        seen = on_page(page, f"/batches/{put_away.pk}/edit", self.page_of(put_away, name="Pot"))
        assert seen == over_api(api, "patch", f"/batches/{put_away.pk}", {"name": "Pot"})
        assert seen == {("", "batch_archived")}

    def test_refuses_what_somebody_changed_meanwhile_alike(self, page, api, jar):
        batches.edit(batch=jar, now=timezone.now(), notes="Two figs")
        seen = on_page(page, f"/batches/{jar.pk}/edit", self.page_of(jar, name="Pot", version=1))
        answer = call(api, "patch", f"/batches/{jar.pk}", {"name": "Pot"}, headers={"If-Match": '"1"'})
        assert seen == {("", answer.json()["code"])} == {("", "stale")}


class TestBottle:
    @wrong(*BOTTLING)
    def test_refuses_alike(self, page, api, jar, name, value):
        typed = {"bottled_at": f"{timezone.now():%Y-%m-%dT%H:%M}"} | {name: value}
        before = everything()
        seen = on_page(page, f"/batches/{jar.pk}/bottle", typed)
        body = on_the_wire(**{name: value}) | {"stage": "bottled"}
        assert seen == over_api(api, "patch", f"/batches/{jar.pk}", body)
        assert {field for field, _ in seen} == {camel(name)}
        assert everything() == before

    def test_refuses_a_time_before_the_start_alike(self, page, api, jar):
        early = f"{jar.started_at - timedelta(hours=1):%Y-%m-%dT%H:%M}"
        seen = on_page(page, f"/batches/{jar.pk}/bottle", {"bottled_at": early})
        body = on_the_wire(bottled_at=early) | {"stage": "bottled"}
        assert seen == over_api(api, "patch", f"/batches/{jar.pk}", body) == {("", "bottled_before_start")}


class TestCaption:
    def test_refuses_alike(self, page, api, jar):
        photo = make_photo(batch=jar, now=timezone.now())
        before = everything()
        seen = on_page(page, f"/photos/{photo.pk}", {"caption": "x" * 2001})
        assert seen == over_api(api, "patch", f"/photos/{photo.pk}", {"caption": "x" * 2001})
        assert {field for field, _ in seen} == {"caption"}
        assert everything() == before

    def test_refuses_what_is_put_away_alike(self, page, api, jar):
        photo = make_photo(batch=jar, now=timezone.now())
        batches.archive(batch=jar, now=timezone.now())
        seen = on_page(page, f"/photos/{photo.pk}", {"caption": "Foam"})
        assert seen == over_api(api, "patch", f"/photos/{photo.pk}", {"caption": "Foam"})
        assert seen == {("", "batch_archived")}


class TestMove:
    @pytest.mark.parametrize(
        "place", [("bottled", "ready"), ("bottled", "in_fridge"), ("bottled", "archived")]
    )
    def test_refuses_alike(self, page, api, jar, place):
        before, target = everything(), dict(zip(("stage", "status"), place, strict=True))
        answer = page.post(f"/batches/{jar.pk}/move", target)
        problem = call(api, "patch", f"/batches/{jar.pk}", target).json()
        assert problem["code"] == "move_not_allowed"
        assert said(answer) == [problem["detail"]]
        assert everything() == before


class TestRecord:
    @wrong("ph", "brix", "temperature_c", "taste", "kind", "description", "occurred_at")
    def test_refuses_alike(self, page, api, jar, name, value):
        filled, before = {"kind": "note", "description": "Bubbles"} | {name: value}, everything()
        seen = on_page(page, f"/batches/{jar.pk}/events", filled)
        assert seen == over_api(api, "post", f"/batches/{jar.pk}/events", on_the_wire(**filled))
        assert {field for field, _ in seen} == {camel(name)}
        assert everything() == before

    @pytest.mark.parametrize("kind", ["note", "observation", "measurement", "taste"])
    def test_refuses_to_say_nothing_alike(self, page, api, jar, kind):
        seen = on_page(page, f"/batches/{jar.pk}/events", {"kind": kind})
        assert (
            seen
            == over_api(api, "post", f"/batches/{jar.pk}/events", {"kind": kind})
            == {("", "says_nothing")}
        )

    def test_refuses_what_is_put_away_alike(self, page, api, put_away):
        filled = {"kind": "note", "description": "Bubbles"}
        seen = on_page(page, f"/batches/{put_away.pk}/events", filled)
        assert (
            seen
            == over_api(api, "post", f"/batches/{put_away.pk}/events", filled)
            == {("", "batch_archived")}
        )

    def test_refuses_an_id_that_is_taken_alike(self, page, api, jar, bob):
        taken = str(make_event(batch=make_batch(owner=bob)).pk)
        filled = {"kind": "note", "description": "Bubbles", "id": taken}
        problem = call(api, "post", f"/batches/{jar.pk}/events", filled).json()
        assert on_page(page, f"/batches/{jar.pk}/events", filled) == {("id", problem["code"])}


class TestCorrect:
    @wrong("ph", "brix", "temperature_c", "taste", "kind", "description", "occurred_at")
    def test_refuses_alike(self, page, api, jar, name, value):
        event = make_event(batch=jar, now=timezone.now())
        when = f"{event.occurred_at.astimezone(UTC):%Y-%m-%dT%H:%M}"
        typed = {"kind": "note", "description": "Bubbles", "occurred_at": when} | {name: value}
        before = everything()
        seen = on_page(page, f"/events/{event.pk}/edit", typed)
        assert seen == over_api(api, "patch", f"/events/{event.pk}", on_the_wire(**{name: value}))
        assert everything() == before

    def test_refuses_the_line_of_a_move_alike(self, page, api, jar):
        batches.move(batch=jar, now=timezone.now(), status="in_fridge")
        line, before = jar.events.get(), everything()
        typed = {"kind": "note", "description": "No", "occurred_at": f"{line.occurred_at:%Y-%m-%dT%H:%M}"}
        seen = on_page(page, f"/events/{line.pk}/edit", typed)
        assert seen == over_api(api, "patch", f"/events/{line.pk}", {"description": "No"})
        assert seen == {("", "written_by_itself")}
        assert everything() == before

    def test_withdraws_no_move_alike(self, page, api, jar):
        batches.move(batch=jar, now=timezone.now(), status="in_fridge")
        line = jar.events.get()
        problem = call(api, "delete", f"/events/{line.pk}").json()
        assert said(page.post(f"/events/{line.pk}/withdraw")) == [problem["detail"]]
        assert jar.events.exists()


def tomorrow():
    return f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"


class TestConfirm:
    def both(self, page, api, jar, message, due_at):
        path = f"/batches/{jar.pk}/reminders"
        seen = on_page(page, path, {"own-message": message, "own-due_at": due_at}, form="own")
        body = {"reminders": [on_the_wire(message=message, due_at=due_at)]}
        return seen, {
            (field.removeprefix("reminders.0."), code)
            for field, code in over_api(api, "post", f"{path}/confirm", body)
        }

    @pytest.mark.parametrize(
        ("wish", "reason"),
        [
            (("Stir", "2020-01-01T12:00"), ("dueAt", "in_the_past")),
            (("Stir", FAR), ("dueAt", "too_far_ahead")),
            (("x" * 201, None), ("message", "max_length")),
            (("a\tb", None), ("message", "one_line")),
        ],
        ids=str,
    )
    def test_refuses_alike(self, page, api, jar, wish, reason):
        message, due_at = wish
        on_the_page, over_the_api = self.both(page, api, jar, message, due_at or tomorrow())
        assert on_the_page == over_the_api == {reason}
        assert not Reminder.objects.exists()

    def test_refuses_one_of_many_and_keeps_none_alike(self, page, api, jar):
        rows = {"taste": tomorrow(), "ready": "2020-01-01T12:00"}
        typed = {}
        for kind, due_at in rows.items():
            typed |= {f"{kind}-wanted": "on", f"{kind}-message": "Do it", f"{kind}-due_at": due_at}
        answer = page.post(f"/batches/{jar.pk}/reminders", typed)
        refused = {row.kind for row in answer.context["rows"] if row.form.errors}
        body = {
            "reminders": [{"kind": k, **on_the_wire(message="Do it", due_at=at)} for k, at in rows.items()]
        }
        seen = over_api(api, "post", f"/batches/{jar.pk}/reminders/confirm", body)
        assert (refused, seen) == ({"ready"}, {("reminders.1.dueAt", "in_the_past")})
        assert not Reminder.objects.exists()

    def test_refuses_what_is_put_away_alike(self, page, api, put_away):
        path, due_at = f"/batches/{put_away.pk}/reminders", tomorrow()
        answer = page.post(path, {"own-message": "Stir", "own-due_at": due_at})
        body = {"reminders": [on_the_wire(message="Stir", due_at=due_at)]}
        problem = call(api, "post", f"{path}/confirm", body).json()
        assert (answer.status_code, problem["code"]) == (422, "batch_archived")
        assert said(answer) == [problem["detail"]]


class TestShare:
    @wrong("public_note")
    def test_refuses_alike(self, page, api, jar, name, value):
        before = everything()
        seen = on_page(page, f"/batches/{jar.pk}/share", {name: value})
        assert seen == over_api(api, "patch", f"/batches/{jar.pk}", {"isPublic": True, "publicNote": value})
        assert seen == {("publicNote", "max_length")}
        assert everything() == before


class TestReminder:
    @pytest.mark.parametrize("deed", ["done", "skip", "snooze"])
    def test_that_is_done_is_refused_alike(self, page, api, jar, deed):
        now = timezone.now()
        reminder = make_reminder(batch=jar, now=now, due_at=now + timedelta(hours=1))
        reminders.finish(reminder=reminder, now=now)
        before = everything()
        body = {"minutes": 60} if deed == "snooze" else None
        problem = call(api, "post", f"/reminders/{reminder.pk}/{deed}", body).json()
        answer = page.post(f"/reminders/{reminder.pk}/{deed}", {"until": "hour"})
        assert problem["code"] == "not_waiting"
        assert said(answer) == [problem["detail"]]
        assert everything() == before
