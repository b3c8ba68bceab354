from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actions, devices, switches
from accounts.models import EmailWhen, User
from tests.accounts.people import another, last_code, sign_in_app
from tests.accounts.phones import ENDPOINT, make_browser, make_device
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

    def test_is_told_on_every_page_with_a_way_to_mend_it(self, client, lost):
        client.force_login(lost)
        for page in ("/", "/settings/"):
            assert 'href="/settings/email/mend/"' in client.get(page).content.decode()

    def test_is_not_told_while_it_arrives(self, page):
        assert "/settings/email/mend/" not in page.get("/settings/").content.decode()

    def test_is_mended_by_a_code_that_arrives(self, client, lost):
        client.force_login(lost)
        assert "550 no such mailbox" in client.get("/settings/email/mend/").content.decode()
        client.post("/settings/email/mend/", {"again": "1"})
        assert mail.outbox[-1].to == ["alice@example.com"]
        client.post("/settings/email/mend/", {"code": last_code()})
        assert not self.is_lost(lost)

    def test_is_not_mended_by_a_wrong_code(self, client, lost):
        client.force_login(lost)
        client.post("/settings/email/mend/", {"again": "1"})
        answer = client.post("/settings/email/mend/", {"code": another(last_code())})
        assert answer.status_code == 422
        assert self.is_lost(lost)

    def test_mails_no_code_by_being_looked_at(self, client, lost):
        client.force_login(lost)
        client.get("/settings/email/mend/")
        assert not mail.outbox


class TestSettingsPage:
    PAGE = "/settings/reminders/"
    TYPED = {
        "quiet_from": "22:00",
        "quiet_until": "06:30",
        "push_on": "on",
        "email_when": "always",
        "nag_every": "60",
    }

    def test_saves_the_switches(self, page, alice):
        assert page.post(self.PAGE, self.TYPED).status_code == 302
        alice.refresh_from_db()
        assert (alice.quiet_from, alice.quiet_until) == (time(22), time(6, 30))
        assert (alice.push_on, alice.email_when, alice.nag_every) == (
            True,
            EmailWhen.ALWAYS,
            timedelta(hours=1),
        )

    def test_switches_off_what_is_left_empty(self, page, alice):
        page.post(self.PAGE, self.TYPED)
        page.post(self.PAGE, {"email_when": "never"})
        alice.refresh_from_db()
        assert (alice.quiet_from, alice.push_on, alice.nag_every) == (None, False, None)

    @pytest.mark.parametrize(
        ("typed", "field", "code"),
        [
            ({"quiet_until": ""}, "__all__", "quiet_hours_incomplete"),
            ({"quiet_until": "22:00"}, "__all__", "quiet_hours_empty"),
            ({"quiet_from": "25:00"}, "quiet_from", "invalid"),
            ({"email_when": "daily"}, "email_when", "invalid_choice"),
            ({"nag_every": "5"}, "nag_every", "min_value"),
            ({"nag_every": "2000"}, "nag_every", "max_value"),
            ({"nag_every": "9" * 30}, "nag_every", "invalid"),
            ({"nag_every": "x"}, "nag_every", "invalid"),
        ],
    )
    def test_refuses_what_the_api_refuses(self, page, alice, typed, field, code):
        answer = page.post(self.PAGE, self.TYPED | typed)
        assert answer.status_code == 422
        assert answer.context["form"].has_error(field, code)
        alice.refresh_from_db()
        assert alice.email_when == EmailWhen.NEEDED

    def test_keeps_a_span_that_the_app_has_chosen(self, page, alice):
        actions.edit_profile(user=alice, nag_every=timedelta(minutes=45))
        assert '<option value="45" selected>after 45 minutes</option>' in page.get(self.PAGE).content.decode()

    def test_pauses_until_a_time_on_ones_own_clock(self, page, alice):
        actions.edit_profile(user=alice, timezone="Asia/Tokyo")
        with time_machine.travel("2026-03-01T12:00:00Z"):
            page.force_login(alice)
            page.post(f"{self.PAGE}pause/", {"paused_until": "2026-03-08T09:00"})
            alice.refresh_from_db()
            assert alice.paused_until == datetime(2026, 3, 8, tzinfo=UTC)
            assert "8 March 2026, 09:00" in page.get(self.PAGE).content.decode()

    def test_sends_again(self, page, alice):
        switches.edit(user=alice, paused_until=timezone.now() + timedelta(days=1), now=timezone.now())
        page.post(f"{self.PAGE}resume/")
        alice.refresh_from_db()
        assert alice.paused_until is None

    @pytest.mark.parametrize("typed", ["", "2020-01-01T00:00", "soon", "9999-12-31T23:59"])
    def test_pauses_until_nothing_odd(self, page, alice, typed):
        answer = page.post(f"{self.PAGE}pause/", {"paused_until": typed})
        assert answer.status_code == 422
        assert answer.context["pause"].errors["paused_until"]
        alice.refresh_from_db()
        assert alice.paused_until is None

    def test_shows_why_a_device_was_given_up(self, page, alice, bob):
        device = make_device(owner=alice, name="Old phone")
        devices.retire_device(device_pk=device.pk, reason="DeviceNotRegistered", now=NOON)
        make_device(owner=bob, name="Bob's phone")
        shown = page.get(self.PAGE).content.decode()
        assert "Old phone" in shown
        assert "DeviceNotRegistered" in shown
        assert "Bob" not in shown
        assert device.address not in shown

    def test_costs_the_same_for_many_devices(self, page, alice, django_assert_num_queries):
        make_device(owner=alice)
        page.get(self.PAGE)
        with CaptureQueriesContext(connection) as for_one:
            page.get(self.PAGE)
        for number in range(5):
            make_browser(owner=alice, device_id=f"b{number}", endpoint=f"{ENDPOINT}{number}")
        with django_assert_num_queries(len(for_one)):
            page.get(self.PAGE)

    def test_removes_a_device(self, page, alice):
        browser = make_browser(owner=alice)
        page.post(f"/settings/devices/{browser.pk}/remove/")
        assert not alice.devices.exists()

    def test_removes_nobody_elses(self, page, bob):
        device = make_device(owner=bob)
        assert page.post(f"/settings/devices/{device.pk}/remove/").status_code == 404
        assert bob.devices.exists()

    def test_shows_the_calendars_address_until_it_is_stopped(self, page, alice):
        page.post("/settings/calendar/renew/")
        alice.refresh_from_db()
        address = f"http://testserver/calendar/{alice.calendar_key}.ics"
        assert address in page.get(self.PAGE).content.decode()
        page.post("/settings/calendar/stop/")
        assert "/calendar/" + str(alice.calendar_key) not in page.get(self.PAGE).content.decode()

    @pytest.mark.parametrize(
        "action",
        ["reminders/pause", "reminders/resume", "calendar/renew", "calendar/stop", "devices/1/remove"],
    )
    def test_acts_by_post_only_and_for_the_signed_in(self, page, action):
        assert page.get(f"/settings/{action}/").status_code == 405
        assert Client().post(f"/settings/{action}/").headers["Location"].startswith("/accounts/login/")
