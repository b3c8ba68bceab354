from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import Challenge, User
from tests.accounts.people import (
    another,
    app_of,
    is_signed_in,
    last_code,
    sign_in_app,
    sign_in_page,
)

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=16)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
APP = "Kefir/1.4 (iPhone; iOS 19.1)"


@pytest.fixture
def firefox(alice) -> Client:
    """Alice has just signed in here."""
    client = Client(HTTP_USER_AGENT=FIREFOX)
    sign_in_page(client)
    return client


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


class TestSettings:
    def test_saves_the_profile(self, firefox, alice):
        typed = {"name": "Alice", "timezone": "Asia/Tokyo", "temperature_unit": "F", "volume_unit": "oz"}
        assert firefox.post("/settings/", typed).status_code == 302
        alice.refresh_from_db()
        assert {field: getattr(alice, field) for field in typed} == typed

    @pytest.mark.parametrize(
        ("field", "value"),
        [("timezone", "Mars/Olympus"), ("temperature_unit", "K"), ("name", "x" * 101), ("name", "a\nb")],
    )
    def test_refuses_what_cannot_be_and_keeps_the_rest(self, firefox, alice, field, value):
        typed = {"name": "A", "timezone": "UTC", "temperature_unit": "C", "volume_unit": "ml", field: value}
        answer = firefox.post("/settings/", typed)
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        alice.refresh_from_db()
        assert alice.name == ""

    def test_is_for_the_signed_in(self, client, db):
        assert client.get("/settings/").headers["Location"] == "/accounts/login/?next=/settings/"


class TestStillYou:
    """What matters asks again a quarter of an hour after the sign-in."""

    PAGES = (
        "/settings/email/",
        "/settings/erase/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
    )

    @pytest.mark.parametrize("path", PAGES)
    def test_asks_after_a_quarter_of_an_hour(self, alice, clock, path):
        firefox = Client()
        sign_in_page(firefox)
        assert firefox.get(path).status_code == 200
        clock.shift(LATER)
        answer = firefox.get(path)
        assert answer.headers["Location"].startswith("/accounts/still-you/?next=%2F")

    def test_goes_on_after_a_fresh_code(self, alice, clock):
        firefox = Client()
        sign_in_page(firefox)
        clock.shift(LATER)
        here = firefox.get("/settings/email/").headers["Location"]
        assert firefox.post(here, {"again": "1"}).headers["Location"] == here
        assert firefox.post(here, {"code": last_code()}).headers["Location"] == "/settings/email/"
        assert firefox.get("/settings/email/").status_code == 200

    def test_takes_no_wrong_code_and_none_of_another_kind(self, alice, clock):
        firefox = Client()
        sign_in_page(firefox)
        clock.shift(LATER)
        firefox.post("/accounts/still-you/", {"again": "1"})
        fresh = last_code()
        Client().post("/accounts/login/", {"email": "alice@example.com"})
        for code in (another(fresh), last_code()):
            assert firefox.post("/accounts/still-you/", {"code": code}).status_code == 422
        assert firefox.get("/settings/email/").status_code == 302

    def test_mails_nothing_by_itself(self, firefox):
        sent = len(mail.outbox)
        firefox.get("/accounts/still-you/")
        assert len(mail.outbox) == sent


class TestNewEmail:
    def change(self, firefox, email="new@example.com"):
        assert (
            firefox.post("/settings/email/", {"email": email}).headers["Location"] == "/settings/email/code/"
        )

    def test_is_proved_by_a_code_and_told_to_both(self, firefox, alice):
        self.change(firefox, "New@example.com")
        assert mail.outbox[-1].to == ["new@example.com"]
        code, sent = last_code(), len(mail.outbox)
        firefox.post("/settings/email/code/", {"code": code})
        alice.refresh_from_db()
        assert alice.email == "new@example.com"
        assert [message.to for message in mail.outbox[sent:]] == [["alice@example.com"], ["new@example.com"]]
        assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
            ("new@example.com", True, True)
        ]

    def test_signs_in_from_then_on(self, firefox):
        self.change(firefox)
        firefox.post("/settings/email/code/", {"code": last_code()})
        sign_in_app("new@example.com")
        assert User.objects.count() == 1

    def test_does_not_change_by_a_wrong_code(self, firefox, alice):
        self.change(firefox)
        assert firefox.post("/settings/email/code/", {"code": another(last_code())}).status_code == 422
        alice.refresh_from_db()
        assert alice.email == "alice@example.com"

    def test_says_the_same_when_the_address_has_an_account(self, firefox, bob):
        self.change(firefox, "bob@example.com")
        assert "has an account of its own" in mail.outbox[-1].body
        assert Challenge.objects.get(purpose="new_email").code_hash == ""
        assert firefox.get("/settings/email/code/").status_code == 200
        assert firefox.post("/settings/email/code/", {"code": "123456"}).status_code == 422

    def test_refuses_an_address_taken_in_the_meantime(self, firefox, alice):
        self.change(firefox)
        User.objects.create_user("new@example.com")
        answer = firefox.post("/settings/email/code/", {"code": last_code()})
        assert "already" in answer.content.decode()
        alice.refresh_from_db()
        assert alice.email == "alice@example.com"

    def test_refuses_the_same_address(self, firefox):
        answer = firefox.post("/settings/email/", {"email": "Alice@example.com"})
        assert answer.context["form"].errors["email"]


