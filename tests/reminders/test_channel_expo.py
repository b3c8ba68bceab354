"""Push messages through Expo, against a server that speaks as Expo's documentation says."""

import heapq
import json
import logging
import threading
import time
from bisect import bisect_left
from datetime import timedelta
from math import ceil
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from reminders.channels import SET_UP_WRONGLY, Failed, Later, Sent, Unknown, expo, pace, transport
from tests.factories import NOON
from tests.fakes.expo import Expo
from tests.reminders.messages import expo_address, make_message, make_messages

DAY = timedelta(days=1)


@pytest.fixture
def server(settings):
    with Expo(access_token="secret") as server:
        settings.EXPO_URL, settings.EXPO_ACCESS_TOKEN, settings.EXPO_PER_SECOND = server.url, "secret", 0
        yield server


def send(*messages):
    return expo.send(messages, now=NOON)


def token(number):
    return expo_address(number).to


class TestMessage:
    def test_says_what_is_due_and_where_to_answer(self, server):
        send(make_message(body="Taste it", lines=("Burp the bottles",)))
        [arrived] = server.messages
        assert (arrived["to"], arrived["title"]) == (token(1), "Lemon jar")
        assert arrived["body"] == "Taste it\nBurp the bottles"
        assert arrived["data"] == {
            "reminderId": make_message().reminder_id,
            "round": 1,
            "batchId": "0123456789AB",
            "url": "http://testserver/r/the-token",
        }

    def test_is_kept_until_it_is_of_no_more_use(self, server):
        send(
            make_message(expires_at=NOON + timedelta(minutes=2)), make_message(2, expires_at=NOON + 90 * DAY)
        )
        assert [message["ttl"] for message in server.messages] == [120, 28 * 86_400]

    def test_that_is_past_its_use_is_tried_once_at_most(self, server):
        send(make_message(expires_at=NOON - DAY))
        assert server.messages[0]["ttl"] == 0

    @pytest.mark.parametrize(
        ("priority", "wakes", "level"),
        [(0, "high", "time-sensitive"), (1, "high", None), (2, "default", None)],
    )
    def test_wakes_a_sleeping_phone_for_more_than_a_hint(self, server, priority, wakes, level):
        send(make_message(priority=priority))
        [arrived] = server.messages
        assert (arrived["priority"], arrived.get("interruptionLevel")) == (wakes, level)
        assert (arrived["sound"], arrived["channelId"]) == ("default", "reminders")

    @pytest.mark.parametrize(
        "text", ["a word " * 900, "ж" * 4000, "👩‍👩‍👧‍👦" * 400, '"\n\\' * 2000, "é" * 3000]
    )
    def test_that_is_too_long_is_shortened_and_goes(self, server, text):
        assert isinstance(send(make_message(body=text))[0], Sent)
        [arrived] = server.messages
        assert text.startswith(arrived["body"].removesuffix("…"))
        assert 2000 < len(json.dumps(arrived, ensure_ascii=False, separators=(",", ":")).encode()) <= 4096

    def test_with_an_endless_name_is_shortened_too(self, server):
        assert isinstance(send(make_message(title="x" * 9000, body="y" * 9000))[0], Sent)
        assert server.messages[0]["title"].endswith("…")

    def test_goes_in_one_request_with_ninety_nine_others(self, server):
        outcomes = send(*make_messages(100))
        assert outcomes == [Sent(f"ticket-{number}") for number in range(1, 101)]
        assert len(server.requests) == 1

    def test_goes_in_more_requests_when_they_are_more(self, server):
        assert len(send(*make_messages(101))) == 101
        assert len(server.requests) == 2


