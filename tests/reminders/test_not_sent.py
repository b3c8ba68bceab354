from datetime import timedelta

import pytest
from django.utils import timezone

from reminders.models import Reminder
from tests.factories import make_batch, make_reminder

WHY = "The browser takes no more messages from here."


@pytest.fixture
def reminder(alice):
    now = timezone.now()
    batch = make_batch(owner=alice, now=now, name="Ginger no 3")
    return make_reminder(batch=batch, due_at=now + timedelta(hours=1), now=now, message="Taste the ginger")


@pytest.fixture
def failed(reminder):
    Reminder.objects.update(status="failed", error=WHY, attempts=3)
    return reminder


def status_of(reminder):
    reminder.refresh_from_db()
    return reminder.status


class TestHome:
    def test_says_what_could_not_be_sent_and_why(self, page, failed):
        shown = page.get("/").content.decode()
        assert "Could not be sent" in shown
        assert "Taste the ginger" in shown
        assert WHY in shown

    def test_says_nothing_while_all_goes_well(self, page, reminder):
        assert "Could not be sent" not in page.get("/").content.decode()

    def test_says_nothing_of_anybody_else(self, client, bob, failed):
        client.force_login(bob)
        assert "Could not be sent" not in client.get("/").content.decode()

    def test_names_three_and_leads_to_the_rest(self, page, failed):
        for number in range(3):
            make_reminder(batch=failed.batch, due_at=failed.due_at, message=f"No {number}")
        Reminder.objects.update(status="failed", error=WHY)
        shown = page.get("/").content.decode()
        assert shown.count(WHY) == 3
        assert '<a href="/reminders/">All of them</a>' in shown


class TestList:
    @pytest.mark.parametrize("address", ["/reminders/", "/batches/{0}"])
    def test_shows_it_with_its_reason_and_another_try(self, page, failed, address):
        shown = page.get(address.format(failed.batch_id)).content.decode()
        assert WHY in shown
        assert f'action="/reminders/{failed.pk}/again"' in shown

    def test_offers_no_other_try_to_what_waits(self, page, reminder):
        assert "/again" not in page.get("/reminders/").content.decode()

    def test_shows_both_times_of_what_was_put_off(self, page, reminder):
        page.post(f"/reminders/{reminder.pk}/snooze", {"until": "tomorrow"})
        reminder.refresh_from_db()
        shown = page.get("/reminders/").content.decode()
        for at in (reminder.due_at, reminder.snoozed_until):
            assert f'datetime="{at.isoformat(timespec="seconds")}"' in shown.replace(f".{at:%f}", "")


class TestAgain:
    def test_sends_it_once_more(self, page, failed):
        answer = page.post(f"/reminders/{failed.pk}/again", {"next": "/"}, follow=True)
        assert answer.redirect_chain == [("/", 302)]
        assert "We try again now." in answer.content.decode()
        assert status_of(failed) == "waiting"
        assert (failed.attempts, failed.error, failed.round) == (0, "", 2)

    def test_leaves_alone_what_did_not_fail(self, page, reminder):
        answer = page.post(f"/reminders/{reminder.pk}/again", follow=True)
        assert "there is nothing to send again" in answer.content.decode()
        assert (status_of(reminder), reminder.round) == ("waiting", 1)

    def test_is_not_for_anybody_else(self, client, bob, failed):
        client.force_login(bob)
        assert client.post(f"/reminders/{failed.pk}/again").status_code == 404
        assert status_of(failed) == "failed"
