"""What makes no sense is refused with its field and a code, changes nothing, and never breaks anything."""

import gzip
import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from reminders import queue
from reminders.models import Reminder
from tests.api import app_of, reasons, send
from tests.events.album import ask, hang_up
from tests.factories import make_batch, make_bottled, make_event, make_reminder
from tests.routes import OPENED_BY_A_SENSOR, routes
from tests.rows import everything
from tests.sensors.gadgets import make_sensor
from tests.test_strangers import theirs  # noqa: F401 what Alice has, by the name it has in an address
from tests.tokens import tokens_of

# As they stand in a body, for JSON can say what Python cannot.
NO_NUMBER = [
    "true",
    '"5"',
    '""',
    "[]",
    "{}",
    "1e309",
    "-1e309",
    "9223372036854775808",
    "1" * 400,
    "-" + "9" * 400,
]
NO_WHOLE = [*NO_NUMBER, "1.5", "1e-9"]
NO_TEXT = ["5", "true", "null", "[]", "{}", '"a\\u0000b"']
NO_LINE = [*NO_TEXT, '"a\\nb"', '"a\\tb"', '"\\u001b[31m"']
NO_CHOICE = ["5", "true", "null", "[]", "{}", '"beer"', '"a\\u0000"', '"OPEN"']
NO_TRUTH = ["0", "1", "null", '"true"', '"yes"', '""', "[]", "{}"]
NO_TIME = [
    *(
        "5",
        "true",
        "[]",
        "{}",
        '""',
        '"now"',
        '"2026-03-01"',
        '"12:00"',
        '"2026-03-01T12:00:00"',
        '"2026-02-30T12:00:00Z"',
    ),
    *(
        '"0001-01-01T00:00:00Z"',
        '"0001-01-01T00:00:00+14:00"',
        '"9999-12-31T23:59:59Z"',
        '"9999-12-31T23:59:59-14:00"',
    ),
    *('"2026-03-01T12:00:00+25:00"', '"2026-03-01T25:00:00Z"', '"2026-03-01T12:00:00Z\\u0000"'),
]
NO_ID = ["5", "true", "null", "[]", "{}", '""', '"x"', '"\\u0000"', '"' + "x" * 10_000 + '"']


def beyond(low, high):
    return [str(low), str(high)]


def longer(length):
    return [json.dumps("x" * (length + 1)), json.dumps("🫙" * (length + 1)), json.dumps("x" * 10_000)]


RECIPE = {
    "waterVolumeMl": NO_WHOLE + beyond(49, 200_001),
    "sugarGrams": NO_NUMBER + beyond(-0.01, 50_000.01),
    "grainsGrams": NO_NUMBER + beyond(-0.01, 20_000.01),
    "temperatureC": NO_NUMBER + beyond(-0.01, 45.01),
    "targetHours": NO_NUMBER + beyond(0.99, 2160.01),
    "name": NO_LINE + longer(100),
    "sugarType": NO_LINE + longer(40),
    "notes": NO_TEXT + longer(2000),
    "publicNote": NO_TEXT + longer(500),
    "culture": [*NO_CHOICE, '""'],
    "isPublic": NO_TRUTH,
    "newGrains": NO_TRUTH,
    "startedAt": [*NO_TIME, "null", '"1999-12-31T23:59:59Z"'],
    "fruits": [
        *("5", "true", "null", '"fig"', "{}", "[5]", "[null]", "[[]]", '[""]', '["a\\u0000"]', '["a\\nb"]'),
        *(json.dumps(["x"] * 21), json.dumps(["x" * 41])),
    ],
}
BOTTLING = {
    "bottleCount": NO_WHOLE + beyond(0, 1001),
    "bottleVolumeMl": NO_WHOLE + beyond(49, 200_001),
    "bottleKind": NO_CHOICE,
    "addedSugarGrams": NO_NUMBER + beyond(-0.01, 50_000.01),
    "bottledTemperatureC": NO_NUMBER + beyond(-0.01, 45.01),
    "bottledTargetHours": NO_NUMBER + beyond(0.99, 2160.01),
}
EVENT = {
    "ph": NO_NUMBER + beyond(-0.01, 14.01),
    "brix": NO_NUMBER + beyond(-0.01, 60.01),
    "temperatureC": NO_NUMBER + beyond(-0.01, 45.01),
    "fizz": NO_WHOLE + beyond(-1, 6),
    "taste": NO_CHOICE,
    "sign": NO_CHOICE,
    "phBy": NO_CHOICE,
    "kind": [*NO_CHOICE, '""', '"photo"', '"stage_change"'],
    "description": NO_TEXT + longer(2000),
    "occurredAt": [*NO_TIME, "null"],
}