class TestTicket:
    def told(self, server, error):
        server.tells[token(1)] = error
        first, second = send(make_message(1), make_message(2))
        assert isinstance(second, Sent)
        return first

    def test_of_a_device_that_is_gone_retires_it(self, server):
        told = self.told(server, "DeviceNotRegistered")
        assert isinstance(told, Failed)
        assert told.retires

    @pytest.mark.parametrize("error", ["InvalidCredentials", "MismatchSenderId"])
    def test_of_wrong_credentials_alarms_the_operator_and_retires_nobody(self, server, error, caplog):
        told = self.told(server, error)
        assert isinstance(told, Later)
        assert told.reason.startswith(SET_UP_WRONGLY)
        assert [(record.levelno, error in record.getMessage()) for record in caplog.records] == [
            (logging.ERROR, True)
        ]

    def test_of_too_many_to_one_device_waits(self, server):
        assert self.told(server, "MessageRateExceeded").after == timedelta(minutes=1)

    def test_of_a_message_that_is_too_big_is_final(self, server):
        assert self.told(server, "MessageTooBig") == Failed("Expo refuses the message (MessageTooBig).")

    def test_of_an_unknown_kind_is_tried_again(self, server):
        told = self.told(server, "ExpoError")
        assert isinstance(told, Later)
        assert not told.uncertain

    def test_says_nothing_of_the_token(self, server, caplog):
        assert "ExponentPushToken" not in repr(self.told(server, "InvalidCredentials")) + caplog.text


class TestTrouble:
    @pytest.mark.parametrize("mode", ["500", "502", "503"])
    def test_of_the_service_is_tried_again(self, server, mode):
        server.mode = mode
        assert send(*make_messages(2)) == [Later(f"Expo answered {mode}.")] * 2

    def test_too_many_requests_waits_as_long_as_asked(self, server):
        server.mode = "429"
        assert send(make_message()) == [Later("Expo answered 429.", after=timedelta(seconds=7))]

    def test_nobody_there_is_certain_not_to_have_arrived(self, server):
        server.__exit__()
        [told] = send(make_message())
        assert isinstance(told, Later)
        assert not told.uncertain

    @pytest.mark.parametrize("mode", ["504", "cut", "lost", "short", "html", "odd"])
    def test_that_leaves_it_open_allows_one_more_try(self, server, mode):
        server.mode = mode
        first = send(*make_messages(2))
        assert [(type(told), told.uncertain) for told in first] == [(Later, True)] * 2
        second = send(*make_messages(2, uncertain=True))
        assert [type(told) for told in second] == [Unknown] * 2

    def test_that_leaves_it_open_ends_with_the_same_identity(self, server):
        server.modes = ["lost"]
        send(make_message())
        assert isinstance(send(make_message(uncertain=True))[0], Sent)
        assert server.messages[0]["data"] == server.messages[1]["data"]

    def test_a_service_that_hangs_is_left(self, server, monkeypatch):
        post = transport.post
        monkeypatch.setattr(transport, "post", lambda url, **with_: post(url, **with_, read=0.2))
        server.mode = "hang"
        began = time.monotonic()
        [told] = send(make_message())
        assert told.uncertain
        assert time.monotonic() - began < 2

    def test_a_wrong_access_token_is_the_operators_to_mend(self, server, settings, caplog):
        settings.EXPO_ACCESS_TOKEN = "another"
        [told] = send(make_message())
        assert told == Later(f"{SET_UP_WRONGLY} Expo says UNAUTHORIZED.")
        assert [record.levelno for record in caplog.records] == [logging.ERROR]

    def test_one_bad_message_does_not_hold_up_the_others(self, server):
        server.refuses = {token(3), token(70)}
        outcomes = send(*make_messages(100))
        bad = [at for at, told in enumerate(outcomes, start=1) if isinstance(told, Failed)]
        assert (bad, len(server.messages)) == ([3, 70], 98)
        assert len({message["to"] for message in server.messages}) == 98

    def test_devices_of_another_project_go_by_themselves(self, server):
        server.projects = {token(number): "@somebody/else" for number in range(1, 100, 2)}
        outcomes = send(*make_messages(100))
        assert {type(told) for told in outcomes} == {Sent}
        assert len(server.requests) == 3
        tickets = {message["to"]: f"ticket-{at}" for at, message in enumerate(server.messages, start=1)}
        assert [told.ticket for told in outcomes] == [tickets[token(number)] for number in range(1, 101)]

    def test_a_redirect_is_not_followed(self, server, monkeypatch):
        with Expo() as elsewhere:
            from tests.fakes.http import Reply

            monkeypatch.setattr(
                server, "refusal", lambda request: Reply(307, headers={"Location": elsewhere.url})
            )
            [told] = send(make_message())
            assert isinstance(told, Later)
            assert elsewhere.requests == []


