"""A call with a token is answered without what is there for pages, and as safely."""

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions import begin_sign_in
from accounts.tokens import pair
from tests.api import BASE

OF_THE_API = "default-src 'none'; frame-ancestors 'none'; sandbox"
ELSEWHERE = {"Authorization": "Bearer no.such.token"}


@pytest.fixture
def token(client, alice):
    client.force_login(alice)
    sign_in = begin_sign_in(user=alice, session_key=client.session.session_key, now=timezone.now())
    return pair(sign_in, now=timezone.now()).access_token


class TestACallWithAToken:
    def test_is_known_by_its_token_and_not_by_a_session_that_came_along(self, page, token):
        assert page.get(f"{BASE}/me", headers={"Authorization": f"bearer {token}"}).status_code == 200
        assert page.get(f"{BASE}/me").status_code == 200
        assert page.get(f"{BASE}/me", headers=ELSEWHERE).status_code == 401

    def test_asks_for_no_session_and_gets_no_cookie(self, page, token, django_assert_num_queries):
        with django_assert_num_queries(1):
            answer = page.get(f"{BASE}/me", headers={"Authorization": f"Bearer {token}"})
        assert not answer.cookies

    def test_has_the_policy_of_the_api_also_when_it_is_refused(self, token):
        for headers in ({"Authorization": f"Bearer {token}"}, ELSEWHERE, {}):
            for path in (f"{BASE}/me", f"{BASE}/nowhere"):
                answer = Client().get(path, headers=headers)
                assert answer["Content-Security-Policy"] == OF_THE_API
                assert answer["X-Frame-Options"] == "DENY"

    def test_may_not_go_to_another_host(self, token):
        answer = Client().get(
            f"{BASE}/me", headers={"Authorization": f"Bearer {token}", "Host": "evil.example"}
        )
        assert answer.status_code == 400

    def test_gets_the_documents_page_with_the_policy_of_pages(self, token):
        answer = Client().get(f"{BASE}/docs", headers={"Authorization": f"Bearer {token}"})
        assert "script-src 'self'" in answer["Content-Security-Policy"]


class TestElsewhere:
    def test_what_looks_like_a_token_makes_no_page_go_without_its_session(self, page):
        assert page.get("/batches/", headers=ELSEWHERE).status_code == 200
        assert page.post("/accounts/logout/", headers=ELSEWHERE).status_code == 302
        assert page.get("/batches/").status_code == 302

    def test_the_browsers_own_session_still_wants_its_csrf_token(self, alice):
        browser = APIClient(enforce_csrf_checks=True)
        browser.force_login(alice)
        assert browser.post(f"{BASE}/batches", {}, format="json").status_code == 403
        assert browser.get(f"{BASE}/batches").status_code == 200
