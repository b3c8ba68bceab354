"""Push messages to browsers, against a push service over TLS that checks what the RFCs ask for."""

import logging
import time
from datetime import timedelta

import pytest

from reminders.channels import SET_UP_WRONGLY, Address, Failed, Later, Sent, Unknown, transport, webpush
from tests.factories import NOON
from tests.fakes.webpush import PushService
from tests.reminders.messages import make_message


@pytest.fixture
def service(settings, tmp_path, monkeypatch):
    settings.VAPID_PRIVATE_KEY = webpush.new_private_key()
    settings.VAPID_SUBJECT = "mailto:kefir@example.com"
    with PushService(tmp_path, vapid_key=webpush.public_key()) as service:
        settings.WEB_PUSH_HOSTS = [service.host]
        # Python's own way to name another authority; nothing in Kefir is switched off for the test.
        monkeypatch.setenv("SSL_CERT_FILE", str(service.authority))
        transport.pool.cache_clear()
        yield service
    transport.pool.cache_clear()


def message_to(browser, **other):
    return make_message(address=Address("webpush", "1", browser.endpoint, browser.keys), **other)


def send(*messages):
    return webpush.send(messages, now=NOON)


class TestMessage:
    def test_can_be_read_by_its_browser_alone(self, service):
        browser = service.subscribe()
        assert send(message_to(browser, body="Ingwerbier öffnen", lines=("Taste it",))) == [Sent()]
        assert browser.read(service.arrived.things[0].body) == {
            "title": "Lemon jar",
            "body": "Ingwerbier öffnen\nTaste it",
            "tag": make_message().identity,
            "url": "http://testserver/r/the-token",
            "token": "the-token",
            "actions": [{"action": "done", "title": "Done"}, {"action": "snooze", "title": "In an hour"}],
            "sorry": "That did not get through. Try again, or open it.",
        }

    def test_is_known_again_by_its_topic(self, service):
        browser = service.subscribe()
        send(
            message_to(browser), message_to(browser, uncertain=True), message_to(browser, identity="another")
        )
        topics = [request.headers["Topic"] for request in service.arrived.things]
        assert (len(set(topics)), len(topics)) == (2, 3)

    @pytest.mark.parametrize(("priority", "urgency"), [(0, "high"), (1, "high"), (2, "normal")])
    def test_is_as_urgent_as_its_reminder(self, service, priority, urgency):
        send(message_to(service.subscribe(), priority=priority))
        assert service.arrived.things[0].headers["Urgency"] == urgency

    def test_is_kept_until_it_is_of_no_more_use(self, service):
        send(message_to(service.subscribe(), expires_at=NOON + timedelta(minutes=2)))
        assert service.arrived.things[0].headers["TTL"] == "120"

    def test_that_is_too_long_is_shortened_and_goes(self, service):
        browser = service.subscribe()
        assert send(message_to(browser, body="ж" * 5000)) == [Sent()]
        body = browser.read(service.arrived.things[0].body)["body"]
        assert body.endswith("ж…")
        assert 1700 < len(body) < 2000

    def test_proves_to_each_service_who_we_are(self, service, tmp_path, settings):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        with PushService(elsewhere, vapid_key=service.vapid_key) as other:
            settings.WEB_PUSH_HOSTS = [service.host, other.host]
            service.authority.write_bytes(service.authority.read_bytes() + other.authority.read_bytes())
            transport.pool.cache_clear()
            assert send(message_to(service.subscribe()), message_to(other.subscribe())) == [Sent(), Sent()]


class TestAnswer:
    @pytest.mark.parametrize("status", ["404", "410"])
    def test_that_the_subscription_is_gone_retires_it(self, service, status):
        service.mode = status
        [told] = send(message_to(service.subscribe()))
        assert (type(told), told.retires) == (Failed, True)

    def test_that_it_is_too_big_is_final(self, service):
        service.mode = "413"
        assert send(message_to(service.subscribe())) == [Failed("The browser's push service answered 413.")]

    @pytest.mark.parametrize("status", ["429", "500", "503"])
    def test_to_come_again_later_is_followed(self, service, status):
        service.mode = status
        reason = f"The browser's push service answered {status}."
        assert send(message_to(service.subscribe())) == [Later(reason, after=timedelta(seconds=7))]

    def test_that_leaves_it_open_allows_one_more_try(self, service):
        service.mode = "cut"
        browser = service.subscribe()
        [first], [second] = send(message_to(browser)), send(message_to(browser, uncertain=True))
        assert first.uncertain
        assert isinstance(second, Unknown)

    def test_that_our_key_is_wrong_alarms_the_operator_and_retires_nobody(self, service, settings, caplog):
        settings.VAPID_PRIVATE_KEY = webpush.new_private_key()
        [told] = send(message_to(service.subscribe()))
        assert isinstance(told, Later)
        assert told.reason.startswith(SET_UP_WRONGLY)
        assert [record.levelno for record in caplog.records] == [logging.ERROR]

    @pytest.mark.parametrize("status", ["301", "302", "307", "308"])
    def test_to_go_elsewhere_is_not_followed(self, service, status):
        service.mode = status
        assert isinstance(send(message_to(service.subscribe()))[0], Failed)
        assert len(service.requests) == 1

    def test_of_somebody_with_a_certificate_of_their_own_is_not_heard(self, service, monkeypatch):
        monkeypatch.delenv("SSL_CERT_FILE")
        transport.pool.cache_clear()
        [told] = send(message_to(service.subscribe()))
        assert (type(told), told.uncertain) == (Later, False)
        assert service.requests == []


