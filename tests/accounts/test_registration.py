from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import actions
from accounts.models import Invitation, User
from tests.accounts.people import ask, last_code, post, sign_in_app, verify

pytestmark = pytest.mark.django_db


def invite(email="new@example.com"):
    return actions.invite(email=email, invited_by=None, now=timezone.now())


class TestByInvitation:
    @pytest.fixture(autouse=True)
    def _by_invitation(self, settings):
        settings.REGISTRATION = "invite"

    def test_answers_everybody_alike(self, alice):
        invite()
        answers = [
            post("/auth/login", {"email": email})
            for email in ("alice@example.com", "new@example.com", "nobody@example.com")
        ]
        assert {(answer.status_code, len(answer.content)) for answer in answers} == {
            (202, len(answers[0].content))
        }

    def test_mails_a_kind_word_and_no_code_to_who_was_not_invited(self):
        session = ask("nobody@example.com")
        assert "invitation" in mail.outbox[-1].subject
        assert not [line for line in mail.outbox[-1].body.split() if line.isdigit()]
        assert verify(session, "123456", "nobody@example.com").json()["code"] == "invalid_code"

    def test_opens_an_account_for_who_was_invited(self):
        invite()
        sign_in_app("new@example.com")
        assert Invitation.objects.get().accepted_at is not None

    def test_lets_in_who_has_an_account(self, alice):
        sign_in_app()

    def test_forgets_an_invitation_after_a_month(self):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            invite()
            clock.shift(timedelta(days=30))
            ask("new@example.com")
            assert "invitation" in mail.outbox[-1].subject

    def test_refuses_when_the_invitation_goes_after_the_mail(self):
        invite()
        session = ask("new@example.com")
        code = last_code()
        Invitation.objects.all().delete()
        assert verify(session, code, "new@example.com").json()["code"] == "invalid_code"
        assert not User.objects.exists()


class TestClosed:
    def test_opens_no_account_even_for_the_invited(self, settings):
        settings.REGISTRATION = "closed"
        invite()
        ask("new@example.com")
        assert "invitation" in mail.outbox[-1].subject

    def test_lets_in_who_has_an_account(self, alice, settings):
        settings.REGISTRATION = "closed"
        sign_in_app()


class TestInvite:
    def test_refuses_an_address_twice(self):
        invite()
        with pytest.raises(ValidationError) as refusal:
            invite("New@example.com")
        assert "email" in refusal.value.error_dict

    def test_refuses_an_address_with_an_account(self, alice):
        with pytest.raises(ValidationError) as refusal:
            invite("Alice@example.com")
        assert refusal.value.error_dict["email"][0].code == "account_exists"

    def test_takes_an_address_again_once_its_invitation_has_run_out(self):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            invite()
            clock.shift(timedelta(days=31))
            invite()
        assert Invitation.objects.count() == 1
