"""From due to told: claimed, checked once more, carried, noted."""

import smtplib
from datetime import timedelta

import pytest
from django.db import connection, transaction

from batches import actions as batches
from reminders import actions, mail
from reminders.models import LEASE, Reminder
from tests.factories import NOON, make_batch, make_reminder, make_user

DUE = NOON + timedelta(hours=1)
AFTER_THE_LEASE = DUE + LEASE + timedelta(seconds=1)


@pytest.fixture
def reminder(alice):
    jar = make_batch(owner=alice, name="Lemon jar")
    return make_reminder(batch=jar, due_at=DUE, message="Taste it")


class Refusing:
    """A mail server that answers what it is told to."""

    def __init__(self, error):
        self.error = error

    def __call__(self, *args, **kwargs):
        raise self.error


class TestClaim:
    def test_takes_what_is_due(self, reminder):
        assert actions.claim(now=DUE) == [reminder.pk]

    def test_leaves_what_is_not(self, reminder):
        assert actions.claim(now=DUE - timedelta(seconds=1)) == []

    def test_takes_nothing_twice_while_the_lease_runs(self, reminder):
        actions.claim(now=DUE)

        assert actions.claim(now=DUE + timedelta(seconds=30)) == []

    def test_takes_up_again_what_hangs(self, reminder):
        actions.claim(now=DUE)

        assert actions.claim(now=AFTER_THE_LEASE) == [reminder.pk]

    def test_takes_at_most_a_chunk_soonest_first(self, alice):
        jar = make_batch(owner=alice)
        for minutes in (3, 1, 2):
            make_reminder(batch=jar, due_at=NOON + timedelta(minutes=minutes), message=f"{minutes}")

        ids = actions.claim(now=DUE, at_most=2)

        assert [Reminder.objects.get(pk=one).message for one in ids] == ["1", "2"]


class TestDeliver:
    def test_sends_it_and_notes_when(self, reminder, mailoutbox):
        actions.claim(now=DUE)

        assert actions.deliver(reminder.pk, now=DUE)

        reminder.refresh_from_db()
        assert (reminder.status, reminder.sent_at, reminder.leased_until) == ("sent", DUE, None)
        assert [(m.to, m.subject) for m in mailoutbox] == [(["alice@example.com"], "Lemon jar: Taste it")]

    def test_twice_is_once(self, reminder, mailoutbox):
        actions.claim(now=DUE)

        sent = [actions.deliver(reminder.pk, now=DUE) for _ in range(3)]

        assert (sent, len(mailoutbox)) == ([True, False, False], 1)

    def test_a_second_message_during_the_sending_does_nothing(self, reminder, mailoutbox):
        actions.claim(now=DUE)
        actions.take_up(reminder.pk, now=DUE)

        assert not actions.deliver(reminder.pk, now=DUE)
        assert mailoutbox == []

    def test_a_crash_in_the_middle_is_sent_again_with_the_same_identity(self, reminder, mailoutbox):
        actions.claim(now=DUE)
        crashed = actions.take_up(reminder.pk, now=DUE)
        mail.send(crashed)

        actions.claim(now=AFTER_THE_LEASE)
        assert actions.deliver(reminder.pk, now=AFTER_THE_LEASE)

        assert len({message.extra_headers["Message-ID"] for message in mailoutbox}) == 1

    def test_says_nothing_of_an_archived_batch(self, reminder, mailoutbox):
        actions.claim(now=DUE)
        Reminder.objects.filter(pk=reminder.pk).update(cancelled_with_batch=False)
        batches.archive(batch=reminder.batch, now=DUE)
        Reminder.objects.filter(pk=reminder.pk).update(status="waiting")

        assert not actions.deliver(reminder.pk, now=DUE)
        reminder.refresh_from_db()
        assert (reminder.status, mailoutbox) == ("cancelled", [])

    def test_says_nothing_of_what_was_done_in_between(self, reminder, mailoutbox):
        actions.claim(now=DUE)
        actions.finish(reminder=reminder, now=DUE)

        assert not actions.deliver(reminder.pk, now=DUE)
        assert mailoutbox == []

    def test_says_nothing_of_what_was_snoozed_in_between(self, reminder, mailoutbox):
        actions.claim(now=DUE)
        actions.snooze(reminder=reminder, until=DUE + timedelta(hours=1), now=DUE)

        assert not actions.deliver(reminder.pk, now=DUE)
        assert mailoutbox == []

    def test_says_nothing_to_a_closed_account(self, reminder, mailoutbox):
        reminder.owner.is_active = False
        reminder.owner.save()
        actions.claim(now=DUE)

        assert not actions.deliver(reminder.pk, now=DUE)
        assert mailoutbox == []

    def test_of_a_reminder_that_is_gone_does_nothing(self, reminder):
        key = reminder.pk
        reminder.delete()

        assert not actions.deliver(key, now=DUE)


