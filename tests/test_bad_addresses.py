"""Odd queries and odd paths: refused by name, or not found; nothing breaks."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from batches.models import Batch
from tests.api import call, reasons
from tests.factories import make_batch
from tests.rows import everything


@pytest.fixture
def jar(alice):
    now = timezone.now()
    return make_batch(owner=alice, now=now, started_at=now - timedelta(hours=2), name="Jar")


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "field"),
        [
            *(
                (f"limit={limit}", "limit")
                for limit in ("0", "-1", "101", "x", "", "1.0", "%C2%B2", "1%00", "9" * 99)
            ),
            ("limit=1&limit=9999", "limit"),
            *(
                (f"cursor={cursor}", "cursor")
                # Nonsense; then what decodes to p=abc, p=%00, o=-1, p=0001-01-01, p=2026-03-01.
                for cursor in (
                    "x",
                    "cD1hYmM=",
                    "cD0lMDA=",
                    "bz0tMQ==",
                    "cD0wMDAxLTAxLTAx",
                    "cD0yMDI2LTAzLTAx",
                )
            ),
        ],
    )
    def test_of_every_list_are_read_strictly(self, api, jar, query, field):
        for path in (
            "/batches",
            "/me/reminders",
            f"/batches/{jar.pk}/events",
            f"/batches/{jar.pk}/reminders",
        ):
            answer = call(api, "get", f"{path}?{query}")
            assert (answer.status_code, reasons(answer)) == (400, {(field, "invalid")}), path

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            *((f"status={value}", "status") for value in ("bogus", "active,bogus", "", ",", "active%00")),
            *((f"stage={value}", "stage") for value in ("bogus", "", "open,bottled")),
            *((f"culture={value}", "culture") for value in ("beer", "%00")),
            *((f"search={value}", "search") for value in ("%00", "x" * 101)),
        ],
    )
    def test_of_batches_are_read_strictly(self, api, query, field):
        answer = call(api, "get", f"/batches?{query}")
        assert answer.status_code == 400
        assert {name for name, _ in reasons(answer)} == {field}

    @pytest.mark.parametrize("status", ["bogus", "", "waiting,sent", "%00"])
    def test_of_reminders_are_read_strictly(self, api, jar, status):
        for path in ("/me/reminders", f"/batches/{jar.pk}/reminders"):
            assert reasons(call(api, "get", f"{path}?status={status}")) == {("status", "invalid_choice")}

    @pytest.mark.parametrize("size", ["99", "2001", "x", "", "-1", "1e3", "9" * 99])
    def test_of_a_code_are_read_strictly(self, api, page, jar, size):
        answer = call(api, "get", f"/batches/{jar.pk}/qr.png?size={size}")
        assert (answer.status_code, {field for field, _ in reasons(answer)}) == (400, {"size"})

    @pytest.mark.parametrize(
        ("words", "found"), [("100%", 1), ("a_b", 1), ("c\\d", 1), ("%", 1), ("_", 1), ("'", 1)]
    )
    def test_words_are_looked_for_as_they_are(self, api, page, alice, words, found):
        for name in ("100% lemon", "a_b", "axb", "c\\d", "it's", "1000 lemons"):
            make_batch(owner=alice, name=name)
        assert len(call(api, "get", f"/batches?{urlencode({'search': words})}").json()["results"]) == found
        assert page.get(f"/batches/?{urlencode({'search': words})}").context["batches"][0].name

    def test_the_worst_words_break_no_page(self, page, jar):
        worst = [
            "%00",
            "%ED%A0%80",
            "%F0%9F%AB%99",
            "%E2%80%AE",
            "'--",
            "{{7*7}}",
            "9" * 400,
            "-1",
            "x" * 3000,
        ]
        for path in (
            *("/batches/?search={}", "/batches/?culture={}", "/batches/?show={}", "/batches/?after={}"),
            *(
                "/reminders/?after={}",
                f"/batches/{jar.pk}?before={{}}",
                f"/batches/{jar.pk}/events?what={{}}",
            ),
            *(f"/batches/{jar.pk}/events?next={{}}", "/accounts/login/?next={}"),
        ):
            for words in worst:
                assert page.get(path.format(words)).status_code in {200, 302}, (path, words)
        for words in worst:
            assert page.get(f"/batches/new?again={words}").status_code == 404
            assert page.get(f"/batches/{jar.pk}/code.png?size={words}").status_code == 404
            assert page.post(f"/batches/{jar.pk}/move?stage={words}&status={words}").status_code == 302
        assert everything()[0][0]["stage"] == "open"


class TestPaths:
    @pytest.mark.parametrize(
        "name",
        [
            "x",
            "0123456789A",
            "0123456789ABC",
            "0123456789AU",
            "0123456789A%00",
            "%F0%9F%AB%99",
            "..",
            "0123456789A-",
        ],
    )
    def test_that_can_be_no_batch(self, api, page, name):
        assert call(api, "get", f"/batches/{name}").status_code == 404
        assert page.get(f"/batches/{name}").status_code == 404
        assert page.get(f"/b/{name}").status_code == 404

    def test_a_name_is_read_as_people_write_it(self, api, page, alice):
        make_batch(owner=alice)
        Batch.objects.update(id="01AB01AB01AB")
        for name in ("01AB01AB01AB", "01ab01ab01ab", "olabOLabOIAB", "OlABolabOiAb"):
            assert call(api, "get", f"/batches/{name}").json()["id"] == "01AB01AB01AB"
            assert page.get(f"/batches/{name}").status_code == 200
            assert page.get(f"/B/{name.upper()}").status_code == 200

    @pytest.mark.parametrize("name", ["x", "1", "00000000-0000-0000-0000-00000000000", "%00"])
    def test_that_can_be_no_event_or_reminder(self, api, name):
        for path in (f"/events/{name}", f"/reminders/{name}"):
            assert call(api, "delete", path).status_code == 404
