"""“Send me a test”, against the services that carry messages."""

import pytest
from django.core import mail

from accounts import actions as accounts
from accounts import devices
from accounts.models import Device
from reminders import trial
from reminders.channels import transport, webpush
from tests.accounts.phones import make_device
from tests.factories import NOON
from tests.fakes.expo import Expo
from tests.fakes.smtp import MailServer
from tests.fakes.webpush import PushService

ADDRESS = "/settings/test"
FOR_YOU = "Reminders reach you here."


@pytest.fixture
def expo(settings):
    with Expo() as server:
        settings.EXPO_URL, settings.EXPO_PER_SECOND = server.url, 0
        yield server


@pytest.fixture
def browsers(settings, tmp_path, monkeypatch):
    settings.VAPID_PRIVATE_KEY = webpush.new_private_key()
    settings.VAPID_SUBJECT = "mailto:kefir@example.com"
    with PushService(tmp_path, vapid_key=webpush.public_key()) as service:
        settings.WEB_PUSH_HOSTS = [service.host]
        monkeypatch.setenv("SSL_CERT_FILE", str(service.authority))
        transport.pool.cache_clear()
        yield service
    transport.pool.cache_clear()


@pytest.fixture
def phone(alice, expo):
    return make_device(owner=alice, name="Alice's phone")


def subscribe(user, service):
    browser = service.subscribe()
    subscription = {"endpoint": browser.endpoint, "keys": browser.keys}
    said = {"device_id": "b", "platform": "web", "name": "Firefox on Linux", "now": NOON}
    devices.register_device(user=user, subscription=subscription, **said)
    return browser


def said_to(page):
    answer = page.post(ADDRESS, follow=True)
    assert answer.redirect_chain == [("/settings/reminders/", 302)]
    return {str(message): message.level_tag for message in answer.context["messages"]}


class TestAllWays:
    def test_are_tried_and_reported(self, page, alice, phone, expo, browsers):
        browser = subscribe(alice, browsers)
        assert said_to(page) == {
            "Alice's phone: sent.": "success",
            "Firefox on Linux: sent.": "success",
            "E-mail: sent.": "success",
        }
        assert expo.messages[0]["body"] == FOR_YOU
        assert browser.read(browsers.arrived.things[0].body)["body"] == FOR_YOU
        assert (mail.outbox[0].to, FOR_YOU in mail.outbox[0].body) == (["alice@example.com"], True)

    def test_lead_to_no_reminder(self, page, phone, expo):
        said_to(page)
        assert expo.messages[0]["data"]["url"] == "http://testserver/settings/reminders/"
        assert "Done, later or skip" not in mail.outbox[0].body

    def test_are_ones_own(self, page, bob, expo):
        make_device(owner=bob)
        assert said_to(page) == {"E-mail: sent.": "success"}
        assert not expo.messages

    def test_say_what_is_switched_off(self, page, alice, phone, expo):
        accounts.edit_profile(user=alice, push_on=False, email_when="never")
        assert said_to(page) == {
            "Push messages: not tried. They are switched off.": "info",
            "E-mail: not tried. It is switched off.": "info",
        }
        assert (expo.messages, mail.outbox) == ([], [])

    def test_mail_nothing_to_an_address_from_which_it_comes_back(self, page, alice):
        devices.retire_email(user_id=alice.pk, reason="No such mailbox.", now=NOON)
        assert said_to(page) == {"E-mail: not tried. It comes back: No such mailbox.": "info"}
        assert not mail.outbox


class TestTrouble:
    def test_gives_up_a_device_that_is_gone(self, page, phone, expo):
        expo.tells[phone.address] = "DeviceNotRegistered"
        [(words, level)] = [(one, level) for one, level in said_to(page).items() if "phone" in one]
        assert (words.startswith("Alice's phone: failed, and is given up."), level) == (True, "error")
        assert not Device.objects.live().exists()

    def test_gives_up_a_browser_that_is_gone(self, page, alice, browsers):
        subscribe(alice, browsers)
        browsers.mode = "410"
        words = "Firefox on Linux: failed, and is given up. The browser takes no more messages from here."
        assert said_to(page)[words] == "error"
        assert not Device.objects.live().exists()

    def test_gives_up_an_address_that_is_refused(self, page, alice, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_HOST_USER, settings.EMAIL_USE_TLS = "127.0.0.1", "", False
        with MailServer() as server:
            settings.EMAIL_PORT = server.port
            server.refuses["alice@example.com"] = "550 5.1.1 No such mailbox"
            [(words, level)] = said_to(page).items()
        assert (words, level) == ("E-mail: failed, and is given up. The address was refused (550).", "error")
        alice.refresh_from_db()
        assert alice.email_failed_at

    def test_keeps_a_device_whose_service_is_away(self, page, phone, expo):
        expo.mode = "500"
        assert said_to(page)["Alice's phone: not sent just now. Expo answered 500."] == "warning"
        assert Device.objects.live().exists()

    def test_waits_for_nobody_for_long(self, page, phone, expo, monkeypatch):
        monkeypatch.setattr(trial, "SECONDS", 0.3)
        expo.mode = "hang"
        said = said_to(page)
        assert said["Alice's phone: no answer yet. It may still come."] == "warning"
        assert said["E-mail: sent."] == "success"


class TestDoor:
    def test_opens_three_times_a_minute(self, page):
        statuses = [page.post(ADDRESS).status_code for _ in range(4)]
        assert statuses == [302, 302, 302, 429]
        assert len(mail.outbox) == 3

    def test_is_for_people_who_are_signed_in(self, client, db):
        assert client.post(ADDRESS)["Location"].startswith("/accounts/login/")

    def test_does_nothing_by_being_looked_at(self, page):
        assert page.get(ADDRESS).status_code == 405
        assert not mail.outbox

    def test_stands_in_the_settings(self, page):
        assert f'action="{ADDRESS}"' in page.get("/settings/reminders/").content.decode()
