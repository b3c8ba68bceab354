"""What Expo says of a push a quarter of an hour after it took it."""

from datetime import timedelta

import pytest

from accounts.devices import register_device
from accounts.models import Device
from reminders import receipts
from reminders.models import Delivery, Reminder
from tests.factories import NOON, make_batch, make_reminder
from tests.fakes.expo import Expo
from tests.reminders.engine import carry

DUE = NOON + timedelta(hours=1)
QUARTER = timedelta(minutes=15)
ASKED = DUE + QUARTER


@pytest.fixture
def server(settings):
    with Expo() as server:
        settings.EXPO_URL, settings.EXPO_ACCESS_TOKEN, settings.EXPO_PER_SECOND = server.url, "", 0
        yield server


@pytest.fixture
def phone(alice) -> Device:
    token = "ExponentPushToken[0000000000000000000001]"
    device, _ = register_device(user=alice, device_id="phone", platform="ios", push_token=token, now=NOON)
    return device


@pytest.fixture
def reminder(alice) -> Reminder:
    made = make_reminder(batch=make_batch(owner=alice), due_at=DUE)
    made.status, made.sent_at, made.attempts = "sent", DUE, 1
    made.save()
    return made


def delivered(reminder, device, ticket="ticket-1", **other) -> Delivery:
    noted = {"status": "sent", "attempts": 1, "sent_at": DUE, "created_at": DUE, "receipt_due_at": ASKED}
    return Delivery.objects.create(
        reminder=reminder, round=1, channel="expo", address=str(device.pk), ticket=ticket, **(noted | other)
    )


def fails(error):
    return {"status": "error", "message": "…", "details": {"error": error}}


class TestAsking:
    def test_is_not_done_before_a_quarter_of_an_hour(self, server, reminder, phone):
        delivered(reminder, phone)
        assert receipts.ask(now=ASKED - timedelta(seconds=1)) == 0
        assert server.asked == []

    def test_hears_that_it_arrived_and_asks_no_more(self, server, reminder, phone):
        delivery = delivered(reminder, phone)
        server.receipts["ticket-1"] = {"status": "ok"}
        assert receipts.ask(now=ASKED) == 1
        delivery.refresh_from_db()
        assert (delivery.status, delivery.receipt_due_at) == ("sent", None)
        assert receipts.ask(now=ASKED + timedelta(hours=1)) == 0

    def test_is_done_for_a_thousand_at_a_time(self, server, reminder):
        noted = {"status": "sent", "attempts": 1, "sent_at": DUE, "created_at": DUE, "receipt_due_at": ASKED}
        Delivery.objects.bulk_create(
            Delivery(reminder=reminder, round=1, channel="expo", address=str(n), ticket=f"t{n}", **noted)
            for n in range(1001)
        )
        assert receipts.ask(now=ASKED) == 1001
        assert sorted(map(len, server.asked)) == [1, 1000]

    def test_by_two_at_once_is_done_once(self, server, reminder, phone):
        delivered(reminder, phone)
        assert [len(receipts.claim(now=ASKED)) for _ in range(2)] == [1, 0]

    def test_without_an_answer_is_done_again(self, server, reminder, phone):
        delivered(reminder, phone)
        server.mode = "500"
        receipts.ask(now=ASKED)
        server.mode, server.receipts["ticket-1"] = "ok", {"status": "ok"}
        assert receipts.ask(now=ASKED + receipts.LEASE) == 1
        assert Delivery.objects.get().receipt_due_at is None

    def test_without_a_receipt_goes_on_for_a_day_and_then_nobody_knows(self, server, reminder, phone):
        delivery, now = delivered(reminder, phone), ASKED
        while delivery.receipt_due_at:
            now = delivery.receipt_due_at
            receipts.ask(now=now)
            delivery.refresh_from_db()
        assert (delivery.status, now) == ("unknown", DUE + timedelta(hours=24))
        assert len(server.asked) == 8

    def test_after_a_day_of_silence_of_our_own_is_still_done(self, server, reminder, phone):
        delivered(reminder, phone)
        server.receipts["ticket-1"] = {"status": "ok"}
        receipts.ask(now=DUE + timedelta(hours=30))
        assert Delivery.objects.get().status == "sent"


