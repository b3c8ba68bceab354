"""What was told and not done is said once more, if its keeper wants that: until it is done, and in one message."""

from datetime import time, timedelta

import pytest

from batches import actions as batches
from reminders import actions
from reminders.channels import Failed, Later
from reminders.models import Delivery, Reminder
from reminders.timing import MOST_ROUNDS
from tests.accounts.phones import make_browser, make_device
from tests.factories import NOON, make_batch, make_reminder
from tests.reminders.engine import carry

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DUE = NOON + HOUR
NAG = DUE + HOUR


@pytest.fixture
def jar(alice):
    type(alice).objects.update(nag_every=HOUR)
    alice.refresh_from_db()
    make_device(owner=alice)
    return make_batch(owner=alice, name="Lemon jar")


@pytest.fixture
def told(jar, channels):
    reminder = make_reminder(batch=jar, due_at=DUE)
    carry(DUE)
    return reminder


def said(channels):
    return [message.identity.rpartition("-")[2] for message in channels["expo"].sent]


class TestNag:
    def test_comes_in_another_round_until_it_is_done(self, told, channels):
        for hours in range(1, 4):
            carry(DUE + hours * HOUR)
        actions.finish(reminder=told, now=DUE + 3 * HOUR)
        carry(DUE + 4 * HOUR)

        assert said(channels) == ["1", "2", "3", "4"]
        assert Delivery.objects.filter(status="sent").count() == 4

    def test_comes_not_sooner(self, told, channels):
        carry(NAG - MINUTE)

        assert said(channels) == ["1"]

    def test_leaves_it_told_with_its_due_time(self, told, channels):
        carry(NAG)

        told.refresh_from_db()
        assert (told.status, told.due_at, told.sent_at, told.round) == ("sent", DUE, NAG, 2)

    def test_is_off_unless_wanted(self, alice, channels):
        make_reminder(batch=make_batch(owner=alice), due_at=DUE)
        carry(DUE)
        carry(NAG)

        assert len(channels["email"].sent) == 1

    def test_ends_when_it_is_wanted_no_more(self, told, channels, alice):
        type(alice).objects.update(nag_every=None)
        carry(NAG)

        told.refresh_from_db()
        assert (said(channels), told.again_at) == (["1"], None)

    def test_ends_with_the_batch(self, told, channels, jar):
        batches.archive(batch=jar, now=DUE + MINUTE)
        carry(NAG)

        assert said(channels) == ["1"]

    def test_ends_some_day(self, told, channels):
        for hours in range(1, 2 * MOST_ROUNDS):
            carry(DUE + hours * HOUR)

        assert len(said(channels)) == MOST_ROUNDS

    def test_waits_for_the_end_of_quiet_hours(self, told, channels, alice):
        type(alice).objects.update(quiet_from=time(13, 30), quiet_until=time(17))
        carry(NAG)
        assert said(channels) == ["1"]

        carry(NOON + 5 * HOUR)
        assert said(channels) == ["1", "2"]

    def test_that_could_not_be_sent_is_tried_again(self, told, channels):
        channels["expo"].answers[""] = [Later("HTTP 503")]
        carry(NAG)
        told.refresh_from_db()
        carry(told.again_at)

        assert said(channels) == ["1", "2", "2"]

    def test_that_fails_for_good_leaves_it_told(self, told, channels):
        channels["expo"].answers[""] = [Failed("Too big.")]
        channels["email"].answers[""] = [Failed("Refused.")]
        carry(NAG)

        told.refresh_from_db()
        assert (told.status, told.error) == ("sent", "")


class TestSeveral:
    @pytest.fixture
    def two(self, jar, channels):
        for minutes, words in ((0, "Stir"), (5, "Taste")):
            make_reminder(batch=jar, due_at=DUE + minutes * MINUTE, message=words)
            carry(DUE + minutes * MINUTE)
        make_reminder(batch=jar, due_at=DUE + 5 * HOUR, message="Not due yet")

    def test_come_as_one_that_lists_what_is_due_and_nothing_else(self, two, channels):
        carry(NAG)

        [nag] = channels["expo"].sent[2:]
        assert (nag.body, nag.lines) == ("Stir", ("Lemon jar: Taste",))

    def test_that_were_listed_have_had_their_turn(self, two, channels):
        for minutes in range(0, 60, 5):
            carry(NAG + minutes * MINUTE)

        assert len(channels["expo"].sent) == 3

    def test_come_together_the_next_time_too(self, two, channels):
        for minutes in range(0, 65, 5):
            carry(NAG + minutes * MINUTE)

        assert len(channels["expo"].sent) == 4

    def test_list_no_more_than_can_be_read(self, jar, channels):
        for number in range(12):
            make_reminder(batch=jar, due_at=DUE, message=f"{number}")
        carry(DUE)
        carry(NAG)

        assert len(channels["expo"].sent[-1].lines) == 9
        assert channels["expo"].sent[-1].lines[-1] == "… and 3 more"

    def test_of_two_people_are_two(self, two, channels, bob):
        type(bob).objects.update(nag_every=HOUR)
        make_reminder(batch=make_batch(owner=bob), due_at=DUE, message="Bob's")
        carry(DUE)
        carry(NAG)

        assert [message.body for message in channels["email"].sent] == ["Bob's", "Bob's"]
        assert channels["email"].sent[1].lines == ()


def test_told_reminders_are_found_by_an_index(told):
    assert Reminder.objects.exclude(again_at=None).get().again_at == NAG


def test_a_nag_does_not_wait_for_a_device_that_is_long_away(jar, channels, alice):
    make_reminder(batch=jar, due_at=DUE)
    laptop = make_browser(owner=alice, device_id="laptop")
    channels["webpush"].answers[laptop.address] = [Later("HTTP 429", after=5 * HOUR)]
    carry(DUE)
    carry(NAG)

    assert (said(channels), len(channels["webpush"].sent)) == (["1", "2"], 2)
