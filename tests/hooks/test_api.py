import pytest

from hooks import actions
from hooks.models import Endpoint, HookDelivery
from tests.api import app_of, call, reasons
from tests.factories import NOON, make_batch
from tests.fakes.http import Reply
from tests.hooks.factories import make_endpoint, make_webhook_delivery
from tests.hooks.sink import URL, is_signed
from work.models import Job


class TestWebhooks:
    def test_are_added_with_a_secret_that_is_shown_once(self, api):
        answer = call(api, "post", "/webhooks", {"url": URL, "kinds": ["batch.moved"]})
        assert answer.status_code == 201
        made = answer.json()
        assert made.pop("secret") == Endpoint.objects.get().secret
        assert call(api, "get", f"/webhooks/{made['id']}").json() == made
        assert call(api, "get", "/webhooks").json()["results"] == [made]

    def test_look_like_this(self, api, endpoint):
        assert call(api, "get", f"/webhooks/{endpoint.pk}").json() == {
            "id": str(endpoint.pk),
            "url": URL,
            "kinds": [],
            "isOn": True,
            "failures": 0,
            "failingSinceAt": None,
            "disabledAt": None,
            "disabledReason": "",
            "createdAt": "2026-03-01T12:00:00Z",
        }

    def test_sent_twice_with_a_key_are_added_once(self, api):
        first, second = (
            call(api, "post", "/webhooks", {"url": URL}, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)
        )
        assert first.json() == second.json()
        assert second["Idempotent-Replayed"] == "true"
        assert Endpoint.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({}, ("url", "required")),
            ({"url": "https://localhost/"}, ("url", "local_name")),
            ({"url": "https://169.254.169.254/latest"}, ("url", "ip_address")),
            ({"url": 5}, ("url", "invalid")),
            ({"url": "https://a.example.org/\u0000"}, ("url", "null_characters_not_allowed")),
            ({"url": URL, "kinds": ["beer"]}, ("kinds.0", "invalid_choice")),
            ({"url": URL, "kinds": ["ping"]}, ("kinds.0", "invalid_choice")),
            ({"url": URL, "kinds": "batch.moved"}, ("kinds", "not_a_list")),
            ({"url": URL, "kinds": ["batch.moved"] * 99}, ("kinds", "max_length")),
            ({"url": URL, "secret": "mine"}, ("secret", "unknown_field")),
            ({"url": URL, "isOn": False}, ("isOn", "unknown_field")),
        ],
    )
    def test_are_refused_with_a_reason(self, api, body, reason):
        answer = call(api, "post", "/webhooks", body)
        assert (answer.status_code, reasons(answer)) == (400, {reason})
        assert not Endpoint.objects.exists()

    def test_are_changed_and_switched_off_and_on(self, api, endpoint):
        path = f"/webhooks/{endpoint.pk}"
        assert call(api, "patch", path, {"isOn": False}).json()["isOn"] is False
        assert call(api, "patch", path, {"isOn": True, "kinds": ["event.recorded"]}).json()["kinds"] == [
            "event.recorded"
        ]
        assert reasons(call(api, "patch", path, {"url": "http://a.example.org/"})) == {("url", "not_https")}
        assert reasons(call(api, "patch", path, {"failures": 0})) == {("failures", "unknown_field")}

    def test_are_removed(self, api, endpoint):
        assert call(api, "delete", f"/webhooks/{endpoint.pk}").status_code == 204
        assert not Endpoint.objects.exists()

    def test_take_a_new_secret(self, api, endpoint):
        answer = call(api, "post", f"/webhooks/{endpoint.pk}/secret")
        endpoint.refresh_from_db()
        assert answer.json()["secret"] == endpoint.secret != endpoint.former_secret


class TestDeliveries:
    def test_are_listed_newest_first_for_one_webhook(self, api, alice):
        first = make_webhook_delivery(owner=alice)
        second = actions.ping(endpoint=first.endpoint, now=NOON.replace(hour=13))
        actions.ping(endpoint=make_endpoint(owner=alice, url="https://o.example.org/"), now=NOON)
        listed = call(api, "get", f"/webhooks/{first.endpoint_id}/deliveries").json()["results"]
        assert [one["id"] for one in listed] == [str(second.pk), str(first.pk)]
        assert (listed[0]["kind"], listed[0]["status"], listed[0]["attempts"]) == ("ping", "waiting", 0)

    def test_from_a_batch_to_the_program_that_checks_it(self, api, sink, run_jobs):
        """The main job, from outside."""
        made = call(api, "post", "/webhooks", {"url": URL}).json()
        batch = call(api, "post", "/batches", {"name": "Fig"}).json()
        run_jobs()
        [request] = sink.received
        assert is_signed(request, made["secret"])
        [message] = sink.messages
        del batch["suggestions"]
        assert (message["kind"], message["data"]) == ("batch.started", batch)
        [delivery] = call(api, "get", f"/webhooks/{made['id']}/deliveries").json()["results"]
        assert (delivery["status"], delivery["message"]) == ("delivered", message["id"])

    def test_a_test_is_sent(self, api, endpoint, sink, run_jobs):
        answer = call(api, "post", f"/webhooks/{endpoint.pk}/test")
        assert (answer.status_code, answer.json()["kind"]) == (201, "ping")
        run_jobs()
        assert sink.kinds == ["ping"]

    def test_are_replayed_when_they_were_given_up(self, api, alice):
        delivery = make_webhook_delivery(owner=alice)
        path = f"/webhooks/deliveries/{delivery.pk}/replay"
        answer = call(api, "post", path)
        assert (answer.status_code, answer.json()["code"]) == (400, "not_given_up")
        Job.objects.all().delete()
        HookDelivery.objects.update(status="failed")
        assert call(api, "post", path).json()["status"] == "waiting"
        assert Job.objects.count() == 1


class TestStrangers:
    def test_hear_nothing(self, alice, bob, sink, run_jobs):
        make_endpoint(owner=bob)
        make_batch(owner=alice)
        run_jobs()
        assert sink.received == []
        assert call(app_of(alice), "get", "/webhooks").json()["results"] == []

    def test_of_somebody_elses_secret_there_is_no_trace(self, api, endpoint, sink, run_jobs, caplog):
        """Neither in answers, nor in logs, nor in what is sent."""
        caplog.set_level("DEBUG")
        sink.replies = [Reply(500)]
        call(api, "post", f"/webhooks/{endpoint.pk}/test")
        run_jobs()
        paths = ("/webhooks", f"/webhooks/{endpoint.pk}", f"/webhooks/{endpoint.pk}/deliveries")
        seen = [call(api, "get", path).content.decode() for path in paths]
        seen += [caplog.text, str(sink.received[0].headers), sink.received[0].body.decode()]
        assert not [text for text in seen if endpoint.secret in text]
