"""Many at once, with real threads on real rows: what a session or a cache would let through."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import codes
from accounts.models import Challenge, SignIn, User
from tests.accounts.people import another, app_of, ask, last_code, post, sign_in_app, verify
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 20


def at_once(times, call):
    """The results of so many calls, begun together by twenty threads."""
    together = Barrier(min(times, THREADS))

    def one(number):
        if number < together.parties:
            together.wait(10)
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(together.parties) as pool:
        return list(pool.map(one, range(times)))


def from_client(number):
    return {"REMOTE_ADDR": f"192.0.2.{number}"}


class TestGuesses:
    def test_judges_at_most_three_of_a_hundred_at_once(self, monkeypatch):
        make_user()
        session, wrong = ask(), another(last_code())
        judged = []
        fits = codes.fits
        monkeypatch.setattr(codes, "fits", lambda *parts: judged.append(1) or fits(*parts))
        answers = at_once(100, lambda number: verify(session, wrong, **from_client(number)).status_code)
        assert len(judged) == 3
        assert Counter(answers) == {400: 3, 429: 97}
        assert Challenge.objects.get().guesses == 3

    def test_signs_in_once_when_the_right_code_comes_twelve_times(self):
        make_user()
        session, code = ask(), last_code()
        answers = at_once(12, lambda number: verify(session, code, **from_client(number)).status_code)
        assert Counter(answers)[200] == 1
        assert SignIn.objects.count() == 1

    def test_opens_one_account_when_one_new_address_is_proved_thrice(self):
        asked = [(ask("new@example.com"), last_code()) for _ in range(3)]
        answers = at_once(3, lambda number: verify(*asked[number], "new@example.com").status_code)
        assert answers == [200, 200, 200]
        assert User.objects.count() == 1


class TestRefresh:
    def test_gives_one_pair_to_twelve_who_come_with_one_token(self):
        make_user()
        token = sign_in_app()["refreshToken"]
        answers = at_once(12, lambda _: post("/auth/refresh", {"refreshToken": token}))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 11}
        [pair] = [answer.json() for answer in answers if answer.status_code == 200]
        assert app_of(pair).get("/api/v1/me").status_code == 200
        assert post("/auth/refresh", {"refreshToken": pair["refreshToken"]}).status_code == 200

    def test_ends_the_sign_in_when_the_old_token_comes_back_a_minute_later(self):
        make_user()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            old = sign_in_app()["refreshToken"]
            new = post("/auth/refresh", {"refreshToken": old}).json()
            clock.shift(timedelta(minutes=1))
            assert post("/auth/refresh", {"refreshToken": old}).json()["code"] == "invalid_refresh_token"
            assert app_of(new).get("/api/v1/me").status_code == 401
            assert post("/auth/refresh", {"refreshToken": new["refreshToken"]}).status_code == 401
        assert not SignIn.objects.exists()