def table(fields):
    return pytest.mark.parametrize(("field", "values"), fields.items(), ids=list(fields))


def refused(client, method, path, bodies, *fields):
    """Each body on its own: refused for just these fields, and nothing is changed."""
    before, bad = everything(), []
    for body in bodies:
        answer = send(client, method, path, body)
        named = reasons(answer) if answer.status_code == 400 else {("nothing", "")}
        roots = {re.sub(r"(?<=fruits)\.\d+$", "", field) for field, _ in named}
        if not (named and roots <= set(fields) and all(re.fullmatch("[a-z_]+", code) for _, code in named)):
            bad.append((body[:60], answer.status_code, named))
    assert not bad
    assert everything() == before


@pytest.fixture
def jar(alice):
    now = timezone.now()
    return make_batch(owner=alice, now=now, started_at=now - timedelta(hours=2), name="Jar")


@pytest.fixture
def reminder(jar):
    now = timezone.now()
    return make_reminder(batch=jar, now=now, due_at=now + timedelta(hours=1))


class TestFields:
    @table(RECIPE | {"parent": [value for value in NO_ID if value != "null"]})
    def test_of_a_new_batch(self, api, field, values):
        refused(api, "POST", "/batches", [f'{{"{field}": {value}}}' for value in values], field)

    @table(RECIPE | {"stage": [*NO_CHOICE, '""'], "status": [*NO_CHOICE, '""']})
    def test_of_a_batch(self, api, jar, field, values):
        bodies = [f'{{"{field}": {value}}}' for value in values if (field, value) != ("name", '""')]
        refused(api, "PATCH", f"/batches/{jar.pk}", bodies, field)

    @table(BOTTLING | {"bottledAt": NO_TIME})
    def test_of_its_bottles(self, api, alice, field, values):
        batch = make_bottled(owner=alice, now=timezone.now())
        # A time long ago is read well; that it lies before the start is a matter of both.
        also = [""] if field == "bottledAt" else []
        refused(
            api,
            "PATCH",
            f"/batches/{batch.pk}",
            [f'{{"{field}": {value}}}' for value in values],
            field,
            *also,
        )

    @table(EVENT | {"id": NO_ID})
    def test_of_a_new_event(self, api, jar, field, values):
        known = {"kind": "note", "description": "Bubbles"}
        bodies = [json.dumps(known | {field: "?"}).replace('"?"', value) for value in values]
        refused(api, "POST", f"/batches/{jar.pk}/events", bodies, field)

    @table(EVENT)
    def test_of_an_event(self, api, jar, field, values):
        event = make_event(batch=jar, now=timezone.now())
        refused(api, "PATCH", f"/events/{event.pk}", [f'{{"{field}": {value}}}' for value in values], field)

    @table(
        {
            "contentType": [*NO_CHOICE, '""', '"image/gif"', '"image/svg+xml"', '"IMAGE/JPEG"'],
            "sizeBytes": NO_WHOLE + beyond(0, 10_000_001),
            "filename": NO_LINE + longer(255),
        }
    )
    def test_of_a_photo_to_upload(self, api, jar, field, values):
        known = {"contentType": "image/jpeg", "sizeBytes": 9}
        bodies = [json.dumps(known | {field: "?"}).replace('"?"', value) for value in values]
        refused(api, "POST", f"/batches/{jar.pk}/photos/upload-url", bodies, field)

    @table({"photoId": NO_ID, "caption": NO_TEXT + longer(2000), "takenAt": [*NO_TIME, "null"]})
    def test_of_a_photo_that_is_uploaded(self, api, jar, field, values):
        known = {"photoId": str(ask(jar, b"Bubbles", now=timezone.now()).pk)}
        bodies = [json.dumps(known | {field: "?"}).replace('"?"', value) for value in values]
        refused(api, "POST", f"/batches/{jar.pk}/photos", bodies, field)

    @table({"caption": NO_TEXT + longer(2000), "isCover": NO_TRUTH})
    def test_of_a_photo(self, api, jar, field, values):
        photo = hang_up(jar, 1, now=timezone.now())
        refused(api, "PATCH", f"/photos/{photo.pk}", [f'{{"{field}": {v}}}' for v in values], field)

    @table(
        {
            "dueAt": [*NO_TIME, "null", '"2020-01-01T00:00:00Z"'],
            "message": [*NO_LINE, '""', '"  "', *longer(200)],
            "kind": [*NO_CHOICE, '""'],
        }
    )
    def test_of_a_wanted_reminder(self, api, jar, field, values):
        due_at = (timezone.now() + timedelta(hours=1)).isoformat()
        known = {"dueAt": due_at, "message": "Taste it"}
        bodies = [json.dumps({"reminders": [known | {field: "?"}]}).replace('"?"', value) for value in values]
        refused(api, "POST", f"/batches/{jar.pk}/reminders/confirm", bodies, f"reminders.0.{field}")

    def test_of_the_list_of_wanted_reminders(self, api, jar):
        bodies = ["{}", *(f'{{"reminders": {value}}}' for value in ("null", "5", "true", '"x"', "{}", "[]"))]
        refused(api, "POST", f"/batches/{jar.pk}/reminders/confirm", bodies, "reminders")
        due_at = (timezone.now() + timedelta(hours=1)).isoformat()
        too_many = json.dumps({"reminders": [{"dueAt": due_at, "message": "Stir"}] * 51})
        refused(api, "POST", f"/batches/{jar.pk}/reminders/confirm", [too_many], "reminders")

    @table({"minutes": [*NO_WHOLE, "null", "0", "-1", "43201"], "until": [*NO_TIME, "null"]})
    def test_of_a_snooze(self, api, reminder, field, values):
        refused(
            api, "POST", f"/reminders/{reminder.pk}/snooze", [f'{{"{field}": {v}}}' for v in values], field
        )

    def test_of_a_snooze_without_a_time_or_with_two(self, api, reminder):
        until = (timezone.now() + timedelta(hours=1)).isoformat()
        bodies = ["{}", json.dumps({"minutes": 5, "until": until})]
        refused(api, "POST", f"/reminders/{reminder.pk}/snooze", bodies, "")

    @pytest.mark.parametrize(
        "field",
        ["id", "owner", "version", "readyAt", "archivedAt", "publicUrl", "createdAt", "water_volume_ml", ""],
    )
    def test_that_are_not_the_keepers_to_set(self, api, jar, field):
        body = json.dumps({field: "x"})
        refused(api, "POST", "/batches", [body], field)
        refused(api, "PATCH", f"/batches/{jar.pk}", [body], field)


