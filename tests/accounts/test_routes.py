"""Every way in is one we mean: no password, no stock code route, no sign-up of allauth's own."""

import importlib.util

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver

from accounts import codes

UNWANTED = (
    "password",
    "code/request",
    "code/confirm",
    "auth/signup",
    "auth/login",
    "phone",
    "tokens/refresh",
)
OURS = {"accounts/login/", "accounts/login/code/", "settings/email/code/", "api/v1/auth/login"}


def routes(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern


def mounted():
    return list(routes(get_resolver().url_patterns))


class TestMap:
    def test_has_no_way_round_the_counted_code(self):
        found = {route for route, _ in mounted() if not route.startswith("admin/")}
        assert not [route for route in found - OURS for part in UNWANTED if part in route]

    def test_mounts_none_of_allauths_own_account_views_but_one(self):
        mounted_views = {
            f"{pattern.callback.__module__}.{pattern.callback.__name__}" for _, pattern in mounted()
        }
        account = {
            name for name in mounted_views if name.startswith(("allauth.account", "allauth.headless.account"))
        }
        assert account == {"allauth.account.views.email_verification_sent"}

    @pytest.mark.parametrize(
        "path",
        [
            "/accounts/password/reset/",
            "/accounts/password/set/",
            "/accounts/password/change/",
            "/accounts/email/",
            "/_allauth/app/v1/auth/code/request",
            "/_allauth/app/v1/auth/code/confirm",
            "/_allauth/app/v1/auth/signup",
            "/_allauth/app/v1/auth/login",
            "/_allauth/app/v1/auth/session",
            "/_allauth/app/v1/account/email",
            "/_allauth/app/v1/tokens/refresh",
            "/_allauth/browser/v1/auth/session",
        ],
    )
    def test_answers_404_where_allauth_would_be(self, client, path, db):
        assert client.post(path).status_code == 404

    def test_sends_sign_up_to_the_one_sign_in(self, client):
        answer = client.get("/accounts/signup/?next=/batches/")
        assert answer.headers["Location"] == "/accounts/login/?next=/batches/"


class TestProviders:
    def test_never_include_the_one_that_believes_everybody(self):
        assert not [app for app in settings.INSTALLED_APPS if "dummy" in app]

    def test_are_not_offered_without_keys(self, client, db):
        assert "Go on with" not in client.get("/accounts/login/").content.decode()

    def test_are_offered_with_keys(self, client, settings, db):
        settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "x", "secret": "y"}]}}
        page = client.get("/accounts/login/").content.decode()
        assert "Go on with Google" in page
        assert 'action="/accounts/google/login/' in page

    @pytest.mark.parametrize("token", ["x", "e30.e30.e30", "eyJhbGciOiJIUzI1NiJ9.e30.x", ""])
    def test_refuse_a_malformed_token_kindly(self, client, settings, db, token):
        settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "x", "secret": "y"}]}}
        body = {"provider": "google", "process": "login", "token": {"client_id": "x", "id_token": token}}
        answer = client.post("/_allauth/app/v1/auth/provider/token", body, content_type="application/json")
        assert answer.status_code == 400


class TestCodes:
    def test_are_six_digits_from_the_systems_chance(self):
        made = {codes.new_code() for _ in range(200)}
        assert all(len(code) == 6 and code.isdecimal() for code in made)
        assert len(made) > 190

    def test_are_kept_so_that_only_the_key_opens_them(self, settings):
        kept = codes.keyed("token", "123456")
        settings.SECRET_KEY = "another key, long enough to be taken for one"
        assert not codes.fits(kept, "token", "123456")

    def test_fit_nothing_where_none_was_mailed(self):
        assert not codes.fits("", "token", "123456")


def test_the_dummy_provider_exists_so_the_test_above_means_something():
    assert importlib.util.find_spec("allauth.socialaccount.providers.dummy")
