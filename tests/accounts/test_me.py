import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.accounts.people import app_of, is_signed_in, sign_in_app, sign_in_page

pytestmark = pytest.mark.django_db
FIELDS = [
    "id", "email", "name", "language", "timezone", "temperatureUnit", "volumeUnit", "phBy", "quietFrom", "quietUntil",
    "pushOn",
    "emailWhen", "nagEvery", "pausedUntil", "emailFailedAt", "eraseAt", "createdAt",
]  # fmt: skip


def patch(api, body):
    return api.patch("/api/v1/me", body, format="json")


class TestGet:
    def test_says_who_one_is_and_nothing_more(self, api, alice):
        answer = api.get("/api/v1/me").json()
        assert list(answer) == FIELDS
        assert answer["id"] == str(alice.pk)
        assert answer["createdAt"].endswith("Z")

    def test_is_refused_to_nobody_in_particular(self):
        answer = APIClient().get("/api/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_knows_the_browsers_session(self, client, alice):
        sign_in_page(client)
        assert client.get("/api/v1/me").json()["email"] == "alice@example.com"


class TestPatch:
    def test_changes_the_profile(self, api, alice):
        answer = patch(api, {"name": "Alice", "timezone": "Europe/Berlin", "temperatureUnit": "F"})
        assert answer.status_code == 200
        assert answer.json()["timezone"] == "Europe/Berlin"
        alice.refresh_from_db()
        assert (alice.name, alice.temperature_unit, alice.volume_unit) == ("Alice", "F", "ml")

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("timezone", "Mars/Olympus", "unknown_timezone"),
            ("timezone", "../etc/passwd", "unknown_timezone"),
            ("timezone", None, "null"),
            ("temperatureUnit", "K", "invalid_choice"),
            ("volumeUnit", "cup", "invalid_choice"),
            ("phBy", "tongue", "invalid_choice"),
            ("name", "x" * 101, "max_length"),
            ("name", "a\r\nBcc: b", "one_line"),
            ("name", "a\0", "null_characters_not_allowed"),
            ("email", "other@example.com", "read_only"),
            ("id", "1", "read_only"),
            ("eraseAt", None, "read_only"),
            ("createdAt", "2020-01-01T00:00:00Z", "read_only"),
            ("isStaff", True, "unknown_field"),
            ("is_staff", True, "unknown_field"),
            ("password", "x", "unknown_field"),
        ],
    )
    def test_refuses_what_cannot_be_and_changes_nothing(self, api, alice, field, value, code):
        before = User.objects.values().get()
        answer = patch(api, {field: value})
        assert answer.status_code == 400
        assert (field, code) in [(error["field"], error["code"]) for error in answer.json()["errors"]]
        assert User.objects.values().get() == before

    def test_wants_a_csrf_token_from_a_browser(self, alice):
        from django.test import Client

        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice)
        answer = browser.patch("/api/v1/me", {"name": "x"}, content_type="application/json")
        assert answer.status_code == 403

    def test_touches_nobody_else(self, alice, bob):
        patch(app_of(sign_in_app()), {"name": "Alice"})
        bob.refresh_from_db()
        assert bob.name == ""


class TestDelete:
    def test_signs_the_browser_out_as_well(self, client, alice):
        sign_in_page(client)
        assert app_of(sign_in_app()).delete("/api/v1/me").status_code == 204
        assert not is_signed_in(client)
