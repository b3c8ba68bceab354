"""How far each token reaches, at every address and by every method. A new one must be placed here."""

import pytest
from rest_framework.test import APIClient

from accounts import access, scopes
from accounts.authentication import TokenAuthentication
from accounts.models import AccessToken
from accounts.scopes import SIGN_IN, Scope
from tests.factories import NOON
from tests.routes import routes
from tests.test_strangers import ELSEWHERE

B = "/api/v1"
BATCH = f"{B}/batches/<batch:batch_id>"
WEBHOOK = f"{B}/webhooks/<uuid:endpoint_id>"
REMINDER = f"{B}/reminders/<uuid:reminder_id>"
# What is not read-only, by how far a token must reach. Reading wants `read`, and stands here only where no token may.
PLACED = {
    ("POST", f"{BATCH}/events"): Scope.LOG,
    ("POST", f"{BATCH}/photos/upload-url"): Scope.LOG,
    ("POST", f"{BATCH}/photos"): Scope.LOG,
    ("PATCH", f"{B}/photos/<uuid:photo_id>"): Scope.ALL,
    ("DELETE", f"{B}/photos/<uuid:photo_id>"): Scope.ALL,
    ("POST", f"{REMINDER}/done"): Scope.LOG,
    ("POST", f"{REMINDER}/snooze"): Scope.LOG,
    ("POST", f"{REMINDER}/skip"): Scope.LOG,
    ("POST", f"{B}/batches"): Scope.ALL,
    ("POST", f"{BATCH}/bottle"): Scope.ALL,
    ("PATCH", BATCH): Scope.ALL,
    ("DELETE", BATCH): Scope.ALL,
    ("PATCH", f"{B}/events/<uuid:event_id>"): Scope.ALL,
    ("DELETE", f"{B}/events/<uuid:event_id>"): Scope.ALL,
    ("POST", f"{BATCH}/reminders/confirm"): Scope.ALL,
    ("DELETE", REMINDER): Scope.ALL,
    ("PATCH", f"{B}/me"): Scope.ALL,
    ("POST", f"{B}/me/devices"): Scope.ALL,
    ("DELETE", f"{B}/me/devices/<device:device_id>"): Scope.ALL,
    ("POST", f"{B}/sensors"): Scope.ALL,
    ("PATCH", f"{B}/sensors/<uuid:sensor_id>"): Scope.ALL,
    ("DELETE", f"{B}/sensors/<uuid:sensor_id>"): Scope.ALL,
    ("POST", f"{B}/tags"): Scope.ALL,
    ("PATCH", f"{B}/tags/<uuid:tag_id>"): Scope.ALL,
    ("DELETE", f"{B}/tags/<uuid:tag_id>"): Scope.ALL,
    ("POST", f"{B}/tags/<uuid:tag_id>/code"): Scope.ALL,
    ("POST", f"{B}/grains"): Scope.ALL,
    ("PATCH", f"{B}/grains/<uuid:grains_id>"): Scope.ALL,
    ("DELETE", f"{B}/grains/<uuid:grains_id>"): Scope.ALL,
    ("POST", f"{B}/grains/<uuid:grains_id>/fed"): Scope.LOG,
    ("POST", f"{B}/grains/<uuid:grains_id>/renewed"): Scope.LOG,
    ("DELETE", f"{B}/grains/<uuid:grains_id>/renewed"): Scope.ALL,
    ("POST", f"{B}/grains/<uuid:grains_id>/weights"): Scope.LOG,
    ("DELETE", f"{B}/grains/<uuid:grains_id>/weights/<uuid:weighing_id>"): Scope.ALL,
    ("POST", f"{B}/webhooks"): Scope.ALL,
    ("PATCH", WEBHOOK): Scope.ALL,
    ("DELETE", WEBHOOK): Scope.ALL,
    ("POST", f"{WEBHOOK}/secret"): Scope.ALL,
    ("POST", f"{WEBHOOK}/test"): Scope.ALL,
    ("POST", f"{B}/webhooks/deliveries/<uuid:hook_delivery_id>/replay"): Scope.ALL,
    ("DELETE", f"{B}/me"): SIGN_IN,
    ("POST", f"{B}/me/keep"): SIGN_IN,
    ("GET", f"{B}/me/tokens"): SIGN_IN,
    ("POST", f"{B}/me/tokens"): SIGN_IN,
    ("DELETE", f"{B}/me/tokens/<uuid:token_id>"): SIGN_IN,
    ("GET", f"{B}/exports"): SIGN_IN,
    ("POST", f"{B}/exports"): SIGN_IN,
    ("GET", f"{B}/exports/<uuid:export_id>"): SIGN_IN,
    ("GET", f"{B}/imports"): SIGN_IN,
    ("POST", f"{B}/imports"): SIGN_IN,
    ("GET", f"{B}/imports/<uuid:import_id>"): SIGN_IN,
    ("POST", f"{B}/imports/<uuid:import_id>/uploaded"): SIGN_IN,
    ("POST", f"{B}/imports/<uuid:import_id>/confirm"): SIGN_IN,
}
# Whoever calls these proves who they are with what stands in the body, or not at all.
WITHOUT_TOKENS = {
    f"{B}/auth/login", f"{B}/auth/verify", f"{B}/auth/verify-mfa", f"{B}/auth/refresh", f"{B}/auth/logout",
    f"{B}/public/b/<batch:batch_id>", f"{B}/ingest", f"{B}/ingest/<str:token>",
}  # fmt: skip
DOORS = [
    (method, route)
    for route in routes()
    if route.is_api and TokenAuthentication in route.view.view_class.authentication_classes
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    if hasattr(route.view.view_class, method.lower())
]


