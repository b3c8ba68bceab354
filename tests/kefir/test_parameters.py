"""A query parameter that the document does not name is refused by every operation, and each that it names is taken."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from tests.api import BASE, call
from tests.factories import make_batch
from tests.test_strangers import theirs  # noqa: F401 what Alice has, by the name it has in an address

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())
# It takes what gadgets send, wherever they put it.
FOR_GADGETS = re.compile(r"/api/v1/ingest")
OPERATIONS = [
    (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method != "parameters" and not FOR_GADGETS.match(path)
]


def refused(answer):
    return answer.status_code == 400 and answer.json()["code"] == "unknown_parameter"


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_operation_knows_what_its_document_names_and_nothing_else(api, theirs, method, path, operation):  # noqa: F811
    known = {name: theirs.get(name, "x") for name in re.findall(r"{(\w+)}", path)}
    address = path.format(**{**known, "token": "x"})
    named = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    assert refused(call(api, method, f"{address}?limt=5".removeprefix(BASE)))
    for name in named:
        assert not refused(call(api, method, f"{address}?{name}=x".removeprefix(BASE)))


class TestUnknown:
    def test_ones_are_all_named(self, api):
        answer = api.get(f"{BASE}/batches?limt=5&limit=5&sort=name")
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["limt", "sort"]
        assert "limt, sort" in answer.json()["detail"]

    def test_ones_change_nothing(self, api, alice):
        batch = make_batch(owner=alice)
        assert refused(api.delete(f"{BASE}/batches/{batch.pk}?force=1"))
        batch.refresh_from_db()
        assert not batch.is_archived

    def test_ones_tell_a_stranger_nothing(self, page, bob, alice):
        batch = make_batch(owner=alice)
        page.force_login(bob)
        answers = [page.get(f"{BASE}/batches/{key}?x=1") for key in (batch.pk, "00000000000Z")]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert Client().get(f"{BASE}/batches/{batch.pk}?x=1").status_code == 401

    @pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "QUERY"])
    def test_ones_of_what_nobody_can_do_are_not_looked_at(self, api, method):
        assert api.generic(method, f"{BASE}/batches?x=1").status_code == 405

    def test_ones_on_pages_are_nobodys_business(self, page):
        assert page.get("/batches/?utm_source=letter").status_code == 200