@pytest.fixture
def doors(jar, reminder):
    """Every address of the API that reads a body."""
    event, photo = make_event(batch=jar, now=timezone.now()), hang_up(jar, 1, now=timezone.now())
    return {
        "POST": ["/batches", f"/batches/{jar.pk}/events", f"/batches/{jar.pk}/reminders/confirm"]
        + [f"/batches/{jar.pk}/photos/upload-url", f"/batches/{jar.pk}/photos"]
        + [f"/reminders/{reminder.pk}/snooze"]
        + [f"/auth/{name}" for name in ("login", "verify", "verify-mfa", "refresh", "logout")],
        "PATCH": [f"/batches/{jar.pk}", f"/events/{event.pk}", f"/photos/{photo.pk}", "/me"],
    }


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "content_type", "answer"),
        [
            (b"{", "application/json", (400, "invalid_json")),
            (b"{'a': 1}", "application/json", (400, "invalid_json")),
            (b'{"a": NaN}', "application/json", (400, "invalid_json")),
            (b'{"a": 1, "a": 2}', "application/json", (400, "invalid_json")),
            (b'{"a": "\\ud800"}', "application/json", (400, "invalid_json")),
            (b'{"a": "\xff"}', "application/json", (400, "invalid_json")),
            ('{"a": 1}'.encode("utf-16"), "application/json; charset=utf-16", (400, "invalid_json")),
            (gzip.compress(b'{"a": 1}'), "application/json", (400, "invalid_json")),
            (b"[" * 90_000, "application/json", (400, "invalid_json")),
            (b'{"a":' * 15_000, "application/json", (400, "invalid_json")),
            (b"[" * 90 + b"]" * 90, "application/json", (400, "invalid")),
            (b"[]", "application/json", (400, "invalid")),
            (b'"a"', "application/json", (400, "invalid")),
            (b"5", "application/json", (400, "invalid")),
            (b"null", "application/json", (400, "null")),
            (b'{"nmae": 1}', "application/json", (400, "invalid")),
            (b" " * 10_000_000, "application/json", (413, "too_large")),
            (b"a=b", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
            (b"--x--", "multipart/form-data; boundary=x", (415, "unsupported_media_type")),
            (b"{}", "text/plain", (415, "unsupported_media_type")),
            (b"{}", "application/xml", (415, "unsupported_media_type")),
            (b"{}", "application/json-patch+json", (415, "unsupported_media_type")),
            (b"{}", "nonsense", (415, "unsupported_media_type")),
        ],
        ids=lambda part: str(part[:24]) if isinstance(part, bytes | str) else None,
    )
    def test_that_cannot_be_read(self, api, doors, body, content_type, answer):
        before = everything()
        answers = {
            f"{method} {path}": send(api, method, path, body, content_type)
            for method, paths in doors.items()
            for path in paths
        }
        seen = {door: (answer.status_code, answer.json()["code"]) for door, answer in answers.items()}
        assert seen == dict.fromkeys(seen, answer)
        assert everything() == before

    def test_an_empty_one_starts_a_batch(self, api):
        assert send(api, "POST", "/batches", b"").status_code == 201
        assert send(api, "POST", "/batches", b"{}").status_code == 201

    def test_a_charset_beside_the_type_is_no_other_type(self, api):
        assert send(api, "POST", "/batches", b"{}", "Application/JSON; charset=utf-8").status_code == 201


