"""What comes back from e-mails: no more of them, please; and: they do not arrive."""

import base64
import importlib
import json

import pytest
from django.test import Client
from django.urls import clear_url_caches

from reminders import unsubscribe


@pytest.fixture
def link(alice):
    return unsubscribe.link_for(alice.pk).removeprefix("http://testserver")


class TestUnsubscribe:
    def test_looking_changes_nothing(self, client, alice, link):
        answer = client.get(link)
        alice.refresh_from_db()
        assert (answer.status_code, alice.email_when) == (200, "needed")

    def test_is_one_click_in_the_mail_program(self, alice, link):
        """RFC 8058: a POST by the provider, with no cookie and no token of ours but the one in the link."""
        machine = Client(enforce_csrf_checks=True)
        answer = machine.post(link, {"List-Unsubscribe": "One-Click"})
        alice.refresh_from_db()
        assert (answer.status_code, alice.email_when) == (200, "never")

    def test_twice_is_once(self, client, alice, link):
        assert [client.post(link).status_code for _ in range(2)] == [200, 200]

    def test_is_for_the_one_person_alone(self, client, bob, link):
        client.post(link)
        bob.refresh_from_db()
        assert bob.email_when == "needed"

    def test_with_another_persons_signature_is_nobodys(self, client, alice, bob, link):
        forged = link.replace(alice.pk.hex, bob.pk.hex)
        assert client.post(forged).status_code == 404

    @pytest.mark.parametrize("token", ["x", "x.y", "00000000000000000000000000000000.AAAA", "%00"])
    def test_with_nonsense_is_not_found(self, client, db, token):
        assert client.post(f"/unsubscribe/{token}").status_code == 404

    def test_of_somebody_erased_is_not_found(self, client, alice, link):
        alice.delete()
        assert client.get(link).status_code == 404


@pytest.fixture
def postmark(settings):
    """A Kefir whose mail goes through Postmark."""
    from anymail.signals import tracking

    from kefir import urls
    from reminders import provider_urls
    from reminders.doors import told_by_provider

    settings.EMAIL_PROVIDER, settings.EMAIL_WEBHOOK_SECRET = "postmark", "kefir:secret"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "t", "WEBHOOK_SECRET": "kefir:secret"}
    tracking.connect(told_by_provider, dispatch_uid="mail that comes back is noticed")
    for module in (provider_urls, urls):
        importlib.reload(module)
    clear_url_caches()
    yield
    tracking.disconnect(dispatch_uid="mail that comes back is noticed")
    settings.EMAIL_PROVIDER = ""
    importlib.reload(urls)
    clear_url_caches()


def tell(client, password="secret", **event):
    told = {"RecordType": "Bounce", "Email": "alice@example.com", "ID": 1, "TypeCode": 1, **event}
    basic = base64.b64encode(f"kefir:{password}".encode()).decode()
    return client.post(
        "/webhooks/email/postmark/tracking/",
        json.dumps(told),
        content_type="application/json",
        headers={"Authorization": f"Basic {basic}"},
    )


class TestProvider:
    def test_says_that_mail_comes_back(self, client, alice, bob, postmark):
        assert tell(client, Type="HardBounce").status_code == 200
        for somebody in (alice, bob):
            somebody.refresh_from_db()
        assert alice.email_failed_at is not None
        assert "bounced" in alice.email_failure
        assert bob.email_failed_at is None

    def test_says_that_mail_comes_back_this_once_and_keeps_the_address(self, client, alice, postmark):
        tell(client, Type="SoftBounce", TypeCode=4096)
        alice.refresh_from_db()
        assert alice.email_failed_at is None

    def test_says_that_somebody_calls_it_spam(self, client, alice, postmark):
        tell(client, Type="SpamComplaint", TypeCode=512, RecordType="SpamComplaint")
        alice.refresh_from_db()
        assert (alice.email_when, alice.email_failed_at) == ("never", None)

    def test_of_somebody_unknown_is_heard_and_forgotten(self, client, postmark, db):
        assert tell(client, Type="HardBounce", Email="nobody@example.com").status_code == 200

    def test_must_prove_who_it_is(self, client, alice, postmark):
        assert tell(client, password="wrong", Type="HardBounce").status_code == 400
        alice.refresh_from_db()
        assert alice.email_failed_at is None

    def test_of_another_kind_is_not_there(self, client, postmark):
        assert client.post("/webhooks/email/mailgun/tracking/").status_code == 404


def test_without_a_provider_nothing_is_there(client, db):
    assert client.post("/webhooks/email/postmark/tracking/").status_code == 404
