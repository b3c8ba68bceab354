from datetime import timedelta

import pytest
from icalendar import Calendar

from accounts import switches
from reminders import actions
from reminders.models import Reminder
from tests.factories import NOON, make_batch, make_reminder

HOUR = timedelta(hours=1)
DUE = NOON + HOUR


@pytest.fixture
def address(alice):
    return f"/calendar/{switches.renew_calendar_key(user=alice)}.ics"


@pytest.fixture
def reminder(alice):
    batch = make_batch(owner=alice, name="Ginger; no 3, “hot”", notes="Grandmother's grains")
    return make_reminder(batch=batch, due_at=DUE, message="Taste, then\\decide; " + "twice " * 20)


def events_at(client, address):
    return Calendar.from_ical(client.get(address).content).walk("VEVENT")


class TestFeed:
    def test_holds_what_waits(self, client, address, reminder):
        [event] = events_at(client, address)
        assert event["uid"] == f"{reminder.pk}@testserver"
        assert event["summary"] == f"Ginger; no 3, “hot”: {reminder.message}"
        assert (event.start, event.duration) == (DUE, timedelta(minutes=15))
        assert event["url"] == f"http://testserver/batches/{reminder.batch_id}"

    def test_says_times_in_utc(self, client, address, reminder):
        assert b"DTSTART:20260301T130000Z\r\n" in client.get(address).content

    def test_is_valid(self, client, address, reminder):
        answer = client.get(address)
        calendar = Calendar.from_ical(answer.content)
        assert not calendar.errors
        assert (calendar["version"], bool(calendar["prodid"])) == ("2.0", True)
        [event] = calendar.walk("VEVENT")
        assert not event.errors
        assert {"UID", "DTSTAMP", "SEQUENCE", "LAST-MODIFIED"} <= set(event)
        assert max(map(len, answer.content.split(b"\r\n"))) <= 75

    def test_is_a_calendar_to_programs(self, client, address):
        assert client.get(address)["Content-Type"] == "text/calendar; charset=utf-8"

    @pytest.mark.parametrize("status", ["done", "skipped", "cancelled", "failed"])
    def test_leaves_out_what_does_not_wait(self, client, address, reminder, status):
        Reminder.objects.update(status=status, done_at=NOON)
        assert not events_at(client, address)

    def test_holds_nobody_elses(self, client, address, bob):
        make_reminder(batch=make_batch(owner=bob), due_at=DUE)
        assert not events_at(client, address)

    def test_holds_nothing_private(self, client, address, reminder):
        shown = client.get(address).content.decode()
        assert "Grandmother" not in shown
        assert "alice" not in shown

    def test_costs_the_same_for_many(self, client, address, reminder, django_assert_num_queries):
        for number in range(5):
            make_reminder(batch=reminder.batch, due_at=DUE + number * HOUR)
        with django_assert_num_queries(2):
            assert len(events_at(client, address)) == 6


class TestChange:
    def test_keeps_the_id_and_counts_up(self, client, address, reminder):
        [before] = events_at(client, address)
        actions.snooze(reminder=reminder, until=DUE + HOUR, now=NOON + timedelta(minutes=1))
        [after] = events_at(client, address)
        assert before["uid"] == after["uid"]
        assert (before["sequence"], after["sequence"]) == (0, 60)
        assert after["last-modified"].dt == NOON + timedelta(minutes=1)
        assert after.start == DUE + HOUR

    def test_counts_up_when_the_plan_moves_it(self, client, address, alice):
        batch = make_batch(owner=alice)
        wish = {"kind": "taste", "due_at": DUE, "message": "Taste"}
        for minutes in range(2):
            actions.confirm(batch=batch, reminders=[wish], now=NOON + timedelta(minutes=minutes))
        [event] = events_at(client, address)
        assert event["sequence"] == 60

    def test_is_not_what_quiet_hours_do(self, client, address, reminder):
        Reminder.objects.update(held_until=DUE + 9 * HOUR)
        [event] = events_at(client, address)
        assert event.start == DUE


class TestAskingAgain:
    def test_is_answered_in_one_line_while_nothing_changes(self, client, address, reminder):
        etag = client.get(address)["ETag"]
        again = client.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")

    def test_is_answered_in_full_after_a_change(self, client, address, reminder):
        etag = client.get(address)["ETag"]
        actions.finish(reminder=reminder, now=NOON)
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 200

    def test_is_a_minute_for_whoever_asks_too_often(self, client, address):
        statuses = [client.get(address).status_code for _ in range(61)]
        assert statuses[59:] == [200, 429]


class TestAddress:
    def test_leads_nowhere_once_renewed(self, client, address, alice):
        switches.renew_calendar_key(user=alice)
        assert client.get(address).status_code == 404

    def test_leads_nowhere_once_stopped(self, client, address, alice):
        switches.stop_calendar(user=alice)
        assert client.get(address).status_code == 404

    def test_leads_nowhere_when_its_owner_may_not_sign_in(self, client, address, alice):
        alice.is_active = False
        alice.save()
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("key", ["wrong", "None", "a" * 500, "%00"])
    @pytest.mark.django_db
    def test_leads_nowhere_when_it_is_wrong(self, client, key):
        assert client.get(f"/calendar/{key}.ics").status_code == 404

    def test_is_the_one_that_settings_show(self, page, alice, address):
        assert f"http://testserver{address}" in page.get("/settings/reminders/").content.decode()

    def test_is_only_for_reading(self, client, address):
        assert client.post(address).status_code == 405

    def test_is_kept_by_nobody_and_passed_on_to_nobody(self, client, address):
        answer = client.get(address)
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("private, no-cache", "no-referrer")
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