class TestReceipts:
    def test_say_what_became_of_each(self, server):
        gone = {"status": "error", "message": "…", "details": {"error": "DeviceNotRegistered"}}
        server.receipts = {"a": {"status": "ok"}, "b": gone}
        told = expo.receipts(["a", "b", "c"], now=NOON)
        assert (told["a"], told["b"].retires, "c" in told) == (Sent(), True, False)

    @pytest.mark.parametrize("mode", ["500", "html", "cut", "429"])
    def test_are_asked_for_again_when_there_is_no_answer(self, server, mode):
        server.mode = mode
        assert expo.receipts(["a"], now=NOON) is None


class Simulated:
    """The script in Redis with a clock of ours, so that neither its speed nor this machine's has a say."""

    def __init__(self):
        clock = "{ARGV[3], ARGV[4]}"
        assert pace.SCRIPT.count("redis.call('TIME')") == 1
        client = redis.from_url(settings.REDIS_URL.replace("redis+socket://", "unix://", 1))
        self.script = client.register_script(pace.SCRIPT.replace("redis.call('TIME')", clock))
        self.now = 1_000_000_000

    def __call__(self, *, keys, args):
        return self.script(keys=keys, args=[*args, *divmod(self.now, 1_000_000)])


class TestPace:
    @pytest.fixture
    def simulated(self, monkeypatch):
        simulated = Simulated()
        monkeypatch.setattr(pace, "_script", lambda: simulated)
        return simulated

    def go(self, simulated, *, senders, times, count, per_second):
        """When each went, in microseconds: whoever must wait asks again when it was told to."""
        name, went = uuid4().hex, []
        asking = [(simulated.now + 1_234 * sender, sender, times) for sender in range(senders)]
        while asking:
            simulated.now, sender, left = heapq.heappop(asking)
            wait = pace._wait(name, count, per_second)
            went += [] if wait else [simulated.now]
            if wait or left > 1:
                again = simulated.now + round(wait * 1_000_000) + 97
                heapq.heappush(asking, (again, sender, left if wait else left - 1))
        return went

    @pytest.mark.parametrize("count", [1, 7, 20, 100])
    @pytest.mark.parametrize("per_second", [100, 200, 600])
    def test_is_never_faster_than_allowed_and_reaches_it(self, simulated, count, per_second):
        times = 3 * per_second // count // 4 + 1
        went = self.go(simulated, senders=4, times=times, count=count, per_second=per_second)
        assert len(went) == 4 * times
        in_each_second = [bisect_left(went, at + 1_000_000) - first for first, at in enumerate(went)]
        assert max(in_each_second) == per_second // count
        # So many go at once, and then as many again each 1.02 s.
        rounds = ceil(len(went) / (per_second // count))
        assert went[-1] - went[0] < (rounds - 1) * 1_030_000 + 10_000

    def test_holds_for_all_senders_together(self, server, settings):
        """However slow the machine is; a fast one would be done at once if each had a limit of its own."""
        settings.EXPO_PER_SECOND = 200
        began = time.monotonic()
        senders = [
            threading.Thread(target=lambda: [send(*make_messages(20)) for _ in range(4)]) for _ in range(4)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert len(server.messages) == 320
        assert time.monotonic() - began > 1

    def test_zero_lifts_it(self, server, monkeypatch):
        monkeypatch.setattr(pace, "_wait", lambda *_: pytest.fail("nobody need be asked"))
        assert {type(told) for told in send(*make_messages(1000))} == {Sent}

    def test_makes_no_request_larger_than_the_limit(self, server, settings):
        settings.EXPO_PER_SECOND = 40
        send(*make_messages(60))
        assert [request.path for request in server.requests] == ["/--/api/v2/push/send"] * 2

    def test_without_redis_goes_on_slowly(self, server, settings):
        settings.EXPO_PER_SECOND, settings.REDIS_URL = 1000, "redis://127.0.0.1:1/0"
        pace._script.cache_clear()
        began = time.monotonic()
        try:
            assert all(isinstance(told, Sent) for told in send(*make_messages(20)))
        finally:
            pace._script.cache_clear()
        assert 0.19 < time.monotonic() - began < 2

    def test_gives_up_before_the_lease_does(self, server, settings, monkeypatch):
        settings.EXPO_PER_SECOND = 10
        monkeypatch.setattr(expo, "SECONDS", 0.1)
        outcomes = send(*make_messages(20))
        assert [type(told) for told in outcomes] == [Sent] * 10 + [Later] * 10
