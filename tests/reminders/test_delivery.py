"""From due to told: claimed, looked at once more, carried, noted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from accounts import actions as people
from accounts.models import User
from batches import actions as batches
from reminders import actions, delivery, queue, statements
from reminders.channels import Failed, Later, Sent, Unknown
from reminders.models import Delivery, Reminder
from reminders.queue import LEASE
from tests.accounts.phones import make_browser, make_device
from tests.factories import NOON, make_batch, make_reminder, make_user
from tests.reminders.engine import Clock, carry

DUE = NOON + timedelta(hours=1)
AFTER_THE_LEASE = DUE + LEASE + timedelta(seconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Lemon jar")


@pytest.fixture
def reminder(jar):
    return make_reminder(batch=jar, due_at=DUE, message="Taste it")


@pytest.fixture
def phone(alice):
    return make_device(owner=alice)


@pytest.fixture
def asked(monkeypatch):
    """What is asked of the database, in order."""
    statements_so_far, execute = [], queue.execute

    def remembered(statement, parameters=None):
        statements_so_far.append(statement)
        return execute(statement, parameters)

    monkeypatch.setattr(queue, "execute", remembered)
    return statements_so_far


def claimed(now=DUE):
    chunk = queue.claim(now=now, until=now)
    return [UUID(one.id) for one in chunk.claimed] if chunk else []


def seen(reminder):
    reminder.refresh_from_db()
    return reminder


def deliveries():
    return sorted(Delivery.objects.values_list("channel", "status"))


class TestClaim:
    def test_takes_what_is_due(self, reminder):
        assert claimed() == [reminder.pk]

    def test_leaves_what_is_not(self, reminder):
        assert claimed(DUE - timedelta(seconds=1)) == []

    def test_takes_nothing_twice_while_the_lease_runs(self, reminder):
        claimed()

        assert claimed(DUE + timedelta(seconds=30)) == []

    def test_takes_up_again_what_hangs(self, reminder):
        claimed()

        assert claimed(AFTER_THE_LEASE) == [reminder.pk]

    def test_takes_a_hundred_soonest_first(self, jar):
        wanted = [{"due_at": DUE - timedelta(seconds=n), "message": f"{n}"} for n in range(50)]
        for _ in range(3):
            actions.confirm(batch=jar, reminders=wanted, now=NOON)

        chunk = queue.claim(now=DUE, until=DUE)

        alerts = [one.alert_at for one in chunk.claimed]
        assert (len(alerts), alerts) == (100, sorted(alerts))
        assert Reminder.objects.filter(leased_until=None).count() == 50

    def test_looks_no_further_back_than_where_the_first_waits(self, reminder):
        now = queue.beat(rest=timedelta())
        queue.look_from_the_first(now=now)

        assert claimed() == [reminder.pk]
        Reminder.objects.update(due_at=DUE - DAY)
        assert claimed(AFTER_THE_LEASE) == []
        queue.look_from_the_first(now=now)
        assert claimed(AFTER_THE_LEASE) == [reminder.pk]


class TestTick:
    def test_claims_what_goes_before_the_next_but_one(self, jar):
        now = queue.clock()
        for seconds in (1.5, 60):
            make_reminder(batch=jar, due_at=now + timedelta(seconds=seconds), message=f"{seconds}", now=NOON)

        [(chunk, wait)] = delivery.due_chunks()

        assert [Reminder.objects.get(pk=one.id).message for one in chunk.claimed] == ["1.5"]
        assert timedelta(seconds=1) < wait < timedelta(seconds=1.6)

    def test_leaves_it_to_another_that_has_just_run(self, reminder):
        assert [len(list(delivery.due_chunks())) for _ in range(3)] == [1, 0, 0]

    def test_hands_over_no_more_than_workers_can_carry(self, jar, monkeypatch):
        monkeypatch.setattr(delivery, "MOST_IN_HAND", 3)
        monkeypatch.setattr(delivery, "REST", timedelta())
        for number in range(3):
            make_reminder(batch=jar, due_at=DUE, message=f"{number}")
        first = list(delivery.due_chunks())
        make_reminder(batch=jar, due_at=DUE, message="One more")

        assert (len(first), list(delivery.due_chunks())) == (1, [])


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


class TestPoison:
    def test_goes_alone_after_a_few_claims(self, jar):
        for number in range(3):
            make_reminder(batch=jar, due_at=DUE, message=f"{number}")
        Reminder.objects.filter(message="0").update(claims=delivery.SUSPICIOUS)

        parts = delivery.apart(queue.claim(now=DUE, until=DUE))

        assert [len(part.claimed) for part in parts] == [2, 1]

    def test_that_kills_its_worker_every_time_is_given_up(self, reminder, channels):
        channels["email"].before = Crash()
        now, tries = DUE, 0
        while seen(reminder).status == "waiting":
            try:
                carry(now)
            except Crash.Crashed:
                tries += 1
            now += LEASE + timedelta(seconds=1)

        assert reminder.error == "Every try ended in the middle."
        assert delivery.SUSPICIOUS < tries < 20

    def test_a_lost_message_is_no_failed_try(self, reminder, channels):
        now = DUE
        for _ in range(30):
            assert claimed(now) == [reminder.pk]
            now += LEASE

        carry(now)

        assert seen(reminder).status == "sent"


class Crash:
    """What a kill looks like from within: nothing after it happens."""

    class Crashed(BaseException):
        pass

    def __call__(self, *args, **kwargs):
        raise Crash.Crashed


def choke_on(word):
    def before(messages):
        if any(one.body == word for one in messages):
            raise RuntimeError(word)

    return before


def set_switches(user, **switches):
    type(user).objects.filter(pk=user.pk).update(**switches)


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_share_nothing():
    jar = make_batch(owner=make_user())
    reminders = [
        make_reminder(batch=jar, due_at=DUE - HOUR, message=f"{n}", now=NOON - HOUR) for n in range(2)
    ]
    late = make_reminder(batch=jar, due_at=DUE, message="late")

    with transaction.atomic():
        mine = queue.claim(now=DUE, until=DUE - MINUTE)
        theirs = in_another_connection(lambda: queue.claim(now=DUE, until=DUE))

    assert {one.id for one in mine.claimed} == {str(one.pk) for one in reminders}
    assert [one.id for one in theirs.claimed] == [str(late.pk)]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_twice_at_once_is_carried_once(channels):
    reminder = make_reminder(batch=make_batch(owner=make_user()), due_at=DUE)
    chunk = queue.claim(now=DUE, until=DUE)
    channels["email"].before = lambda _: in_another_connection(
        lambda: delivery.deliver(chunk, clock=Clock(DUE))
    )

    delivery.deliver(chunk, clock=Clock(DUE))

    assert (len(channels["email"].sent), seen(reminder).status) == (1, "sent")


def in_another_connection(work):
    def worked():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(worked).result()


@pytest.mark.django_db(transaction=True)
def test_who_hung_longer_than_the_lease_notes_it_beside_who_carried_it_meanwhile(channels):
    reminder = make_reminder(batch=make_batch(owner=make_user()), due_at=DUE)
    chunk = queue.claim(now=DUE, until=DUE)
    channels["email"].before = lambda _: overtaken(channels)

    delivery.deliver(chunk, clock=Clock(DUE))

    assert (len(channels["email"].sent), seen(reminder).status, deliveries()) == (
        2,
        "sent",
        [("email", "sent")],
    )


def overtaken(channels):
    channels["email"].before = lambda _: None
    in_another_connection(lambda: carry(AFTER_THE_LEASE))
