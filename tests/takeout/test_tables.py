"""A table of batches, from whichever program: seen first, then taken in, all or nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from batches.models import Batch
from takeout import imports, tables
from takeout.models import Import
from takeout.stream import Everything
from tests.api import call
from tests.bucket.http import send
from tests.factories import NOON, make_batch, make_bottled, make_user
from tests.hooks.factories import make_endpoint
from tests.rows import everything_and_everybody
from work.models import Job

PLUMS = "Plums,2026-02-01\nPears,2026-02-02\n"
BERLIN = ZoneInfo("Europe/Berlin")


def read(text, **how):
    raw = text if isinstance(text, bytes) else text.encode()
    return tables.read(raw, zone=BERLIN, now=NOON, **how)


def rows(text):
    table = read(text)
    assert table.complaints == []
    return [values for _, values in table.rows]


def complaints(text):
    return [(one.where, one.field, one.code) for one in read(text).complaints]


class TestReading:
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_knows_the_ways_to_write_a_table(self, separator, mark, end):
        text = mark + end.join([separator.join(["name", "sugar"]), separator.join(["Figs", "80"]), ""])
        assert rows(text) == [{"name": "Figs", "sugar_grams": 80.0}]

    def test_knows_columns_by_several_names(self):
        table = read("Title;Started;Water (l);Temp [F];Colour\nFigs;1.2.2026;1,5;71.6;red\n")
        assert [(one.heading, one.field) for one in table.columns] == [
            ("Title", "name"),
            ("Started", "started_at"),
            ("Water (l)", "water_volume_ml"),
            ("Temp [F]", "temperature_c"),
        ]
        assert table.ignored == ["Colour"]
        assert table.rows[0][1] == {
            "name": "Figs",
            "started_at": datetime(2026, 1, 31, 23, tzinfo=UTC),
            "water_volume_ml": 1500,
            "temperature_c": 22.0,
        }

    @pytest.mark.parametrize(
        ("heading", "typed", "field", "value"),
        [
            ("sugar (oz)", "2", "sugar_grams", 56.699),
            ("sugar (kg)", "0.1", "sugar_grams", 100.0),
            ("grainsGrams", "30", "grains_grams", 30.0),
            ("volume (fl oz)", "33.8", "water_volume_ml", 1000),
            ("target (days)", "2", "target_hours", 48.0),
            ("culture", "Milk kefir", "culture", "milk_kefir"),
            ("culture", "milk_kefir", "culture", "milk_kefir"),
            ("fruits", "fig, lemon", "fruits", ["fig", "lemon"]),
            ("startedAt", "2026-02-01T12:00:00Z", "started_at", datetime(2026, 2, 1, 12, tzinfo=UTC)),
            ("started", "2026-02-01 13:00", "started_at", datetime(2026, 2, 1, 12, tzinfo=UTC)),
            ("notes", "'=1+1", "notes", "=1+1"),
        ],
    )
    def test_understands(self, heading, typed, field, value):
        quoted = f'"{typed}"'
        assert rows(f'"{heading}","name"\n{quoted},"x"\n') == [{field: value, "name": "x"}]

    @pytest.mark.parametrize(
        ("heading", "typed", "code"),
        [
            ("sugar", "much", "invalid"),
            ("sugar", "-1", "min_value"),
            ("sugar", "1e9", "invalid"),
            ("temperature", "46", "max_value"),
            ("culture", "beer", "invalid"),
            ("started", "03/01/2026", "invalid"),
            ("started", "2026-02-30", "invalid"),
            ("started", "2026-03-02", "in_the_future"),
            ("started", "0001-01-01", "invalid"),
            ("name", "x" * 101, "max_length"),
            ("bottles", "6", "not_bottled"),
            ("bottle kind", "swing_top", "not_bottled"),
            ("notes", "x" * 10_001, "invalid"),
        ],
    )
    def test_names_what_is_wrong_by_line_and_column(self, heading, typed, code):
        found = complaints(f"water,{heading}\n1000,\n1000,{typed}\n")
        assert found[0][:2] == ("line 3", heading)
        assert found[0][2] in {code, "out_of_range"}

    def test_refuses_a_jar_that_is_open_and_bottled_at_once(self):
        found = complaints("name,started,stage,bottled\nFigs,2026-02-01,open,2026-02-03\n")
        assert found == [("line 2", "bottled", "not_bottled")]

    @pytest.mark.parametrize(
        ("raw", "refusal"),
        [
            (b"", tables.NoTable),
            (b"\xff\xfe\x00", tables.NoTable),
            (b"a\0b", tables.NoTable),
            (b"x,y\n1,2\n", tables.NoColumns),
            (b"name\n" + b"x\n" * 5001, tables.TooManyRows),
            (b"name" + b",sugar" * 200, tables.TooManyColumns),
            (b'name\n"' + b"x" * 200_000, tables.NoTable),
        ],
    )
    def test_refuses_what_is_no_table_of_batches(self, raw, refusal):
        with pytest.raises(refusal):
            read(raw)

    def test_takes_two_hundred_columns_and_shows_no_endless_heading(self):
        table = read(b"name," + b"x" * 5000 + b",y" * 198)
        assert [len(heading) for heading in table.ignored] == [tables.LONGEST_HEADING, *[1] * 198]

    def test_takes_five_thousand(self):
        assert len(rows("name\n" + "x\n" * 5000)) == 5000


def brought(user, text, *, now=NOON):
    raw = text if isinstance(text, bytes) else text.encode()
    one = imports.bring(user=user, kind="table", body=raw, filename="jars.csv", now=now)
    return carried_on(one, now=now)


def carried_on(one, *, now=NOON):
    imports.carry_on(import_id=one.pk, now=now)
    one.refresh_from_db()
    return one


@pytest.mark.django_db
class TestTakingIn:
    def test_shows_first_what_would_happen(self, alice):
        one = brought(alice, "name,sugar (oz),colour\nFigs,2,red\nPlums,3,blue\n")
        assert one.state == "read"
        assert (one.report["fresh"], one.report["known"], one.report["ignored"]) == (2, 0, ["colour"])
        assert one.report["columns"][1] == {
            "heading": "sugar (oz)",
            "field": "sugar_grams",
            "label": "Sugar",
            "unit": "oz",
        }
        assert not Batch.objects.exists()

    def test_takes_it_in_once_that_is_confirmed(self, alice):
        one = brought(alice, "name,sugar\nFigs,80\nPlums,90\n")
        assert carried_on(imports.confirm(brought=one, now=NOON)).state == "done"
        assert set(alice.batches.values_list("name", "sugar_grams")) == {("Figs", 80.0), ("Plums", 90.0)}

    def test_twice_adds_nothing_twice(self, alice):
        for expected in (1, 0):
            one = brought(alice, "name,started\nFigs,2026-02-01\n")
            assert one.report["fresh"] == expected
            carried_on(imports.confirm(brought=one, now=NOON))
        assert alice.batches.count() == 1

    def test_done_twice_by_workers_is_done_once(self, alice):
        one = imports.confirm(brought=brought(alice, "name\nFigs\n"), now=NOON)
        for _ in range(2):
            carried_on(one)
        assert alice.batches.count() == 1

    def test_with_something_wrong_takes_nothing(self, alice):
        one = brought(alice, "name,sugar\nFigs,80\nPlums,much\n")
        assert one.state == "refused"
        assert one.errors == [
            {
                "where": "line 3",
                "field": "sugar",
                "code": "invalid",
                "sentence": "“much” is not what belongs here.",
            }
        ]
        with pytest.raises(imports.NotWaiting):
            imports.confirm(brought=one, now=NOON)

    def test_with_what_only_a_verb_refuses_takes_nothing(self, alice):
        one = brought(alice, "name,bottled\nFigs,\n" + PLUMS)
        assert one.state == "refused"
        assert [(error["where"], error["code"]) for error in one.errors] == [
            ("line 3", "bottled_before_start"),
            ("line 4", "bottled_before_start"),
        ]
        assert not Batch.objects.exists()

    def test_says_of_fifty_lines_at_once_what_is_wrong(self, alice):
        one = brought(alice, "name,bottled\n" + "Figs,2026-02-01\n" * 60)
        assert len(one.errors) == tables.MOST_COMPLAINTS

    def test_shows_each_as_it_would_be_in_words(self, alice):
        type(alice).objects.update(timezone="Europe/Berlin")
        one = brought(
            alice, "started,sugar (oz),stage,bottled,bottles\n2026-02-01,2,bottled,2026-02-03,6\n,,,,\n"
        )
        [shown] = one.report["sample"]
        assert shown["name"]
        assert shown["told"] == (
            "Water kefir, 1 February 2026 · Sugar: 56.7\xa0g · Bottled: 3 February 2026"
            " · How many bottles: 6 · Stage: Bottled"
        )

    def test_shows_it_in_the_language_of_its_reader(self, alice):
        type(alice).objects.update(language="de")
        one = brought(alice, "name,started,sugar\nFeigen,2026-02-01,80.5\n")
        assert one.report["sample"][0]["told"] == "Wasserkefir, 1. Februar 2026 · Zucker: 80,5\xa0g"
        assert [column["label"] for column in one.report["columns"]] == ["Name", "Angesetzt", "Zucker"]

    def test_leaves_nothing_of_what_it_showed(self, alice, run_jobs, django_capture_on_commit_callbacks):
        make_endpoint(owner=alice)
        before, jobs = everything_and_everybody(), set(Job.objects.values_list("kind", "key", "due_at"))
        with django_capture_on_commit_callbacks() as called:
            one = brought(alice, "name,started,bottled,bottles\nFigs,2026-02-01,2026-02-03,6\n")
        assert (one.state, one.report["fresh"]) == ("read", 1)
        assert (everything_and_everybody(), called) == (before, [])
        asked = set(Job.objects.values_list("kind", "key", "due_at")) - jobs
        assert {kind for kind, _key, _due in asked} == {"import"}


@pytest.mark.django_db(transaction=True)
def test_our_own_table_is_understood():
    alice, bob = make_user("alice@example.com"), make_user("bob@example.com")
    make_batch(owner=alice, name="=Figs", notes="Two\nlines", fruits=["fig"], sugar_grams=80.5)
    make_bottled(owner=alice, name="Plums", temperature_c=21.5)
    one = brought(bob, b"".join(Everything(alice)), now=NOON + timedelta(hours=1))
    assert (one.state, one.report["fresh"], one.report["others"]) == ("read", 2, 1)
    carried_on(imports.confirm(brought=one, now=NOON), now=NOON + timedelta(hours=1))
    fields = (
        "name",
        "notes",
        "fruits",
        "sugar_grams",
        "stage",
        "status",
        "started_at",
        "bottled_at",
        "temperature_c",
    )
    assert list(bob.batches.order_by("name").values(*fields)) == list(
        alice.batches.order_by("name").values(*fields)
    )
    assert Import.objects.get().state == "done"


@pytest.mark.django_db
def test_asked_again_with_its_key_it_is_uploaded_to_an_address_that_is_alive(api):
    raw, key = b"name\nFigs\n", {"Idempotency-Key": "a"}
    body = {"kind": "table", "sizeBytes": len(raw)}
    with time_machine.travel(timezone.now() - timedelta(hours=3), tick=False):
        first = call(api, "post", "/imports", body, headers=key).json()
    assert send("PUT", first["uploadUrl"], raw, **first["headers"]).status in {400, 403}
    again = call(api, "post", "/imports", body, headers=key).json()
    assert (again["id"], again["expiresIn"]) == (first["id"], first["expiresIn"])
    assert send("PUT", again["uploadUrl"], raw, **again["headers"]).status == 200
    assert call(api, "post", f"/imports/{again['id']}/uploaded").status_code == 202
    assert call(api, "post", "/imports", body, headers=key).json()["expiresIn"] == 0
