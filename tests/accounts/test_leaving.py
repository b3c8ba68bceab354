"""Somebody asks that their account be erased, and has a day to think better of it."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from icalendar import Calendar

from accounts import actions, switches
from accounts.models import Challenge, Invitation, KnownDevice, User
from batches.models import Batch
from tests.accounts.people import app_of, is_signed_in, sign_in_app, sign_in_page
from tests.api import BASE
from tests.factories import NOON, make_batch, make_reminder

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def firefox(alice) -> Client:
    """Alice has just signed in here."""
    client = Client()
    sign_in_page(client)
    return client


@pytest.fixture
def leaving(alice) -> User:
    actions.ask_to_erase(user=alice, now=NOON)
    alice.refresh_from_db()
    return alice


class TestAsk:
    def test_gives_a_day_and_takes_nothing_yet(self, alice):
        batch = make_batch(owner=alice)
        assert actions.ask_to_erase(user=alice, now=NOON)
        alice.refresh_from_db()
        assert (alice.is_leaving, alice.erase_at) == (True, NOON + DAY)
        assert Batch.objects.get() == batch

    def test_a_second_time_puts_nothing_off(self, leaving):
        assert not actions.ask_to_erase(user=leaving, now=NOON + HOUR)
        leaving.refresh_from_db()
        assert leaving.erase_at == NOON + DAY

    def test_is_over_when_its_time_has_come_and_not_before(self, leaving, bob):
        assert not User.objects.to_erase(NOON + DAY - timedelta(seconds=1))
        assert list(User.objects.to_erase(NOON + DAY)) == [leaving]


class TestApp:
    def test_tells_it_in_the_language_of_whose_account_it_is(self, alice):
        """Whoever found the phone may read another one."""
        app = app_of(sign_in_app())
        User.objects.update(language="es")
        assert app.delete(f"{BASE}/me", headers={"accept-language": "de"}).status_code == 204
        assert mail.outbox[-1].subject == "Tu cuenta de Kefir se borrará en un día"


class TestPage:
    @time_machine.travel(NOON)
    def test_signs_out_everywhere_and_tells_how_to_stop_it(self, client, alice):
        tokens = sign_in_app()
        sign_in_page(client)
        client.post("/settings/erase/", {"sure": "on"})
        assert app_of(tokens).get(f"{BASE}/me").status_code == 401
        assert not is_signed_in(client)
        told = mail.outbox[-1]
        assert (told.to, told.subject) == (
            ["alice@example.com"],
            "Your Kefir account will be erased in a day",
        )
        assert "on 2 March 2026 at 12:00" in told.body
        assert "http://testserver/settings/erase/" in told.body

    def test_wants_to_be_sure(self, firefox, alice):
        assert firefox.post("/settings/erase/", {"sure": ""}).status_code == 422
        assert not User.objects.get().is_leaving

    @pytest.mark.parametrize("path", ["/", "/batches/", "/settings/", "/settings/erase/"])
    def test_of_every_kind_offers_to_keep_it(self, leaving, client, path):
        sign_in_page(client)
        page = client.get(path).text
        assert "will be erased on" in page
        assert 'action="/settings/erase/keep/"' in page

    def test_keeps_the_account(self, leaving, client):
        sign_in_page(client)
        assert "Your account stays" in client.post("/settings/erase/keep/", follow=True).text
        assert not User.objects.get().is_leaving
        assert "Keep my account" not in client.get("/").text

    def test_keeps_it_by_post_and_for_its_owner_only(self, leaving, client, bob):
        client.force_login(bob)
        assert client.get("/settings/erase/keep/").status_code == 405
        client.post("/settings/erase/keep/")
        leaving.refresh_from_db()
        assert leaving.is_leaving


class TestApi:
    def test_ends_every_session_at_once(self, firefox, alice):
        app = app_of(sign_in_app())
        assert app.delete(f"{BASE}/me").status_code == 204
        assert app.get(f"{BASE}/me").status_code == 401
        assert not Session.objects.exists()
        assert User.objects.get().is_leaving

    def test_tells_of_it_once_by_mail(self, alice):
        for _ in range(2):
            app_of(sign_in_app()).delete(f"{BASE}/me")
        assert sum("erased in a day" in message.subject for message in mail.outbox) == 1

    def test_says_until_when_and_takes_it_back(self, leaving):
        app = app_of(sign_in_app())
        assert app.get(f"{BASE}/me").json()["eraseAt"] == "2026-03-02T12:00:00Z"
        for _ in range(2):
            answer = app.post(f"{BASE}/me/keep")
            assert (answer.status_code, answer.json()["eraseAt"]) == (200, None)
        assert not User.objects.get().is_leaving


class TestMeanwhile:
    @pytest.mark.parametrize("path", ["/b/{}", f"{BASE}/public/b/{{}}"])
    def test_nobody_sees_what_was_shared(self, alice, client, path):
        address = path.format(make_batch(owner=alice, is_public=True).pk)
        assert client.get(address).status_code == 200
        actions.ask_to_erase(user=alice, now=NOON)
        assert client.get(address).status_code == 404
        actions.keep_account(user=alice)
        assert client.get(address).status_code == 200

    def test_the_calendar_is_empty(self, alice, client):
        make_reminder(batch=make_batch(owner=alice), due_at=NOON + HOUR)
        address = f"/calendar/{switches.renew_calendar_key(user=alice)}.ics"
        assert len(Calendar.from_ical(client.get(address).content).walk("VEVENT")) == 1
        actions.ask_to_erase(user=alice, now=NOON)
        assert Calendar.from_ical(client.get(address).content).walk("VEVENT") == []


class TestErase:
    def test_takes_everything(self, firefox, alice, bob):
        make_batch(owner=alice)
        tokens = sign_in_app()
        actions.erase(user=alice)
        assert app_of(tokens).get(f"{BASE}/me").status_code == 401
        assert not is_signed_in(firefox)
        assert list(User.objects.all()) == [bob]
        assert [email.email for email in EmailAddress.objects.all()] == ["bob@example.com"]
        for model in (Batch, Challenge, Invitation, KnownDevice, Session):
            assert not model.objects.exists()
