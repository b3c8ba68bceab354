"""Reading a list by cursor: nothing twice, nothing left out, whatever happens meanwhile."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import Signer
from django.test.utils import CaptureQueriesContext

from batches import actions
from batches.models import Batch
from tests.api import BASE, call, reasons
from tests.factories import NOON, make_batch, make_event


def fill(keeper, *, moments, each):
    """Batches of some moments, several of each: newest first, and of one moment the greatest id first."""
    Batch.objects.bulk_create(
        Batch(owner=keeper, name=f"{moment}", started_at=NOON - timedelta(hours=moment), created_at=NOON,
              updated_at=NOON)
        for moment in range(moments)
        for _ in range(each)
    )  # fmt: skip
    return list(Batch.objects.newest_first().values_list("pk", flat=True))


def ids(page):
    return [one["id"] for one in page["results"]]


def pages(api, path, way="next"):
    while path:
        page = api.get(path).json()
        yield page
        path = page[way]


def cursor_of(link):
    return parse_qs(urlsplit(link).query)["cursor"][0]


class TestKeyset:
    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
    def test_reads_there_and_back_through_many_of_one_moment(self, api, alice, limit):
        order = fill(alice, moments=4, each=5)
        there = list(pages(api, f"{BASE}/batches?limit={limit}"))
        assert [key for page in there for key in ids(page)] == order
        back = list(pages(api, there[-1]["previous"], way="previous")) if there[-1]["previous"] else []
        assert [key for page in reversed(back) for key in ids(page)] == order[: -len(there[-1]["results"])]
        assert there[0]["previous"] is None

    def test_is_moved_by_nothing_that_comes_or_goes(self, api, alice):
        order = fill(alice, moments=6, each=1)
        first = call(api, "get", "/batches?limit=3").json()
        make_batch(owner=alice, started_at=NOON, name="On top")
        actions.archive(batch=Batch.objects.get(pk=order[1]), now=NOON)
        actions.archive(batch=Batch.objects.get(pk=order[2]), now=NOON)
        second = api.get(first["next"]).json()
        assert ids(second) == order[3:]
        assert set(ids(api.get(second["previous"]).json())) >= {order[0]}

    def test_goes_back_from_a_page_that_is_empty_by_now(self, api, alice):
        order = fill(alice, moments=3, each=1)
        first = call(api, "get", "/batches?limit=2").json()
        actions.archive(batch=Batch.objects.get(pk=order[2]), now=NOON)
        empty = api.get(first["next"]).json()
        assert (ids(empty), empty["next"]) == ([], None)
        assert ids(api.get(empty["previous"]).json()) == order[:2]

    def test_goes_on_from_a_page_before_all_that_is_empty_by_now(self, api, alice):
        order = fill(alice, moments=3, each=1)
        second = api.get(call(api, "get", "/batches?limit=1").json()["next"]).json()
        actions.archive(batch=Batch.objects.get(pk=order[0]), now=NOON)
        empty = api.get(second["previous"]).json()
        assert (ids(empty), empty["previous"]) == ([], None)
        assert ids(api.get(empty["next"].replace("limit=1", "limit=9")).json()) == order[1:]

    def test_keeps_what_was_asked_for_in_its_links(self, api, alice):
        fill(alice, moments=3, each=1)
        link = call(api, "get", "/batches?limit=1&culture=water_kefir").json()["next"]
        assert {"limit=1", "culture=water_kefir"} < set(urlsplit(link).query.split("&"))

    def test_counts_nothing(self, api, alice, django_assert_num_queries):
        fill(alice, moments=3, each=1)
        with django_assert_num_queries(1) as asked:
            call(api, "get", "/batches?limit=1")
        assert "COUNT(" not in asked[0]["sql"]

    def test_begins_each_page_where_the_index_has_it(self, api, alice):
        """One border of (time, id), not “earlier, or the same and a smaller id”, which reads all before it."""
        fill(alice, moments=3, each=1)
        link = call(api, "get", "/batches?limit=1").json()["next"]
        from django.db import connection

        with CaptureQueriesContext(connection) as asked:
            api.get(link)
        assert '("batches_batch"."started_at", "batches_batch"."id") < (' in asked[0]["sql"]


class TestCursor:
    @pytest.fixture
    def cursor(self, api, alice):
        fill(alice, moments=3, each=1)
        return cursor_of(call(api, "get", "/batches?limit=1").json()["next"])

    def refused(self, api, cursor, path="/batches"):
        answer = api.get(f"{BASE}{path}", {"cursor": cursor})
        assert (answer.status_code, reasons(answer)) == (400, {("cursor", "invalid")})

    def test_that_somebody_touched_is_refused(self, api, cursor):
        for position in range(0, len(cursor), 5):
            other = "A" if cursor[position] != "A" else "B"
            self.refused(api, cursor[:position] + other + cursor[position + 1 :])
        self.refused(api, cursor[:-1])
        self.refused(api, f"{cursor}A")

    @pytest.mark.parametrize("text", ["", ".", "x.y", "\x00", "🫙", "A" * 5000])
    def test_that_is_none_is_refused(self, api, cursor, text):
        self.refused(api, text)

    def test_of_another_list_is_refused(self, api, alice, cursor):
        event = make_event(batch=Batch.objects.first())
        self.refused(api, cursor, f"/batches/{event.batch_id}/events")

    def test_signed_with_another_key_is_refused(self, api, cursor):
        said = cursor.rpartition(".")[0]
        salt = f"cursor {BASE}/batches -started_at -id"
        assert Signer(salt=salt, sep=".").sign(said) == cursor
        self.refused(api, Signer(key="another", salt=salt, sep=".").sign(said))
