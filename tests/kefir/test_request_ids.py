"""Each answer has a name, whoever gives it; its problem and each line of the log say the same one."""

import json
import logging

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from batches.models import BatchQuerySet
from kefir import logs, middleware
from kefir.api import throttles
from tests.api import BASE
from tests.factories import make_batch
from tests.work.jobs import handled, make_job
from work.models import Job

NAME = "a-name-for-this-request"
JSON = {"content_type": "application/json"}


def called(client, method, path, body=None, **extra):
    extra["headers"] = {"X-Request-ID": NAME, **extra.get("headers", {})}
    return client.generic(method, path, body or b"", **{**JSON, **extra})


@pytest.fixture
def lines(caplog):
    """What the log says of requests, each as it would be written."""
    caplog.set_level(logging.INFO, "kefir.requests")
    named = logs.RequestContext()
    caplog.handler.addFilter(named)
    yield lambda: [json.loads(logs.JSONFormatter().format(record)) for record in caplog.records]
    caplog.handler.removeFilter(named)


REFUSED = {
    "401": lambda api: called(Client(), "GET", f"{BASE}/batches"),
    "404 of a thing": lambda api: called(api, "GET", f"{BASE}/batches/0123456789AB"),
    "404 of an address": lambda api: called(api, "GET", f"{BASE}/nowhere"),
    "404 of a file": lambda api: called(api, "GET", "/api/swagger.js"),
    "405": lambda api: called(api, "PUT", f"{BASE}/batches"),
    "415": lambda api: called(api, "POST", f"{BASE}/batches", b"<a/>", content_type="text/xml"),
    "400 of no JSON": lambda api: called(api, "POST", f"{BASE}/batches", b"{"),
    "400 of a host": lambda api: called(api, "GET", f"{BASE}/batches", headers={"Host": "evil.example"}),
    "411": lambda api: called(api, "POST", f"{BASE}/batches", HTTP_TRANSFER_ENCODING="chunked"),
    "413": lambda api: called(api, "POST", f"{BASE}/batches", b"x" * 100_001),
    "403 of a form": lambda api: called(signed_in_browser(), "POST", f"{BASE}/batches", b"{}"),
}


def signed_in_browser():
    from accounts.models import User

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get())
    return browser


@pytest.mark.parametrize("refused", REFUSED.values(), ids=list(REFUSED))
class TestEveryRefusal:
    def test_is_a_problem_with_the_name_of_its_request(self, api, refused, request, lines):
        answer = refused(api)
        assert str(answer.status_code) == request.node.callspec.id.split()[0]
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["requestId"] == answer["X-Request-ID"] == NAME
        assert {line["requestId"] for line in lines() if line["logger"] == "kefir.requests"} == {NAME}


class TestEveryAnswer:
    def test_of_429_and_500_and_403_over_http_has_it(self, api, monkeypatch, settings):
        monkeypatch.setattr(throttles.Reads, "limits", "1/hour")
        called(api, "GET", f"{BASE}/batches")
        too_often = called(api, "GET", f"{BASE}/batches")
        monkeypatch.setattr(throttles.Reads, "limits", "1000/second")
        monkeypatch.setattr(BatchQuerySet, "of", lambda *_: 1 / 0)
        api.raise_request_exception = False
        # The first page is made into SQL once, before this.
        failed = called(api, "GET", f"{BASE}/batches?limit=3")
        settings.HTTPS = True
        in_clear = called(api, "GET", f"{BASE}/batches")
        answers = {429: too_often, 500: failed, 403: in_clear}
        assert {status: answer.status_code for status, answer in answers.items()} == {
            429: 429,
            500: 500,
            403: 403,
        }
        assert {answer.json()["requestId"] for answer in answers.values()} == {NAME}

    def test_that_is_good_has_it_too(self, api, alice):
        path = f"{BASE}/batches/{make_batch(owner=alice, now=timezone.now()).pk}"
        known = called(api, "GET", path)["ETag"]
        unchanged = called(api, "GET", path, headers={"If-None-Match": known})
        gone = called(api, "DELETE", path)
        assert [answer.status_code for answer in (unchanged, gone)] == [304, 204]
        assert {answer["X-Request-ID"] for answer in (unchanged, gone)} == {NAME}

    def test_that_is_streamed_has_it_to_its_last_part(self):
        def parts():
            for _ in range(2):
                said.append(logs.request_id.get())
                yield b"x"

        said = []
        serve = middleware.request_id(lambda _: StreamingHttpResponse(parts()))
        answer = serve(RequestFactory().get("/", headers={"X-Request-ID": NAME}))
        assert (answer.getvalue(), answer["X-Request-ID"]) == (b"xx", NAME)
        assert (said, logs.request_id.get()) == ([NAME, NAME], "")

    def test_that_nobody_reads_to_its_end_lets_go_of_what_it_holds(self, db):
        def parts():
            try:
                yield b"x"
                yield b"y"
            finally:
                ended.append(True)

        ended = []
        answer = middleware.request_id(lambda _: StreamingHttpResponse(parts()))(RequestFactory().get("/"))
        assert next(iter(answer.streaming_content)) == b"x"
        answer.close()
        assert ended

    def test_leaves_no_name_behind_when_all_breaks(self):
        def broken(_):
            raise RuntimeError

        with pytest.raises(RuntimeError):
            middleware.request_id(broken)(RequestFactory().get("/"))
        assert logs.request_id.get() == ""

    def test_goes_with_the_jobs_that_it_sets_off(self, api, alice, run_jobs, lines, caplog):
        caplog.set_level(logging.INFO, "kefir.jobs")
        path = f"{BASE}/batches/{make_batch(owner=alice).pk}/events"
        for name in ("first-of-two", "second-of-two"):
            body = {"kind": "measurement", "ph": 4.1}
            assert api.post(path, body, format="json", headers={"X-Request-ID": name}).status_code == 201
        run_jobs()
        [job] = Job.objects.filter(kind="forecast")
        [said] = [line for line in lines() if line["logger"] == "kefir.jobs"]
        assert (said["requestId"], said["job"]) == ("second-of-two", job.pk)

    def test_goes_on_from_job_to_job(self, run_jobs, lines, caplog):
        def does(task):
            if task.key == "1":
                make_job(key="2")

        caplog.set_level(logging.INFO, "kefir.jobs")
        with handled(does=does), logs.under("of-a-request"):
            make_job(key="1")
        with handled(does=does):
            run_jobs()
        assert [line["requestId"] for line in lines() if line["logger"] == "kefir.jobs"] == [
            "of-a-request"
        ] * 2

    def test_is_for_a_job_that_nobody_asked_for_its_own(self, run_jobs, lines, caplog):
        caplog.set_level(logging.INFO, "kefir.jobs")
        with handled(does=lambda task: logging.getLogger("kefir.jobs").info("At work")):
            job = make_job()
            run_jobs()
        said = lines()
        assert "At work" in {line["message"] for line in said}
        assert {line["requestId"] for line in said if line["logger"] == "kefir.jobs"} == {f"job-{job.pk}"}


