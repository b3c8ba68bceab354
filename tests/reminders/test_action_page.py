from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts import actions as accounts
from batches import actions as batches
from reminders import actions, links
from reminders.models import Reminder
from tests.factories import NOON, make_batch, make_reminder

DUE = NOON + timedelta(minutes=5)
NOW = NOON + timedelta(minutes=10)


@pytest.fixture
def reminder(alice):
    accounts.edit_profile(user=alice, timezone="America/New_York")
    batch = make_batch(owner=alice, name="Ginger no 3", notes="Grandmother's grains")
    return make_reminder(batch=batch, due_at=DUE, message="Taste the ginger")


@pytest.fixture
def link(reminder):
    with time_machine.travel(NOW, tick=False):
        yield f"/r/{links.token_for(reminder.pk, 1)}"


def status_of(reminder):
    reminder.refresh_from_db()
    return reminder.status


class TestLook:
    def test_shows_the_reminder_to_whoever_holds_the_link(self, client, link):
        shown = client.get(link).content.decode()
        assert "Taste the ginger" in shown
        assert "Ginger no 3" in shown

    def test_shows_times_in_the_owners_zone(self, client, link):
        assert "Due Sunday 1 March, 07:05." in client.get(link).content.decode()

    def test_reveals_nothing_else(self, client, link, reminder):
        make_reminder(batch=reminder.batch, due_at=DUE, message="Something else")
        shown = client.get(link).content.decode()
        for secret in ("alice", "Grandmother", "Something else", reminder.batch.pk):
            assert secret not in shown

    def test_leads_its_owner_on(self, client, link, reminder, alice):
        client.force_login(alice)
        assert f'href="/batches/{reminder.batch.pk}"' in client.get(link).content.decode()

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_does_nothing_by_being_looked_at(self, client, link, reminder, method):
        assert getattr(client, method)(link).status_code == 200
        assert getattr(client, method)(f"{link}?do=done").status_code == 200
        assert status_of(reminder) == "waiting"

    def test_is_kept_by_nobody_and_passed_on_to_nobody(self, client, link):
        answer = client.get(link)
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert not answer.cookies

    def test_shows_both_times_when_it_was_put_off(self, client, link, reminder):
        actions.snooze(reminder=reminder, until=NOW + timedelta(hours=2), now=NOW)
        shown = client.get(link).content.decode()
        assert "Due Sunday 1 March, 07:05." in shown
        assert "Put off until Sunday 1 March, 09:10." in shown

    @pytest.mark.parametrize(
        ("status", "words"), [("skipped", "Skipped this time."), ("cancelled", "no longer")]
    )
    def test_says_what_became_of_it(self, client, link, status, words):
        Reminder.objects.update(status=status)
        shown = client.get(link).content.decode()
        assert words in shown
        assert "<form" not in shown


class TestTap:
    def test_done(self, client, link, reminder):
        answer = client.post(link, {"do": "done"}, follow=True)
        assert answer.redirect_chain == [(link, 302)]
        assert "It is done." in answer.content.decode()
        assert (status_of(reminder), reminder.done_at) == ("done", NOW)

    def test_skip(self, client, link, reminder):
        client.post(link, {"do": "skip"})
        assert status_of(reminder) == "skipped"

    @pytest.mark.parametrize(
        ("choice", "until"),
        [
            ("hour", NOW + timedelta(hours=1)),
            ("tonight", datetime(2026, 3, 2, 0, tzinfo=UTC)),
            ("tomorrow", datetime(2026, 3, 2, 14, tzinfo=UTC)),
        ],
    )
    def test_later_on_the_owners_clock(self, client, link, reminder, choice, until):
        client.post(link, {"do": choice})
        assert status_of(reminder) == "waiting"
        assert (reminder.snoozed_until, reminder.due_at) == (until, DUE)

    def test_needs_no_cookie(self, link, reminder):
        browser = Client(enforce_csrf_checks=True)
        browser.post(link, {"do": "done"}, headers={"Origin": "null"})
        assert status_of(reminder) == "done"

    @pytest.mark.parametrize("again", ["done", "skip", "hour"])
    def test_a_second_one_is_told_so(self, client, link, reminder, again):
        client.post(link, {"do": "done"})
        answer = client.post(link, {"do": again})
        assert answer.status_code == 409
        assert "This reminder is done already." in answer.content.decode()
        assert (status_of(reminder), reminder.snoozed_until) == ("done", None)

    @pytest.mark.parametrize("typed", [{}, {"do": ""}, {"do": "burn"}, {"done": "1"}])
    def test_anything_else_changes_nothing(self, client, link, reminder, typed):
        assert client.post(link, typed).status_code == 422
        assert status_of(reminder) == "waiting"

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_other_methods_are_refused(self, client, link, method):
        assert getattr(client, method)(link).status_code == 405

    def test_works_on_what_could_not_be_sent(self, client, link, reminder):
        Reminder.objects.update(status="failed")
        client.post(link, {"do": "done"})
        assert status_of(reminder) == "done"

    def test_works_on_no_batch_that_was_put_away(self, client, link, reminder):
        batches.archive(batch=reminder.batch, now=NOW)
        assert client.post(link, {"do": "hour"}).status_code == 409
        assert status_of(reminder) == "cancelled"


