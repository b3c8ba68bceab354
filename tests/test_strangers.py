"""Nobody sees or changes what is not theirs, at any address and by any method. A new address is walked unasked."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from accounts import access
from accounts.models import User
from batches import actions as batches
from batches import grains
from batches.identifiers import new_batch_id
from batches.models import Batch
from batches.undoing import Undoable
from events.models import Event
from reminders.models import Reminder
from tags import orders
from tags.codes import new_code
from takeout import actions as takeout
from takeout import imports
from tests.accounts.phones import make_device
from tests.api import BASE, app_of, call, reasons
from tests.events.album import make_copied
from tests.factories import make_batch, make_event, make_reminder, make_user
from tests.hooks.factories import make_webhook_delivery
from tests.routes import OPENED_BY_A_SENSOR, OPENED_BY_A_TOKEN, routes
from tests.rows import everything_and_everybody
from tests.sensors.gadgets import make_sensor
from tests.tags.jars import make_tag
from tests.tokens import tokens_of

ROUTES = [
    route for route in routes() if route.ids and route.path not in OPENED_BY_A_TOKEN | OPENED_BY_A_SENSOR
]
BY_TOKEN = [route for route in routes() if route.path in OPENED_BY_A_TOKEN]
FOR_STRANGERS = {f"{path}<batch:batch_id>" for path in ("/b/", "/B/", f"{BASE}/public/b/")} | {
    f"/{j}/<jar:code>" for j in "jJ"
}
METHODS = ["get", "head", "options", "post", "put", "patch", "delete"]
ELSEWHERE = {
    "batch_id": new_batch_id,
    "event_id": uuid4,
    "photo_id": uuid4,
    "reminder_id": uuid4,
    "sensor_id": uuid4,
    "pk": lambda: 987_654,
    "device_id": lambda: "phone-9",
    "device_pk": lambda: 987_654,
    "token_id": uuid4,
    "export_id": uuid4,
    "import_id": uuid4,
    "tag_id": uuid4,
    "sheet_id": uuid4,
    "code": new_code,
    "endpoint_id": uuid4,
    "undo_id": uuid4,
    "hook_delivery_id": uuid4,
    "grains_id": uuid4,
    "weighing_id": uuid4,
}


class Unreadable:
    """A body that nobody has any business to look into."""

    def read(self, *_):
        raise AssertionError("the body was read before the door was opened")

    readline = read


@pytest.fixture
def theirs(alice):
    """The ids of what is Alice's. An address that names something new wants it added here."""
    now = timezone.now()
    batch = make_batch(owner=alice, now=now, name="Secret jar", notes="Hidden figs")
    browser = Client()
    browser.force_login(alice)
    sensor, sensor_token = make_sensor(owner=alice, name="Secret float", batch=batch, now=now)
    session = UserSession.objects.create(
        user=alice, session_key=browser.session.session_key, ip="192.0.2.1", user_agent="x", data={}
    )
    tag = make_tag(owner=alice, batch=batch, name="Secret tall one", now=now)
    delivery = make_webhook_delivery(owner=alice, now=now)
    put_away = Undoable(batches.archive, of=batch)
    put_away(batch=batch, now=now)
    batches.restore(batch=batch, now=now)
    kept = grains.keep(owner=alice, now=now, name="Secret grains", notes="Hidden place", grams=80)
    return {
        "undo_id": put_away.undo.pk,
        "batch_id": batch.pk,
        "endpoint_id": delivery.endpoint_id,
        "hook_delivery_id": delivery.pk,
        "event_id": make_event(batch=batch, now=now, description="Hidden words").pk,
        "photo_id": make_copied(batch=batch, now=now, caption="Hidden words").pk,
        "reminder_id": make_reminder(batch=batch, now=now, due_at=now + timedelta(hours=1)).pk,
        "sensor_id": sensor.pk,
        "tag_id": tag.pk,
        "code": tag.code,
        "grains_id": kept.pk,
        "weighing_id": kept.weighings.get().pk,
        "sheet_id": orders.order(owner=alice, batches=[batch], now=now).pk,
        "token": sensor_token,
        "pk": session.pk,
        "device_id": "phone-1",
        "device_pk": make_device(owner=alice, device_id="phone-1", name="Secret phone").pk,
        "token_id": access.make_token(user=alice, name="Secret script", scope="read", now=now)[0].pk,
        "import_id": imports.ask(user=alice, kind="table", size_bytes=5, now=now).pk,
        "export_id": takeout.ask_for_archive(user=alice, now=now).pk,
    }


