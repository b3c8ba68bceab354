"""What a culture of one's own wants comes as a reminder, over all that reminders come by."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import switches
from batches import actions as batches
from batches import grains
from batches.grain_models import Grains
from batches.models import Tombstone
from hooks.models import Message
from reminders import actions, links
from reminders import grains as care
from reminders.models import Reminder
from tests.accounts.phones import make_device
from tests.api import call
from tests.batches.cultures import make_grains
from tests.factories import NOON, make_batch, make_reminder
from tests.hooks.factories import make_endpoint
from tests.reminders.engine import carry

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = NOON + 21 * DAY


@pytest.fixture
def resting(alice, run_jobs):
    kept = grains.rest(grains=make_grains(owner=alice, name="Granny's"), now=NOON)
    run_jobs(now=NOON)
    return kept


def only():
    return Reminder.objects.get(status__in=["waiting", "sent"])


class TestPlanning:
    def test_is_by_a_job_for_when_their_food_is_used_up(self, resting):
        reminder = only()
        assert (reminder.grains, reminder.batch, reminder.kind) == (resting, None, "grains_rest")
        assert (reminder.due_at, reminder.status, reminder.follows_plan) == (DUE, "waiting", True)
        assert "sugar water" in reminder.message

    def test_follows_when_they_are_fed(self, resting, run_jobs):
        grains.feed(grains=resting, now=NOON + DAY)
        run_jobs(now=NOON + DAY)
        assert only().due_at == DUE + DAY

    def test_ends_when_they_go_to_work_or_are_gone(self, resting, run_jobs):
        jar = make_batch(owner=resting.owner, now=NOON + DAY, grains=resting)
        run_jobs(now=NOON + DAY)
        assert not Reminder.objects.waiting().exists()
        batches.move(batch=jar, now=NOON + 2 * DAY, stage="bottled")
        run_jobs(now=NOON + 2 * DAY)
        assert only().kind == "grains_idle"
        grains.let_go(grains=resting, now=NOON + 2 * DAY)
        run_jobs(now=NOON + 2 * DAY)
        assert set(Reminder.objects.values_list("status", flat=True)) == {"cancelled"}

    def test_comes_back_when_they_went_to_work_by_mistake(self, alice, run_jobs):
        ours, others = (make_grains(owner=alice, now=NOON, name=name) for name in ("Ours", "Others"))
        strained = make_batch(owner=alice, now=NOON, grains=ours)
        batches.move(batch=strained, now=NOON + DAY, stage="bottled")
        run_jobs(now=NOON + DAY)
        before = Reminder.objects.waiting().get(grains=ours).due_at
        jar = make_batch(owner=alice, now=NOON + DAY + HOUR, grains=ours)
        run_jobs(now=NOON + DAY + HOUR)
        assert not Reminder.objects.waiting().filter(grains=ours).exists()
        batches.edit(batch=jar, now=NOON + DAY + 2 * HOUR, grains=others)
        run_jobs(now=NOON + DAY + 2 * HOUR)
        assert Reminder.objects.waiting().get(grains=ours).due_at == before

    def test_done_when_they_were_fed_after_it_was_told(self, resting, run_jobs):
        Reminder.objects.update(status="sent", sent_at=DUE)
        grains.feed(grains=resting, now=DUE + HOUR)
        run_jobs(now=DUE + HOUR)
        told = Reminder.objects.get(due_at=DUE)
        assert (told.status, told.done_at) == ("done", DUE + HOUR)
        assert only().due_at == DUE + HOUR + 21 * DAY

    def test_twice_comes_to_the_same(self, resting):
        for _ in range(2):
            care.plan(grains_id=resting.pk, now=NOON)
        assert Reminder.objects.count() == 1

    def test_does_not_ask_again_for_what_was_skipped(self, resting):
        actions.skip(reminder=only(), now=NOON)
        care.plan(grains_id=resting.pk, now=NOON)
        assert not Reminder.objects.waiting().exists()

    def test_does_not_ask_again_for_what_its_keeper_cancelled(self, resting):
        actions.cancel(reminder=only(), now=NOON)
        care.plan(grains_id=resting.pk, now=NOON)
        assert not Reminder.objects.waiting().exists()

    def test_of_what_was_due_long_ago_asks_nothing(self, alice, run_jobs):
        make_grains(owner=alice, now=NOON, got_at=NOON - 30 * DAY)
        run_jobs(now=NOON)
        assert not Reminder.objects.exists()

    def test_finds_what_came_in_without_the_verbs(self, resting, run_jobs):
        Reminder.objects.all().delete()
        Grains.objects.update(told_at=None)
        assert (grains.notice(now=NOON), grains.notice(now=NOON)) == (1, 0)
        run_jobs(now=NOON)
        assert only().due_at == DUE

    def test_of_those_that_were_deleted_is_no_failure(self, resting):
        grains.feed(grains=resting, now=NOON + DAY)
        grains.remove(grains=resting)
        care.plan(grains_id=resting.pk, now=NOON)
        assert not Reminder.objects.exists()

    def test_is_about_one_thing_alone(self, resting, alice):
        jar = make_batch(owner=alice)
        for wrong in ({"batch": jar}, {"grains": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Reminder.objects.update(**wrong)


class TestDelivery:
    def test_goes_by_push_to_who_has_a_device(self, resting, alice, channels):
        make_device(owner=alice, device_id="phone")
        carry(DUE)
        [message] = channels["expo"].sent
        assert (message.title, message.grains_id, message.batch_id) == ("Granny's", str(resting.pk), "")
        assert channels["email"].sent == []

    def test_goes_by_mail_to_who_has_none(self, resting, channels):
        carry(DUE)
        assert [message.title for message in channels["email"].sent] == ["Granny's"]

    def test_of_what_is_gone_goes_nowhere(self, resting, channels):
        grains.let_go(grains=resting, now=NOON)
        carry(DUE)
        assert channels["email"].sent == []
        assert Reminder.objects.get().status == "cancelled"

    def test_that_was_overdue_when_it_was_planned_goes_at_once(self, alice, run_jobs, channels):
        make_grains(owner=alice, now=NOON, got_at=NOON - 3 * DAY)
        run_jobs(now=NOON)
        carry(NOON + HOUR)
        assert len(channels["email"].sent) == 1


class TestDoors:
    def test_done_feeds_them(self, api, resting):
        done = call(api, "post", f"/reminders/{only().pk}/done").json()
        assert (done["status"], done["batch"], done["batchName"]) == ("done", None, None)
        assert (done["grains"], done["grainsName"]) == (str(resting.pk), "Granny's")
        resting.refresh_from_db()
        assert resting.fed_at is not None

    def test_are_listed_among_ones_own_and_nobody_elses(self, api, resting, bob, client):
        [shown] = call(api, "get", "/me/reminders").json()["results"]
        assert (shown["grains"], shown["batch"], shown["kind"]) == (str(resting.pk), None, "grains_rest")
        assert not Reminder.objects.of(bob).exists()
        client.force_login(bob)
        assert client.post(f"/reminders/{only().pk}/done").status_code == 404

    def test_stand_beside_those_of_batches(self, api, resting, alice):
        make_reminder(batch=make_batch(owner=alice), due_at=NOON + DAY)
        found = call(api, "get", "/me/reminders").json()["results"]
        assert [one["grains"] is None for one in found] == [True, False]

    def test_by_the_link_show_and_act(self, client, resting):
        path = urlsplit(links.link_for(only().pk, 1)).path
        shown = client.get(path).content.decode()
        assert "Granny&#x27;s" in shown
        assert client.post(path, {"do": "done"}).status_code == 302
        assert Reminder.objects.get(due_at=DUE).status == "done"

    def test_on_the_first_page_and_in_the_list_lead_to_them(self, page, resting):
        Reminder.objects.update(due_at=NOON, status="sent", sent_at=NOON)
        for address in ("/", "/reminders/"):
            shown = page.get(address).content.decode()
            assert f'href="/grains/{resting.pk}"' in shown
            assert shown.count("sugar water") == 1

    @pytest.mark.parametrize("do", ["done", "skip", "snooze", "cancel"])
    def test_on_pages_act(self, page, resting, do):
        reminder = only()
        page.post(f"/reminders/{reminder.pk}/{do}", {"until": "hour"})
        reminder.refresh_from_db()
        seen = (reminder.status, reminder.snoozed_until is not None)
        assert (
            seen
            == {
                "done": ("done", False),
                "skip": ("skipped", False),
                "snooze": ("waiting", True),
                "cancel": ("cancelled", False),
            }[do]
        )

    def test_in_the_calendar_lead_to_them(self, client, resting, alice):
        feed = client.get(f"/calendar/{switches.renew_calendar_key(user=alice)}.ics").content.decode()
        assert f"/grains/{resting.pk}" in feed.replace("\r\n ", "")

    def test_are_told_to_webhooks(self, resting, alice, run_jobs):
        make_endpoint(owner=alice, kinds=["reminder.replanned"])
        resting.refresh_from_db()
        grains.feed(grains=resting, now=NOON + DAY)
        run_jobs(now=NOON + DAY)
        assert f'"grains":"{resting.pk}"' in Message.objects.get().body

    def test_leave_word_when_they_go(self, resting, alice):
        ids = {str(only().pk)}
        grains.remove(grains=resting)
        assert (
            set(Tombstone.objects.of(alice).filter(kind="reminder").values_list("thing_id", flat=True)) == ids
        )

    def test_of_those_deleted_meanwhile_are_refused(self, resting):
        reminder = only()
        Grains.objects.filter(pk=resting.pk).delete()
        with pytest.raises((ValidationError, Grains.DoesNotExist, Reminder.DoesNotExist)):
            actions.finish(reminder=reminder, now=NOON)