class TestOrigins:
    """Which other sites a browser lets our answers be read by."""

    OURS = "https://app.example"
    WANTED = "authorization, content-type, idempotency-key, if-match, if-none-match"

    @pytest.fixture(autouse=True)
    def _one_is_ours(self, settings):
        settings.CORS_ALLOWED_ORIGINS = [self.OURS]

    def preflight(self, origin, method="PATCH", path=f"{BASE}/batches/0123456789AB"):
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": self.WANTED,
        }
        return APIClient().options(path, headers=headers)

    @pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
    def test_ours_may_send_what_the_api_wants(self, method):
        answer = self.preflight(self.OURS, method)
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, self.OURS)
        allowed = {name.strip() for name in answer["Access-Control-Allow-Headers"].split(",")}
        assert set(self.WANTED.split(", ")) <= allowed
        assert method in answer["Access-Control-Allow-Methods"]
        assert "Access-Control-Allow-Credentials" not in answer
        assert answer["X-Request-ID"]

    @pytest.mark.parametrize(
        "origin",
        [
            "null",
            "*",
            "https://evil.example",
            "http://app.example",
            "https://app.example.evil.example",
            "https://evil-app.example",
            "https://app.example:8443",
            "https://app.example@evil.example",
            "https://APP.example.",
            "https://app.example, https://evil.example",
        ],
    )
    def test_others_may_send_and_read_nothing(self, api, origin):
        assert not cross_origin_headers(self.preflight(origin))
        answer = api.get(f"{BASE}/batches", headers={"Origin": origin})
        assert not cross_origin_headers(answer)

    def test_ours_may_read_what_a_client_needs_also_of_a_refusal(self, api):
        for answer in (
            api.get(f"{BASE}/batches", headers={"Origin": self.OURS}),
            Client().get(f"{BASE}/batches", headers={"Origin": self.OURS}),
            api.get(f"{BASE}/nowhere", headers={"Origin": self.OURS}),
            called(api, "POST", f"{BASE}/batches", b"x" * 100_001, headers={"Origin": self.OURS}),
        ):
            assert answer["Access-Control-Allow-Origin"] == self.OURS
            shown = set(answer["Access-Control-Expose-Headers"].split(", "))
            assert {"ETag", "Retry-After", "X-Request-ID", "Idempotent-Replayed"} <= shown

    def test_pages_open_to_nobody(self, page):
        assert not cross_origin_headers(page.get("/batches/", headers={"Origin": self.OURS}))

    def test_caches_keep_the_answers_to_two_origins_apart(self, api):
        assert "origin" in api.get(f"{BASE}/batches")["Vary"].lower()


def cross_origin_headers(answer: HttpResponse) -> set[str]:
    return {name for name in answer.headers if name.lower().startswith("access-control-allow")}