def visitor(who):
    client = Client(raise_request_exception=False)
    if who == "alice":
        client.force_login(User.objects.get(email="alice@example.com"))
    if who == "bob":
        client.force_login(make_user("bob@example.com"))
    if who == "staff":
        client.force_login(make_user("staff@example.com", is_staff=True, is_superuser=True))
    return client


def knock(client, route, method, known):
    """A request whose body is garbage, and at the API not even that."""
    extra = {"wsgi.input": Unreadable(), "CONTENT_LENGTH": "9"} if route.is_api and method != "get" else {}
    return client.generic(
        method.upper(), route.to(**known), b"{garbage}", content_type="application/json", **extra
    )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
class TestEveryAddress:
    @pytest.mark.parametrize("who", ["bob", "staff"])
    def test_looks_to_another_as_if_nothing_were_there(self, theirs, who, route):
        client, before = visitor(who), everything_and_everybody()
        answers = {method: knock(client, route, method, theirs) for method in METHODS}
        unknown = {name: make() for name, make in ELSEWHERE.items()}
        assert statuses(answers) == {
            method: knock(client, route, method, unknown).status_code for method in METHODS
        }
        assert set(statuses(answers).values()) <= {404, 405}
        assert not [method for method, answer in answers.items() if tells_a_secret(answer)]
        assert everything_and_everybody() == before

    def test_asks_a_stranger_to_sign_in(self, theirs, route):
        client, before = visitor("nobody"), everything_and_everybody()
        answers = {method: knock(client, route, method, theirs) for method in METHODS}
        let_in = {method for method, answer in answers.items() if not is_shut(route, answer)}
        assert not let_in
        assert everything_and_everybody() == before


def statuses(answers):
    return {method: answer.status_code for method, answer in answers.items()}


def tells_a_secret(answer):
    return b"Secret" in answer.content or b"Hidden" in answer.content


def is_shut(route, answer):
    """A page shows the way to the sign-in, the API says 401; what is meant for strangers looks empty."""
    if route.path in FOR_STRANGERS:
        return answer.status_code in {404, 405}
    if route.is_api:
        return answer.status_code == 401
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_the_walk_knocks_at_doors_that_open_to_their_owner(theirs, alice):
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    answers = {route.path: knock(client, route, "get", theirs).status_code for route in ROUTES}
    closed = {path for path, status in answers.items() if status == 404}
    assert closed == {"/api/v1/public/b/<batch:batch_id>"}


def test_the_walk_knows_every_app():
    assert {route.view.__module__ for route in ROUTES} >= {
        f"{app}.{door}"
        for app in ("batches", "events", "sensors", "tags", "reminders")
        for door in ("api", "views")
    }


@pytest.mark.parametrize("route", BY_TOKEN, ids=lambda route: route.path)
class TestAddressesOpenedByAToken:
    """Whoever is signed in, or nobody: the token is all that counts."""

    WHO = pytest.mark.parametrize("who", ["nobody", "bob", "staff", "alice"])

    @pytest.fixture
    def true(self, theirs, route):
        return tokens_of(Reminder.objects.get(pk=theirs["reminder_id"]))[route.path]

    @WHO
    def test_are_not_there_for_whoever_has_made_one_up(self, true, who, route):
        client, before = visitor(who), everything_and_everybody()
        for forged in (dict.fromkeys(true, "x" * 60), {name: mangled(token) for name, token in true.items()}):
            answers = {method: knock(client, route, method, forged) for method in METHODS}
            assert set(statuses(answers).values()) in ({404}, {404, 405})
            assert not [method for method, answer in answers.items() if tells_a_secret(answer)]
        assert everything_and_everybody() == before

    @WHO
    def test_change_nothing_by_being_looked_at(self, true, who, route):
        client, before = visitor(who), everything_and_everybody()
        looked = statuses({method: knock(client, route, method, true) for method in METHODS[:3]})
        assert set(looked.values()) <= {200, 405}
        assert everything_and_everybody() == before

    def test_know_no_other_way_to_act_than_post(self, true, route):
        client, before = visitor("nobody"), everything_and_everybody()
        other = statuses(
            {method: knock(client, route, method, true) for method in ("put", "patch", "delete")}
        )
        assert set(other.values()) == {405}
        assert everything_and_everybody() == before


