from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import actions, devices, flows, switches
from accounts.models import EmailWhen, User
from tests.accounts.people import another, last_code, sign_in_app, sign_in_page
from tests.accounts.phones import make_browser, make_device
from tests.api import call, reasons
from tests.factories import NOON

pytestmark = pytest.mark.django_db
OFF = {"quietFrom": None, "quietUntil": None, "nagEvery": None, "pausedUntil": None}


def patch(api, **body):
    return call(api, "patch", "/me", body)


class TestMe:
    def test_begins_with_push_on_and_all_else_off(self, api):
        answer = call(api, "get", "/me").json()
        assert {field: answer[field] for field in OFF} == OFF
        assert (answer["pushOn"], answer["emailWhen"], answer["emailFailedAt"]) == (True, "needed", None)

    def test_says_what_it_was_told(self, api, alice):
        told = {
            "quietFrom": "22:00",
            "quietUntil": "06:30",
            "pushOn": False,
            "emailWhen": "always",
            "nagEvery": 90,
            "pausedUntil": "2126-03-01T08:00:00Z",
        }
        with time_machine.travel("2126-02-01T00:00:00Z"):
            answer = patch(api, **told).json()
        assert {field: answer[field] for field in told} == told
        alice.refresh_from_db()
        assert (alice.quiet_from, alice.nag_every) == (time(22), timedelta(minutes=90))

    def test_switches_off_what_is_null(self, api, alice):
        patch(api, quietFrom="22:00", quietUntil="06:30", nagEvery=60)
        assert patch(api, **OFF).status_code == 200
        alice.refresh_from_db()
        assert (alice.quiet_from, alice.quiet_until, alice.nag_every) == (None, None, None)

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"quietFrom": "22:00"}, ("", "quiet_hours_incomplete")),
            ({"quietUntil": "07:00"}, ("", "quiet_hours_incomplete")),
            ({"quietFrom": "22:00", "quietUntil": "22:00"}, ("", "quiet_hours_empty")),
            ({"quietFrom": "24:00", "quietUntil": "07:00"}, ("quietFrom", "invalid")),
            ({"quietFrom": "22:00:30", "quietUntil": "07:00"}, ("quietFrom", "invalid")),
            ({"quietFrom": 22, "quietUntil": "07:00"}, ("quietFrom", "invalid")),
            ({"pushOn": "yes"}, ("pushOn", "invalid")),
            ({"pushOn": None}, ("pushOn", "null")),
            ({"emailWhen": "sometimes"}, ("emailWhen", "invalid_choice")),
            ({"nagEvery": 14}, ("nagEvery", "min_value")),
            ({"nagEvery": 1441}, ("nagEvery", "max_value")),
            ({"nagEvery": -15}, ("nagEvery", "min_value")),
            ({"nagEvery": 15.5}, ("nagEvery", "invalid")),
            ({"nagEvery": "60"}, ("nagEvery", "invalid")),
            ({"nagEvery": True}, ("nagEvery", "invalid")),
            ({"nagEvery": 10**30}, ("nagEvery", "invalid")),
            ({"pausedUntil": "2020-01-01T00:00:00Z"}, ("pausedUntil", "in_the_past")),
            ({"pausedUntil": "9000-01-01T00:00:00Z"}, ("pausedUntil", "too_far_ahead")),
            ({"pausedUntil": "tomorrow"}, ("pausedUntil", "invalid")),
            ({"emailFailedAt": None}, ("emailFailedAt", "read_only")),
            ({"emailFailure": ""}, ("emailFailure", "unknown_field")),
            ({"calendarKey": "x"}, ("calendarKey", "unknown_field")),
        ],
    )
    def test_refuses_what_cannot_be_and_changes_nothing(self, api, alice, body, reason):
        before = User.objects.values().get()
        answer = patch(api, name="Alice", **body)
        assert answer.status_code == 400
        assert reason in reasons(answer)
        assert User.objects.values().get() == before

    @pytest.mark.parametrize(
        "wrong",
        [{"quiet_from": time(22)}, {"nag_every": timedelta(seconds=1)}, {"email_when": "daily"}],
        ids=str,
    )
    def test_holds_in_the_database_as_well(self, alice, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=alice.pk).update(**wrong)


class TestPause:
    def test_lasts_until_its_time(self, alice):
        alice = switches.edit(user=alice, paused_until=NOON, now=NOON - timedelta(seconds=1))
        assert alice.is_paused(NOON - timedelta(seconds=1))
        assert not alice.is_paused(NOON)

    def test_must_be_to_come(self, alice):
        with pytest.raises(switches.PauseHasPassed):
            switches.edit(user=alice, paused_until=NOON, now=NOON)


class TestCalendar:
    def test_is_nobodys_before_it_is_wanted(self, alice):
        assert alice.calendar_key is None
        assert [switches.owner_of_calendar(key) for key in ("", "None", "x", "\0")] == [None] * 4

    def test_is_found_by_its_key_until_that_is_renewed(self, alice, bob):
        first = switches.renew_calendar_key(user=alice)
        assert len(first) >= 22  # 128 bits, six a character
        assert switches.owner_of_calendar(first) == alice
        second = switches.renew_calendar_key(user=alice)
        assert [switches.owner_of_calendar(key) for key in (first, second)] == [None, alice]

    def test_stops(self, alice):
        key = switches.renew_calendar_key(user=alice)
        switches.stop_calendar(user=alice)
        assert switches.owner_of_calendar(key) is None

    def test_is_shut_with_the_account(self, alice):
        key = switches.renew_calendar_key(user=alice)
        actions.deactivate(user=alice)
        assert switches.owner_of_calendar(key) is None


class TestEmailThatComesBack:
    @pytest.fixture
    def lost(self, alice) -> User:
        devices.retire_email(user_id=alice.pk, reason="550 no such mailbox", now=NOON)
        alice.refresh_from_db()
        return alice

    def is_lost(self, user):
        user.refresh_from_db()
        return user.email_failed_at is not None

    def test_is_noted_with_its_first_reason(self, api, lost):
        assert not devices.retire_email(user_id=lost.pk, reason="again", now=NOON + timedelta(days=1))
        assert call(api, "get", "/me").json()["emailFailedAt"] == "2026-03-01T12:00:00Z"
        lost.refresh_from_db()
        assert lost.email_failure == "550 no such mailbox"

    def test_is_mended_by_a_sign_in_with_a_code(self, lost):
        sign_in_app()
        assert not self.is_lost(lost)
        assert lost.email_failure == ""

    def test_is_mended_by_another_address(self, lost):
        actions.change_email(user=lost, email="new@example.com")
        assert not self.is_lost(lost)
