from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone, translation
from rest_framework.test import APIClient

from accounts import access, actions, flows
from accounts.models import AccessToken, AnsweredRequest, User
from accounts.scopes import Scope
from kefir import limits
from tests.accounts.people import app_of, sign_in_app, sign_in_page
from tests.api import BASE, call, reasons
from tests.factories import NOON, make_user

pytestmark = pytest.mark.django_db
TOKENS = "/me/tokens"
WANTED = {"name": "Cellar script", "scope": "log"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def make_token(user, scope=Scope.READ, now=NOON, **wanted):
    return access.make_token(user=user, name="Script", scope=scope, now=now, **wanted)


def script_of(secret):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def opens(secret):
    return script_of(secret).get(f"{BASE}/batches").status_code == 200


class TestMake:
    def test_gives_the_secret_once_and_keeps_its_hash(self, alice):
        token, secret = make_token(alice)
        assert opens(secret)
        kept = str(AccessToken.objects.values().get())
        assert secret not in kept
        assert kept.count(secret[:14]) == 1
        assert token.beginning == secret[:14]

    def test_refuses_an_end_that_has_passed(self, alice):
        with pytest.raises(access.ExpiryHasPassed):
            make_token(alice, expires_at=NOON)

    def test_stops_at_twenty(self, alice, bob):
        for _ in range(access.MOST_TOKENS):
            make_token(alice)
        with pytest.raises(access.TooManyTokens):
            make_token(alice)
        assert make_token(bob)

    def test_writes_no_secret_into_the_log(self, alice, caplog):
        caplog.set_level("DEBUG")
        _, secret = make_token(alice)
        opens(secret)
        opens(f"{secret}x")
        assert "An access token was made" in caplog.text
        assert secret[14:] not in caplog.text


class TestUse:
    def test_ends_when_it_has_run_out(self, alice):
        with time_machine.travel(NOON, tick=False) as clock:
            _, secret = make_token(alice, expires_at=NOON + DAY)
            clock.shift(DAY - timedelta(seconds=1))
            assert opens(secret)
            clock.shift(timedelta(seconds=1))
            assert not opens(secret)

    def test_is_noted_by_the_hour(self, alice, django_assert_num_queries):
        with time_machine.travel(NOON, tick=False) as clock:
            token, secret = make_token(alice)
            assert opens(secret)
            clock.shift(HOUR - timedelta(seconds=1))
            with django_assert_num_queries(2):
                assert opens(secret)
            token.refresh_from_db()
            assert token.last_used_at == NOON
            clock.shift(timedelta(seconds=1))
            assert opens(secret)
            token.refresh_from_db()
            assert token.last_used_at == NOON + HOUR

    @pytest.mark.parametrize(
        "end", [actions.deactivate, actions.end_all_sessions, actions.erase], ids=lambda end: end.__name__
    )
    def test_ends_with_whatever_ends_all_sessions(self, alice, end):
        _, secret = make_token(alice, Scope.ALL)
        end(user=alice)
        assert script_of(secret).get(f"{BASE}/batches").status_code == 401

    def test_ends_when_the_account_is_to_be_erased(self, alice):
        _, secret = make_token(alice)
        actions.ask_to_erase(user=alice, now=NOON)
        assert not opens(secret)

    def test_is_refused_like_any_wrong_token(self, alice):
        make_token(alice)
        answer = script_of("kefir_pat_" + "x" * 43).get(f"{BASE}/batches")
        assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")

    def test_opens_no_page(self, alice):
        _, secret = make_token(alice, Scope.ALL)
        assert script_of(secret).get("/settings/").status_code == 302

    def test_is_told_of_in_the_language_of_whose_it_is(self, alice, django_capture_on_commit_callbacks):
        User.objects.update(language="es")
        alice.refresh_from_db()
        with translation.override("de"), django_capture_on_commit_callbacks(execute=True):
            flows.make_token(user=alice, name="Script", scope=Scope.READ, now=NOON)
        assert mail.outbox[-1].subject == "Una nueva clave de acceso para tu Kefir"

    def test_is_forgotten_a_month_after_it_ran_out(self, alice):
        make_token(alice, expires_at=NOON + DAY)
        access.forget_what_is_over(now=NOON + DAY + access.SHOWN_WHEN_OVER - timedelta(seconds=1))
        assert AccessToken.objects.exists()
        actions.sweep(now=NOON + DAY + access.SHOWN_WHEN_OVER, answers_kept_for=DAY)
        assert not AccessToken.objects.exists()


class TestApi:
    @pytest.fixture
    def app(self, alice):
        """Alice has just signed in with it."""
        return app_of(sign_in_app())

    def test_makes_lists_and_revokes(self, app, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            made = call(app, "post", TOKENS, WANTED)
        assert made.status_code == 201
        assert opens(made.json()["token"])
        [listed] = call(app, "get", TOKENS).json()["results"]
        assert listed.keys() == made.json().keys() - {"token"}
        assert (listed["name"], listed["scope"]) == ("Cellar script", "log")
        assert mail.outbox[-1].subject == "A new access token for your Kefir"
        assert made.json()["token"] not in mail.outbox[-1].body
        assert call(app, "delete", f"{TOKENS}/{listed['id']}").status_code == 204
        assert not opens(made.json()["token"])

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"name": ""}, ("name", "blank")),
            ({"name": "a\nb"}, ("name", "one_line")),
            ({"scope": "root"}, ("scope", "invalid_choice")),
            ({"expiresAt": "2020-01-01T00:00:00Z"}, ("expiresAt", "in_the_past")),
            ({"expiresAt": "soon"}, ("expiresAt", "invalid")),
            ({"user": "me"}, ("user", "unknown_field")),
        ],
    )
    def test_refuses_what_cannot_be(self, app, wrong, reason):
        assert reason in reasons(call(app, "post", TOKENS, WANTED | wrong))
        assert not AccessToken.objects.exists()

    def test_wants_a_recent_sign_in(self, alice):
        with time_machine.travel(NOON, tick=False) as clock:
            app = app_of(sign_in_app())
            clock.shift(timedelta(minutes=15))
            answer = call(app, "post", TOKENS, WANTED)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_fresh")
        assert not AccessToken.objects.exists()

    def test_knows_the_browsers_session_too(self, client, alice):
        sign_in_page(client)
        answer = client.post(f"{BASE}{TOKENS}", WANTED, content_type="application/json")
        assert answer.status_code == 201

    def test_replays_the_secret_to_whoever_has_the_key_and_keeps_it_sealed(self, app):
        headers = {"Idempotency-Key": "a-key"}
        first, again = (call(app, "post", TOKENS, WANTED, headers=headers) for _ in range(2))
        assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
        assert AccessToken.objects.count() == 1
        assert first.json()["token"] not in str(AnsweredRequest.objects.values().get())

    def test_says_so_when_the_sealed_answer_cannot_be_read_any_more(self, app, settings):
        headers = {"Idempotency-Key": "a-key"}
        call(app, "post", TOKENS, WANTED, headers=headers)
        settings.SECRET_KEY = "a-new-one-without-the-former-as-a-fallback"
        answer = call(app, "post", TOKENS, WANTED, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "answer_lost")

    def test_is_limited_to_so_many_a_day(self, app, monkeypatch):
        monkeypatch.setattr(limits, "TOKENS", "1/day")
        answers = [app.post(f"{BASE}{TOKENS}", WANTED, format="json") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 429]
        assert int(answers[1]["Retry-After"]) > 86_000

    def test_shows_and_revokes_nobody_elses(self, app, bob):
        theirs, secret = make_token(bob, now=timezone.now())
        assert call(app, "get", TOKENS).json()["results"] == []
        assert call(app, "delete", f"{TOKENS}/{theirs.pk}").status_code == 404
        assert opens(secret)


