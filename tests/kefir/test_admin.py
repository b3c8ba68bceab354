"""The back office: it opens, for staff alone, and what is the keepers' is not typed there."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib.admin.sites import site
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches import actions as batches
from batches.models import Batch
from events.models import Event
from reminders.models import Delivery, Reminder
from tests.factories import make_batch, make_event, make_reminder, make_user
from tests.rows import everything_and_everybody

OURS = [Batch, Event, Reminder, Delivery]
EVERY = sorted(site._registry, key=lambda model: model._meta.label)


def list_of(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def page_of(row):
    return f"{list_of(type(row))}{row.pk}/change/"


def fill(keeper, rows):
    now = timezone.now()
    for n in range(rows):
        batch = make_batch(owner=keeper, now=now, name=f"Jar {n}", is_public=True)
        make_event(batch=batch, now=now)
        reminder = make_reminder(batch=batch, now=now, due_at=now + timedelta(hours=1))
        told = {"status": "sent", "attempts": 1, "sent_at": now, "created_at": now}
        Delivery.objects.create(reminder=reminder, round=1, channel="expo", address="1", **told)


@pytest.fixture
def office(client, db):
    client.force_login(make_user("staff@example.com", is_staff=True, is_superuser=True))
    return client


def opened(office, path):
    office.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = office.get(path)
    assert answer.status_code == 200, path
    return len(queries)


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model._meta.label)
class TestEveryModel:
    def test_has_a_list_that_is_searched(self, office, model):
        assert office.get(list_of(model)).status_code == 200
        assert office.get(f"{list_of(model)}?q=jar").status_code == 200

    @pytest.mark.parametrize("words", ["%00", "'", "%25", "9" * 400, "%F0%9F%AB%99"])
    def test_breaks_on_no_words(self, office, model, words):
        assert office.get(f"{list_of(model)}?q={words}").status_code in {200, 302}

    def test_is_closed_to_keepers_and_strangers(self, client, alice, model):
        assert client.get(list_of(model)).status_code == 302
        client.force_login(alice)
        assert client.get(list_of(model)).status_code == 302


class TestPages:
    @pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
    def test_take_the_same_queries_however_many_rows_there_are(self, office, alice, bob, model):
        fill(alice, 2)
        few = opened(office, list_of(model)), opened(office, page_of(model.objects.first()))
        fill(bob, 12)
        many = opened(office, list_of(model)), opened(office, page_of(model.objects.first()))
        assert many == few
        assert max(many) <= 10

    @pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
    def test_let_nobody_type_over_what_a_keeper_wrote(self, office, alice, model):
        fill(alice, 1)
        row, before = model.objects.get(), everything_and_everybody()
        typed = {"name": "Mine", "description": "Mine", "message": "Mine", "notes": "Mine"}
        assert office.post(page_of(row), typed).status_code == 403
        assert office.post(f"{list_of(model)}add/", typed).status_code == 403
        assert office.post(f"{list_of(model)}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        office.post(
            list_of(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        )
        assert everything_and_everybody() == before


class TestSecrets:
    """What would let staff sign in as somebody else is neither shown nor changed."""

    @pytest.fixture
    def second_step(self, alice):
        return Authenticator.objects.create(user=alice, type="totp", data={"secret": "the-secret-itself"})

    def test_of_a_second_step_are_never_read(self, office, second_step):
        page = office.get(page_of(second_step)).content.decode()
        assert "alice@example.com" in page
        assert "the-secret-itself" not in page

    def test_a_second_step_can_be_taken_from_who_lost_it(self, office, second_step):
        office.post(f"{list_of(Authenticator)}{second_step.pk}/delete/", {"post": "yes"})
        assert not Authenticator.objects.exists()

    def test_of_sign_ins_elsewhere_are_not_kept_here(self):
        assert not {SocialApp, SocialToken, EmailAddress} & set(site._registry)

    @pytest.mark.parametrize("model", EVERY, ids=lambda model: model._meta.label)
    def test_no_row_is_made_or_changed_by_hand(self, rf, office, model):
        request = rf.get("/admin/")
        request.user = office.get("/admin/").wsgi_request.user
        admin = site.get_model_admin(model)
        assert not admin.has_change_permission(request, model())
        assert admin.has_add_permission(request) == (model._meta.label == "accounts.Invitation")


class TestActions:
    def act(self, office, model, name, *rows):
        chosen = {"action": name, "_selected_action": [str(row.pk) for row in rows]}
        answer = office.post(list_of(model), chosen, follow=True)
        assert answer.status_code == 200
        return [str(message) for message in answer.context["messages"]]

    @pytest.fixture
    def jar(self, alice):
        return make_batch(owner=alice, now=timezone.now(), is_public=True)

    def test_archive_and_restore(self, office, jar):
        assert self.act(office, Batch, "archive", jar) == ["1 archived."]
        assert Batch.objects.get().is_archived
        assert self.act(office, Batch, "restore", jar) == ["1 restored."]
        assert not Batch.objects.get().is_archived
        assert Event.objects.count() == 2

    def test_make_private_what_should_not_be_seen(self, office, jar, client):
        assert self.act(office, Batch, "unshare", jar) == ["1 made private."]
        assert Client().get(f"/b/{jar.pk}").status_code == 404

    def test_send_again_what_failed_and_nothing_else(self, office, jar):
        now = timezone.now()
        failed, waiting = (make_reminder(batch=jar, now=now, due_at=now + timedelta(hours=n)) for n in (1, 2))
        Reminder.objects.filter(pk=failed.pk).update(
            status="failed", error="The address was refused.", attempts=3
        )
        refused, done = self.act(office, Reminder, "send_again", failed, waiting)
        assert "there is nothing to send again" in refused
        assert done == "1 will be tried again."
        failed.refresh_from_db()
        assert (failed.status, failed.error, failed.attempts) == ("waiting", "", 0)

    def test_cancel_what_waits_and_say_what_cannot_be(self, office, jar):
        now = timezone.now()
        waiting, done = (make_reminder(batch=jar, now=now, due_at=now + timedelta(hours=n)) for n in (1, 2))
        Reminder.objects.filter(pk=done.pk).update(status="done", done_at=now)
        refused, said = self.act(office, Reminder, "cancel", waiting, done)
        assert "done already" in refused
        assert said == "1 cancelled."
        waiting.refresh_from_db()
        assert waiting.status == "cancelled"

    def test_are_not_there_for_staff_who_may_only_look(self, client, jar):
        looker = make_user("looker@example.com", is_staff=True)
        looker.user_permissions.add(Permission.objects.get(codename="view_batch"))
        client.force_login(looker)
        assert client.get(list_of(Batch)).status_code == 200
        client.post(list_of(Batch), {"action": "archive", "_selected_action": [jar.pk]})
        assert not Batch.objects.get().is_archived


class TestDoor:
    @pytest.mark.parametrize("path", ["/admin/", "/admin/batches/batch/", "/admin/nowhere/"])
    def test_sends_a_stranger_to_the_sign_in_by_code(self, client, db, path):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "login" in answer["Location"]

    def test_tells_a_keeper_nothing(self, client, alice):
        client.force_login(alice)
        answer = client.get("/admin/", follow=True)
        assert answer.redirect_chain[-1][0] == "/"

    def test_wants_a_second_factor_outside_local_mode(self, office, settings):
        settings.LOCAL = False
        answer = office.get("/admin/", follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/2fa/")

    def test_knows_no_password(self, office):
        assert office.get("/admin/password_change/").status_code == 302
        assert (
            office.post("/admin/login/", {"username": "staff@example.com", "password": "x"}).status_code
            == 302
        )


def test_an_archived_batch_is_still_found(office, alice):
    jar = batches.archive(batch=make_batch(owner=alice, name="Old jar"), now=timezone.now())
    assert jar.pk in office.get(f"{list_of(Batch)}?q={jar.pk}").content.decode()