def mangled(token):
    """With one character in its middle changed."""
    middle = len(token) // 2
    return token[:middle] + ("b" if token[middle] == "a" else "a") + token[middle + 1 :]


def test_all_that_is_opened_by_a_token_is_there_and_no_other_page_goes_without_a_csrf_token():
    """The app's sign-in with a provider's token is no page: it brings that token, and no cookie."""
    assert {route.path for route in BY_TOKEN} == OPENED_BY_A_TOKEN
    pages = [route for route in routes() if not route.is_api and not route.path.startswith("/_allauth/app/")]
    exempt = {route.path for route in pages if getattr(route.view, "csrf_exempt", False)}
    assert exempt == OPENED_BY_A_TOKEN


class TestIdsInBodies:
    def test_nobody_brews_again_from_anothers_batch(self, theirs, bob):
        answer = call(app_of(bob), "post", "/batches", {"parent": theirs["batch_id"]})
        unknown = call(app_of(bob), "post", "/batches", {"parent": new_batch_id()})
        assert reasons(answer) == reasons(unknown) == {("parent", "does_not_exist")}
        assert not Batch.objects.of(bob).exists()

    def test_nor_on_the_page(self, theirs, bob, client):
        client.force_login(bob)
        assert client.get(f"/batches/new?again={theirs['batch_id']}").status_code == 404
        assert client.post(f"/batches/new?again={theirs['batch_id']}").status_code == 404

    def test_the_id_of_anothers_event_is_taken_and_nothing_more(self, theirs, bob):
        path = f"/batches/{make_batch(owner=bob).pk}/events"
        answer = call(app_of(bob), "post", path, {"id": str(theirs["event_id"]), "description": "Mine"})
        assert (answer.status_code, answer.json()["code"]) == (409, "id_taken")
        assert b"Hidden" not in answer.content
        assert Event.objects.get(pk=theirs["event_id"]).description == "Hidden words"

    def test_what_follows_anothers_batch_is_not_told(self, theirs, bob, client):
        client.force_login(bob)
        make_batch(owner=bob, name="Mine")
        for path in ("/batches/?after=", f"{BASE}/batches?cursor="):
            assert b"Secret" not in client.get(f"{path}{theirs['batch_id']}").content


class TestLists:
    @pytest.mark.parametrize(
        "path", [f"{BASE}/batches", f"{BASE}/me/reminders", "/", "/batches/", "/reminders/"]
    )
    def test_hold_nothing_of_anothers(self, theirs, bob, client, path):
        client.force_login(bob)
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"Secret" not in answer.content
        assert str(theirs["batch_id"]).encode() not in answer.content


class TestShared:
    @pytest.fixture
    def shared(self, alice):
        return make_batch(
            owner=alice, name="Shared jar", notes="Hidden figs", is_public=True, public_note="Ask for grains"
        )

    @pytest.mark.parametrize("path", ["/b/{}", f"{BASE}/public/b/{{}}"])
    def test_a_stranger_reads_what_is_shared_and_no_more(self, shared, alice, path):
        answer = Client().get(path.format(shared.pk))
        assert answer.status_code == 200
        assert b"Ask for grains" in answer.content
        for secret in ("Hidden", alice.email, str(alice.pk)):
            assert secret.encode() not in answer.content

    def test_a_stranger_changes_nothing_of_it(self, shared, bob):
        answer = call(app_of(bob), "patch", f"/batches/{shared.pk}", {"name": "Mine"})
        assert answer.status_code == 404

    def test_private_and_unknown_look_the_same(self, alice, client):
        private, unknown = make_batch(owner=alice).pk, new_batch_id()
        for path in ("/b/{}", f"{BASE}/public/b/{{}}"):
            seen = [client.get(path.format(one)) for one in (private, unknown)]
            shapes = [
                SimpleNamespace(body=plain(one, private, unknown), status=one.status_code) for one in seen
            ]
            assert shapes[0] == shapes[1]
            assert shapes[0].status == 404


def plain(answer, *ids):
    """Its body without what differs from one answer to the next."""
    body = answer.content.decode()
    for name in (*ids, answer["X-Request-ID"]):
        body = body.replace(name, "…")
    return body


def test_a_deactivated_keeper_is_a_stranger_at_once(alice, client):
    client.force_login(alice)
    alice.is_active = False
    alice.save()
    assert get_user(client).is_anonymous
    assert client.get(f"{BASE}/batches").status_code == 401
