"""The API's own description of itself: whole, exact, and the same as the one that clients were built from."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.routes import routes

ROOT = Path(__file__).parent.parent.parent
# The curve's name in the Push API (W3C): a browser gives its keys so, and they are taken as they come.
NAMED_ELSEWHERE = {"p256dh"}
FIELDS = {
    "BatchWire": (
        "id name culture stage status waterVolumeMl sugarGrams sugarType grainsGrams fruits temperatureC startedAt"
        " targetHours bottledAt bottleCount bottleVolumeMl bottleKind addedSugarGrams bottledTemperatureC"
        " bottledTargetHours readyAt archivedAt notes isPublic publicNote parent grains newGrains version publicUrl"
        " createdAt updatedAt"
    ),
    "EventWire": (
        "id batch kind occurredAt description ph brix temperatureC taste fizz sign phBy data createdAt updatedAt"
    ),
    "ReminderWire": "id batch batchName grains grainsName kind message dueAt snoozedUntil status sentAt doneAt",
    "SuggestionWire": "kind dueAt message why priority",
    "PublicBatch": "id name culture stage status startedAt bottledAt readyAt publicNote photos",
    "TokensAnswer": "accessToken refreshToken tokenType expiresIn",
    "TombstoneWire": "kind id deletedAt",
    "LoginAnswer": "session expiresIn",
    "PaginatedBatchWireList": "next previous results syncedUntil",
    "ProblemBody": "type title status code detail errors requestId",
}


@pytest.fixture(scope="module")
def document():
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    return json.loads(out.getvalue())


def test_it_is_valid_and_warns_of_nothing(document):
    assert document["openapi"].startswith("3.1.")


def test_it_is_the_one_that_clients_were_built_from(document):
    """When this fails on purpose, CONTRIBUTING tells how to write docs/openapi.json anew."""
    assert document == json.loads((ROOT / "docs/openapi.json").read_text())


def test_it_is_served_to_everybody(client, document):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert json.loads(answer.content)["paths"].keys() == document["paths"].keys()


def test_it_names_every_address_and_every_method_and_no_other(document):
    there = {
        (re.sub(r"<\w+:(\w+)>", r"{\1}", route.path), method)
        for route in routes()
        if route.is_api
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(route.view.view_class, method)
    }
    told = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert told == there


@pytest.mark.parametrize(("name", "fields"), FIELDS.items(), ids=list(FIELDS))
def test_it_names_the_fields_of_the_contract(document, name, fields):
    assert set(document["components"]["schemas"][name]["properties"]) == set(fields.split())


def test_it_writes_every_name_in_camel_case(document):
    names = {
        name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})
    }
    odd = {name for name in names if not re.fullmatch(r"[a-z]+(?:[A-Z][a-z]*)*", name)}
    assert odd == NAMED_ELSEWHERE


def test_it_says_of_every_operation_how_it_may_fail(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert {"400", "401", "404", "429"} <= set(operation["responses"]), (method, path)
            problem = operation["responses"]["400"]["content"]
            assert list(problem) == ["application/problem+json"]


# A gadget knows neither keys nor sign-ins: its token is all it has, and its own time makes a reading one.
OF_GADGETS = {"/api/v1/ingest", "/api/v1/ingest/{token}"}


def test_it_names_the_key_wherever_something_is_made(document):
    making = {
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }
    made_later = {"/api/v1/exports"}
    assert making == made_later | {
        path
        for path, methods in document["paths"].items()
        if "201" in methods.get("post", {}).get("responses", {}) and path not in OF_GADGETS
    }
    assert all({"409", "422"} <= set(document["paths"][path]["post"]["responses"]) for path in making)


def test_it_asks_for_a_sign_in_wherever_the_api_does(document):
    free = {
        path
        for path, methods in document["paths"].items()
        if not any("security" in o for o in methods.values())
    }
    assert free == {
        path for path in document["paths"] if "/auth/" in path or "/public/" in path or "{token}" in path
    }


def test_its_page_loads_nothing_from_elsewhere(client, db):
    page = client.get("/api/v1/docs").content.decode()
    assert "swagger-ui" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
