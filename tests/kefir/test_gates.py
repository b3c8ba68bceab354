"""Closed for a while, or too often: said in our look, at once, and without what may be away."""

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings as configured
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client, RequestFactory
from PIL import Image

from kefir import gates, limits, views
from tests.api import BASE
from tests.factories import make_batch

HOUR = timedelta(hours=1)


@pytest.fixture
def closed(settings):
    settings.MAINTENANCE = True
    return Client()


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


class TestMaintenance:
    @pytest.mark.parametrize(
        "path", ["/", "/batches/", "/b/000000000000", "/accounts/login/", "/admin/", "/nothing"]
    )
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_is_said_on_every_page_without_the_database(self, closed, path, method):
        """This test has none."""
        closed.cookies[configured.SESSION_COOKIE_NAME] = "somebody"
        answer = getattr(closed, method)(path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "120")
        assert "Back in a few minutes." in words(answer)
        assert answer["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer["Content-Security-Policy"]

    def test_is_a_problem_to_the_api(self, closed):
        answer = closed.get(f"{BASE}/batches")
        assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
        assert (answer.json()["code"], answer["Retry-After"]) == ("maintenance", "120")

    def test_does_not_hide_that_the_process_lives(self, closed):
        assert closed.get("/healthz").content == b"ok"

    @pytest.mark.django_db
    def test_does_not_hide_what_is_missing(self, closed):
        assert "failed" in json.loads(closed.get("/readyz").content)

    def test_leaves_what_the_page_is_drawn_with(self, closed, settings):
        settings.SITE_COLOURS = {"honey": ("#112233", "#445566")}
        assert "#112233" in closed.get("/house/colours.css").content.decode()
        assert "/house/colours.css?" in closed.get("/").content.decode()
        assert b"tokens" in b"".join(closed.get("/static/css/tokens.css").streaming_content)

    def test_bears_the_name_and_the_sign_of_the_house(self, closed, settings, tmp_path):
        picture = BytesIO()
        Image.new("RGB", (4, 4)).save(picture, "PNG")
        sign = tmp_path / "sign.png"
        sign.write_bytes(picture.getvalue())
        settings.SITE_NAME, settings.SITE_SIGN = "Bubbles & Co", sign
        page = closed.get("/").content.decode()
        assert "Bubbles &amp; Co" in page
        assert 'src="/house/sign"' in page
        assert closed.get("/house/sign").content == picture.getvalue()

    def test_is_over_when_nobody_says_so(self, client, db):
        assert client.get("/").status_code == 200


@pytest.mark.django_db
class TestPageWrites:
    @pytest.fixture
    def few(self, monkeypatch):
        monkeypatch.setattr(limits, "WRITES", "3/hour")
        monkeypatch.setattr(gates, "WRITES_OF_STRANGERS", "2/hour")

    def test_come_so_often_and_then_a_page_counts_down(self, page, alice, few):
        batch = make_batch(owner=alice)
        answers = [page.post(f"/batches/{batch.pk}/archive") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
        wait = int(answers[-1]["Retry-After"])
        assert 3590 <= wait <= 3600
        assert f'data-countdown="{wait}"' in answers[-1].content.decode()
        assert f"Try again in {wait} seconds" in words(answers[-1])

    def test_that_were_too_many_change_nothing(self, page, alice, few):
        for _ in range(3):
            page.post("/nowhere")
        page.post("/settings/", {"name": "Changed"})
        alice.refresh_from_db()
        assert alice.name == ""

    def test_of_one_person_are_not_counted_for_another(self, page, bob, few):
        for _ in range(4):
            page.post("/nowhere")
        other = Client()
        other.force_login(bob)
        assert other.post("/nowhere").status_code == 404

    def test_of_strangers_are_counted_by_address(self, few):
        answers = [Client(REMOTE_ADDR="192.0.2.7").post("/nowhere") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert Client(REMOTE_ADDR="192.0.2.8").post("/nowhere").status_code == 404

    def test_share_what_an_app_may_write(self, page, alice, api, few):
        page.post("/nowhere")
        assert limits.hit("writes", "1/hour", str(alice.pk)) > 0

    def test_looking_is_free(self, page, few):
        assert [page.get("/settings/").status_code for _ in range(5)] == [200] * 5

    def test_go_on_when_nobody_can_count(self, page, few, monkeypatch):
        def away(*_):
            raise limits.Unavailable

        monkeypatch.setattr(limits, "hit", away)
        assert [page.post("/nowhere").status_code for _ in range(5)] == [404] * 5


class TestTooOften:
    @pytest.mark.django_db
    def test_offers_the_page_again_that_was_asked_for(self, client, monkeypatch):
        monkeypatch.setattr(limits, "PUBLIC_PAGES", "1/hour")
        client.get("/b/000000000000")
        answer = client.get("/b/000000000000?x=1")
        assert answer.status_code == 429
        assert 'href="/b/000000000000?x=1"' in answer.content.decode()

    @pytest.mark.django_db
    def test_offers_nothing_that_would_be_sent_twice(self, client, monkeypatch):
        monkeypatch.setattr(gates, "WRITES_OF_STRANGERS", "1/hour")
        client.post("/nowhere")
        answer = client.post("/nowhere")
        assert 'href="/nowhere"' not in answer.content.decode()
        assert "what you typed is still there" in words(answer)


class TestBroken:
    """What is said when something is wrong, with the name of the house."""

    @pytest.fixture
    def house(self, settings):
        settings.SITE_NAME = "Bubbles"
        settings.SITE_COLOURS = {"honey": ("#112233", "#445566")}

    def test_500_asks_nothing_of_the_database(self, house):
        answer = views.server_error(RequestFactory().get("/batches/"))
        assert answer.status_code == 500
        assert "Something broke on our side." in words(answer)
        assert "That was not done." in words(answer)
        assert "Put it into the fridge first" in words(answer)
        assert "Bubbles" in words(answer)
        assert "/house/colours.css?" in answer.content.decode()

    @pytest.mark.django_db
    def test_500_comes_when_a_page_breaks(self, house, page, monkeypatch):
        page.raise_request_exception = False
        monkeypatch.setattr(views.Batch.objects, "of", lambda _: 1 / 0)
        answer = page.get("/")
        assert answer.status_code == 500
        assert "Bubbles" in words(answer)

    @pytest.mark.django_db
    def test_403_and_404_are_ours(self, house, client):
        refused = views.permission_denied(RequestFactory().get("/x"), PermissionDenied())
        missing = client.get("/nothing")
        assert (refused.status_code, missing.status_code) == (403, 404)
        assert "This page is not open to you." in words(refused)
        assert "There is no such jar on this shelf." in words(missing)
        assert "Bubbles" in words(missing)

    @pytest.mark.django_db
    def test_a_form_that_proves_nothing_says_what_to_do(self, house):
        answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"email": "x@example.com"})
        assert answer.status_code == 403
        assert "That form had grown too old." in words(answer)


def test_the_test_of_maintenance_would_notice_a_query():
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.cursor()
