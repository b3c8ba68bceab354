from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from hooks import actions, tasks
from hooks.models import Endpoint, HookDelivery, Message
from tests.accounts.test_races import at_once
from tests.factories import NOON, make_batch, make_user
from tests.hooks.factories import make_endpoint, make_webhook_delivery
from tests.hooks.sink import URL
from work.models import Job

DAY = timedelta(days=1)


def refused(verb, **context):
    with pytest.raises(ValidationError) as refusal:
        verb(**context)
    error = refusal.value
    return {
        (name, one.code)
        for name, errors in getattr(error, "error_dict", {"": [error]}).items()
        for one in errors
    }


class TestAdd:
    def test_makes_a_secret_that_nobody_guesses(self, alice):
        one = make_endpoint(owner=alice)
        other = make_endpoint(owner=alice, url="https://other.example.org/")
        assert one.secret.startswith("whsec_")
        assert len(one.secret) == 49
        assert one.secret != other.secret

    @pytest.mark.parametrize(
        "url", ["http://a.example.org/", "https://127.0.0.1/", "https://testserver.internal/"]
    )
    def test_refuses_what_must_not_be_called(self, alice, url):
        [(field, _)] = refused(actions.add, user=alice, url=url, now=NOON)
        assert field == "url"
        assert not Endpoint.objects.exists()

    def test_refuses_kefir_itself(self, alice, settings):
        settings.SITE_HOST = "kefir.example.org"
        assert refused(actions.add, user=alice, url="https://kefir.example.org/", now=NOON) == {
            ("url", "own_host")
        }

    def test_refuses_the_same_address_twice(self, alice, bob):
        make_endpoint(owner=alice)
        assert refused(actions.add, user=alice, url=URL, now=NOON) == {("__all__", "unique")}
        make_endpoint(owner=bob)

    def test_refuses_an_eleventh(self, alice):
        for n in range(10):
            make_endpoint(owner=alice, url=f"https://n{n}.example.org/")
        assert refused(actions.add, user=alice, url=URL, now=NOON) == {("", "too_many")}

    def test_lets_this_machine_be_called_only_when_it_says_so(self, alice, settings):
        here = {"user": alice, "url": "http://localhost:9000/", "now": NOON}
        assert refused(actions.add, **here) == {("url", "not_https")}
        settings.HOOKS_ALLOW_LOCAL = True
        assert actions.add(**here).url == "http://localhost:9000/"


class TestEdit:
    def test_changes_what_is_said_and_nothing_else(self, endpoint):
        changed = actions.edit(
            endpoint=endpoint, now=NOON, kinds=["event.recorded", "batch.moved", "event.recorded"]
        )
        assert (changed.kinds, changed.url, changed.secret) == (
            ["event.recorded", "batch.moved"],
            URL,
            endpoint.secret,
        )

    def test_refuses_as_adding_does(self, endpoint):
        assert refused(actions.edit, endpoint=endpoint, now=NOON, url="https://10.0.0.1/") == {
            ("url", "ip_address")
        }
        assert refused(actions.edit, endpoint=endpoint, now=NOON, kinds=["ping"]) == {
            ("kinds", "item_invalid")
        }

    def test_on_again_it_begins_with_a_clean_slate(self, endpoint):
        Endpoint.objects.update(
            is_on=False, disabled_at=NOON, disabled_reason="Gone.", failures=9, failing_since_at=NOON
        )
        again = actions.edit(endpoint=endpoint, now=NOON, is_on=True)
        assert (again.is_on, again.disabled_at, again.disabled_reason) == (True, None, "")
        assert (again.failures, again.failing_since_at) == (0, None)


class TestSecrets:
    def test_both_sign_for_a_day(self, endpoint):
        rolled = actions.roll_secret(endpoint=endpoint, now=NOON)
        assert rolled.signing_secrets(NOON + DAY - timedelta(seconds=1)) == [rolled.secret, endpoint.secret]
        assert rolled.signing_secrets(NOON + DAY) == [rolled.secret]

    def test_of_three_the_oldest_signs_no_more(self, endpoint):
        once = actions.roll_secret(endpoint=endpoint, now=NOON)
        twice = actions.roll_secret(endpoint=endpoint, now=NOON)
        assert twice.signing_secrets(NOON) == [twice.secret, once.secret]


class TestRemove:
    def test_takes_along_what_was_sent(self, alice):
        delivery = make_webhook_delivery(owner=alice)
        actions.remove(endpoint=delivery.endpoint)
        assert not Endpoint.objects.exists()
        assert not HookDelivery.objects.exists()


