"""Signing in with an account elsewhere. The provider's own word is made up here; what we make of it is not."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google.provider import GoogleProvider
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.utils import timezone

from accounts import actions, demos
from accounts.models import SignIn, User
from tests.accounts.people import app_of, is_signed_in, post

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _google(settings, monkeypatch):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "google": {"APPS": [{"client_id": "app", "secret": "s"}], "EMAIL_AUTHENTICATION": True}
    }

    def believe(self, request, token):
        says = {
            "sub": "g-1",
            "given_name": "Alice\n",
            "family_name": "Brown",
            "email_verified": True,
        } | token["says"]
        return self.sociallogin_from_response(request, says)

    monkeypatch.setattr(GoogleProvider, "verify_token", believe)


def sign_in_with_google(client, email="Alice@example.com", process="login", headers=None, **says):
    token = {"client_id": "app", "id_token": "x", "says": {"email": email, **says}}
    body = {"provider": "google", "process": process, "token": token}
    path = "/_allauth/app/v1/auth/provider/token"
    return client.post(path, body, content_type="application/json", headers=headers)


class TestApp:
    def test_opens_an_account_and_gives_our_tokens(self, client):
        tokens = sign_in_with_google(client).json()["meta"]
        user = User.objects.get()
        assert (user.email, user.name) == ("alice@example.com", "Alice Brown")
        assert app_of({"accessToken": tokens["access_token"]}).get("/api/v1/me").status_code == 200
        assert post("/auth/refresh", {"refreshToken": tokens["refresh_token"]}).status_code == 200

    def test_knows_the_account_with_the_same_address(self, client, alice):
        assert sign_in_with_google(client).status_code == 200
        assert SocialAccount.objects.get().user == alice
        assert User.objects.count() == 1

    def test_does_not_believe_an_address_nobody_vouched_for(self, client, alice):
        answer = sign_in_with_google(client, email_verified=False)
        assert answer.status_code == 401
        assert "have a Kefir account already" in mail.outbox[-1].subject
        assert not SignIn.objects.exists()

    def test_asks_for_the_second_step(self, client, alice):
        TOTP.activate(alice, generate_totp_secret())
        answer = sign_in_with_google(client)
        assert answer.status_code == 401
        assert "mfa_authenticate" in [flow["id"] for flow in answer.json()["data"]["flows"]]
        assert not SignIn.objects.exists()

    def test_opens_no_account_without_an_invitation(self, client, settings):
        settings.REGISTRATION = "invite"
        assert sign_in_with_google(client).status_code == 403
        assert not User.objects.exists()

    def test_opens_an_account_for_the_invited(self, client, settings, alice):
        settings.REGISTRATION = "invite"
        invitation = actions.invite(email="new@example.com", invited_by=alice, now=timezone.now())
        assert sign_in_with_google(client, "New@example.com").status_code == 200
        invitation.refresh_from_db()
        assert invitation.accepted_at is not None

    def test_lets_nobody_in_whose_account_is_closed(self, client, alice):
        actions.deactivate(user=alice)
        assert sign_in_with_google(client).status_code == 401
        assert not SignIn.objects.exists()


class TestUnverifiedAddress:
    def test_is_proved_by_a_code_on_a_page_in_our_look(self, client, settings):
        answer = sign_in_with_google(client, "new@example.com", email_verified=False)
        client.cookies[settings.SESSION_COOKIE_NAME] = answer.json()["meta"]["session_token"]
        assert client.get("/accounts/confirm-email/").status_code == 200
        [code] = re.findall(r"^[A-Z]{4}-[A-Z]{4}$", mail.outbox[-1].body, re.MULTILINE)
        answer = client.post("/accounts/confirm-email/", {"code": code})
        assert answer.status_code == 302
        assert is_signed_in(client)


class TestOneMoreWayIn:
    """It is added on a page, after the word of whoever sits there that it is still them."""

    @pytest.fixture(autouse=True)
    def _believe(self, monkeypatch):
        says = {"sub": "g-2", "email": "else@example.com", "email_verified": True}
        monkeypatch.setattr(
            OAuth2Client, "get_access_token", lambda *_, **__: {"access_token": "x", "id_token": "y"}
        )
        monkeypatch.setattr(GoogleOAuth2Adapter, "_decode_id_token", lambda *_: says)

    def connect(self, page):
        """To Google and back."""
        return self.come_back(page, page.post("/accounts/google/login/?process=connect"))

    def come_back(self, page, there):
        [state] = parse_qs(urlsplit(there["Location"]).query)["state"]
        return page.get("/accounts/google/login/callback/", {"state": state, "code": "c"})

    def test_is_taken_from_who_has_just_proved_it(self, page, alice):
        proved(page.session, timezone.now())
        assert self.connect(page)["Location"] == "/accounts/3rdparty/"
        assert SocialAccount.objects.get().user == alice

    def test_is_not_taken_from_who_did_an_hour_ago(self, page):
        proved(page.session, timezone.now() - HOUR)
        assert self.connect(page)["Location"] == "/accounts/3rdparty/"
        assert page.get("/accounts/3rdparty/")["Location"].startswith("/accounts/still-you/")
        assert not SocialAccount.objects.exists()

    def test_is_not_taken_from_who_only_tries_it(self, client, db):
        demo, _ = demos.open_demo(key="a" * 64, now=timezone.now())
        client.force_login(demo)
        proved(client.session, timezone.now())
        assert client.get(self.connect(client)["Location"])["Location"] == "/trial/keep/"
        assert not SocialAccount.objects.exists()

    def test_is_not_taken_from_who_signed_out_on_the_way(self, page):
        proved(page.session, timezone.now())
        there, session = page.post("/accounts/google/login/?process=connect"), page.session
        del session["_auth_user_id"]
        session.save()
        self.come_back(page, there)
        assert not SocialAccount.objects.exists()

    def test_is_not_taken_from_an_app_that_signed_in_an_hour_ago(self, client, alice):
        session_token = sign_in_with_google(client).json()["meta"]["session_token"]
        headers = {"X-Session-Token": session_token}
        proved(SessionStore(session_token), timezone.now() - HOUR)
        sign_in_with_google(client, sub="g-2", process="connect", headers=headers)
        assert SocialAccount.objects.get().uid == "g-1"


def proved(session, at):
    session["proved_at"] = at.timestamp()
    session.save()
