"""One message on its way: signed, sent, tried again, given up; and what that means for the endpoint."""

from datetime import timedelta
from uuid import UUID

import pytest

from accounts.models import User
from hooks import actions, carrier, jobs, timing
from hooks.models import Endpoint, HookDelivery
from tests.factories import NOON, make_batch
from tests.fakes.http import CUT, Reply
from tests.hooks.factories import make_endpoint, make_webhook_delivery
from tests.hooks.sink import HOST, PUBLIC, is_signed
from work import actions as work
from work.models import Job
from work.registry import Task

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LATER = NOON + 40 * DAY


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch):
    monkeypatch.setattr(jobs.random, "random", lambda: 0)


@pytest.fixture
def delivery(alice):
    return make_webhook_delivery(owner=alice)


def seen(row):
    row.refresh_from_db()
    return row


def outcomes(tried):
    return [one.outcome for one in tried]


def until_over(run_jobs, *, now=NOON):
    """Each try at the very time that is said after the one before; when they were."""
    times = []
    while job := Job.objects.filter(kind="webhook", state="waiting").order_by("due_at").first():
        times.append(max(job.due_at, now))
        run_jobs(now=times[-1])
    return times


class TestDelivered:
    def test_comes_signed_with_its_id_and_the_same_body(self, sink, delivery, run_jobs):
        assert outcomes(run_jobs(now=NOON)) == ["done"]
        [request] = sink.received
        assert is_signed(request, delivery.endpoint.secret)
        assert request.body.decode() == delivery.message.body
        assert UUID(request.headers["Kefir-Delivery"]) == delivery.pk
        assert request.headers["User-Agent"].startswith("Kefir-Webhook/1")
        assert request.headers["Content-Type"] == "application/json; charset=utf-8"

    def test_is_noted(self, sink, delivery, run_jobs):
        sink.replies = [Reply(204)]
        run_jobs(now=NOON)
        assert (seen(delivery).status, delivery.status_code, delivery.attempts) == ("delivered", 204, 1)
        assert NOON <= delivery.delivered_at < NOON + HOUR

    def test_is_signed_by_both_secrets_for_a_day(self, sink, delivery, run_jobs):
        rolled = actions.roll_secret(endpoint=delivery.endpoint, now=NOON)
        actions.ping(endpoint=rolled, now=NOON + DAY)
        run_jobs(now=NOON)
        run_jobs(now=NOON + DAY)
        assert [
            (is_signed(one, delivery.endpoint.secret), is_signed(one, rolled.secret)) for one in sink.received
        ] == [(True, True), (False, True)]

    def test_is_signed_with_the_time_of_the_try(self, sink, delivery, run_jobs):
        run_jobs(now=NOON)
        assert sink.received[0].headers["Kefir-Signature"].startswith(f"t={int(NOON.timestamp())},v1=")

    def test_goes_once_more_under_the_same_id_after_a_crash(self, sink, delivery, monkeypatch):
        """It had left, and its worker died before it could be noted."""
        monkeypatch.setattr(carrier, "note", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            carrier.deliver(delivery_id=str(delivery.pk), now=NOON, chance=0)
        monkeypatch.undo()
        assert seen(delivery).is_waiting
        assert [request.headers["Kefir-Delivery"] for request in sink.received] == [str(delivery.pk)]

    def test_is_not_sent_again_when_the_job_is_done_once_more(self, sink, delivery, run_jobs):
        run_jobs(now=NOON)
        carrier.deliver(delivery_id=str(delivery.pk), now=NOON, chance=0)
        assert len(sink.received) == 1

    def test_says_nothing_of_what_was_removed(self, sink, delivery, run_jobs):
        actions.remove(endpoint=delivery.endpoint)
        assert outcomes(run_jobs(now=NOON)) == ["done"]
        assert sink.received == []


class TestFailed:
    @pytest.mark.parametrize("reply", [Reply(500), Reply(404), Reply(302, headers={"Location": "/"}), CUT])
    def test_is_tried_five_times_in_a_day_and_more(self, sink, delivery, run_jobs, reply):
        sink.replies = [reply] * 9
        times = until_over(run_jobs)
        assert (len(times), len(sink.received)) == (5, 5)
        assert times[-1] - times[0] >= DAY
        assert (seen(delivery).status, delivery.attempts, delivery.next_try_at) == ("failed", 5, None)
        assert {one.headers["Kefir-Delivery"] for one in sink.received} == {str(delivery.pk)}

    def test_is_a_dead_letter_for_staff_in_the_end(self, sink, delivery, run_jobs):
        sink.replies = [Reply(503)] * 5
        until_over(run_jobs)
        job = Job.objects.get(kind="webhook")
        assert (job.state, job.error) == ("dead", "It answered 503.")

    def test_says_why_and_when_again(self, sink, delivery, run_jobs):
        sink.replies = [Reply(301, headers={"Location": "https://127.0.0.1/"})]
        run_jobs(now=NOON)
        assert seen(delivery).error == "It answered 301, a redirect; those are not followed."
        assert (delivery.status, delivery.status_code) == ("waiting", 301)
        assert delivery.next_try_at == NOON + timing.PAUSES[0]

    def test_waits_as_long_as_it_is_asked_to(self, sink, delivery, run_jobs):
        sink.replies = [Reply(429, headers={"Retry-After": "7200"})]
        run_jobs(now=NOON)
        assert NOON + 2 * HOUR <= Job.objects.get().due_at < NOON + 2 * HOUR + 60 * SECOND

    def test_that_works_in_the_end_is_delivered(self, sink, delivery, run_jobs):
        sink.replies = [Reply(500), CUT]
        until_over(run_jobs)
        assert (seen(delivery).status, delivery.attempts, delivery.error) == ("delivered", 3, "")
        assert delivery.endpoint.failures == 0

    def test_is_never_sent_inside_however_the_name_turns(self, sink, delivery, run_jobs):
        """It led to the internet when it was given, and leads elsewhere at each try."""
        sink.names.answers[HOST] = [["127.0.0.1"], ["::1"], [PUBLIC, "10.0.0.1"], ["169.254.169.254"], ["::"]]
        until_over(run_jobs)
        assert sink.connected == []
        assert seen(delivery).status == "failed"

    def test_is_not_sent_to_what_may_no_longer_be_called(self, sink, delivery, run_jobs, settings):
        settings.SITE_HOST = HOST
        run_jobs(now=NOON)
        assert sink.connected == []
        assert seen(delivery).error == "That is Kefir itself."


class TestReplayed:
    @pytest.fixture
    def given_up(self, sink, delivery, run_jobs):
        sink.replies = [Reply(500)] * 5
        until_over(run_jobs)
        return seen(delivery)

    def test_by_its_owner_it_has_all_its_tries_again(self, sink, given_up, run_jobs):
        sink.replies = [Reply(500)] * 4
        actions.replay(delivery=given_up, now=LATER)
        assert len(until_over(run_jobs, now=LATER)) == 5
        assert seen(given_up).status == "delivered"

    def test_by_staff_too(self, sink, given_up, run_jobs):
        sink.replies = [Reply(500)]
        work.replay(job=Job.objects.get(kind="webhook"), now=LATER)
        assert len(until_over(run_jobs, now=LATER)) == 2
        assert (seen(given_up).status, given_up.attempts) == ("delivered", 2)


def given_up_again(delivery):
    key = str(delivery.endpoint_id)
    return Task(kind="webhook_given_up", key=key, payload={}, owner_id=None, attempt=2, now=NOON)


class TestGivenUp:
    def test_gone_for_good_is_switched_off_at_once(self, sink, delivery, run_jobs, mailoutbox):
        sink.replies = [Reply(410)]
        assert "dead" not in outcomes(run_jobs(now=NOON))
        endpoint = seen(delivery.endpoint)
        assert (endpoint.is_on, endpoint.disabled_at) == (False, NOON)
        assert seen(delivery).status == "failed"

    def test_its_owner_is_mailed_once(self, sink, delivery, run_jobs, mailoutbox):
        actions.ping(endpoint=delivery.endpoint, now=NOON)
        sink.replies = [Reply(410), Reply(410)]
        run_jobs(now=NOON)
        [mail] = mailoutbox
        assert mail.to == ["alice@example.com"]
        assert delivery.endpoint.url in mail.body
        assert f"/settings/webhooks/{delivery.endpoint.pk}" in mail.body

    def test_mailed_twice_by_who_died_in_between_is_one_to_a_mailbox(
        self, sink, delivery, run_jobs, mailoutbox
    ):
        sink.replies = [Reply(410)]
        run_jobs(now=NOON)
        jobs.tell_owner(given_up_again(delivery))
        first, second = mailoutbox
        assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]

    def test_of_one_that_its_owner_switched_off_nobody_is_mailed(self, delivery, mailoutbox):
        actions.edit(endpoint=delivery.endpoint, now=NOON, is_on=False)
        jobs.tell_owner(given_up_again(delivery))
        assert mailoutbox == []

    def test_a_day_of_failures_is_borne(self, sink, delivery, run_jobs, mailoutbox):
        sink.replies = [Reply(500)] * 5
        until_over(run_jobs)
        assert seen(delivery.endpoint).is_on
        assert (delivery.endpoint.failures, delivery.endpoint.failing_since_at) == (5, NOON)

    def test_three_days_are_not(self, sink, delivery, run_jobs, mailoutbox):
        sink.replies = [Reply(500)] * 10
        until_over(run_jobs)
        actions.ping(endpoint=delivery.endpoint, now=NOON + 2 * DAY)
        until_over(run_jobs)
        assert not seen(delivery.endpoint).is_on
        run_jobs(now=LATER)
        assert len(mailoutbox) == 1

    def test_one_success_between_makes_all_good(self, sink, delivery, run_jobs):
        sink.replies = [Reply(500)] * 4
        until_over(run_jobs)
        actions.ping(endpoint=delivery.endpoint, now=NOON + 3 * DAY)
        sink.replies = [Reply(500)] * 5
        until_over(run_jobs)
        assert seen(delivery.endpoint).is_on

    def test_what_waits_for_it_ends_unsent(self, sink, delivery, run_jobs):
        actions.edit(endpoint=delivery.endpoint, now=NOON, is_on=False)
        assert outcomes(run_jobs(now=NOON)) == ["done"]
        assert (sink.received, seen(delivery).status) == ([], "failed")

    @pytest.mark.parametrize("state", [{"is_active": False}, {"erase_at": NOON + DAY}])
    def test_nothing_goes_out_of_an_account_that_ends(self, alice, sink, delivery, run_jobs, state):
        User.objects.update(**state)
        run_jobs(now=NOON)
        assert (sink.received, seen(delivery).error) == ([], "The account is closed.")