class TestPing:
    def test_is_told_to_whoever_wants_something_else(self, alice):
        delivery = make_webhook_delivery(owner=alice, kinds=["batch.moved"])
        assert delivery.message.kind == "ping"
        assert Job.objects.get().key == str(delivery.pk)

    def test_is_not_sent_to_what_is_off(self, endpoint):
        actions.edit(endpoint=endpoint, now=NOON, is_on=False)
        assert refused(actions.ping, endpoint=endpoint, now=NOON) == {("", "switched_off")}


class TestAnnounce:
    def test_costs_nothing_where_nobody_listens(self, alice):
        batch = make_batch(owner=alice)
        with CaptureQueriesContext(connection) as asked:
            actions.announce(user=alice, told=[(actions.Kind.BATCH_EDITED, batch)] * 9, now=NOON)
        assert not asked

    def test_knows_of_the_first_that_comes_and_the_last_that_goes(self, alice):
        first, second = (make_endpoint(owner=alice, url=f"https://n{n}.example.org/") for n in range(2))
        seen = []
        for endpoint in (first, second):
            alice.refresh_from_db()
            seen.append(alice.has_webhooks)
            actions.remove(endpoint=endpoint)
        alice.refresh_from_db()
        assert [*seen, alice.has_webhooks] == [True, True, False]

    def test_is_not_forgotten_when_a_person_is_saved_as_they_were_before(self, alice):
        before = User.objects.get(pk=alice.pk)
        make_endpoint(owner=alice)
        before.save()
        tasks.sweep()
        before.refresh_from_db()
        assert before.has_webhooks
        assert actions.note_again() == 0

    def test_goes_with_what_happened(self, alice, endpoint):
        with transaction.atomic():
            make_batch(owner=alice)
            transaction.set_rollback(True)
        assert (Message.objects.count(), HookDelivery.objects.count(), Job.objects.count()) == (0, 0, 0)

    def test_tells_each_that_wants_it_once_and_in_the_same_words(self, alice, bob):
        wanting = [make_endpoint(owner=alice, url=f"https://n{n}.example.org/") for n in range(2)]
        make_endpoint(owner=alice, url="https://no.example.org/", kinds=["batch.moved"])
        off = make_endpoint(owner=alice, url="https://off.example.org/")
        actions.edit(endpoint=off, now=NOON, is_on=False)
        make_endpoint(owner=bob)
        make_batch(owner=alice)
        message = Message.objects.get()
        assert {one.endpoint for one in message.deliveries.all()} == set(wanting)
        assert {job.key for job in Job.objects.filter(kind="webhook")} == {
            str(one.pk) for one in message.deliveries.all()
        }

    def test_jobs_are_erased_with_their_owner(self, alice, endpoint):
        make_batch(owner=alice)
        assert {job.owner for job in Job.objects.all()} == {alice}
        alice.delete()
        assert not Job.objects.exists()
        assert not Message.objects.exists()


class TestReplay:
    def test_is_for_what_was_given_up(self, alice):
        delivery = make_webhook_delivery(owner=alice)
        assert refused(actions.replay, delivery=delivery, now=NOON) == {("", "not_given_up")}

    def test_begins_anew_under_the_same_id(self, alice):
        delivery = make_webhook_delivery(owner=alice)
        Job.objects.all().delete()
        HookDelivery.objects.update(status="failed", attempts=5)
        again = actions.replay(delivery=delivery, now=NOON)
        assert (again.pk, again.status, again.attempts) == (delivery.pk, "waiting", 0)
        assert Job.objects.get().key == str(delivery.pk)

    def test_is_not_for_what_is_off(self, alice):
        delivery = make_webhook_delivery(owner=alice)
        HookDelivery.objects.update(status="failed")
        actions.edit(endpoint=delivery.endpoint, now=NOON, is_on=False)
        assert refused(actions.replay, delivery=delivery, now=NOON) == {("", "switched_off")}


class TestForget:
    def test_takes_what_is_a_month_old_and_nothing_younger(self, endpoint):
        actions.ping(endpoint=endpoint, now=NOON - timedelta(days=30, seconds=1))
        kept = actions.ping(endpoint=endpoint, now=NOON - timedelta(days=30))
        assert actions.forget(now=NOON) == 1
        assert HookDelivery.objects.get() == kept
        assert Message.objects.get() == kept.message


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_of_fourteen_that_add_at_once_ten_get_through(self):
        alice = make_user()

        def add(number):
            try:
                return make_endpoint(owner=alice, url=f"https://n{number}.example.org/").is_on
            except ValidationError:
                return False

        assert sum(at_once(14, add)) == Endpoint.objects.count() == 10

    def test_of_twelve_replays_at_once_one_sends(self):
        delivery = make_webhook_delivery(owner=make_user())
        Job.objects.all().delete()
        HookDelivery.objects.update(status="failed", attempts=5)

        def replay(_):
            try:
                return bool(actions.replay(delivery=delivery, now=NOON))
            except ValidationError:
                return False

        assert sum(at_once(12, replay)) == Job.objects.count() == 1
