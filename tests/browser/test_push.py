"""Reminders in a browser: asked for by a tap, shown by the service worker, finished by their buttons."""

import json
import os
import time
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from accounts.models import Device, User
from batches import actions as batches
from reminders import links
from reminders.channels import webpush
from reminders.models import Reminder
from tests.accounts.phones import ENDPOINT, subscription
from tests.factories import make_reminder
from tests.reminders.messages import make_message
from tests.services import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMAIL = "push@example.com"
REGISTERED = (
    "async () => { await navigator.serviceWorker.register('/sw.js'); await navigator.serviceWorker.ready; }"
)
SHOWN = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const shown = await registration.getNotifications();
    const names = (actions) => actions.map((one) => one.action);
    return shown.map(({ title, body, tag, actions }) => ({ title, body, tag, actions: names(actions) }));
}"""
# Chromium has no way to tap a notification from outside; waitUntil is for events of its own alone.
TAPPED = """async (action) => {
    const [notification] = await self.registration.getNotifications();
    const event = new NotificationEvent("notificationclick", { notification, action });
    let work;
    event.waitUntil = (promise) => { work = promise; };
    self.dispatchEvent(event);
    await work;
}"""
# Its push service is Google's, which no test may ask: the subscription is made up, and all else is real.
SUBSCRIBES = """
    const made = %s;
    const plain = (text) => text.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = (text) => Uint8Array.from(atob(plain(text)), (one) => one.charCodeAt(0));
    const with_key = (key) => ({
        endpoint: made.endpoint,
        options: { applicationServerKey: bytes(key).buffer },
        toJSON: () => made,
        unsubscribe: async () => { localStorage.removeItem("made"); return true; },
    });
    PushManager.prototype.getSubscription = async () => localStorage.made ? with_key(localStorage.made) : null;
    PushManager.prototype.subscribe = async (options) => with_key(localStorage.made = options.applicationServerKey);
"""


@pytest.fixture
def kitchen(transactional_db):
    """Messages come from the tests, so nobody else is at work."""
    with mock.patch.dict(os.environ, VAPID_PRIVATE_KEY=webpush.new_private_key()), running("web") as stack:
        yield stack.url


@pytest.fixture
def person(person):
    person.page.context.grant_permissions(["notifications"], origin=person.site)
    person.signs_in(EMAIL)
    return person


@pytest.fixture
def reminder(person):
    now = timezone.now()
    batch = batches.start(owner=User.objects.get(email=EMAIL), now=now, name="Ginger no 3")
    return make_reminder(batch=batch, due_at=now + timedelta(hours=1), now=now, message="Taste the ginger")


@pytest.fixture
def inbox(person):
    """What pushes a message into the service worker, as the browser does when one arrives."""
    page, registrations = person.page, []
    page.evaluate(REGISTERED)
    devtools = page.context.new_cdp_session(page)
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated", lambda said: registrations.extend(said["registrations"])
    )
    devtools.send("ServiceWorker.enable")
    until(lambda: registrations or page.wait_for_timeout(50))

    def push(data):
        registration = registrations[-1]["registrationId"]
        said = {"origin": person.site, "registrationId": registration, "data": data}
        devtools.send("ServiceWorker.deliverPushMessage", said)

    return push


def until(is_so, seconds=10):
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
    return found


def message_about(reminder, site, token=""):
    link = f"{site}/r/{token or links.token_for(reminder.pk, 1)}"
    message = make_message(identity=f"{reminder.pk}-1", link=link, title="Ginger no 3", body=reminder.message)
    return webpush._payload(message).decode()


def shown_on(page):
    return page.evaluate(SHOWN)


def tap(page, action):
    page.context.service_workers[0].evaluate(TAPPED, action)


class TestMessage:
    def test_is_shown_once_with_its_buttons(self, person, reminder, inbox):
        for _ in range(2):
            inbox(message_about(reminder, person.site))
        assert until(lambda: shown_on(person.page)) == [
            {
                "title": "Ginger no 3",
                "body": "Taste the ginger",
                "tag": f"{reminder.pk}-1",
                "actions": ["done", "snooze"],
            }
        ]

    def test_is_done_by_a_button(self, person, reminder, inbox):
        inbox(message_about(reminder, person.site))
        until(lambda: shown_on(person.page))
        tap(person.page, "done")
        reminder.refresh_from_db()
        assert reminder.status == "done"
        assert shown_on(person.page) == []

    def test_is_put_off_by_a_button(self, person, reminder, inbox):
        inbox(message_about(reminder, person.site))
        until(lambda: shown_on(person.page))
        tap(person.page, "snooze")
        reminder.refresh_from_db()
        assert reminder.status == "waiting"
        assert timedelta(minutes=59) < reminder.snoozed_until - timezone.now() < timedelta(minutes=61)

    def test_says_so_when_a_button_does_nothing(self, person, reminder, inbox):
        inbox(message_about(reminder, person.site, token="forged"))
        until(lambda: shown_on(person.page))
        tap(person.page, "done")
        [again] = shown_on(person.page)
        assert again["body"] == "That did not get through. Try again, or open it.\nTaste the ginger"
        assert Reminder.objects.get().status == "waiting"

    def test_of_nothing_one_can_read_is_shown_all_the_same(self, person, inbox):
        inbox("no JSON")
        assert [one["title"] for one in until(lambda: shown_on(person.page))] == ["Kefir"]


@pytest.fixture
def subscriber(person):
    person.page.add_init_script(SUBSCRIBES % json.dumps(subscription()))
    person.goes_to("/settings/reminders/")
    person.sees("Reminders can come to this browser")
    person.presses("Show them here")
    person.sees("Reminders come to this browser.")
    return person


class TestSubscribing:
    def test_makes_the_browser_a_device(self, subscriber):
        device = Device.objects.live().get()
        assert (device.user.email, device.platform, device.address) == (EMAIL, "web", ENDPOINT)
        assert device.name == "Chrome on Linux"

    def test_ends_with_a_tap(self, subscriber):
        subscriber.presses("No longer here")
        subscriber.sees("Reminders can come to this browser")
        assert not Device.objects.exists()

    def test_ends_with_signing_out(self, subscriber):
        subscriber.goes_to("/accounts/logout/")
        subscriber.presses("Sign out")
        subscriber.page.wait_for_url(f"{subscriber.site}/")
        assert not Device.objects.exists()

    def test_is_told_anew_when_the_server_may_have_forgotten(self, subscriber):
        Device.objects.all().delete()
        subscriber.page.evaluate("localStorage.removeItem('kefir-push')")
        subscriber.goes_to("/")
        assert until(Device.objects.live().first).address == ENDPOINT

    def test_says_what_stands_in_the_way(self, person):
        person.page.context.clear_permissions()
        person.page.add_init_script("Object.defineProperty(Notification, 'permission', { value: 'denied' })")
        person.goes_to("/settings/reminders/")
        person.sees("This browser was told to show no messages")

    def test_sends_an_iphone_to_its_home_screen(self, person):
        person.page.add_init_script(
            "delete window.PushManager; Object.defineProperty(navigator, 'userAgent', { value: 'iPhone' })"
        )
        person.goes_to("/settings/reminders/")
        person.sees("first add Kefir to the Home Screen")
