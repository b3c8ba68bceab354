"""Signing in with an account elsewhere. The provider's own word is made up here; what we make of it is not."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google.provider import GoogleProvider
from django.core import mail

from accounts import actions
from accounts.models import SignIn, User
from tests.accounts.people import app_of, is_signed_in, post

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


def sign_in_with_google(client, email="Alice@example.com", **says):
    token = {"client_id": "app", "id_token": "x", "says": {"email": email, **says}}
    body = {"provider": "google", "process": "login", "token": token}
    return client.post("/_allauth/app/v1/auth/provider/token", body, content_type="application/json")


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
        from django.utils import timezone

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
