"""Where allauth asks us: who may come in, what is remembered of a sign-in, how secrets are kept."""

import logging
import time
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions, codes, flows, labels, mail
from accounts.models import User
from accounts.secrets import vault

logger = logging.getLogger("accounts")

DEVICE_COOKIE = ("__Host-" if settings.SESSION_COOKIE_SECURE else "") + "device"
DEVICE_LASTS = 400 * 86_400
SECOND_STEP = b"accounts second step"
# Of apps above.
FIRST_PAGE, CHOICE = "batches:kitchen", "takeout:choose"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.REGISTRATION == "open"

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session.set_expiry(None)
        request.session["signed_in_at"] = request.session["seen_at"] = time.time()
        flows.mark_fresh(request)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        now, user_agent = timezone.now(), flows.user_agent_of(request)
        if is_headless_request(request):
            flows.notice_app(user=user, user_agent=user_agent, now=now)
            return response
        device = device_of(request)
        flows.notice_device(user=user, fingerprint=f"browser:{device}", user_agent=user_agent, now=now)
        remember_device(response, device)
        return first_asked(user, response)

    def logout(self, request: HttpRequest) -> None:
        key = request.session.session_key
        super().logout(request)
        actions.end_session(session_key=key or "")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, _("That did not work. Try to sign in another way."))
        return redirect("account_login")

    def get_client_ip(self, request: HttpRequest) -> str:
        return flows.client_of(request)

    def send_account_already_exists_mail(self, email: str) -> None:
        mail.tell("account_exists", email)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().send_notification_mail(*args, **kwargs)
        except (SMTPException, OSError):
            logger.exception("A notification could not be sent")


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """One more way in is added by whom `doors.fresh` lets pass alone; the page it guards says what is wanted."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT and not may_connect(request):
            raise ImmediateHttpResponse(redirect("socialaccount_connections"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        email = sociallogin.user.email.lower()
        return actions.may_register(email=email, now=timezone.now())

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = "".join(letter for letter in str(name) if letter.isprintable())[:100]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        actions.accept_invitation(user=user, now=timezone.now())
        return user


class SecondStepAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and recovery codes encrypted under the site's own key."""

    def encrypt(self, text: str) -> str:
        return vault(SECOND_STEP).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault(SECOND_STEP).decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002
        return labels.device_name(flows.user_agent_of(context.request))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {
            "id": settings.SITE_HOST or context.request.get_host().partition(":")[0],
            "name": settings.SITE_NAME,
        }


def may_connect(request: HttpRequest) -> bool:
    user = request.user
    is_kept = user.is_authenticated and user.demo_until is None
    return is_kept and flows.is_fresh(request, now=timezone.now())


def first_asked(user: User, response: HttpResponse) -> HttpResponse:
    """Who is new says first what they make, and goes on from there; what of a trial shall stay comes before that."""
    goal = response.get("Location", "")
    if user.welcomed_at is not None or goal == reverse(CHOICE):
        return response
    response["Location"] = f"{reverse(FIRST_PAGE)}?{urlencode({'next': goal})}"
    return response


def device_of(request: HttpRequest) -> str:
    known = request.get_signed_cookie(DEVICE_COOKIE, default="", salt="device", max_age=DEVICE_LASTS)
    return known or codes.new_token()


def remember_device(response: HttpResponse, device: str) -> None:
    """A long-lived random name that proves nothing: it only keeps the mail about a new device rare."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        device,
        salt="device",
        max_age=DEVICE_LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
