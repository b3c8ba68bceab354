"""/export.csv: everything that is mine and nothing else, in a shape that every spreadsheet reads."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import access
from batches import actions as batches
from batches import grains
from kefir import limits
from reminders import actions as reminders
from reminders import grains as care
from takeout import stream
from takeout.formulas import as_written
from tests.accounts.phones import make_device
from tests.api import BASE, app_of
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
PATHS = pytest.mark.parametrize("path", ["/export.csv", f"{BASE}/export.csv"])


def fill(keeper):
    batch = make_bottled(
        owner=keeper,
        name="Figs; =1+1",
        notes='Two\nlines, "quoted"',
        fruits=["fig", "lemon"],
        sugar_grams=80.5,
        public_note="-5",
    )
    make_event(batch=batch, description="=HYPERLINK(1)", temperature_c=21.5)
    make_reminder(batch=batch, due_at=NOON + HOUR, message="+Taste")
    make_device(owner=keeper, device_id="phone-1", name="@phone")
    return batch


def body(answer):
    return b"".join(answer.streaming_content)


def rows(raw):
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline="")))


def of_type(raw, kind):
    return [row for row in rows(raw) if row["recordType"] == kind]


@PATHS
class TestExport:
    def test_is_everything_of_mine(self, page, alice, path):
        batch = fill(alice)
        answer = page.get(path)
        found = rows(body(answer))
        assert answer.status_code == 200
        assert [row["recordType"] for row in found] == ["batch", "event", "event", "reminder", "device"]
        assert {row["batch"] for row in found} == {batch.pk, ""}

    def test_is_nothing_of_anothers(self, page, bob, path):
        fill(bob)
        assert rows(body(page.get(path))) == []

    def test_names_itself_by_my_day(self, page, path):
        answer = page.get(path)
        body(answer)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"].startswith('attachment; filename="kefir-20')
        assert answer["Cache-Control"] == "no-store, private"

    def test_is_for_whoever_is_signed_in(self, path):
        assert Client().get(path).status_code in {302, 401}

    def test_says_no_more_than_its_headers_to_head(self, page, alice, path):
        fill(alice)
        answer = page.head(path)
        assert (answer.status_code, body(answer)) == (200, b"")


class TestShape:
    @pytest.fixture
    def raw(self, page, alice):
        fill(alice)
        return body(page.get("/export.csv"))

    def test_ends_lines_as_rfc_4180_wants_and_begins_with_the_record_type(self, raw):
        assert raw.startswith(b"recordType,id,batch,")
        assert raw.endswith(b"\r\n")
        assert raw.count(b"\r\n") == 6

    def test_keeps_what_was_written(self, raw):
        [batch] = of_type(raw, "batch")
        assert batch["notes"] == 'Two\nlines, "quoted"'
        assert batch["fruits"] == "fig, lemon"
        assert batch["sugarGrams"] == "80.5"

    def test_defuses_formulas_and_leaves_numbers(self, raw):
        [event] = [row for row in of_type(raw, "event") if row["kind"] == "note"]
        assert event["description"] == "'=HYPERLINK(1)"
        assert as_written(event["description"]) == "=HYPERLINK(1)"
        assert event["temperatureC"] == "21.5"
        assert of_type(raw, "batch")[0]["publicNote"] == "-5"
        assert of_type(raw, "reminder")[0]["message"] == "'+Taste"
        assert of_type(raw, "device")[0]["name"] == "'@phone"

    def test_gives_no_semicolon_a_cell_of_its_own(self, raw):
        assert b'"Figs; =1+1"' in raw

    def test_tells_times_in_utc(self, raw):
        assert of_type(raw, "batch")[0]["startedAt"] == "2026-03-01T12:00:00Z"

    def test_holds_no_address_of_a_device(self, raw, alice):
        for address in alice.devices.values_list("address", flat=True):
            assert address
            assert address.encode() not in raw


class TestGrains:
    def test_come_with_their_weights_and_the_batches_they_fed(self, page, alice, bob):
        kept = grains.keep(owner=alice, now=NOON, name="=Granny", culture="milk_kefir", grams=30)
        make_batch(owner=alice, grains=kept)
        grains.keep(owner=bob, now=NOON, name="Bob's", grams=5)
        raw = body(page.get("/export.csv"))
        [told], [weighed] = of_type(raw, "grains"), of_type(raw, "weighing")
        assert (told["name"], told["culture"], told["status"]) == ("'=Granny", "milk_kefir", "active")
        assert (weighed["grains"], weighed["grams"], weighed["weighedAt"]) == (
            "'=Granny", "30", "2026-03-01T12:00:00Z",
        )  # fmt: skip
        assert of_type(raw, "batch")[0]["grains"] == "'=Granny"


class TestManyRows:
    def test_come_in_their_order_and_none_is_lost(self, page, alice):
        first, second = (make_batch(owner=alice, started_at=NOON - n * HOUR) for n in range(2))
        for n in range(700):
            make_event(batch=first if n % 2 else second, description=f"{n}", occurred_at=NOON - n * HOUR / 60)
        found = of_type(body(page.get("/export.csv")), "event")
        mine = [(one["batch"], one["occurredAt"]) for one in found]
        assert len({one["description"] for one in found}) == 700
        assert [batch for batch, _ in mine] == [first.pk] * 350 + [second.pk] * 350
        assert [at for batch, at in mine if batch == first.pk] == sorted(
            (at for batch, at in mine if batch == first.pk), reverse=True
        )


class TestOneAtATime:
    @PATHS
    def test_refuses_a_second_while_one_is_under_way(self, page, alice, path):
        under_way = stream.Everything(alice)
        refused = page.get(path)
        assert (refused.status_code, refused["Retry-After"]) == (429, "30")
        under_way.close()
        assert page.get(path).status_code == 200

    def test_keeps_nobody_else_waiting(self, alice, bob):
        under_way = stream.Everything(alice)
        assert app_of(bob).get(f"{BASE}/export.csv").status_code == 200
        under_way.close()

    def test_ends_when_whoever_asked_goes_away(self, page, alice):
        for n in range(600):
            make_event(
                batch=make_batch(owner=alice) if n == 0 else alice.batches.get(), description="x" * 2000
            )
        answer = page.get("/export.csv")
        next(iter(answer.streaming_content))
        assert copies() == 1
        answer.close()
        wait_until_gone()
        assert page.get("/export.csv").status_code == 200


class TestLimit:
    @PATHS
    def test_is_so_many_an_hour(self, page, monkeypatch, path):
        monkeypatch.setattr(limits, "EXPORTS", "1/hour")
        assert body(page.get(path))
        refused = page.get(path)
        assert refused.status_code == 429
        assert 3500 <= int(refused["Retry-After"]) <= 3600

    def test_counts_none_that_was_refused_beside_another(self, page, alice, monkeypatch):
        monkeypatch.setattr(limits, "EXPORTS", "1/hour")
        under_way = stream.Everything(alice)
        assert page.get("/export.csv").status_code == 429
        under_way.close()
        assert page.get("/export.csv").status_code == 200

    def test_leaves_no_connection_behind(self, page, alice, monkeypatch):
        monkeypatch.setattr(limits, "EXPORTS", "1/hour")
        assert body(page.get("/export.csv"))
        assert page.get("/export.csv").status_code == 429
        stream.Everything(alice).close()


def test_a_script_that_may_read_may_take_it_along(alice):
    client = APIClient()
    token = access.make_token(user=alice, name="nightly", scope="read", now=timezone.now())[1]
    make_batch(owner=alice, name="Figs")
    answer = client.get(f"{BASE}/export.csv", headers={"Authorization": f"Bearer {token}"})
    assert [one["name"] for one in of_type(body(answer), "batch")] == ["Figs"]


def copies():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY (WITH mine%%'")
        return cursor.fetchone()[0]


def wait_until_gone():
    for _ in range(200):
        if not copies():
            return
    raise AssertionError("the COPY goes on")


class TestStatementTimeout:
    def test_is_lifted_for_this_and_for_nothing_else(self, alice):
        with connection.cursor() as cursor:
            rows = stream.Everything(alice)
            own = rows.connection.execute("SHOW statement_timeout").fetchone()
            rows.close()
            cursor.execute("SHOW statement_timeout")
            assert (own, cursor.fetchone()) == (("10min",), ("5s",))


def test_a_batch_put_away_is_still_mine(page, alice):
    batches.archive(batch=make_batch(owner=alice), now=NOON)
    assert [one["status"] for one in of_type(body(page.get("/export.csv")), "batch")] == ["archived"]


def test_a_reminder_done_is_still_mine(page, alice):
    reminder = make_reminder(batch=make_batch(owner=alice), due_at=NOON + HOUR)
    reminders.finish(reminder=reminder, now=NOON)
    assert [one["status"] for one in of_type(body(page.get("/export.csv")), "reminder")] == ["done"]


def test_a_reminder_of_grains_is_there_too(page, alice):
    kept = grains.rest(grains=grains.keep(owner=alice, now=NOON, name="=Granny's"), now=NOON)
    care.plan(grains_id=kept.pk, now=NOON)
    [row] = of_type(body(page.get("/export.csv")), "reminder")
    assert (row["batch"], row["grains"], row["kind"]) == ("", "'=Granny's", "grains_rest")


def test_a_stranger_meets_the_sign_in():
    assert Client().get("/export.csv")["Location"].startswith("/accounts/login/")