class TestSessions:
    def test_shows_browsers_and_apps_by_name(self, firefox):
        sign_in_app(HTTP_USER_AGENT=APP)
        page = firefox.get("/accounts/sessions/").content.decode()
        assert "Firefox on Linux" in page
        assert "Kefir app on iPhone" in page

    def test_ends_an_app_and_its_tokens(self, firefox, alice):
        tokens = sign_in_app(HTTP_USER_AGENT=APP)
        session = alice.usersession_set.get(user_agent=APP)
        firefox.post(f"/accounts/sessions/{session.pk}/end/")
        assert app_of(tokens).get("/api/v1/me").status_code == 401
        assert is_signed_in(firefox)

    def test_ends_all_but_this_one(self, firefox, alice):
        elsewhere = Client()
        sign_in_page(elsewhere)
        tokens = sign_in_app()
        firefox.post("/accounts/sessions/end-others/")
        assert is_signed_in(firefox)
        assert not is_signed_in(elsewhere)
        assert app_of(tokens).get("/api/v1/me").status_code == 401

    def test_signs_out_here_when_this_one_is_ended(self, firefox, alice):
        firefox.post(f"/accounts/sessions/{alice.usersession_set.get().pk}/end/")
        assert not is_signed_in(firefox)

    def test_shows_nobody_elses(self, firefox, bob):
        sign_in_app("bob@example.com", HTTP_USER_AGENT=APP)
        assert "iPhone" not in firefox.get("/accounts/sessions/").content.decode()

    def test_ends_nobody_elses(self, firefox, bob):
        tokens = sign_in_app("bob@example.com")
        session = bob.usersession_set.get()
        assert firefox.post(f"/accounts/sessions/{session.pk}/end/").status_code == 404
        assert app_of(tokens).get("/api/v1/me").status_code == 200

    def test_ends_by_post_only(self, firefox, alice):
        assert firefox.get("/accounts/sessions/end-others/").status_code == 405


class TestNewDevice:
    def heard(self) -> list[str]:
        return [message.subject for message in mail.outbox if "new device" in message.subject]

    def test_is_no_news_at_the_first_sign_in(self, client, db):
        sign_in_page(client, "new@example.com")
        assert not self.heard()

    def test_is_told_when_another_browser_signs_in(self, firefox):
        sign_in_page(Client(HTTP_USER_AGENT=FIREFOX))
        assert len(self.heard()) == 1
        assert "Firefox on Linux" in mail.outbox[-1].body

    def test_is_not_told_of_a_browser_that_was_here_before(self, firefox):
        firefox.post("/accounts/logout/")
        sign_in_page(firefox)
        assert not self.heard()

    def test_does_not_believe_a_forged_cookie(self, firefox):
        forger = Client()
        forger.cookies["device"] = "made-up"
        sign_in_page(forger)
        assert len(self.heard()) == 1

    def test_is_told_of_an_app_once_whatever_its_version(self, firefox):
        sign_in_app(HTTP_USER_AGENT=APP)
        sign_in_app(HTTP_USER_AGENT=APP.replace("1.4", "1.5").replace("19.1", "19.2"))
        assert len(self.heard()) == 1

    def test_is_told_in_the_owners_own_time(self, firefox, alice):
        User.objects.update(timezone="Asia/Tokyo")
        with time_machine.travel("2026-03-01T20:30:00Z"):
            sign_in_app(HTTP_USER_AGENT=APP)
        assert "2 March 2026 at 05:30" in mail.outbox[-1].body


class TestSecondStepPages:
    PAGES = (
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
    )

    @pytest.mark.parametrize("path", PAGES)
    def test_open(self, firefox, path):
        assert firefox.get(path).status_code == 200

    def test_stay_shut_while_redis_is_away(self, client, alice, monkeypatch):
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        def away(*args, **kwargs):
            raise RedisError

        TOTP.activate(alice, generate_totp_secret())
        sign_in_page(client)
        monkeypatch.setattr("allauth.core.internal.ratelimit.cache.get", away)
        answer = client.post("/accounts/2fa/authenticate/", {"code": "123456"})
        assert answer.status_code == 503
        assert not is_signed_in(client)

    def test_let_go_of_whoever_begins_again(self, client, alice):
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        TOTP.activate(alice, generate_totp_secret())
        sign_in_page(client)
        answer = client.post("/accounts/logout/", {"next": "/accounts/login/"})
        assert answer.headers["Location"] == "/accounts/login/"
        assert client.get("/accounts/2fa/authenticate/").status_code == 302

    def test_set_up_an_authenticator_and_sign_in_with_it(self, alice, clock):
        from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

        firefox = Client()
        sign_in_page(firefox)
        secret = firefox.get("/accounts/2fa/totp/activate/").context["form"].secret
        shows = lambda: format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))  # noqa: E731
        firefox.post("/accounts/2fa/totp/activate/", {"code": shows()})
        assert Authenticator.objects.filter(type="totp").count() == 1
        assert "Kefir" in mail.outbox[-1].body
        elsewhere = Client()
        sign_in_page(elsewhere)
        assert not is_signed_in(elsewhere)
        clock.shift(timedelta(seconds=30))
        elsewhere.post("/accounts/2fa/authenticate/", {"code": shows()})
        assert is_signed_in(elsewhere)
