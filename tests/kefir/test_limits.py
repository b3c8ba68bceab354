from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.test import Client
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from kefir import limits
from kefir.api import throttles
from tests.api import BASE
from tests.factories import make_batch


@pytest.fixture
def redis_away(monkeypatch):
    nobody = MovingWindowRateLimiter(storage_from_string("redis://127.0.0.1:1", socket_connect_timeout=0.3))
    monkeypatch.setattr(limits, "_limiter", lambda: nobody)


class TestHit:
    def test_lets_through_exactly_as_many_as_it_says_of_a_hundred_at_once(self):
        with ThreadPoolExecutor(20) as pool:
            waits = list(pool.map(lambda _: limits.hit("test", "30/hour", "alice"), range(100)))
        assert Counter(wait == 0 for wait in waits) == {True: 30, False: 70}

    def test_says_how_long_to_wait(self):
        limits.hit("test", "1/minute", "alice")
        assert 55 <= limits.hit("test", "1/minute", "alice") <= 60

    def test_holds_the_longer_of_two_limits(self):
        waits = [limits.hit("test", "5/second;2/hour", "alice") for _ in range(3)]
        assert waits[:2] == [0, 0]
        assert 3500 <= waits[2] <= 3600

    def test_slides_with_the_clock(self):
        with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
            limits.hit("test", "1/minute", "alice")
            clock.shift(59)
            assert limits.hit("test", "1/minute", "alice") == 1
            clock.shift(1.01)
            assert limits.hit("test", "1/minute", "alice") == 0

    def test_counts_each_person_and_each_thing_apart(self):
        limits.hit("test", "1/hour", "alice")
        assert limits.hit("test", "1/hour", "bob") == 0
        assert limits.hit("other", "1/hour", "alice") == 0

    def test_says_so_when_nobody_can_count(self, redis_away):
        with pytest.raises(limits.Unavailable):
            limits.hit("test", "1/hour", "alice")


class TestApi:
    def test_limits_the_writes_of_one_person(self, api, monkeypatch):
        monkeypatch.setattr(throttles.Writes, "limits", "2/hour")
        answers = [api.post(f"{BASE}/batches", {}, format="json") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert 3500 <= int(answers[2]["Retry-After"]) <= 3600

    def test_limits_the_reads_of_one_person_apart_from_the_writes(self, api, monkeypatch):
        monkeypatch.setattr(throttles.Reads, "limits", "1/hour")
        answers = [api.get(f"{BASE}/batches").status_code for _ in range(2)]
        assert [*answers, api.post(f"{BASE}/batches", {}, format="json").status_code] == [200, 429, 201]

    def test_promises_what_the_contract_says(self):
        assert throttles.Reads.limits == "1000/second"
        assert throttles.Writes.limits == "20/second;2000/hour"
        assert throttles.PublicPages.limits == "60/minute"

    def test_limits_strangers_by_their_address(self, alice, client, monkeypatch):
        monkeypatch.setattr(throttles.PublicPages, "limits", "1/hour")
        path = f"{BASE}/public/b/{make_batch(owner=alice, is_public=True).pk}"
        assert [client.get(path).status_code for _ in range(2)] == [200, 429]
        assert client.get(path, REMOTE_ADDR="192.0.2.9").status_code == 200

    def test_goes_on_without_redis(self, api, redis_away):
        assert api.post(f"{BASE}/batches", {}, format="json").status_code == 201
        assert api.get(f"{BASE}/batches").status_code == 200


class TestPublicPage:
    def test_is_shown_sixty_times_a_minute_to_one_address(self, alice):
        batch = make_batch(owner=alice, is_public=True)
        stranger = Client(REMOTE_ADDR="192.0.2.1")
        answers = [stranger.get(f"/b/{batch.pk}") for _ in range(61)]
        assert Counter(answer.status_code for answer in answers) == {200: 60, 429: 1}
        assert 1 <= int(answers[-1]["Retry-After"]) <= 60

    def test_is_shown_without_redis_too(self, alice, client, redis_away):
        batch = make_batch(owner=alice, is_public=True)
        assert client.get(f"/b/{batch.pk}").status_code == 200