@pytest.mark.parametrize(
    ("garbage", "content_type"),
    [
        (b"", "application/json"),
        (b"\xff{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff=%FF&a", "application/x-www-form-urlencoded"),
        (b"--x--", "multipart/form-data; boundary=x"),
    ],
    ids=repr,
)
def test_nothing_at_any_address_breaks_on_garbage(alice, theirs, garbage, content_type):  # noqa: F811
    """Every address there is; a new one is tried unasked."""
    sensor_token = make_sensor(owner=alice)[1]
    tokens = tokens_of(Reminder.objects.get(pk=theirs["reminder_id"]))
    tokens |= {path: {"token": sensor_token} for path in OPENED_BY_A_SENSOR}
    # For /readyz, which says so when nobody looks what is due.
    queue.beat(rest=timedelta())
    app, page = app_of(alice), Client(raise_request_exception=False)
    app.raise_request_exception = False
    page.force_login(alice)
    broken = {}
    for route in sorted(routes(), key=lambda route: "logout" in route.path):
        client, methods = (app, ("POST", "PUT", "PATCH")) if route.is_api else (page, ("POST",))
        for method in methods:
            cache.clear()
            path = route.to(**theirs | tokens.get(route.path, {}))
            answer = client.generic(method, path, garbage, content_type=content_type)
            if answer.status_code >= 500:
                broken[method, route.path] = answer.status_code
    assert not broken
