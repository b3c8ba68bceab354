"""From claimed to told: looked at once more, carried by the right way, noted."""

from datetime import timedelta

import pytest

from accounts import actions as people
from batches import actions as batches
from reminders import actions, delivery, queue, statements
from reminders.channels import Failed, Sent
from reminders.models import Delivery, Reminder
from tests.accounts.phones import make_browser
from tests.factories import NOON, make_reminder
from tests.reminders.engine import (
    AFTER_THE_LEASE,
    DUE,
    HOUR,
    MINUTE,
    Clock,
    Crash,
    carry,
    claimed,
    deliveries,
    seen,
)


@pytest.fixture
def asked(monkeypatch):
    """What is asked of the database, in order."""
    statements_so_far, execute = [], queue.execute

    def remembered(statement, parameters=None):
        statements_so_far.append(statement)
        return execute(statement, parameters)

    monkeypatch.setattr(queue, "execute", remembered)
    return statements_so_far


class TestDeliver:
    def test_sends_it_and_notes_when(self, reminder, channels, phone):
        carry(DUE)

        assert (seen(reminder).status, reminder.sent_at, reminder.leased_until) == ("sent", DUE, None)
        [message] = channels["expo"].sent
        assert (message.title, message.body, message.identity) == (
            "Lemon jar",
            "Taste it",
            f"{reminder.pk}-1",
        )
        assert message.address.to == phone.address

    def test_writes_one_row_for_each_address(self, reminder, channels, alice, phone):
        make_browser(owner=alice, device_id="laptop")
        channels["expo"].answers[""] = [Sent("ticket-1")]

        carry(DUE)

        assert deliveries() == [("expo", "sent"), ("webpush", "sent")]
        row = Delivery.objects.get(channel="expo")
        assert (row.address, row.ticket, row.receipt_due_at) == (str(phone.pk), "ticket-1", DUE + 15 * MINUTE)

    def test_takes_three_statements_and_one_call_for_a_hundred(self, jar, channels, phone, asked):
        for _ in range(2):
            wanted = [{"due_at": DUE, "message": f"{n}"} for n in range(50)]
            actions.confirm(batch=jar, reminders=wanted, now=NOON)
        chunk = queue.claim(now=DUE, until=DUE)
        delivery.deliver(chunk, clock=Clock(DUE))

        assert [len(call) for call in channels["expo"].calls] == [100]
        assert asked == [
            statements.CLAIM_DUE,
            statements.TAKE_TURN,
            statements.FACTS,
            statements.SETTLE_FIRST,
            statements.END_TURN,
        ]

    def test_takes_two_for_a_hundred_that_are_overdue(self, jar, channels, phone, asked):
        make_reminder(batch=jar, due_at=DUE, message="Taste it")

        delivery.go_on(clock=Clock(DUE), until=DUE + HOUR)

        assert asked == [statements.TAKE, statements.SETTLE_FIRST, statements.TAKE]

    def test_waits_for_the_very_moment_of_each(self, jar, channels, phone):
        alerts = [DUE + timedelta(milliseconds=ms) for ms in (0, 300, 300, 900)]
        for at in alerts:
            make_reminder(batch=jar, due_at=at, message="Taste it")

        carry(DUE - timedelta(seconds=1), ahead=timedelta(seconds=2))

        assert channels["expo"].times == alerts

    def test_twice_is_once(self, reminder, channels, phone):
        chunk = queue.claim(now=DUE, until=DUE)

        for _ in range(3):
            delivery.deliver(chunk, clock=Clock(DUE))

        assert len(channels["expo"].sent) == 1

    def test_a_crash_in_the_middle_is_sent_again_with_the_same_identity(
        self, reminder, channels, phone, monkeypatch
    ):
        settle = queue.settle
        monkeypatch.setattr(queue, "settle", Crash())
        with pytest.raises(Crash.Crashed):
            carry(DUE)
        monkeypatch.setattr(queue, "settle", settle)

        carry(AFTER_THE_LEASE)

        assert len({message.identity for message in channels["expo"].sent}) == 1
        assert seen(reminder).status == "sent"

    def test_says_nothing_of_an_archived_batch(self, reminder, channels):
        chunk = queue.claim(now=DUE, until=DUE)
        batches.archive(batch=reminder.batch, now=DUE)
        Reminder.objects.update(status="waiting", cancelled_with_batch=False)

        delivery.deliver(chunk, clock=Clock(DUE))

        assert (seen(reminder).status, channels["email"].sent) == ("cancelled", [])

    def test_says_nothing_to_a_closed_account(self, reminder, channels):
        reminder.owner.is_active = False
        reminder.owner.save()

        carry(DUE)

        assert (seen(reminder).status, channels["email"].sent) == ("cancelled", [])

    def test_says_nothing_to_one_who_leaves_and_says_it_soon_to_one_who_stays(self, reminder, channels):
        people.ask_to_erase(user=reminder.owner, now=DUE - HOUR)
        carry(DUE)
        assert (seen(reminder).status, channels["email"].sent) == ("waiting", [])

        people.keep_account(user=reminder.owner)
        carry(DUE + timedelta(minutes=10))
        assert (seen(reminder).status, len(channels["email"].sent)) == ("sent", 1)

    @pytest.mark.parametrize("verb", ["finish", "snooze", "skip", "cancel", "delete"])
    def test_says_nothing_of_what_changed_after_the_claim(self, reminder, channels, verb):
        chunk = queue.claim(now=DUE, until=DUE)
        change = {
            "finish": lambda: actions.finish(reminder=reminder, now=DUE),
            "snooze": lambda: actions.snooze(reminder=reminder, until=DUE + HOUR, now=DUE),
            "skip": lambda: actions.skip(reminder=reminder, now=NOON),
            "cancel": lambda: actions.cancel(reminder=reminder, now=NOON),
            "delete": reminder.delete,
        }
        change[verb]()

        delivery.deliver(chunk, clock=Clock(DUE))

        assert channels["email"].sent == []

    def test_what_was_finished_while_it_was_sent_stays_finished(self, reminder, channels, phone):
        channels["expo"].before = lambda _: actions.finish(reminder=reminder, now=DUE)

        carry(DUE)

        assert seen(reminder).status == "done"
        assert deliveries() == [("expo", "sent")]

    def test_what_was_snoozed_while_it_was_sent_is_said_again(self, reminder, channels, phone):
        later = DUE + HOUR
        channels["expo"].before = lambda _: actions.snooze(reminder=reminder, until=later, now=DUE)
        carry(DUE)
        channels["expo"].before = lambda _: None

        carry(later)

        assert [one.identity for one in channels["expo"].sent] == [f"{reminder.pk}-1", f"{reminder.pk}-2"]

    def test_renews_a_lease_that_would_end_during_the_call(self, reminder, channels, phone):
        chunk = queue.claim(now=DUE, until=DUE)
        late = Clock(DUE + timedelta(seconds=50))
        during = []
        channels["expo"].before = lambda _: during.append(claimed(AFTER_THE_LEASE))

        delivery.deliver(chunk, clock=late)

        assert (during, seen(reminder).status) == ([[]], "sent")

    def test_a_channel_that_breaks_over_one_message_carries_the_others(self, jar, channels, phone):
        make_reminder(batch=jar, due_at=DUE, message="Poison")
        fine = make_reminder(batch=jar, due_at=DUE, message="Taste it")
        channels["expo"].before = choke_on("Poison")

        carry(DUE)

        assert (seen(fine).status, len(channels["expo"].sent)) == ("sent", 1)
        assert Reminder.objects.get(message="Poison").error == "Something went wrong within Kefir."