class TestSlow:
    """One person's slow endpoint holds up nobody else's messages."""

    @pytest.fixture
    def slow(self, monkeypatch):
        monkeypatch.setattr(carrier, "since", lambda _: 10 * SECOND)

    def test_rests_with_all_of_its_owners(self, alice, bob, sink, slow, run_jobs):
        make_endpoint(owner=alice, url=f"https://{HOST}/other")
        make_webhook_delivery(owner=alice), make_webhook_delivery(owner=bob)
        run_jobs(now=NOON)
        assert {one.rests_until for one in Endpoint.objects.of(alice)} == {NOON + 100 * SECOND}
        assert len(sink.received) == 2

    def test_is_put_off_without_losing_a_try(self, sink, delivery, slow, run_jobs):
        second = actions.ping(endpoint=delivery.endpoint, now=NOON)
        run_jobs(now=NOON)
        assert (len(sink.received), seen(second).attempts) == (1, 0)
        assert second.next_try_at >= NOON + 100 * SECOND
        until_over(run_jobs)
        assert (len(sink.received), seen(second).status) == (2, "delivered")

    def test_that_fails_rests_ever_longer(self, sink, delivery, slow, run_jobs):
        sink.replies = [CUT] * 5
        rests = []
        while job := Job.objects.filter(kind="webhook", state="waiting").first():
            run_jobs(now=job.due_at)
            if seen(delivery).attempts > len(rests):
                rests.append(seen(delivery.endpoint).rests_until - job.due_at)
        assert len(rests) == 5
        assert rests == sorted(set(rests))[:4] + rests[4:]


class TestLocal:
    def test_over_plain_http_when_it_may(self, alice, settings, run_jobs):
        from tests.fakes.http import Server

        settings.HOOKS_ALLOW_LOCAL = True
        received = []
        with Server(lambda request: received.append(request) or Reply(200)) as here:
            make_endpoint(owner=alice, url=f"http://127.0.0.1:{here.port}/in")
            make_batch(owner=alice)
            run_jobs(now=NOON)
        assert [request.path for request in received] == ["/in"]
        assert HookDelivery.objects.get().status == "delivered"
