"""What schemathesis never sends: another type, a tag that was read; nor does it hold a row, or take Redis away.."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from redis import Redis
from rest_framework.test import APIClient

from kefir import limits
from tests.api import app_of, call, send
from tests.factories import make_batch, make_reminder, make_user
from tests.test_strangers import theirs  # noqa: F401 what Alice has, by the name it has in an address

PATHS = json.loads((Path(__file__).parent.parent / "docs/openapi.json").read_text())["paths"]
OURS = {"ETag", "Retry-After", "Idempotent-Replayed"}


def undocumented(answer, method, path):
    """Its status and those of its headers that the document does not name."""
    told = PATHS[f"/api/v1{path}"][method]["responses"].get(str(answer.status_code))
    if told is None:
        return {answer.status_code}
    return {name for name in OURS if name in answer} - told.get("headers", {}).keys()


def operations(*methods):
    return [
        (method, path.removeprefix("/api/v1"))
        for path, told in PATHS.items()
        for method in methods
        if method in told
    ]


class TestAnotherType:
    def test_of_body_is_refused_as_documented(self, theirs, api):  # noqa: F811
        answers = {
            (method, path): send(api, method.upper(), path.format(**theirs), b"x", "text/plain")
            for method, path in operations("post", "patch", "put")
        }
        assert not {door: odd for door, answer in answers.items() if (odd := undocumented(answer, *door))}
        assert sum(answer.status_code == 415 for answer in answers.values()) > len(answers) / 2

    def test_of_answer_makes_none_that_is_not_documented(self, theirs, api):  # noqa: F811
        answers = {
            door: call(api, door[0], door[1].format(**theirs), headers={"Accept": "application/xml"})
            for door in operations("get")
        }
        assert not {door: odd for door, answer in answers.items() if (odd := undocumented(answer, *door))}


class TestATagThatWasRead:
    @pytest.mark.parametrize("path", ["/batches/{batch_id}", "/grains/{grains_id}"])
    def test_is_answered_as_documented(self, theirs, api, path):  # noqa: F811
        here = path.format(**theirs)
        read = call(api, "get", here)
        again = call(api, "get", here, headers={"If-None-Match": read["ETag"]})
        stale = call(api, "patch", here, {"name": "x"}, headers={"If-Match": '"99"'})
        assert [one.status_code for one in (read, again, stale)] == [200, 304, 412]
        for answer, method in ((read, "get"), (again, "get"), (stale, "patch")):
            assert not undocumented(answer, method, path)
        asked = {one["name"] for one in PATHS[f"/api/v1{path}"]["get"]["parameters"]}
        assert "If-None-Match" in asked


@pytest.mark.django_db
class TestOthers:
    def test_a_key_that_was_used_says_so_as_documented(self, api):
        for status in (201, 201, 422):
            body = {"name": "Two"} if status == 422 else {"name": "One"}
            answer = call(api, "post", "/batches", body, headers={"Idempotency-Key": "a"})
            assert answer.status_code == status
            assert not undocumented(answer, "post", "/batches")

    @pytest.mark.parametrize("path", ["/auth/login", "/auth/verify"])
    def test_without_redis_nobody_signs_in_and_the_document_says_so(self, monkeypatch, path):
        nobody = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.3)
        monkeypatch.setattr(limits, "_script", lambda: nobody.register_script(limits.COUNT))
        body = {"email": "alice@example.com"} | (
            {} if path.endswith("login") else {"code": "1", "session": "x"}
        )
        answer = call(APIClient(), "post", path, body)
        assert answer.status_code == (503 if path.endswith("login") else answer.status_code)
        assert not undocumented(answer, "post", path)


@pytest.mark.django_db(transaction=True)
class TestARowThatSomebodyHolds:
    @pytest.fixture
    def held(self):
        """Alice's batch and its reminder, held by another connection; this one soon gives up."""
        now = timezone.now()
        batch = make_batch(owner=make_user(), now=now)
        reminder = make_reminder(batch=batch, now=now, due_at=now + timedelta(hours=1))
        other = connection.get_new_connection(connection.get_connection_params())
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            for table in ("batches_batch", "reminders_reminder"):
                cursor.execute(f"SELECT 1 FROM {table} FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 100")
        yield {"batch_id": batch.pk, "reminder_id": reminder.pk}, batch.owner
        other.close()
        connection.close()

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("patch", "/batches/{batch_id}", {"name": "x"}),
            ("delete", "/batches/{batch_id}", None),
            ("post", "/batches/{batch_id}/events", {"description": "x"}),
            ("delete", "/reminders/{reminder_id}", None),
            ("post", "/reminders/{reminder_id}/done", None),
            ("post", "/reminders/{reminder_id}/snooze", {"minutes": 60}),
        ],
    )
    def test_is_busy_as_documented(self, held, method, path, body):
        known, owner = held
        answer = call(app_of(owner), method, path.format(**known), body)
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "busy", "1")
        assert not undocumented(answer, method, path)
