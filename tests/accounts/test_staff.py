from io import StringIO

import pytest
from django.contrib.admin.sites import site
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import Invitation, User
from tests.accounts.people import app_of, is_signed_in, sign_in_app, sign_in_page
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, db):
    """The back office, entered by one of the staff."""
    client.force_login(make_user("staff@example.com", is_staff=True, is_superuser=True))
    return client


class TestMakeAdmin:
    def run(self, email):
        out = StringIO()
        call_command("make_admin", email, stdout=out)
        return out.getvalue()

    def test_opens_an_account_for_staff_without_a_password(self):
        assert "root@example.com may enter" in self.run("Root@example.com")
        user = User.objects.get(email="root@example.com")
        assert user.is_staff
        assert user.is_superuser
        assert not user.has_usable_password()

    def test_promotes_nobody(self, alice):
        with pytest.raises(CommandError, match="Nothing was made"):
            self.run("ALICE@example.com")
        alice.refresh_from_db()
        assert not alice.is_staff

    @pytest.mark.parametrize("email", ["root", "root@", ""])
    def test_refuses_what_is_no_address(self, email):
        with pytest.raises(CommandError):
            self.run(email)
        assert not User.objects.exists()

    def test_lets_them_sign_in_by_code(self, client):
        self.run("root@example.com")
        sign_in_page(client, "root@example.com")
        assert is_signed_in(client)


class TestBackOffice:
    @pytest.mark.parametrize(
        "model", [model for model in site._registry if model._meta.app_label == "accounts"], ids=str
    )
    def test_lists_with_few_queries(self, office, alice, model, django_assert_max_num_queries):
        sign_in_app()
        sign_in_page(office.__class__())
        with django_assert_max_num_queries(10):
            answer = office.get(f"/admin/accounts/{model._meta.model_name}/?q=alice")
        assert answer.status_code == 200

    def act(self, office, name, *users):
        chosen = {"action": name, "_selected_action": [str(user.pk) for user in users]}
        office.post("/admin/accounts/user/", chosen)

    def test_ends_all_sessions(self, office, alice):
        tokens = sign_in_app()
        self.act(office, "end_all_sessions", alice)
        assert app_of(tokens).get("/api/v1/me").status_code == 401

    def test_deactivates_and_takes_back(self, office, alice):
        tokens = sign_in_app()
        self.act(office, "deactivate", alice)
        assert app_of(tokens).get("/api/v1/me").status_code == 401
        self.act(office, "reactivate", alice)
        sign_in_app()

    def test_does_not_let_staff_shut_themselves_out(self, office):
        self.act(office, "deactivate", User.objects.get(email="staff@example.com"))
        assert User.objects.get(email="staff@example.com").is_active

    def test_invites(self, office):
        office.post("/admin/accounts/invitation/add/", {"email": "New@example.com"})
        assert Invitation.objects.get().invited_by.email == "staff@example.com"

    def test_invites_nobody_who_is_here(self, office, alice):
        answer = office.post("/admin/accounts/invitation/add/", {"email": "Alice@example.com"})
        assert "already" in answer.content.decode()
        assert not Invitation.objects.exists()

    def test_changes_no_account_by_hand(self, office, alice):
        answer = office.post(f"/admin/accounts/user/{alice.pk}/change/", {"email": "x@example.com"})
        assert answer.status_code == 403

    def test_is_closed_to_everybody_else(self, client, alice):
        sign_in_page(client)
        assert client.get("/admin/accounts/user/").status_code == 302

    def test_sends_strangers_to_the_sign_in_by_code(self, client):
        answer = client.get("/admin/login/?next=/admin/")
        assert answer.headers["Location"].startswith("/accounts/login/?next=")
        assert not mail.outbox
