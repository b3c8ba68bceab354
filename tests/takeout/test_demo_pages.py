"""Trying it at the browser: one button, two days, and an address that makes it one's own."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import actions as accounts
from accounts import demos as accounts_demos
from accounts.models import User
from batches.models import Batch
from takeout import demo_views, demos
from tests.accounts.people import another, is_signed_in, last_code
from tests.factories import make_batch, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_week(monkeypatch):
    """One jar of ours is enough here."""
    monkeypatch.setattr(
        demos.demo_week, "fill", lambda *, keeper, now: make_batch(owner=keeper, now=now, name="Example")
    )


def tries(client, **extra):
    answer = client.post("/trial/", **extra)
    assert (answer.status_code, answer["Location"]) == (302, "/"), answer.content
    return User.objects.get(pk=client.session["_auth_user_id"])


def starts_own(demo):
    return make_batch(owner=demo, now=timezone.now() + timedelta(seconds=1), name="My own")


def proves(client, email="new@example.com"):
    client.post("/trial/keep/", {"email": email})
    return client.post("/trial/keep/code/", {"code": last_code()}, follow=True)


def names(user):
    return set(Batch.objects.of(user).values_list("name", flat=True))


class TestBegin:
    def test_stands_on_the_front_page(self, client):
        assert 'action="/trial/"' in client.get("/").content.decode()

    def test_opens_a_kitchen_at_once(self, client):
        demo = tries(client)
        page = client.get("/").content.decode()
        assert demo.demo_until is not None
        assert "This is a trial" in page
        assert "Example" in page
        assert mail.outbox == []

    def test_takes_over_where_the_browser_is(self, client):
        client.post("/trial/", {"timezone": "Asia/Tokyo", "temperature_unit": "C", "volume_unit": "ml"})
        assert User.objects.get().timezone == "Asia/Tokyo"

    def test_pressed_twice_on_one_page_is_one(self):
        first, second = Client(), Client()
        first.get("/")
        second.cookies["csrf"] = first.cookies["csrf"].value
        assert tries(first) == tries(second)

    def test_for_two_people_is_two(self):
        assert tries(Client()) != tries(Client())

    def test_for_somebody_who_is_signed_in_changes_nothing(self, page, alice):
        page.post("/trial/")
        assert User.objects.get() == alice
        assert is_signed_in(page)

    def test_wants_the_token_of_our_own_form(self):
        assert Client(enforce_csrf_checks=True).post("/trial/").status_code == 403
        assert not User.objects.exists()

    @pytest.mark.parametrize("registration", ["closed", "invite"])
    def test_is_for_houses_where_anybody_may_come(self, client, settings, registration):
        settings.REGISTRATION = registration
        assert 'action="/trial/"' not in client.get("/").content.decode()
        assert client.post("/trial/").status_code == 404
        assert not User.objects.exists()

    def test_is_never_begun_by_looking(self, client):
        assert client.get("/trial/").status_code == 405

    def test_is_not_done_for_ever(self, monkeypatch):
        monkeypatch.setattr(demo_views, "PER_CLIENT", "2/hour")
        tries(Client()), tries(Client())
        answer = Client().post("/trial/")
        assert answer.status_code == 429
        assert 3590 <= int(answer["Retry-After"]) <= 3600
        assert f'data-countdown="{answer["Retry-After"]}"' in answer.content.decode()
        assert User.objects.count() == 2

    def test_says_so_when_there_is_a_crowd(self, client, monkeypatch):
        monkeypatch.setattr(accounts_demos, "MOST_AT_ONCE", 0)
        answer = client.post("/trial/", follow=True)
        assert "Very many are trying it" in answer.content.decode()
        assert not User.objects.exists()


class TestInATrial:
    @pytest.mark.parametrize(
        "path", ["/settings/email/", "/settings/tokens/", "/settings/erase/", "/accounts/still-you/"]
    )
    def test_what_wants_a_proof_leads_to_keeping_it(self, client, path):
        tries(client)
        assert client.get(path)["Location"] == "/trial/keep/"

    def test_a_refusal_is_said_on_the_form(self, client):
        tries(client)
        answer = client.post("/settings/reminders/", {"push_on": "on", "email_when": "never"})
        assert answer.status_code == 422
        assert "In a trial nothing is sent" in answer.content.decode()

    def test_nobody_signs_in_to_it_by_its_address(self, client):
        demo = tries(client)
        Client().post("/accounts/login/", {"email": demo.email})
        assert mail.outbox == []


class TestKeep:
    def test_makes_it_an_account_under_the_address(self, client):
        demo = tries(client)
        page = proves(client)
        assert "What shall stay?" in page.content.decode()
        demo.refresh_from_db()
        assert (demo.email, demo.demo_until) == ("new@example.com", None)
        assert "This is a trial" not in client.get("/settings/").content.decode()

    @pytest.mark.parametrize(
        ("choice", "left"), [("all", {"Example", "My own"}), ("own", {"My own"}), ("nothing", set())]
    )
    def test_asks_what_shall_stay(self, client, choice, left):
        demo = tries(client)
        starts_own(demo)
        proves(client)
        client.post("/trial/choose/", {"keep": choice})
        assert names(demo) == left

    def test_keeps_all_of_it_until_that_is_said(self, client):
        demo = tries(client)
        starts_own(demo)
        proves(client)
        assert names(demo) == {"Example", "My own"}

    def test_asks_once(self, client):
        demo = tries(client)
        proves(client)
        client.post("/trial/choose/", {"keep": "all"})
        assert client.post("/trial/choose/", {"keep": "nothing"})["Location"] == "/"
        assert names(demo) == {"Example"}

    def test_takes_no_other_answer(self, client):
        demo = tries(client)
        proves(client)
        assert client.post("/trial/choose/", {"keep": "everybody's"}).status_code == 422
        assert names(demo) == {"Example"}

    def test_wants_the_right_code(self, client):
        demo = tries(client)
        client.post("/trial/keep/", {"email": "new@example.com"})
        answer = client.post("/trial/keep/code/", {"code": another(last_code())})
        assert answer.status_code == 422
        demo.refresh_from_db()
        assert demo.demo_until is not None

    def test_wants_the_code_of_the_address_that_was_named_last(self, client, alice):
        demo = tries(client)
        client.post("/trial/keep/", {"email": "mine@example.com"})
        code = last_code()
        client.post("/trial/keep/", {"email": alice.email})
        assert client.post("/trial/keep/code/", {"code": code}).status_code == 422
        assert not Batch.objects.of(alice).exists()
        assert User.objects.filter(pk=demo.pk, demo_until__isnull=False).exists()

    def test_is_not_open_to_real_accounts(self, page):
        assert page.get("/trial/keep/")["Location"] == "/"
        assert page.post("/trial/keep/", {"email": "new@example.com"})["Location"] == "/"
        assert page.get("/trial/choose/")["Location"] == "/"
        assert mail.outbox == []

    def test_gives_the_session_another_key(self, client):
        tries(client)
        before = client.session.session_key
        proves(client)
        assert client.session.session_key != before

    def test_opens_no_account_where_nobody_may_have_one(self, client, settings):
        demo = tries(client)
        settings.REGISTRATION = "closed"
        client.post("/trial/keep/", {"email": "new@example.com"})
        assert "invitation" in mail.outbox[-1].body.lower()
        demo.refresh_from_db()
        assert demo.demo_until is not None

    def test_comes_too_late_when_the_trial_is_over(self, client):
        tries(client)
        client.post("/trial/keep/", {"email": "new@example.com"})
        User.objects.update(demo_until=timezone.now())
        answer = client.post("/trial/keep/code/", {"code": last_code()})
        assert "This trial is over" in answer.content.decode()
        assert not User.objects.filter(email="new@example.com").exists()


class TestSomebodyWhoHasAnAccount:
    def test_is_signed_in_to_it_and_asked(self, client, alice):
        tries(client)
        page = proves(client, alice.email).content.decode()
        assert "What shall stay?" in page
        assert alice.email in page
        assert client.session["_auth_user_id"] == str(alice.pk)
        assert names(alice) == set()

    def test_brings_along_what_they_choose(self, client, alice):
        demo = tries(client)
        starts_own(demo)
        proves(client, alice.email)
        client.post("/trial/choose/", {"keep": "own"})
        assert names(alice) == {"My own"}
        assert User.objects.get() == alice

    def test_loses_the_trial_by_not_choosing_and_nothing_else(self, client, alice):
        demo = tries(client)
        proves(client, alice.email)
        assert User.objects.filter(pk=demo.pk, demo_until__isnull=False).exists()

    def test_shows_the_second_step_before_anything_moves(self, client, alice):
        TOTP.activate(alice, generate_totp_secret())
        demo = tries(client)
        starts_own(demo)
        answer = proves(client, alice.email)
        assert answer.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
        assert client.post("/trial/choose/", {"keep": "all"}).status_code == 302
        assert names(alice) == set()
        assert not is_signed_in(client)

    def test_who_may_not_sign_in_gets_nothing(self, client, alice):
        accounts.deactivate(user=alice)
        demo = tries(client)
        client.post("/trial/keep/", {"email": alice.email})
        assert "The account is closed" in mail.outbox[-1].body
        assert User.objects.filter(pk=demo.pk, demo_until__isnull=False).exists()


def test_a_session_goes_with_its_trial(client, run_jobs):
    tries(client)
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        from takeout import farewells

        farewells.begin(now=timezone.now())
        run_jobs(now=timezone.now())
        assert client.get("/settings/").status_code == 302
    assert make_user("new@example.com")
