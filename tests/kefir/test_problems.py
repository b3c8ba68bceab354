"""Every error of the API has one shape, whatever went wrong and wherever."""

import pytest
from django.db import DatabaseError, OperationalError
from psycopg.errors import LockNotAvailable
from rest_framework.test import APIClient

from batches import actions
from kefir.api.problems import Problem, described
from tests.api import BASE, call, reasons, send
from tests.factories import make_batch

MEMBERS = {"type", "title", "status", "code", "detail", "requestId"}


def problem_of(answer, status, code):
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert body.keys() - {"errors"} == MEMBERS
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert body["title"]
    assert body["detail"]
    assert body["requestId"] == answer["X-Request-ID"]
    return body


class TestShape:
    def test_of_a_refusal_names_each_field(self, api):
        answer = call(api, "post", "/batches", {"sugarGrams": -1, "nmae": "Jar"})
        body = problem_of(answer, 400, "invalid")
        assert body["errors"] == [
            {"field": "nmae", "code": "unknown_field", "detail": "There is no such field."}
        ]

    def test_of_a_refusal_of_the_whole_lends_its_code(self, api, alice):
        batch = make_batch(owner=alice)
        answer = call(api, "patch", f"/batches/{batch.pk}", {"status": "ready", "stage": "bottled"})
        body = problem_of(answer, 400, "move_not_allowed")
        assert body["errors"] == [{"field": "", "code": "move_not_allowed", "detail": body["detail"]}]

    def test_names_a_place_deep_inside_by_its_path(self, api, alice):
        batch = make_batch(owner=alice)
        wanted = {"reminders": [{"dueAt": "2026-03-02T12:00:00Z", "message": ""}]}
        answer = call(api, "post", f"/batches/{batch.pk}/reminders/confirm", wanted)
        assert reasons(answer) == {("reminders.0.message", "blank")}

    def test_of_a_body_that_is_no_json(self, api):
        problem_of(send(api, "POST", "/batches", "{"), 400, "invalid_json")

    def test_of_somebody_unknown_says_how_to_sign_in(self, db):
        answer = call(APIClient(), "get", "/batches")
        problem_of(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_of_a_bad_token(self, db):
        answer = call(APIClient(), "get", "/batches", headers={"Authorization": "Bearer no"})
        problem_of(answer, 401, "authentication_failed")

    def test_of_a_browser_without_its_csrf_token(self, alice):
        browser = APIClient(enforce_csrf_checks=True)
        browser.force_login(alice)
        problem_of(call(browser, "post", "/batches", {}), 403, "permission_denied")
        assert call(browser, "get", "/batches").status_code == 200

    @pytest.mark.parametrize("path", ["/nowhere", "/batches/", "/batches/SHORT", "/batches/0123456789AB"])
    def test_of_an_address_where_nothing_is(self, api, path):
        problem_of(call(api, "get", path), 404, "not_found")

    def test_of_an_address_that_is_not_below_a_version(self, db, client):
        problem_of(client.get("/api/nowhere"), 404, "not_found")

    @pytest.mark.parametrize("method", ["put", "delete"])
    def test_of_a_method_that_is_none_of_its(self, api, method):
        problem_of(call(api, method, "/batches", {}), 405, "method_not_allowed")

    def test_of_what_has_changed_meanwhile(self, api, alice):
        batch = make_batch(owner=alice)
        answer = call(api, "patch", f"/batches/{batch.pk}", {"name": "Pot"}, headers={"If-Match": '"7"'})
        problem_of(answer, 412, "stale")

    def test_of_a_body_that_is_too_large(self, api):
        problem_of(send(api, "POST", "/batches", b" " * 1_000_001), 413, "too_large")

    def test_of_a_body_of_another_kind(self, api):
        problem_of(send(api, "POST", "/batches", "a=b", "text/plain"), 415, "unsupported_media_type")

    def test_of_a_key_that_was_used_for_something_else(self, api):
        call(api, "post", "/batches", {"name": "Jar"}, headers={"Idempotency-Key": "key"})
        answer = call(api, "post", "/batches", {"name": "Pot"}, headers={"Idempotency-Key": "key"})
        problem_of(answer, 422, "idempotency_key_reused")

    def test_of_too_many_says_when_to_come_back(self, api):
        answers = [api.post(f"{BASE}/batches", {"name": 5}, format="json") for _ in range(21)]
        problem_of(answers[-1], 429, "rate_limited")
        assert answers[-1]["Retry-After"] == "1"


class TestOurOwnMistakes:
    def breaking(self, api, monkeypatch, error):
        def verb(**_):
            raise error

        monkeypatch.setattr(actions, "start", verb)
        return call(api, "post", "/batches", {})

    def test_are_told_without_a_word_of_what_they_were(self, api, monkeypatch):
        answer = self.breaking(api, monkeypatch, RuntimeError("the secret of the house"))
        problem_of(answer, 500, "error")
        assert "secret" not in answer.content.decode()

    def test_are_logged_with_their_trace(self, api, monkeypatch, caplog):
        self.breaking(api, monkeypatch, RuntimeError("the secret of the house"))
        [record] = [record for record in caplog.records if record.name == "kefir.problems"]
        assert "the secret of the house" in str(record.exc_info)

    def test_in_the_database_are_no_fault_of_the_caller(self, api, monkeypatch):
        problem_of(self.breaking(api, monkeypatch, DatabaseError("x")), 500, "error")

    def test_a_database_that_is_away_is_worth_another_try(self, api, monkeypatch):
        answer = self.breaking(api, monkeypatch, OperationalError("gone"))
        problem_of(answer, 503, "unavailable")
        assert answer["Retry-After"] == "5"

    def test_a_row_that_somebody_holds_is_worth_one_soon(self, api, monkeypatch):
        error = OperationalError("locked")
        error.__cause__ = LockNotAvailable()
        problem_of(self.breaking(api, monkeypatch, error), 409, "busy")


class TestProblem:
    def test_keeps_its_own_words_where_its_code_is_a_common_one(self):
        body, headers = described(Problem(503, "unavailable", "No mail just now.", retry_after=60))
        assert (body["detail"], headers["Retry-After"]) == ("No mail just now.", "60")

    def test_carries_what_else_it_was_given(self):
        assert described(Problem(401, "mfa_required", "One more step.", types=["totp"]))[0]["types"] == [
            "totp"
        ]
