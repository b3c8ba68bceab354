from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import actions, tasks
from accounts.models import SignIn, User
from tests.accounts.people import app_of, post, sign_in_app

pytestmark = pytest.mark.django_db


def refresh(token):
    return post("/auth/refresh", {"refreshToken": token})


def me(tokens):
    return app_of(tokens).get("/api/v1/me").status_code


class TestClaims:
    def test_name_the_person_and_an_opaque_sign_in(self, alice):
        tokens = sign_in_app()
        claims = jwt.decode(tokens["accessToken"], settings.JWT_KEY, algorithms=["HS256"])
        assert sorted(claims) == ["exp", "iat", "jti", "sid", "sub", "token_use"]
        assert (claims["sub"], claims["token_use"]) == (str(alice.pk), "access")
        assert claims["exp"] - claims["iat"] == 3600
        assert claims["sid"] not in Session.objects.values_list("session_key", flat=True)


class TestAccess:
    def test_lasts_an_hour(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            tokens = sign_in_app()
            clock.shift(timedelta(minutes=59))
            assert me(tokens) == 200
            clock.shift(timedelta(minutes=2))
            assert me(tokens) == 401

    @pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer a.b.c", "bearer \xe9", "Bearer a b"])
    def test_refuses_what_is_no_token(self, header):
        answer = APIClient().get("/api/v1/me", HTTP_AUTHORIZATION=header)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_refuses_a_refresh_token(self, alice):
        tokens = sign_in_app()
        assert me({"accessToken": tokens["refreshToken"]}) == 401

    @pytest.mark.parametrize(("key", "algorithm"), [("x" * 40, "HS256"), ("", "none")])
    def test_refuses_what_others_signed(self, alice, key, algorithm):
        claims = jwt.decode(sign_in_app()["accessToken"], settings.JWT_KEY, algorithms=["HS256"])
        assert me({"accessToken": jwt.encode(claims, key, algorithm)}) == 401

    def test_ends_with_the_session(self, alice):
        tokens = sign_in_app()
        Session.objects.all().delete()
        assert me(tokens) == 401
        assert refresh(tokens["refreshToken"]).status_code == 401

    def test_is_refused_to_whom_staff_have_shut_out_in_any_way(self, alice):
        tokens = sign_in_app()
        User.objects.update(is_active=False)
        assert me(tokens) == 401

    @pytest.mark.parametrize("end", [actions.deactivate, actions.end_all_sessions, actions.erase])
    def test_ends_with_whatever_ends_sessions(self, alice, end):
        tokens = sign_in_app()
        end(user=alice)
        assert me(tokens) == 401
        assert refresh(tokens["refreshToken"]).status_code == 401

    def test_asks_the_database_once(self, alice, django_assert_num_queries):
        app = app_of(sign_in_app())
        with django_assert_num_queries(1):
            assert app.get("/api/v1/me").status_code == 200


class TestRefresh:
    def test_gives_a_new_pair_of_the_same_shape(self, alice):
        first = sign_in_app()
        answer = refresh(first["refreshToken"])
        assert answer.status_code == 200
        assert sorted(answer.json()) == sorted(first)
        assert me(answer.json()) == 200

    @pytest.mark.parametrize("token", ["x", "a.b.c", "é"])
    def test_refuses_what_is_no_token(self, token):
        answer = refresh(token)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_refresh_token")

    def test_refuses_an_access_token(self, alice):
        assert refresh(sign_in_app()["accessToken"]).status_code == 401

    def test_forgives_the_same_token_within_ten_seconds(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            old = sign_in_app()["refreshToken"]
            new = refresh(old).json()
            clock.shift(timedelta(seconds=10))
            assert refresh(old).status_code == 401
            assert me(new) == 200
            assert refresh(new["refreshToken"]).status_code == 200

    def test_ends_the_sign_in_on_a_token_of_two_rounds_ago(self, alice):
        oldest = sign_in_app()["refreshToken"]
        newest = refresh(refresh(oldest).json()["refreshToken"]).json()
        assert refresh(oldest).status_code == 401
        assert me(newest) == 401

    def test_touches_no_other_sign_in(self, alice):
        other = sign_in_app()
        oldest = sign_in_app()["refreshToken"]
        refresh(refresh(oldest).json()["refreshToken"])
        refresh(oldest)
        assert me(other) == 200

    def test_ends_after_thirty_idle_days(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            token = sign_in_app()["refreshToken"]
            clock.shift(timedelta(days=29))
            token = refresh(token).json()["refreshToken"]
            clock.shift(timedelta(days=30, seconds=1))
            assert refresh(token).status_code == 401

    def test_ends_ninety_days_after_the_sign_in(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            token = sign_in_app()["refreshToken"]
            for _ in range(4):
                clock.shift(timedelta(days=22))
                token = refresh(token).json()["refreshToken"]
            clock.shift(timedelta(days=1, hours=23))
            pair = refresh(token).json()
            clock.shift(timedelta(hours=1, seconds=1))
            assert me(pair) == 401
            assert refresh(pair["refreshToken"]).status_code == 401


class TestLogout:
    def logout(self, token):
        return post("/auth/logout", {"refreshToken": token}).status_code

    def test_ends_the_session_and_its_tokens(self, alice):
        tokens = sign_in_app()
        assert self.logout(tokens["refreshToken"]) == 204
        assert me(tokens) == 401
        assert refresh(tokens["refreshToken"]).status_code == 401
        assert not Session.objects.exists()

    def test_works_when_the_access_token_is_over(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            tokens = sign_in_app()
            clock.shift(timedelta(hours=2))
            assert self.logout(tokens["refreshToken"]) == 204
            assert refresh(tokens["refreshToken"]).status_code == 401

    def test_says_the_same_to_a_stranger(self):
        assert self.logout("nothing") == 204

    def test_needs_no_access_token_but_a_refresh_token(self, alice):
        tokens = sign_in_app()
        assert self.logout(tokens["accessToken"]) == 204
        assert me(tokens) == 200


class TestSweep:
    def test_takes_away_what_has_run_out(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            sign_in_app()
            clock.shift(timedelta(days=31))
            sign_in_app()
            tasks.sweep()
            assert SignIn.objects.count() == Session.objects.count() == 1
            assert alice.usersession_set.count() == alice.known_devices.count() == 1
            assert User.objects.count() == 1
