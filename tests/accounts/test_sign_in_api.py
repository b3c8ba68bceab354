from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from redis.exceptions import RedisError

from accounts import actions, flows
from accounts.models import Challenge, SignIn, User
from kefir import limits
from tests.accounts.people import another, app_of, ask, last_code, post, sign_in_app, verify

pytestmark = pytest.mark.django_db


class BrokenBackend(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError


def shape_of(answer):
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return answer.status_code, len(answer.content), sorted(answer.json()), headers


class TestLogin:
    def test_answers_a_known_and_an_unknown_address_alike(self, alice):
        known = post("/auth/login", {"email": "alice@example.com"})
        unknown = post("/auth/login", {"email": "nobody@example.com"})
        assert known.status_code == 202
        assert shape_of(known) == shape_of(unknown)

    def test_mails_the_same_words_to_both(self, alice):
        ask("alice@example.com")
        known = mail.outbox[-1].body.replace(last_code(), "")
        ask("nobody@example.com")
        assert mail.outbox[-1].body.replace(last_code(), "") == known

    def test_makes_no_account_yet(self):
        ask("nobody@example.com")
        assert not User.objects.exists()

    @pytest.mark.parametrize("email", ["", "alice", "alice@", "a@b@c.de", None, 7, "a\r\nBcc: b@example.com"])
    def test_refuses_what_is_no_address(self, email):
        answer = post("/auth/login", {"email": email})
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["email"]
        assert not mail.outbox

    def test_refuses_a_field_it_does_not_know(self):
        answer = post("/auth/login", {"email": "alice@example.com", "emial": "x"})
        assert answer.json()["errors"][0]["code"] == "unknown_field"

    @pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
    def test_mails_three_codes_a_minute_to_one_address(self, alice, email):
        answers = [post("/auth/login", {"email": email.upper() if n else email}) for n in range(4)]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
        assert answers[3].json()["code"] == "rate_limited"
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
        assert len(mail.outbox) == 3

    def test_mails_a_hundred_codes_an_hour_for_one_client(self, monkeypatch):
        monkeypatch.setattr(flows, "CODES_PER_CLIENT", "2/hour")
        answers = [post("/auth/login", {"email": f"{n}@example.com"}) for n in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        elsewhere = post("/auth/login", {"email": "3@example.com"}, REMOTE_ADDR="192.0.2.1")
        assert elsewhere.status_code == 202

    def test_closes_while_redis_is_away(self, monkeypatch):
        def away(*args):
            raise limits.Unavailable

        monkeypatch.setattr(limits, "hit", away)
        answer = post("/auth/login", {"email": "alice@example.com"})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert not mail.outbox

    def test_says_so_when_no_mail_leaves(self, settings):
        settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
        answer = post("/auth/login", {"email": "alice@example.com"})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")

    def test_takes_an_even_time(self, alice, monkeypatch):
        slept = []
        monkeypatch.setattr(flows, "EVEN_SECONDS", 5)
        monkeypatch.setattr(flows.time, "sleep", slept.append)
        ask("alice@example.com")
        ask("nobody@example.com")
        assert len(slept) == 2
        assert all(4 < seconds < 5 for seconds in slept)


class TestVerify:
    def test_signs_in(self, alice):
        answer = verify(ask(), last_code())
        assert answer.status_code == 200
        assert sorted(answer.json()) == ["accessToken", "expiresIn", "refreshToken", "tokenType"]
        assert (answer.json()["tokenType"], answer.json()["expiresIn"]) == ("Bearer", 3600)
        assert app_of(answer.json()).get("/api/v1/me").json()["email"] == "alice@example.com"

    def test_opens_an_account_for_a_new_address(self):
        sign_in_app("New.Person@Example.com")
        assert User.objects.get().email == "new.person@example.com"

    def test_lets_in_an_account_that_a_command_made(self):
        User.objects.create_user("staff@example.com")
        sign_in_app("staff@example.com")
        assert User.objects.count() == 1

    def test_takes_the_code_with_a_gap(self, alice):
        session = ask()
        code = last_code()
        assert verify(session, f" {code[:3]} {code[3:]} ").status_code == 200

    def test_has_one_answer_for_every_code_that_does_not_count(self, alice):
        session, code = ask(), last_code()
        other_session = ask()
        wrong = verify(session, another(code))
        foreign = verify(other_session, code)
        other_address = verify(session, code, "bob@example.com")
        assert verify(session, code).status_code == 200
        replayed = verify(session, code)
        unknown = verify("no-such-session", code)
        for answer in (wrong, foreign, other_address, replayed, unknown):
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_code")
            assert answer.json()["detail"] == wrong.json()["detail"]

    def test_forgets_a_code_after_five_minutes(self, alice):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            session, code = ask(), last_code()
            clock.shift(timedelta(minutes=5, seconds=1))
            assert verify(session, code).json()["code"] == "invalid_code"

    def test_judges_three_guesses_and_then_not_even_the_right_one(self, alice):
        session, code = ask(), last_code()
        answers = [verify(session, another(code)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [400, 400, 400]
        too_late = verify(session, code)
        assert (too_late.status_code, too_late.json()["code"]) == (429, "too_many_guesses")
        assert int(too_late.headers["Retry-After"]) <= 300

    def test_answers_alike_for_a_closed_account(self, alice):
        User.objects.update(is_active=False)
        session = ask()
        assert "closed" in mail.outbox[-1].subject
        assert verify(session, "123456").json()["code"] == "invalid_code"

    def test_refuses_an_account_closed_after_the_mail(self, alice):
        session, code = ask(), last_code()
        User.objects.update(is_active=False)
        assert verify(session, code).json()["code"] == "invalid_code"

    def test_limits_guesses_of_one_client(self, monkeypatch):
        monkeypatch.setattr(flows, "GUESSES_PER_CLIENT", "2/minute")
        answers = [verify("nothing", "123456") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [400, 400, 429]


class TestWhatIsKept:
    def test_holds_neither_code_nor_token_in_clear(self, alice):
        token, code = ask(), last_code()
        kept = [str(value) for row in Challenge.objects.values() for value in row.values()]
        assert kept
        assert not [value for value in kept if token in value or code == value]

    def test_holds_nothing_that_a_code_could_fit_where_none_was_mailed(self, alice):
        User.objects.update(is_active=False)
        ask()
        assert Challenge.objects.get().code_hash == ""

    @pytest.mark.parametrize("purpose", sorted(set(Challenge.Purpose) - {Challenge.Purpose.SIGN_IN}))
    def test_is_good_for_what_it_was_asked_for_only(self, alice, purpose):
        asked = actions.ask(purpose=purpose, email=alice.email, user=alice, now=timezone.now())
        assert verify(asked.token, asked.code).json()["code"] == "invalid_code"

    def test_makes_no_session_for_a_stranger_who_asks(self, alice):
        ask()
        assert not Session.objects.exists()


class TestSecondStep:
    def totp(self, user) -> str:
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))

    def demand(self):
        answer = verify(ask(), last_code())
        assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
        return answer.json()

    def finish(self, session, code):
        return post("/auth/verify-mfa", {"session": session, "code": code})

    def test_is_wanted_after_the_right_code(self, alice):
        self.totp(alice)
        assert self.demand()["types"] == ["totp"]
        assert not SignIn.objects.exists()

    @time_machine.travel("2026-03-01T12:00:05Z", tick=False)
    def test_signs_in_with_the_code_of_the_app_once(self, alice):
        code = self.totp(alice)
        session = self.demand()["session"]
        assert self.finish(session, code).status_code == 200
        assert self.finish(session, code).json()["code"] == "invalid_code"
        assert self.finish(self.demand()["session"], code).json()["code"] == "invalid_code"

    def test_takes_a_recovery_code_once(self, alice):
        self.totp(alice)
        code = RecoveryCodes.activate(alice).generate_codes()[0]
        demanded = self.demand()
        assert demanded["types"] == ["recovery_codes", "totp"]
        assert self.finish(demanded["session"], code).status_code == 200
        assert self.finish(self.demand()["session"], code).status_code == 400

    def test_judges_three_guesses(self, alice):
        self.totp(alice)
        session = self.demand()["session"]
        answers = [self.finish(session, "00000") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [400, 400, 400, 429]

    def test_stays_shut_while_used_codes_cannot_be_told(self, alice, monkeypatch):
        def away(*args, **kwargs):
            raise RedisError

        code = self.totp(alice)
        session = self.demand()["session"]
        monkeypatch.setattr("allauth.mfa.totp.internal.auth.cache.add", away)
        answer = self.finish(session, code)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")

    def test_is_not_reached_with_the_session_of_the_first(self, alice):
        code = self.totp(alice)
        assert self.finish(ask(), code).json()["code"] == "invalid_code"

    def test_keeps_its_secrets_encrypted(self, alice):
        secret = generate_totp_secret()
        TOTP.activate(alice, secret)
        RecoveryCodes.activate(alice)
        kept = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert secret not in kept
        assert not [code for code in RecoveryCodes.activate(alice).generate_codes() if code in kept]