def place(method, route):
    return PLACED.get((method, route.path), Scope.READ if method == "GET" else None)


class Unreadable:
    def read(self, *_):
        raise AssertionError("the body was read before the scope was asked")

    readline = read


def knock(token_of, scope, method, route):
    """At a thing that is not there, with a body that must not be read: only the scope can say 403."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of[scope]}")
    path = route.to(**{name: make() for name, make in ELSEWHERE.items()})
    unread = {"wsgi.input": Unreadable(), "CONTENT_LENGTH": "9", "CONTENT_TYPE": "application/json"}
    return client.generic(method, path, **(unread if method != "GET" else {}))


@pytest.fixture
def token_of(alice):
    return {
        scope: access.make_token(user=alice, name=scope, scope=scope, now=NOON)[1] for scope in Scope.values
    }


def test_every_door_is_placed():
    there = {(method, route.path) for method, route in DOORS}
    assert {door for door in there if door[0] != "GET"} <= PLACED.keys()
    assert PLACED.keys() <= there


def test_every_other_address_of_the_api_takes_no_token():
    with_tokens = {route.path for _, route in DOORS}
    assert {route.path for route in routes() if route.is_api} - with_tokens == WITHOUT_TOKENS


@pytest.mark.parametrize(
    ("method", "route"), [pytest.param(*door, id=f"{door[0]} {door[1].path}") for door in DOORS]
)
class TestEveryDoor:
    @pytest.mark.parametrize("scope", Scope.values)
    def test_opens_as_far_as_the_scope_reaches(self, token_of, method, route, scope):
        answer = knock(token_of, scope, method, route)
        refused = answer.status_code == 403 and answer.json()["code"] == "insufficient_scope"
        assert refused is not scopes.reaches(scope, place(method, route))

    def test_says_what_it_wants(self, token_of, method, route):
        wanted = place(method, route)
        if wanted == Scope.READ:
            return
        answer = knock(token_of, Scope.READ, method, route)
        assert f'error="insufficient_scope", scope="{wanted}"' in answer["WWW-Authenticate"]
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_a_scope_that_nobody_knows_is_no_row(alice):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="access_token_scope_is_known"):
        AccessToken.objects.create(user=alice, name="x", scope="root", token_hash="x", created_at=NOON)
