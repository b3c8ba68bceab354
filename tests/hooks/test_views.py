import pytest
from django.contrib.messages import get_messages

from hooks import actions
from hooks.models import Endpoint, HookDelivery
from tests.api import app_of, call, reasons
from tests.factories import NOON, make_user
from tests.hooks.factories import make_endpoint, make_webhook_delivery
from tests.hooks.sink import URL
from work.models import Job

PAGE = "/settings/webhooks/"


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def at(endpoint):
    return f"{PAGE}{endpoint.pk}"


class TestAdding:
    def test_shows_the_secret_once(self, page):
        answer = page.post(f"{PAGE}add", {"url": URL, "kinds": ["batch.moved"]})
        endpoint = Endpoint.objects.get()
        assert answer["Location"] == f"{PAGE}{endpoint.pk}"
        assert endpoint.secret.encode() in page.get(answer["Location"]).content
        assert endpoint.secret.encode() not in page.get(answer["Location"]).content

    def test_shows_it_on_no_other_webhooks_page(self, page, at):
        page.post(f"{PAGE}add", {"url": "https://other.example.org/"})
        secret = Endpoint.objects.get(url="https://other.example.org/").secret.encode()
        assert secret not in page.get(at).content

    @pytest.mark.parametrize(
        "url",
        ["https://localhost/", "http://a.example.org/", "https://a.example.org:8443/", "https://[::1]/"],
    )
    def test_refuses_what_the_api_refuses(self, page, alice, url):
        answer = page.post(f"{PAGE}add", {"url": url})
        errors = answer.context["form"].errors.as_data()
        assert answer.status_code == 422
        assert {(field, one.code) for field, all_of in errors.items() for one in all_of} == reasons(
            call(app_of(alice), "post", "/webhooks", {"url": url})
        )

    def test_is_not_offered_to_those_who_have_ten(self, page, alice):
        for n in range(10):
            make_endpoint(owner=alice, url=f"https://n{n}.example.org/")
        assert b"Add a webhook" not in page.get(PAGE).content
        assert page.post(f"{PAGE}add", {"url": URL}).status_code == 422


class TestOne:
    def test_shows_what_became_of_messages(self, page, alice):
        delivery = make_webhook_delivery(owner=alice)
        HookDelivery.objects.update(status="failed", attempts=5, status_code=502, error="It answered 502.")
        text = page.get(f"{PAGE}{delivery.endpoint_id}").content.decode()
        assert "It answered 502." in text
        assert f"/settings/webhooks/deliveries/{delivery.pk}/replay" in text
        assert "The last one. We forget it after 30 days." in text

    def test_says_that_it_was_given_up(self, page, endpoint, at):
        Endpoint.objects.update(is_on=False, disabled_at=NOON, disabled_reason="It says that it is gone.")
        text = page.get(at).content.decode()
        assert "It says that it is gone." in text
        assert "Switch on" in text

    def test_is_changed(self, page, endpoint, at):
        page.post(f"{at}/edit", {"url": "https://new.example.org/", "kinds": ["event.recorded"]})
        endpoint.refresh_from_db()
        assert (endpoint.url, endpoint.kinds) == ("https://new.example.org/", ["event.recorded"])
        assert page.post(f"{at}/edit", {"url": "https://127.1/"}).status_code == 422

    def test_is_switched_off_and_on(self, page, endpoint, at):
        for value, is_on in (("off", False), ("on", True)):
            page.post(f"{at}/switch", {"is_on": value})
            assert Endpoint.objects.get().is_on is is_on

    def test_is_removed(self, page, endpoint, at):
        page.post(f"{at}/remove")
        assert not Endpoint.objects.exists()

    def test_takes_a_new_secret_and_shows_it(self, page, endpoint, at):
        page.post(f"{at}/secret")
        text = page.get(at).content
        assert Endpoint.objects.get().secret.encode() in text
        assert endpoint.secret.encode() not in text

    def test_is_tried_out_by_a_job_and_not_by_the_page(self, page, endpoint, at):
        assert said(page.post(f"{at}/test")) == ["A test message is on its way. Look below in a moment."]
        assert (HookDelivery.objects.get().status, Job.objects.count()) == ("waiting", 1)

    def test_is_not_tried_out_for_ever(self, page, endpoint, at):
        answers = [page.post(f"{at}/test") for _ in range(7)]
        assert said(answers[-1])[-1].startswith("That was often.")
        assert HookDelivery.objects.count() == 6

    def test_says_why_it_is_not_tried_out(self, page, endpoint, at):
        actions.edit(endpoint=endpoint, now=NOON, is_on=False)
        assert said(page.post(f"{at}/test")) == ["This webhook is switched off. Switch it on first."]


class TestReplaying:
    def test_sends_once_more(self, page, alice):
        delivery = make_webhook_delivery(owner=alice)
        HookDelivery.objects.update(status="failed")
        answer = page.post(f"{PAGE}deliveries/{delivery.pk}/replay")
        assert said(answer) == ["It is sent once more."]
        assert HookDelivery.objects.get().is_waiting


class TestBackOffice:
    @pytest.fixture
    def office(self, db, client):
        client.force_login(make_user("staff@example.com", is_staff=True, is_superuser=True))
        return client

    def test_shows_neither_secrets_nor_what_people_wrote(self, office, alice, client):
        delivery = make_webhook_delivery(owner=alice)
        for path in (f"endpoint/{delivery.endpoint_id}", f"message/{delivery.message_id}"):
            text = office.get(f"/admin/hooks/{path}/change/", follow=True).content.decode()
            assert "alice@example.com" in text
            assert delivery.endpoint.secret not in text
            assert delivery.message.body not in text

    def test_replays_what_was_given_up_and_says_what_was_not(self, office, alice):
        given_up = make_webhook_delivery(owner=alice)
        HookDelivery.objects.update(status="failed")
        waiting = actions.ping(endpoint=given_up.endpoint, now=NOON)
        action = {"action": "replay", "_selected_action": [given_up.pk, waiting.pk]}
        text = office.post("/admin/hooks/hookdelivery/", action, follow=True).content.decode()
        assert "1 will be tried again." in text
        assert "nothing to replay" in text
