from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kefir import limits
from tests.accounts.people import another, is_signed_in, last_code, sign_in_page

pytestmark = pytest.mark.django_db


class TestAddress:
    def test_goes_on_to_the_code(self, client, alice):
        answer = client.post("/accounts/login/", {"email": "alice@example.com"})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/code/")

    def test_shows_a_known_and_an_unknown_address_the_same_page(self, alice):
        pages = []
        for email in ("alice@example.com", "nobod@example.com"):
            stranger = Client()
            page = stranger.post("/accounts/login/", {"email": email}, follow=True).content.decode()
            token = stranger.cookies[settings.CSRF_COOKIE_NAME].value
            pages.append((len(page), email in page, token in page))
        assert pages[0] == pages[1]

    @pytest.mark.parametrize("email", ["", "alice", "a b@example.com", "a\0@example.com"])
    def test_refuses_what_is_no_address(self, client, email):
        answer = client.post("/accounts/login/", {"email": email, "timezone": ""})
        assert answer.status_code == 422
        assert answer.context["form"].errors["email"]

    def test_says_when_it_was_too_often(self, client, alice):
        answers = [client.post("/accounts/login/", {"email": "alice@example.com"}) for _ in range(4)]
        assert answers[3].status_code == 429
        assert "Wait a moment" in answers[3].content.decode()
        assert int(answers[3].headers["Retry-After"]) <= 60

    def test_says_when_it_does_not_work(self, client, monkeypatch):
        def away(*args):
            raise limits.Unavailable

        monkeypatch.setattr(limits, "hit", away)
        answer = client.post("/accounts/login/", {"email": "alice@example.com"})
        assert answer.status_code == 503
        assert "does not work just now" in answer.content.decode()

    def test_wants_a_csrf_token(self, alice):
        answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"email": "alice@example.com"})
        assert answer.status_code == 403
        assert not mail.outbox


class TestCode:
    def test_signs_in(self, client, alice):
        answer = sign_in_page(client)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert is_signed_in(client)

    def test_opens_an_account(self, client):
        sign_in_page(client, "New@Example.com")
        assert User.objects.get().email == "new@example.com"

    def test_refuses_a_wrong_one_kindly(self, client, alice):
        client.post("/accounts/login/", {"email": "alice@example.com"})
        answer = client.post("/accounts/login/code/", {"code": another(last_code())})
        assert answer.status_code == 422
        assert "wrong or has expired" in answer.content.decode()
        assert not is_signed_in(client)

    def test_judges_three(self, client, alice):
        client.post("/accounts/login/", {"email": "alice@example.com"})
        code = last_code()
        for _ in range(3):
            client.post("/accounts/login/code/", {"code": another(code)})
        answer = client.post("/accounts/login/code/", {"code": code})
        assert "Too many wrong codes" in answer.content.decode()
        assert not is_signed_in(client)

    def test_belongs_to_the_browser_that_asked(self, client, alice):
        client.post("/accounts/login/", {"email": "alice@example.com"})
        code = last_code()
        thief = Client()
        thief.post("/accounts/login/", {"email": "alice@example.com"})
        thief.post("/accounts/login/code/", {"code": code})
        assert not is_signed_in(thief)

    def test_is_asked_of_nobody_who_has_asked_for_none(self, client):
        assert client.get("/accounts/login/code/").headers["Location"] == "/accounts/login/"

    def test_gives_the_session_a_new_name(self, client, alice):
        client.post("/accounts/login/", {"email": "alice@example.com"})
        before = client.cookies[settings.SESSION_COOKIE_NAME].value
        client.post("/accounts/login/code/", {"code": last_code()})
        assert client.cookies[settings.SESSION_COOKIE_NAME].value != before

    def test_asks_a_person_with_an_authenticator_for_its_code_too(self, client, alice):
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        TOTP.activate(alice, generate_totp_secret())
        assert sign_in_page(client).headers["Location"] == "/accounts/2fa/authenticate/"
        assert not is_signed_in(client)
        assert client.get("/accounts/2fa/authenticate/").status_code == 200


class TestGoal:
    def test_is_where_one_came_from(self, client, alice):
        assert sign_in_page(client, next="/b/7k3mq9xw2hbd").headers["Location"] == "/b/7k3mq9xw2hbd"

    @pytest.mark.parametrize(
        "away", ["//evil.example", "https://evil.example", "/\\evil.example", "https:evil", "\t//e"]
    )
    def test_is_never_elsewhere(self, client, alice, away):
        assert sign_in_page(client, next=away).headers["Location"] == "/"
        assert client.get("/accounts/login/", {"next": away}).headers["Location"] == "/"


class TestGuesses:
    def test_fill_a_new_profile(self, client):
        sign_in_page(
            client, "new@example.com", timezone="America/Denver", temperature_unit="F", volume_unit="oz"
        )
        user = User.objects.get()
        assert (user.timezone, user.temperature_unit, user.volume_unit) == ("America/Denver", "F", "oz")

    def test_never_overrule_a_person(self, client, alice):
        User.objects.update(timezone="Europe/Berlin")
        sign_in_page(client, timezone="America/Denver", temperature_unit="F", volume_unit="oz")
        alice.refresh_from_db()
        assert (alice.timezone, alice.temperature_unit) == ("Europe/Berlin", "C")

    def test_may_be_nonsense(self, client):
        sign_in_page(client, "new@example.com", timezone="../../etc/passwd", temperature_unit="K")
        assert User.objects.get().timezone == "UTC"


class TestSignedIn:
    def test_lasts_while_one_comes_back(self, client, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            sign_in_page(client)
            for _ in range(2):
                clock.shift(timedelta(days=29))
                assert is_signed_in(client)
            clock.shift(timedelta(days=30, seconds=1))
            assert not is_signed_in(client)

    def test_ends_after_ninety_days(self, client, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            sign_in_page(client)
            for _ in range(4):
                clock.shift(timedelta(days=22))
                assert is_signed_in(client)
            clock.shift(timedelta(days=2, seconds=1))
            assert not is_signed_in(client)

    def test_ends_when_the_account_is_closed(self, client, alice):
        sign_in_page(client)
        User.objects.update(is_active=False)
        assert not is_signed_in(client)


class TestSignOut:
    def test_happens_by_post_only(self, client, alice):
        sign_in_page(client)
        assert client.get("/accounts/logout/").status_code == 200
        assert is_signed_in(client)

    def test_ends_the_session_and_clears_what_the_browser_kept(self, client, alice):
        sign_in_page(client)
        answer = client.post("/accounts/logout/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert not is_signed_in(client)
        assert not alice.usersession_set.exists()

    def test_keeps_what_waits_in_the_browser_when_nobody_was_signed_in_yet(self, client):
        answer = client.post("/accounts/logout/", {"next": "/accounts/login/"})
        assert answer.headers["Location"] == "/accounts/login/"
        assert "Clear-Site-Data" not in answer.headers
