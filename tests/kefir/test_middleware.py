"""What happens to every request, whoever's it is."""

import logging
import re

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from batches import views
from kefir.middleware import client_address
from tests.api import BASE
from tests.factories import make_batch, make_event
from tests.routes import OPENED_BY_A_TOKEN, routes

PAGES = [
    route.path
    for route in routes()
    if not route.is_api and "/_allauth/" not in route.path and set(route.ids) <= {"batch_id", "event_id"}
]
# The service worker is the same for everybody and holds nothing of anybody's; browsers keep and compare it.
FOR_ALL_ALIKE = {"max-age=86400", "public"}
KEPT_BY_BROWSERS = {
    "/sw.js": {"no-cache"},
    "/manifest.webmanifest": FOR_ALL_ALIKE,
    "/house/colours.css": FOR_ALL_ALIKE,
}
INLINE = re.compile(r"<style|\sstyle=|\son\w+=\"|javascript:|<script(?![^>]*\bsrc=)(?![^>]*json)")


def seen_address(proxies, settings, **headers):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=headers)
    client_address(lambda _: HttpResponse())(request)
    return request


class TestClientAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "203.0.113.9", "10.0.0.1"),
            (1, "203.0.113.9", "203.0.113.9"),
            (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            (2, "203.0.113.9", "10.0.0.1"),
            (1, "", "10.0.0.1"),
            (1, " , ", "10.0.0.1"),
        ],
    )
    def test_is_what_the_trusted_proxies_say_and_nobody_else(self, settings, proxies, forwarded, address):
        request = seen_address(proxies, settings, x_forwarded_for=forwarded)
        assert request.META["REMOTE_ADDR"] == address

    @pytest.mark.parametrize("header", ["x-forwarded-host", "x-forwarded-port", "forwarded", "x-real-ip"])
    @pytest.mark.parametrize("proxies", [0, 2])
    def test_other_headers_are_dropped(self, settings, header, proxies):
        request = seen_address(proxies, settings, **{header: "evil.example"})
        assert header not in request.headers

    def test_a_scheme_is_believed_only_behind_a_proxy(self, settings):
        assert "x-forwarded-proto" not in seen_address(0, settings, x_forwarded_proto="https").headers
        assert "x-forwarded-proto" in seen_address(1, settings, x_forwarded_proto="https").headers

    def test_counts_for_the_limits(self, client, alice, settings, monkeypatch):
        settings.TRUSTED_PROXIES = 1
        batch = make_batch(owner=alice, is_public=True)
        seen = []
        monkeypatch.setattr(views.limits, "hit", lambda *parts: seen.append(parts[2]) or 0)
        client.get(f"/b/{batch.pk}", headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
        assert seen == ["203.0.113.9"]


@pytest.mark.parametrize("path", PAGES)
class TestEveryPage:
    @pytest.fixture
    def answer(self, page, alice, path):
        batch = make_batch(owner=alice, is_public=True)
        known = {"batch_id": batch.pk, "event_id": make_event(batch=batch).pk}
        return page.get(re.sub(r"<\w+:(\w+)>", lambda place: str(known[place[1]]), path))

    def test_says_what_it_may_load_and_holds_nothing_inline(self, answer):
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not {"*", "http:", "https:", "data:"} & set(re.sub("img-src [^;]*", "", policy).split())
        if answer.get("Content-Type", "").startswith("text/html"):
            assert not INLINE.search(answer.content.decode())

    def test_ties_the_browser_and_is_kept_by_no_cache(self, answer, path):
        wanted = KEPT_BY_BROWSERS.get(path, {"no-store", "private"})
        assert wanted <= set(answer["Cache-Control"].split(", "))
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in answer["Permissions-Policy"]


class TestErrors:
    def test_have_the_same_headers(self, page, monkeypatch):
        monkeypatch.setattr(views.WITH_ALL_ABOUT, "rows", lambda **_: 1 / 0)
        page.raise_request_exception = False
        answers = {404: page.get("/nowhere"), 500: page.get("/batches/0123456789AB")}
        for status, answer in answers.items():
            assert answer.status_code == status
            assert "default-src 'none'" in answer["Content-Security-Policy"]
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["X-Request-ID"]

    def test_of_a_host_that_is_not_ours_is_a_plain_refusal(self, client, db):
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


class TestApi:
    def test_is_kept_by_no_cache(self, api, client):
        for answer in (api.get(f"{BASE}/batches"), client.get(f"{BASE}/batches"), client.get(f"{BASE}/no")):
            assert answer["Cache-Control"] == "no-store, private"

    def test_may_load_nothing_at_all(self, api):
        assert api.get(f"{BASE}/batches")["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert "script-src" not in api.get(f"{BASE}/batches")["Content-Security-Policy"]

    def test_its_page_of_documents_may_load_its_own_scripts(self, client, db):
        answer = client.get(f"{BASE}/docs")
        assert answer.status_code == 200
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert not INLINE.search(answer.content.decode())
        assert not [
            address for address in re.findall(r'(?:src|href)="(.*?)"', answer.text) if "//" in address
        ]

    def test_over_plain_http_is_refused_not_redirected(self, settings, db):
        settings.HTTPS = True
        answer = Client().get(f"{BASE}/batches")
        assert (answer.status_code, answer.json()["code"]) == (403, "https_required")
        assert Client().get(f"{BASE}/batches", secure=True).status_code == 401

    def test_opens_to_no_other_origin(self, api):
        for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
            answer = api.options(f"{BASE}/batches", headers={"Origin": origin})
            assert "Access-Control-Allow-Origin" not in answer.headers

    def test_opens_to_an_origin_that_is_configured(self, api, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
        answer = api.get(f"{BASE}/batches", headers={"Origin": "https://app.example"})
        assert answer["Access-Control-Allow-Origin"] == "https://app.example"
        assert "Access-Control-Allow-Credentials" not in answer.headers


class TestRequestId:
    def test_is_the_callers_where_it_is_a_sensible_one(self, client, db):
        assert client.get("/healthz", headers={"X-Request-ID": "abc-12345"})["X-Request-ID"] == "abc-12345"

    @pytest.mark.parametrize("offered", ["short", "x" * 65, "a b c d e f g", "12345678<script>", "ÄÖÜäöüßß"])
    def test_is_ours_otherwise(self, client, db, offered):
        answer = client.get("/healthz", headers={"X-Request-ID": offered})
        assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-ID"])


class TestLogLine:
    @pytest.fixture
    def line(self, caplog):
        caplog.set_level(logging.INFO, "kefir.requests")
        return lambda: [record.getMessage() for record in caplog.records if record.name == "kefir.requests"][
            -1
        ]

    def test_names_the_route_and_not_the_path(self, page, alice, line):
        batch = make_batch(owner=alice)
        page.get(f"/batches/{batch.pk}?search=secret")
        assert re.fullmatch(r"GET /batches/<batch:batch_id> 200 \d+ ms", line())

    def test_says_nothing_of_a_path_that_leads_nowhere(self, client, db, line):
        client.get("/nowhere/some-secret-token")
        assert re.fullmatch(r"GET /- 404 \d+ ms", line())

    @pytest.mark.parametrize(
        "path", sorted(path for path in OPENED_BY_A_TOKEN if not path.endswith(("/done", "/later")))
    )
    def test_says_nothing_of_the_token_that_opens_an_address(self, client, db, line, path):
        client.get(re.sub("<.*?>", "some-secret-token", path))
        assert re.fullmatch(rf"GET {re.escape(path)} 404 \d+ ms", line())

    def test_of_a_failure_names_its_route_too(self, page, monkeypatch, caplog):
        monkeypatch.setattr(views.WITH_ALL_ABOUT, "rows", lambda **_: 1 / 0)
        page.raise_request_exception = False
        page.get("/batches/0123456789AB?token=secret")
        failed = [record for record in caplog.records if record.levelname == "ERROR"]
        assert [record.getMessage() for record in failed] == ["Failed: /batches/<batch:batch_id>"]
        assert "secret" not in caplog.text
