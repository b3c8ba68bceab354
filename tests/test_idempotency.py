"""A POST that was sent twice is answered twice and done once; an edit that knows too little is refused."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import idempotency, tasks
from accounts.models import AnsweredRequest, Device
from batches import actions
from batches.models import Batch
from events.models import Event
from kefir.api import throttles
from reminders.models import Reminder
from tests.api import BASE, app_of, call
from tests.factories import make_batch, make_user
from tests.routes import routes


def keyed(client, path, body, key="a-key"):
    return call(client, "post", path, body, headers={"Idempotency-Key": key})


def at_once(times, deed):
    """The answers to so many, begun together."""
    together = Barrier(times)

    def one(number):
        together.wait(10)
        try:
            return deed(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def one_of(what, jar):
    """Where to make it, with what body, and the rows that tell of it."""
    due_at = (timezone.now() + timedelta(days=1)).isoformat()
    return {
        "batch": ("/batches", {"name": "Jar"}, Batch.objects),
        "event": (f"/batches/{jar.pk}/events", {"description": "Bubbles"}, Event.objects),
        "reminders": (
            f"/batches/{jar.pk}/reminders/confirm",
            {"reminders": [{"dueAt": due_at, "message": "Taste it"}]},
            Reminder.objects,
        ),
        "device": ("/me/devices", {"deviceId": "phone", "platform": "ios"}, Device.objects),
    }[what]


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, now=timezone.now(), name="Jar")


class TestKey:
    def test_replays_the_first_answer_and_says_so(self, api):
        first, again = keyed(api, "/batches", {"name": "Jar"}), keyed(api, "/batches", {"name": "Jar"})
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
        assert again["ETag"] == first["ETag"]
        assert Batch.objects.count() == 1

    def test_replays_it_whatever_has_become_of_what_was_made(self, api):
        first = keyed(api, "/batches", {"name": "Jar"})
        actions.edit(batch=Batch.objects.get(), now=timezone.now(), name="Pot")
        assert keyed(api, "/batches", {"name": "Jar"}).json() == first.json()

    def test_reads_a_body_by_what_it_says_and_not_by_its_order(self, api):
        keyed(api, "/batches", {"name": "Jar", "notes": "Figs"})
        assert keyed(api, "/batches", {"notes": "Figs", "name": "Jar"})["Idempotent-Replayed"] == "true"

    def test_is_refused_with_another_body(self, api):
        keyed(api, "/batches", {"name": "Jar"})
        answer = keyed(api, "/batches", {"name": "Pot"})
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert Batch.objects.count() == 1

    def test_belongs_to_one_person(self, api, bob):
        keyed(api, "/batches", {})
        assert "Idempotent-Replayed" not in keyed(app_of(bob), "/batches", {})
        assert Batch.objects.count() == 2

    def test_belongs_to_one_address(self, api, alice, jar):
        other = make_batch(owner=alice)
        for batch in (jar, other):
            keyed(api, f"/batches/{batch.pk}/events", {"description": "Bubbles"})
        assert Event.objects.count() == 2

    def test_is_not_used_up_by_a_refusal(self, api):
        assert keyed(api, "/batches", {"sugarGrams": -1}).status_code == 400
        assert keyed(api, "/batches", {"sugarGrams": 80}).status_code == 201

    @pytest.mark.parametrize("when", ["handler", "keep"])
    def test_is_gone_with_what_it_made_when_that_fails(self, api, monkeypatch, when):
        """Whether the verb breaks or the record of it: neither is there without the other."""

        def broken(*args, **kwargs):
            raise RuntimeError

        with monkeypatch.context() as broken_once:
            broken_once.setattr(
                *((actions, "announce") if when == "handler" else (idempotency, "keep")), broken
            )
            assert keyed(api, "/batches", {}).status_code == 500
        assert not AnsweredRequest.objects.exists()
        assert not Batch.objects.exists()
        assert keyed(api, "/batches", {}).status_code == 201

    def test_is_kept_as_a_fingerprint_only(self, api):
        keyed(api, "/batches", {"notes": "Hidden"}, key="the-key-itself")
        answered = AnsweredRequest.objects.get()
        assert answered.key != "the-key-itself"
        assert len(answered.key) == len(answered.fingerprint) == 64

    def test_that_is_too_long_is_refused(self, api):
        assert keyed(api, "/batches", {}, key="x" * 255).status_code == 201
        assert keyed(api, "/batches", {}, key="x" * 256).json()["code"] == "invalid_key"

    def test_holds_at_every_address_that_creates(self, api, jar):
        due_at = (timezone.now() + timedelta(days=365)).isoformat()
        events, confirm = f"/batches/{jar.pk}/events", f"/batches/{jar.pk}/reminders/confirm"
        for path, body in (
            (events, {"description": "x"}),
            (confirm, {"reminders": [{"dueAt": due_at, "message": "x"}]}),
        ):
            assert keyed(api, path, body).json() == keyed(api, path, body).json()
        assert (Event.objects.count(), Reminder.objects.count()) == (1, 1)

    def test_is_no_door_for_strangers(self, jar, bob):
        answer = keyed(app_of(bob), f"/batches/{jar.pk}/events", {"description": "Mine"})
        assert answer.status_code == 404
        assert not AnsweredRequest.objects.exists()


class TestEventId:
    def test_sent_twice_is_one_event(self, api, jar):
        body = {"id": "5b3a6e1e-5c0c-4b8e-8d8d-0d6a0c8f0a11", "description": "Bubbles"}
        answers = [call(api, "post", f"/batches/{jar.pk}/events", body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        assert answers[0].json() == answers[1].json()


class TestEtag:
    def test_spares_what_is_known_already(self, api, jar):
        path = f"/batches/{jar.pk}"
        etag = call(api, "get", path)["ETag"]
        again = call(api, "get", path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)

    def test_changes_with_every_change(self, api, jar):
        path, seen = f"/batches/{jar.pk}", set()
        for body in ({"name": "Pot"}, {"status": "in_fridge"}, {"isPublic": True}, {"publicNote": "Ask"}):
            answer = call(api, "patch", path, body)
            assert call(api, "get", path)["ETag"] == answer["ETag"]
            seen.add(answer["ETag"])
        assert len(seen) == 4

    @pytest.mark.parametrize(
        "written", ["{}", "W/{}", " {} ", "*", '"7",{}', 'W/"x, y" , W/{}', '"",{}, "9"']
    )
    def test_that_is_current_lets_the_edit_through(self, api, jar, written):
        given = written.format(call(api, "get", f"/batches/{jar.pk}")["ETag"])
        answer = call(api, "patch", f"/batches/{jar.pk}", {"name": "Pot"}, headers={"If-Match": given})
        assert (answer.status_code, answer.json()["version"]) == (200, 2)

    NOT_CURRENT = ['"0"', '"999"', '"x"', "x", "1", '""', '"2", "3"', '"1', '"9, 1"', "9" * 99, "²", "*, *"]

    @pytest.mark.parametrize("given", NOT_CURRENT)
    def test_that_is_not_refuses_it(self, api, jar, given):
        path, headers = f"/batches/{jar.pk}", {"If-Match": given}
        for answer in (
            call(api, "patch", path, {"name": "Pot"}, headers=headers),
            call(api, "delete", path, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (412, "stale")
        assert (Batch.objects.get().name, Batch.objects.get().is_archived) == ("Jar", False)

    @pytest.mark.parametrize("written", ["{}", "W/{}", '"7", {}', 'W/"7",W/{}', "*"])
    def test_that_is_known_in_any_way_spares_the_answer(self, api, jar, written):
        path = f"/batches/{jar.pk}"
        known = written.format(call(api, "get", path)["ETag"])
        assert call(api, "get", path, headers={"If-None-Match": known}).status_code == 304
        call(api, "patch", path, {"name": "Pot"})
        fresh = call(api, "get", path, headers={"If-None-Match": known})
        assert fresh.status_code == (304 if known == "*" else 200)

    def test_lets_whoever_saw_the_last_version_archive_it(self, api, jar):
        path = f"/batches/{jar.pk}"
        headers = {"If-Match": call(api, "get", path)["ETag"]}
        assert call(api, "delete", path, headers=headers).status_code == 204
        assert Batch.objects.get().is_archived


class TestEveryPost:
    """What makes something takes the key; what does not is named here, because done twice it is the same."""

    API = "/api/v1"
    MAKES_NOTHING_TWICE = {
        f"{API}/auth/login",
        f"{API}/auth/verify",
        f"{API}/auth/verify-mfa",
        f"{API}/auth/refresh",
        f"{API}/auth/logout",
        f"{API}/me/keep",
        # A device's reading of one moment is one row, and a message is not queued twice.
        f"{API}/ingest",
        f"{API}/ingest/<str:token>",
        # What was brought goes on to its next state, or is there already.
        f"{API}/imports/<uuid:import_id>/uploaded",
        f"{API}/imports/<uuid:import_id>/confirm",
        f"{API}/webhooks/deliveries/<uuid:hook_delivery_id>/replay",
        # Fed twice in a moment is fed.
        f"{API}/grains/<uuid:grains_id>/fed",
        f"{API}/grains/<uuid:grains_id>/renewed",
        f"{API}/reminders/<uuid:reminder_id>/done",
        f"{API}/reminders/<uuid:reminder_id>/skip",
        f"{API}/reminders/<uuid:reminder_id>/snooze",
    }

    def test_takes_the_key_or_makes_nothing(self):
        posts = {
            route.path: route.view.view_class.post
            for route in routes()
            if route.is_api and hasattr(route.view.view_class, "post")
        }
        without = {path for path, post in posts.items() if not getattr(post, "takes_idempotency_key", False)}
        assert without == self.MAKES_NOTHING_TWICE


class TestRetention:
    def test_is_a_week_for_an_answer(self, api):
        keyed(api, "/batches", {})
        now = timezone.now()
        for age, kept in (
            (timedelta(days=7) - timedelta(minutes=1), True),
            (timedelta(days=7, seconds=1), False),
        ):
            AnsweredRequest.objects.update(created_at=now - age)
            with time_machine.travel(now, tick=False):
                tasks.sweep()
            assert AnsweredRequest.objects.exists() is kept


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    @pytest.mark.parametrize("what", ["batch", "event", "reminders", "device"])
    def test_fifty_equal_posts_make_one_row(self, what, monkeypatch):
        monkeypatch.setattr(throttles.Writes, "limits", "1000/second")
        alice = make_user()
        path, body, rows = one_of(what, make_batch(owner=alice, now=timezone.now()))
        before = rows.count()
        answers = at_once(50, lambda _: keyed(app_of(alice), path, body))
        assert rows.count() == before + 1
        made = [answer for answer in answers if answer.status_code == 201]
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert Counter(answer.get("Idempotent-Replayed") for answer in made)[None] == 1
        assert all(answer.json() == made[0].json() for answer in made)

    def test_twelve_equal_ids_make_one_event(self):
        alice = make_user()
        path = f"/batches/{make_batch(owner=alice).pk}/events"
        body = {"id": "5b3a6e1e-5c0c-4b8e-8d8d-0d6a0c8f0a11", "description": "Bubbles"}
        answers = at_once(12, lambda _: call(app_of(alice), "post", path, body).status_code)
        assert Counter(answers) == {201: 1, 200: 11}
        assert Event.objects.count() == 1

    def test_sixteen_edits_of_one_version_end_in_one(self):
        alice = make_user()
        path = f"/batches/{make_batch(owner=alice, name='Jar').pk}"

        def edit(number):
            body, headers = {"name": f"Jar {number}"}, {"If-Match": '"1"'}
            return app_of(alice).patch(f"{BASE}{path}", body, format="json", headers=headers).status_code

        assert Counter(at_once(16, edit)) == {200: 1, 412: 15}
        assert Batch.objects.get().version == 2

    def test_two_confirmations_of_one_kind_leave_one_waiting(self):
        alice = make_user()
        path = f"/batches/{make_batch(owner=alice, now=timezone.now()).pk}/reminders/confirm"
        due_at = (timezone.now() + timedelta(days=365)).isoformat()
        body = {"reminders": [{"kind": "taste", "dueAt": due_at, "message": "Taste it"}]}
        answers = at_once(8, lambda _: call(app_of(alice), "post", path, body).status_code)
        assert Counter(answers) == {201: 8}
        assert Reminder.objects.count() == 1
