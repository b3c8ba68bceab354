"""What goes quickly to the wire is what the serializer would have said."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from batches import actions as batches
from batches import grains
from events import actions as events
from events.models import Event
from kefir.api import lists
from kefir.api.wire import FastJSON, Wire
from reminders import actions as reminders
from tests.api import call
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder
from tests.routes import routes

ODD = 'ß 🫙 \u2028 \u202e "quoted" \\ </script> كفير'
MICRO = timedelta(microseconds=120)


@pytest.fixture
def filled(alice):
    """Everything empty, and everything full, odd and to the microsecond."""
    make_batch(owner=alice)
    full = make_batch(
        owner=alice, now=NOON + MICRO, name=ODD, culture="kombucha", water_volume_ml=1500, sugar_grams=90.5,
        sugar_type=ODD[:20], grains_grams=80, fruits=[ODD[:9], "fig"], temperature_c=22.123456789,
        target_hours=48, notes=f"{ODD}\n\t{ODD}", is_public=True, public_note=ODD,
    )  # fmt: skip
    keep_full(alice)
    bottled = batches.move(batch=full, now=NOON + 2 * MICRO, stage="bottled", bottle_count=6)
    make_bottled(owner=alice, parent=bottled)
    late = NOON + timedelta(days=1)
    make_event(batch=bottled, now=late, description=ODD, ph=3.1, brix=0.0, temperature_c=21, fizz=0)
    make_event(batch=bottled, now=late, kind="taste", taste="nearly", description="")
    one = make_reminder(batch=bottled, now=late, due_at=late + MICRO, message=ODD)
    make_reminder(batch=bottled, now=late, due_at=late + timedelta(hours=1))
    reminders.snooze(reminder=one, until=late + timedelta(hours=3) + MICRO, now=late)
    batches.archive(batch=make_batch(owner=alice), now=late)
    events.withdraw(event=make_event(batch=bottled, now=late), now=late)
    return bottled


def keep_full(alice):
    kept = grains.keep(owner=alice, now=NOON + MICRO, name=ODD, notes=f"{ODD}\n\t{ODD}", culture="sourdough")
    grains.rest(grains=grains.feed(grains=kept, now=NOON + 2 * MICRO), now=NOON + 3 * MICRO)
    grains.let_go(grains=grains.keep(owner=alice, now=NOON), now=NOON + MICRO)


def quick_lists():
    return {
        route.path: (route, route.view.view_class)
        for route in routes()
        if issubclass_of(route, lists.FastList)
    }


def issubclass_of(route, kind):
    view = getattr(route.view, "view_class", None)
    return isinstance(view, type) and issubclass(view, kind)


@pytest.mark.parametrize("path", quick_lists(), ids=str)
def test_each_list_says_what_its_serializer_says(api, filled, path):
    """Of all quick lists there are; a new one is compared unasked."""
    route, view = quick_lists()[path]
    wire, address = view.serializer_class, route.to(batch_id=filled.pk).removeprefix("/api/v1")
    query = "?status=active,ready,in_fridge,archived" if address == "/batches" else ""
    said = call(api, "get", address + query).json()["results"]
    assert said
    known = [json.loads(JSONRenderer().render(wire(row).data)) for row in wire.Meta.model.objects.all()]
    by_id = {one["id"]: one for one in known}
    slow = [by_id[one["id"]] for one in said]
    assert said == slow
    assert [list(one) for one in said] == [list(one) for one in slow]


@pytest.mark.parametrize("path", quick_lists(), ids=str)
def test_the_first_page_is_the_same_where_it_is_made_of_a_question(api, filled, path):
    """Nearly everybody says nothing more, and is answered from SQL that was made once."""
    address = quick_lists()[path][0].to(batch_id=filled.pk).removeprefix("/api/v1")
    plain, asked = call(api, "get", address).json(), call(api, "get", f"{address}?limit=50").json()
    plain.pop("syncedUntil", None), asked.pop("syncedUntil", None)
    assert plain == asked


def test_the_first_page_of_many_leads_to_the_rest(api, alice):
    made = {str(make_batch(owner=alice, now=NOON + timedelta(minutes=number)).pk) for number in range(53)}
    first = call(api, "get", "/batches").json()
    rest = call(api, "get", first["next"].partition("/api/v1")[2]).json()
    assert first["previous"] is None
    assert [len(first["results"]), len(rest["results"]), rest["next"]] == [50, 3, None]
    assert {one["id"] for one in first["results"] + rest["results"]} == made


@pytest.mark.parametrize("wire", {view.serializer_class for _, view in quick_lists().values()})
def test_one_row_is_said_as_its_serializer_says_it(filled, wire):
    rows = list(wire.Meta.model.objects.all())
    assert rows
    for row in rows:
        slow = json.loads(JSONRenderer().render(wire(row).data))
        assert json.loads(FastJSON().render(lists.one(wire, row))) == slow


def test_the_lists_compared_are_full_and_empty_in_every_field(api, filled):
    for path in ("/batches", f"/batches/{filled.pk}/events"):
        rows = call(api, "get", path).json()["results"]
        varied = {name for name in rows[0] if len({json.dumps(row[name]) for row in rows}) > 1}
        assert len(varied) >= len(rows[0]) / 2


class TestShape:
    def test_names_the_column_of_what_belongs_to_another_row(self):
        class Jar(Wire):
            batch_name = serializers.CharField(source="batch.name")

        assert lists.shape(Jar).columns == ("batch__name",)

    def test_of_what_is_no_column_is_a_mistake(self):
        class Jar(Wire):
            odd = serializers.SerializerMethodField()

            def get_odd(self, _):
                return 1

        with pytest.raises(TypeError, match="odd"):
            lists.shape(Jar)


class TestFastJSON:
    @pytest.mark.parametrize(
        "value",
        [None, {}, [], {"a": ODD}, {"a": NOON}, {"a": NOON + MICRO}, {"a": uuid4()}, {"a": 2**63}, {"a": 2**80},
         {"a": -0.0}, {"a": 1e-7}, {"a": serializers.ErrorDetail("x", code="y")}, {"a": Event.objects.none()}],
        ids=repr,
    )  # fmt: skip
    def test_says_what_the_slow_one_says(self, value):
        quick, slow = FastJSON().render(value), JSONRenderer().render(value)
        assert json.loads(quick or b"null") == json.loads(slow or b"null")