class TestFailure:
    def test_is_tried_again_after_a_pause(self, reminder, monkeypatch, mailoutbox):
        monkeypatch.setattr(
            "django.core.mail.EmailMessage.send", Refusing(smtplib.SMTPServerDisconnected("gone"))
        )
        actions.claim(now=DUE)
        assert not actions.deliver(reminder.pk, now=DUE)

        assert actions.claim(now=DUE + timedelta(seconds=50)) == []
        assert actions.claim(now=DUE + timedelta(seconds=75)) == [reminder.pk]
        reminder.refresh_from_db()
        assert "cannot be reached" in reminder.error

    def test_for_good_ends_it_and_says_why_without_the_address(self, reminder, monkeypatch):
        refused = smtplib.SMTPRecipientsRefused({"alice@example.com": (550, b"no such user")})
        monkeypatch.setattr("django.core.mail.EmailMessage.send", Refusing(refused))
        actions.claim(now=DUE)

        actions.deliver(reminder.pk, now=DUE)

        reminder.refresh_from_db()
        assert (reminder.status, reminder.error) == ("failed", "The address was refused (550).")

    def test_can_be_sent_again(self, reminder, mailoutbox):
        Reminder.objects.update(status="failed", error="x", attempts=9)

        assert actions.send_again(reminders=[reminder]) == 1
        actions.claim(now=DUE)
        assert actions.deliver(reminder.pk, now=DUE)

    def test_gives_up_in_the_end(self, reminder, monkeypatch):
        monkeypatch.setattr("django.core.mail.EmailMessage.send", Refusing(OSError("down")))
        now = DUE
        while Reminder.objects.waiting().exists():
            actions.claim(now=now)
            actions.deliver(reminder.pk, now=now)
            now += timedelta(hours=10)

        reminder.refresh_from_db()
        assert (reminder.status, reminder.attempts) == ("failed", 12)

    def test_gives_up_on_what_kills_its_worker_every_time(self, reminder, mailoutbox):
        now = DUE
        while Reminder.objects.waiting().exists():
            actions.claim(now=now)
            actions.take_up(reminder.pk, now=now)
            now += timedelta(hours=1)

        reminder.refresh_from_db()
        assert (reminder.status, mailoutbox) == ("failed", [])


class TestMail:
    def test_shows_times_in_the_keepers_zone(self, db, mailoutbox):
        keeper = make_user(timezone="Asia/Kolkata")
        reminder = make_reminder(batch=make_batch(owner=keeper), due_at=DUE)
        actions.claim(now=DUE)
        actions.deliver(reminder.pk, now=DUE)

        assert "18:30" in mailoutbox[0].body
        assert f"/batches/{reminder.batch_id}" in mailoutbox[0].body

    def test_a_line_break_cannot_be_smuggled_into_its_headers(self, alice):
        jar = make_batch(owner=alice)

        with pytest.raises(actions.ValidationError):
            make_reminder(batch=jar, due_at=DUE, message="Hi\r\nBcc: eve@example.com")


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_share_nothing():
    jar = make_batch(owner=make_user())
    reminders = [make_reminder(batch=jar, due_at=DUE, message=f"{n}") for n in range(4)]

    with transaction.atomic():
        mine = actions.claim(now=DUE, at_most=2)
        theirs = in_another_connection(lambda: actions.claim(now=DUE))

    assert set(mine) | set(theirs) == {one.pk for one in reminders}
    assert not set(mine) & set(theirs)


def in_another_connection(work):
    from concurrent.futures import ThreadPoolExecutor

    def worked():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(worked).result()