class TestAddress:
    @pytest.mark.parametrize(
        "endpoint",
        [
            "http://{host}/push",
            "https://localhost/push",
            "https://127.0.0.1:{port}/push",
            "https://user@{host}/push",
            "https://{host}.evil.example/push",
            "https://[::1]:{port}/push",
            "https://fcm.googleapis.com.evil.example/x",
            "https://fcm.googleapis.com:8443/x",
            "file:///etc/passwd",
            "",
        ],
    )
    def test_that_is_not_a_known_push_service_is_never_called(self, service, endpoint):
        endpoint = endpoint.format(host=service.host, port=service.server.port)
        browser = service.subscribe()
        browser.endpoint = endpoint
        [told] = send(message_to(browser))
        assert (type(told), told.retires) == (Failed, True)
        assert service.requests == []

    @pytest.mark.parametrize(
        "keys", [{}, {"p256dh": "x", "auth": "y"}, {"p256dh": "BA" + "A" * 85, "auth": "A" * 22}]
    )
    def test_without_keys_that_fit_is_given_up(self, service, keys):
        address = Address("webpush", "1", service.subscribe().endpoint, keys)
        [told] = send(make_message(address=address))
        assert (type(told), told.retires) == (Failed, True)


class TestHost:
    def test_that_hangs_makes_the_others_wait_no_second(self, service, monkeypatch):
        """Here each subscription is a host of its own; ten of a dozen messages are for the one that hangs."""
        service.modes["stuck"] = "hang"
        stuck, well = service.subscribe("stuck"), service.subscribe("well")
        monkeypatch.setattr(webpush, "_host", lambda endpoint: endpoint.rpartition("/")[2])
        began = time.monotonic()
        outcomes = send(*[message_to(stuck) for _ in range(10)], message_to(well), message_to(well))
        assert time.monotonic() - began < 1.9
        assert {type(told) for told in outcomes[:10]} == {Later}
        assert outcomes[10:] == [Sent(), Sent()]
        assert max(request.at for request in service.arrived.things) - began < 0.9
        assert sum(told.uncertain for told in outcomes[:10]) == 3

    def test_that_hangs_is_waited_for_longer_once_and_not_once_each(self, service, monkeypatch):
        monkeypatch.setattr(webpush, "PATIENCE_WITH_THE_SECOND", 1.2)
        service.mode = "hang"
        began = time.monotonic()
        outcomes = send(*[message_to(service.subscribe(), uncertain=True) for _ in range(9)])
        assert 1.1 < time.monotonic() - began < 2.2
        assert sorted(type(told).__name__ for told in outcomes) == ["Later"] * 6 + ["Unknown"] * 3

    def test_is_called_by_at_most_three_at_once(self):
        browsers = [make_message(address=Address("webpush", "1", f"https://{h}/x")) for h in "aaaaaaab"]
        assert webpush._lanes(browsers) == [[0, 3, 6], [7], [1, 4], [2, 5]]


class TestKey:
    def test_made_anew_is_taken_by_browsers_as_a_point(self, settings):
        settings.VAPID_PRIVATE_KEY = webpush.new_private_key()
        assert len(settings.VAPID_PRIVATE_KEY) == 43
        assert (len(webpush.public_key()), webpush.public_key()[0]) == (87, "B")

    def test_that_is_not_there_turns_it_off(self, settings):
        settings.VAPID_PRIVATE_KEY = ""
        assert webpush.public_key() == ""
        assert send(make_message()) == [Failed("Messages to browsers are not set up here.")]

    def test_comes_from_a_command(self, capsys):
        from django.core.management import call_command

        call_command("make_vapid_keys")
        name, _, key = capsys.readouterr().out.strip().partition("=")
        assert (name, len(key)) == ("VAPID_PRIVATE_KEY", 43)