class TestLeadsNowhere:
    def is_one_page(self, client, link):
        answers = [client.get(link), client.post(link, {"do": "done"})]
        for answer in answers:
            assert answer.status_code == 404
            assert "This link leads no further." in answer.content.decode()
            assert answer["Referrer-Policy"] == "no-referrer"

    def test_when_it_is_over(self, client, link, reminder):
        with time_machine.travel(NOW + timedelta(days=15)):
            self.is_one_page(client, link)
        assert status_of(reminder) == "waiting"

    def test_when_it_is_forged(self, client, link):
        self.is_one_page(client, link[:-4] + "aaaa")

    def test_when_it_is_nonsense(self, client, link):
        self.is_one_page(client, "/r/reminders")

    def test_when_its_reminder_is_gone(self, client, link, reminder):
        reminder.delete()
        self.is_one_page(client, link)

    def test_when_its_owner_may_not_sign_in(self, client, link, alice):
        alice.is_active = False
        alice.save()
        self.is_one_page(client, link)


class TestButton:
    def test_done(self, client, link, reminder):
        answer = client.post(f"{link}/done")
        assert (answer.status_code, answer.content) == (204, b"")
        assert status_of(reminder) == "done"

    def test_later_means_in_an_hour(self, client, link, reminder):
        assert client.post(f"{link}/later").status_code == 204
        assert status_of(reminder) == "waiting"
        assert reminder.snoozed_until == NOW + timedelta(hours=1)

    def test_needs_no_cookie(self, link, reminder):
        Client(enforce_csrf_checks=True).post(f"{link}/done")
        assert status_of(reminder) == "done"

    def test_a_second_one_is_told_so(self, client, link):
        client.post(f"{link}/done")
        answer = client.post(f"{link}/later")
        assert (answer.status_code, answer.content) == (409, b"This reminder is done already.")

    @pytest.mark.parametrize("do", ["done", "later"])
    def test_does_nothing_by_being_looked_at(self, client, link, reminder, do):
        assert client.get(f"{link}/{do}").status_code == 405
        assert status_of(reminder) == "waiting"

    def test_leads_nowhere_with_a_forged_link(self, client, link):
        assert client.post(f"{link[:-4]}aaaa/done").status_code == 404


class TestLimit:
    def test_is_a_minute_for_whoever_asks_too_often(self, client, link):
        with time_machine.travel(NOW, tick=True):
            answers = [client.get(link) for _ in range(61)]
        assert [answer.status_code for answer in answers[59:]] == [200, 429]
        assert 1 <= int(answers[-1]["Retry-After"]) <= 60


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    @pytest.mark.parametrize("do", ["done", "skip"])
    def test_have_one_effect(self, link, do):
        ready, statuses = Barrier(2), []

        def press():
            ready.wait()
            statuses.append(Client().post(link, {"do": do}).status_code)
            connection.close()

        hands = [Thread(target=press) for _ in range(2)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        assert sorted(statuses) == [302, 409]