class TestLost:
    def test_device_is_retired_and_the_reminder_goes_another_way(self, server, reminder, phone):
        delivered(reminder, phone)
        server.receipts["ticket-1"] = fails("DeviceNotRegistered")
        receipts.ask(now=ASKED)
        reminder.refresh_from_db()
        phone.refresh_from_db()
        assert (reminder.status, reminder.alert_at, reminder.round) == ("waiting", ASKED, 1)
        assert (phone.disabled_at, Delivery.objects.get().status) == (ASKED, "failed")

    def test_device_that_came_back_since_is_kept(self, server, reminder, phone, alice):
        delivered(reminder, phone)
        register_device(
            user=alice,
            device_id="phone",
            platform="ios",
            push_token=phone.address,
            now=DUE + timedelta(minutes=1),
        )
        server.receipts["ticket-1"] = fails("DeviceNotRegistered")
        receipts.ask(now=ASKED)
        phone.refresh_from_db()
        assert phone.disabled_at is None

    def test_on_one_of_two_devices_stays_told(self, server, reminder, phone, alice):
        token = "ExponentPushToken[0000000000000000000002]"
        tablet, _ = register_device(user=alice, device_id="tab", platform="ios", push_token=token, now=NOON)
        delivered(reminder, phone)
        delivered(reminder, tablet, "ticket-2")
        server.receipts = {"ticket-1": fails("DeviceNotRegistered"), "ticket-2": {"status": "ok"}}
        receipts.ask(now=ASKED)
        reminder.refresh_from_db()
        assert (reminder.status, reminder.again_at) == ("sent", None)

    def test_on_both_devices_waits_once_more(self, server, reminder, phone, alice):
        token = "ExponentPushToken[0000000000000000000002]"
        tablet, _ = register_device(user=alice, device_id="tab", platform="ios", push_token=token, now=NOON)
        delivered(reminder, phone)
        delivered(reminder, tablet, "ticket-2")
        server.receipts = dict.fromkeys(["ticket-1", "ticket-2"], fails("DeviceNotRegistered"))
        receipts.ask(now=ASKED)
        reminder.refresh_from_db()
        assert reminder.status == "waiting"

    @pytest.mark.parametrize("error", ["InvalidCredentials", "MismatchSenderId", "MessageRateExceeded"])
    def test_for_now_is_tried_again_on_the_same_device(self, server, reminder, phone, error):
        delivery = delivered(reminder, phone)
        server.receipts["ticket-1"] = fails(error)
        receipts.ask(now=ASKED)
        reminder.refresh_from_db()
        delivery.refresh_from_db()
        phone.refresh_from_db()
        assert (reminder.status, delivery.status, phone.disabled_at) == ("waiting", "retry", None)
        assert ASKED < reminder.alert_at == delivery.next_try_at

    def test_for_good_is_said_so(self, server, reminder, phone):
        delivery = delivered(reminder, phone)
        server.receipts["ticket-1"] = fails("MessageTooBig")
        receipts.ask(now=ASKED)
        delivery.refresh_from_db()
        assert (delivery.status, "MessageTooBig" in delivery.error) == ("failed", True)

    @pytest.mark.parametrize("status", ["done", "skipped", "cancelled", "waiting"])
    def test_of_what_its_keeper_has_answered_changes_nothing(self, server, reminder, phone, status):
        delivered(reminder, phone)
        reminder.status, reminder.done_at = status, DUE
        reminder.save()
        server.receipts["ticket-1"] = fails("DeviceNotRegistered")
        receipts.ask(now=ASKED)
        reminder.refresh_from_db()
        assert (reminder.status, reminder.alert_at) == (status, DUE)

    def test_of_one_that_has_a_successor_does_not_wait_beside_it(self, server, reminder, phone, alice):
        Reminder.objects.update(kind="taste")
        successor = make_reminder(batch=reminder.batch, due_at=ASKED + QUARTER, kind="taste")
        delivered(reminder, phone)
        server.receipts["ticket-1"] = fails("DeviceNotRegistered")
        receipts.ask(now=ASKED)
        reminder.refresh_from_db()
        assert (reminder.status, Reminder.objects.waiting().get()) == ("failed", successor)

    def test_of_a_reminder_that_is_gone_harms_nothing(self, server, reminder, phone):
        delivered(reminder, phone)
        Reminder.objects.filter(pk=reminder.pk)._raw_delete("default")
        server.receipts["ticket-1"] = fails("DeviceNotRegistered")
        assert receipts.ask(now=ASKED) == 1


class TestWithTheEngine:
    """From the push to the phone that is gone, to the mail instead of it."""

    def test_what_a_phone_never_got_comes_by_mail(self, server, alice, phone, mailoutbox):
        reminder = make_reminder(batch=make_batch(owner=alice), due_at=DUE)
        carry(DUE)
        assert [message["data"]["reminderId"] for message in server.messages] == [str(reminder.pk)]
        server.receipts["ticket-1"] = fails("DeviceNotRegistered")
        receipts.ask(now=ASKED)
        carry(ASKED)
        reminder.refresh_from_db()
        assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
        assert (reminder.status, reminder.round, len(server.messages)) == ("sent", 1, 1)

    def test_what_was_lost_for_now_comes_once_more_to_the_same_phone(self, server, alice, phone, mailoutbox):
        reminder = make_reminder(batch=make_batch(owner=alice), due_at=DUE)
        carry(DUE)
        server.receipts["ticket-1"] = fails("InvalidCredentials")
        receipts.ask(now=ASKED)
        reminder.refresh_from_db()
        carry(reminder.alert_at)
        reminder.refresh_from_db()
        assert (reminder.status, mailoutbox) == ("sent", [])
        assert server.messages[0]["data"] == server.messages[1]["data"]

    def test_what_arrived_stays_as_it_is(self, server, alice, phone, mailoutbox):
        make_reminder(batch=make_batch(owner=alice), due_at=DUE)
        carry(DUE)
        server.receipts["ticket-1"] = {"status": "ok"}
        assert receipts.ask(now=ASKED) == 1
        carry(ASKED + timedelta(hours=1))
        assert (len(server.messages), mailoutbox) == (1, [])
