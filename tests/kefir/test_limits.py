import multiprocessing
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import django
import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory
from redis import Redis

from kefir import limits
from kefir.api import throttles
from kefir.api.problems import problem
from kefir.middleware import safe_headers
from tests.api import BASE
from tests.factories import make_batch
from tests.passing import pass_in_redis


@pytest.fixture
def redis_away(monkeypatch):
    nobody = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.3)
    monkeypatch.setattr(limits, "_script", lambda: nobody.register_script(limits.COUNT))


def hits_of_eight_threads(times):
    """How many of so many were let through."""
    with ThreadPoolExecutor(8) as pool:
        return sum(
            wait == 0 for wait in pool.map(lambda _: limits.hit("test", "100/hour", "both"), range(times))
        )


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
        limits.hit("test", "1/minute", "alice")
        pass_in_redis(59)
        assert limits.hit("test", "1/minute", "alice") == 1
        pass_in_redis(1)
        assert limits.hit("test", "1/minute", "alice") == 0

    def test_lets_no_more_through_around_the_turn_of_a_minute(self):
        """A counter that begins anew with each minute would let twice as many through."""
        for _ in range(4):
            waits = [limits.hit("test", "5/minute", "alice") for _ in range(6)]
            assert waits[-1] > 40
            pass_in_redis(4.5)
        pass_in_redis(60)
        assert [limits.hit("test", "5/minute", "alice") for _ in range(6)] == [0] * 5 + [60]

    def test_gives_back_one_place_for_each_that_has_aged(self):
        for _ in range(3):
            limits.hit("test", "3/minute", "alice")
            pass_in_redis(10)
        waits = []
        for _ in range(4):
            waits.append(limits.hit("test", "3/minute", "alice"))
            pass_in_redis(10)
        assert waits == [30, 20, 10, 0]

    def test_says_to_wait_as_long_as_is_needed_and_no_longer(self):
        limits.hit("test", "1/hour", "alice")
        pass_in_redis(1234.5)
        wait = limits.hit("test", "1/hour", "alice")
        pass_in_redis(wait)
        assert limits.hit("test", "1/hour", "alice") == 0

    def test_counts_nothing_that_it_refuses(self):
        """Else a script that hammers for a second would be shut out for an hour."""
        let_through = []
        for _ in range(2):
            let_through.append(sum(limits.hit("test", "2/minute;5/hour", "alice") == 0 for _ in range(50)))
            pass_in_redis(60)
        assert let_through == [2, 2]

    def test_counts_by_one_clock_whatever_that_of_the_web_machine_says(self):
        limits.hit("test", "1/minute", "alice")
        for astray in (-3600, -30, 30, 3600):
            with time_machine.travel(time.time() + astray):
                assert 50 <= limits.hit("test", "1/minute", "alice") <= 60

    def test_keeps_nothing_longer_than_its_longest_window(self):
        limits.hit("test", "2/second;5/minute", "alice")
        [key] = limits._redis().scan_iter("*often:test:alice")
        assert 0 < limits._redis().pttl(key) <= 60_000

    def test_lets_exactly_so_many_through_two_processes_with_sixteen_threads(self):
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn"), django.setup) as processes:
            let_through = list(processes.map(hits_of_eight_threads, [200, 200]))
        assert sum(let_through) == 100
        assert limits.hit("test", "100/hour", "both") > 0

    def test_counts_each_person_and_each_thing_apart(self):
        limits.hit("test", "1/hour", "alice")
        assert limits.hit("test", "1/hour", "bob") == 0
        assert limits.hit("other", "1/hour", "alice") == 0

    def test_counts_on_after_redis_has_lost_the_script_and_the_connection(self):
        waits = [limits.hit("test", "3/hour", "alice")]
        limits._redis().script_flush()
        waits.append(limits.hit("test", "3/hour", "alice"))
        limits._redis().client_kill_filter(_type="normal", skipme=False)
        waits += [limits.hit("test", "3/hour", "alice") for _ in range(2)]
        assert [wait == 0 for wait in waits] == [True, True, True, False]

    def test_never_takes_an_answer_that_came_too_late_for_its_own(self, settings):
        limits.hit("test", "1/hour", "alice")
        limits._redis().client_pause(600)
        with pytest.raises(limits.Unavailable):
            limits.hit("test", "1/hour", "bob")
        Redis.from_url(settings.REDIS_URL).ping()
        assert limits.hit("test", "1/hour", "alice") > 3500

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


class TestAddress:
    @pytest.mark.parametrize(
        ("address", "counted"),
        [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("", ""),
        ],
    )
    def test_counts_a_network_of_ipv6_as_one(self, address, counted):
        assert limits.of_address(address) == counted

    def test_is_one_for_all_of_a_network_at_the_doors_of_strangers(self, alice, monkeypatch):
        monkeypatch.setattr(limits, "PUBLIC_PAGES", "2/hour")
        batch = make_batch(owner=alice, is_public=True)
        answers = [Client(REMOTE_ADDR=f"2001:db8::{n}").get(f"/b/{batch.pk}") for n in range(1, 4)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]


class TestRefusals:
    @pytest.mark.parametrize(
        ("refusal", "status", "seconds"), [(limits.TooOften(7), 429, "7"), (limits.Unavailable(), 503, "60")]
    )
    def test_become_problems_that_say_when_to_come_again(self, refusal, status, seconds):
        answer = problem(refusal, {})
        assert (answer.status_code, answer["Retry-After"]) == (status, seconds)

    def test_of_others_say_so_too(self, client, db):
        """allauth counts by itself, and does not."""
        answer = safe_headers(lambda _: HttpResponse(status=429))(RequestFactory().get("/"))
        assert answer["Retry-After"] == "60"


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
