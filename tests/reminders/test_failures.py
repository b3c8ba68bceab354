"""What was not carried at the first try: tried again, by another way, or given up with the reason."""

from datetime import timedelta

import pytest

from accounts.models import User
from reminders import actions
from reminders.channels import Failed, Later, Sent, Unknown
from reminders.models import Delivery, Reminder
from tests.accounts.phones import make_browser
from tests.factories import make_reminder
from tests.reminders.engine import DAY, DUE, HOUR, carry, deliveries, seen


class TestFailure:
    def test_is_tried_again_after_a_pause(self, reminder, channels, phone):
        channels["expo"].answers[""] = [Later("HTTP 503")]
        carry(DUE)

        assert (seen(reminder).status, reminder.error) == ("waiting", "HTTP 503")
        assert DUE < reminder.alert_at <= DUE + timedelta(seconds=2)
        carry(reminder.alert_at)
        assert seen(reminder).status == "sent"
        assert (reminder.due_at, reminder.error, Delivery.objects.get().attempts) == (DUE, "", 2)

    def test_waits_as_long_as_it_is_asked_to(self, reminder, channels, phone):
        channels["expo"].answers[""] = [Later("HTTP 429", after=timedelta(seconds=90))]

        carry(DUE)

        assert seen(reminder).alert_at == DUE + timedelta(seconds=90)

    def test_of_one_device_keeps_nothing_from_the_other(self, reminder, channels, phone, alice):
        laptop = make_browser(owner=alice, device_id="laptop")
        channels["webpush"].answers[laptop.address] = [Later("HTTP 503")]
        carry(DUE)
        assert seen(reminder).status == "sent"

        carry(reminder.again_at)

        assert (len(channels["expo"].sent), len(channels["webpush"].sent)) == (1, 2)
        assert (seen(reminder).again_at, reminder.sent_at) == (None, DUE)
        assert deliveries() == [("expo", "sent"), ("webpush", "sent")]

    def test_of_a_fallback_is_tried_again_by_mail_alone(self, reminder, channels, phone):
        channels["expo"].answers[""] = [Failed("Too big.")]
        channels["email"].answers[""] = [Later("Busy.")]
        carry(DUE)

        carry(seen(reminder).alert_at)

        assert (len(channels["expo"].sent), len(channels["email"].sent)) == (1, 2)
        assert seen(reminder).status == "sent"

    def test_that_may_have_arrived_is_marked_so_the_last_time(self, reminder, channels, phone):
        channels["expo"].answers[""] = [*[Later("HTTP 504", uncertain=True)] * 3, Sent()]
        for _ in range(4):
            carry(seen(reminder).alert_at)

        assert [one.uncertain for one in channels["expo"].sent] == [False, False, False, True]
        assert len({one.identity for one in channels["expo"].sent}) == 1
        assert (seen(reminder).status, deliveries()) == ("sent", [("expo", "sent")])

    def test_that_nobody_knows_of_in_the_end_goes_by_mail_too(self, reminder, channels, phone):
        channels["expo"].answers[""] = [Unknown("HTTP 504")]

        carry(DUE)

        assert (seen(reminder).status, deliveries()) == ("sent", [("email", "sent"), ("expo", "unknown")])

    def test_that_nobody_knows_of_is_not_sent_again_where_mail_is_unwanted(
        self, reminder, channels, phone, alice
    ):
        User.objects.filter(pk=alice.pk).update(email_when="never")
        channels["expo"].answers[""] = [Unknown("HTTP 504")]

        carry(DUE)

        assert (seen(reminder).status, deliveries()) == ("sent", [("expo", "unknown")])

    def test_is_noted_whatever_the_service_says(self, reminder, channels, phone):
        channels["expo"].answers[""] = [Later("Oh \x00 \ud800."), Sent('{"\\\x00')]
        carry(DUE)
        carry(seen(reminder).alert_at)

        assert (seen(reminder).status, deliveries()) == ("sent", [("expo", "sent")])

    def test_for_good_ends_it_and_says_why(self, reminder, channels):
        channels["email"].answers[""] = [Failed("The address was refused (550).")]

        carry(DUE)

        assert (seen(reminder).status, reminder.error) == ("failed", "The address was refused (550).")

    def test_ends_after_a_day_of_tries(self, reminder, channels):
        channels["email"].answers[""] = [Later("Down.")] * 99
        now = DUE
        while seen(reminder).status == "waiting":
            now = max(now, reminder.alert_at)
            carry(now)

        assert DAY <= now - DUE <= 1.25 * DAY
        assert reminder.status == "failed"

    def test_does_not_wait_beyond_its_use(self, reminder, channels):
        channels["email"].answers[""] = [Later("Down.", after=3 * DAY)]

        carry(DUE)

        assert seen(reminder).status == "failed"

    def test_can_be_sent_again_to_everybody(self, reminder, channels):
        channels["email"].answers[""] = [Failed("Refused.")]
        carry(DUE)

        actions.send_again(reminder=reminder, now=DUE + HOUR)
        carry(DUE + HOUR)

        assert (seen(reminder).status, reminder.round) == ("sent", 2)

    def test_is_sent_again_only_once(self, reminder):
        Reminder.objects.update(status="failed", error="x")
        actions.send_again(reminder=reminder, now=DUE)

        with pytest.raises(actions.NotFailed):
            actions.send_again(reminder=reminder, now=DUE)

    def test_to_say_another_word_of_a_kind_that_waits_already_is_refused(self, jar):
        told = make_reminder(batch=jar, due_at=DUE, kind="taste")
        Reminder.objects.update(status="sent", sent_at=DUE)
        make_reminder(batch=jar, due_at=DUE + HOUR, kind="taste", now=DUE)

        with pytest.raises(actions.ValidationError, match="waiting already"):
            actions.snooze(reminder=told, until=DUE + HOUR, now=DUE)