class TestPage:
    @pytest.fixture
    def browser(self, alice):
        client = Client()
        sign_in_page(client)
        return client

    def test_shows_the_secret_once(self, browser, alice):
        typed = {"name": "Cellar script", "scope": "all", "lasts": "30"}
        page = browser.post("/settings/tokens/", typed, follow=True).text
        token = AccessToken.objects.get()
        secret = page[page.index(token.beginning) :].split('"')[0].split("<")[0]
        assert opens(secret)
        assert (token.scope, token.expires_at - token.created_at) == ("all", timedelta(days=30))
        assert secret not in browser.get("/settings/tokens/").text

    def test_keeps_the_secret_nowhere_in_clear_on_its_way(self, browser):
        from django.contrib.sessions.models import Session

        browser.post("/settings/tokens/", {"name": "Script", "scope": "read"})
        assert "kefir_pat_" not in str([session.get_decoded() for session in Session.objects.all()])

    def test_refuses_what_cannot_be(self, browser):
        answer = browser.post("/settings/tokens/", {"name": "a\x07b", "scope": "root", "lasts": "9999"})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() >= {"scope", "lasts"}
        assert not AccessToken.objects.exists()

    def test_revokes(self, browser, alice):
        token, secret = make_token(alice, now=timezone.now())
        assert "Revoked" in browser.post(f"/settings/tokens/{token.pk}/revoke/", follow=True).text
        assert not opens(secret)

    def test_asks_whether_it_is_still_you(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            browser = Client()
            sign_in_page(browser)
            clock.shift(timedelta(minutes=16))
            answer = browser.post("/settings/tokens/", {"name": "Script", "scope": "all"})
            assert answer["Location"].startswith("/accounts/still-you/")
            assert not AccessToken.objects.exists()


def test_the_twentieth_of_many_at_once_is_the_last(transactional_db):
    from tests.test_idempotency import at_once

    alice = make_user()
    for _ in range(access.MOST_TOKENS - 1):
        make_token(alice)

    def another(_):
        try:
            return bool(make_token(alice))
        except access.TooManyTokens:
            return False

    assert sum(at_once(8, another)) == 1