class TestWay:
    def test_is_mail_where_there_is_no_device(self, reminder, channels):
        carry(DUE)

        [message] = channels["email"].sent
        assert message.address.to == "alice@example.com"
        assert "/unsubscribe/" in message.unsubscribe_link

    def test_is_no_mail_where_a_device_gets_it(self, reminder, channels, phone):
        carry(DUE)

        assert channels["email"].sent == []

    def test_is_both_by_choice(self, reminder, channels, phone, alice):
        set_switches(alice, email_when="always")

        carry(DUE)

        assert deliveries() == [("email", "sent"), ("expo", "sent")]

    def test_is_mail_when_push_is_off(self, reminder, channels, phone, alice):
        set_switches(alice, push_on=False)

        carry(DUE)

        assert deliveries() == [("email", "sent")]

    def test_is_mail_in_the_same_round_when_every_push_failed(self, reminder, channels, phone):
        channels["expo"].answers[""] = [Failed("Gone.", retires=True)]

        carry(DUE)

        assert deliveries() == [("email", "sent"), ("expo", "failed")]
        assert seen(reminder).status == "sent"

    @pytest.mark.parametrize(
        "switches", [{"email_when": "never"}, {"email_failed_at": NOON, "email_failure": "x"}]
    )
    def test_that_is_none_is_said_to_its_owner(self, reminder, channels, alice, switches):
        set_switches(alice, **switches)

        carry(DUE)

        assert seen(reminder).status == "failed"
        assert "no device" in reminder.error

    def test_of_a_retired_device_is_never_taken_again(self, reminder, channels, phone):
        channels["expo"].answers[""] = [Failed("Gone.", retires=True)]
        carry(DUE)

        phone.refresh_from_db()
        assert (phone.disabled_at, phone.disabled_reason) == (DUE, "Gone.")

    def test_by_mail_that_comes_back_is_closed(self, reminder, channels, alice):
        channels["email"].answers[""] = [Failed("No such mailbox.", retires=True)]

        carry(DUE)

        alice.refresh_from_db()
        assert (seen(reminder).status, alice.email_failure) == ("failed", "No such mailbox.")


def choke_on(word):
    def before(messages):
        if any(one.body == word for one in messages):
            raise RuntimeError(word)

    return before


def set_switches(user, **switches):
    type(user).objects.filter(pk=user.pk).update(**switches)
