"""Signing in, as pages and API share it: limits, mails and second steps around the verbs, over allauth."""

import ipaddress
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts import access, actions, codes, labels, mail
from accounts.models import AccessToken, Challenge, SignIn, User
from kefir import limits

logger = logging.getLogger("accounts")

CODES_PER_ADDRESS = "3/minute;20/hour;60/day"
CODES_PER_CLIENT = "100/hour"
GUESSES_PER_CLIENT = "60/minute"
# Known and unknown addresses cost the same queries and one mail each; this hides what is left between them.
EVEN_SECONDS = 0.3
FRESH_FOR = timedelta(minutes=15)
MINUTES = int(actions.CODE_LASTS / timedelta(minutes=1))


class SameAddress(ValidationError):
    def __init__(self) -> None:
        super().__init__({"email": ValidationError(_("This is your address already."), code="same")})


class SecondStepNeeded(Exception):
    """The mailed code was right, and a code from the authenticator is wanted too."""

    def __init__(self, *, token: str, types: list[str]) -> None:
        self.token = token
        self.types = types
        super().__init__(_("Enter the code from your authenticator app."))


# --- codes by mail ------------------------------------------------------------------------------------------


def mail_sign_in_code(*, email: str, client: str, now: datetime) -> str:
    """Mail a code, or the reason why there is none; the caller sees no difference.

    The mail leaves within the request: a queue would have to hold the code in clear, and a mail server
    that is away can be said at once. Raises limits.TooOften, limits.Unavailable and mail.MailNotSent.
    """
    allow_code(email=email, client=client)
    with even_time():
        user = User.objects.filter(email=email).first()
        may_register = actions.may_register(email=email, now=now)
        welcome = user.is_active if user else may_register
        asked = actions.ask(purpose=Challenge.Purpose.SIGN_IN, email=email, may_succeed=welcome, now=now)
        language = user.language if user else ""
        letter = sign_in_mail(user, welcome=welcome)
        mail.send(letter, email, language=language, code=asked.code, minutes=MINUTES)
    return asked.token


def sign_in_mail(user: User | None, *, welcome: bool) -> str:
    if welcome:
        return "sign_in_code"
    return "account_deactivated" if user else "by_invitation"


def prove_sign_in(*, token: str, email: str, code: str, client: str, now: datetime) -> User:
    try:
        prove_address(token=token, email=email, code=code, client=client, now=now)
        return actions.account_of(email=email, now=now)
    except actions.WrongCode:
        logger.info("A sign-in code was refused")
        raise


def prove_address(*, token: str, email: str, code: str, client: str, now: datetime) -> None:
    """That a code for signing in has reached whoever types it."""
    allow_guess(client=client)
    actions.answer(purpose=Challenge.Purpose.SIGN_IN, token=token, email=email, code=code, now=now)


def mail_fresh_code(*, user: User, client: str, now: datetime) -> str:
    """A code to their own address, before what must not be done by whoever found the phone."""
    allow_code(email=user.email, client=client)
    asked = actions.ask(purpose=Challenge.Purpose.FRESH, email=user.email, user=user, now=now)
    mail.send("fresh_code", user.email, code=asked.code, minutes=MINUTES)
    return asked.token


def prove_fresh(*, user: User, token: str, code: str, client: str, now: datetime) -> None:
    allow_guess(client=client)
    actions.answer(purpose=Challenge.Purpose.FRESH, token=token, email=user.email, code=code, now=now)


def mail_new_address_code(*, user: User, email: str, client: str, now: datetime) -> str:
    """A code to the new address; one that has an account gets a word about that. The page tells nothing."""
    if email == user.email:
        raise SameAddress
    allow_code(email=email, client=client)
    with even_time():
        is_free = not User.objects.filter(email=email).exists()
        asked = actions.ask(
            purpose=Challenge.Purpose.NEW_EMAIL, email=email, user=user, may_succeed=is_free, now=now
        )
        mail.send("new_email_code" if is_free else "new_email_taken", email, code=asked.code, minutes=MINUTES)
    return asked.token


def prove_new_address(*, user: User, token: str, email: str, code: str, client: str, now: datetime) -> User:
    """Change the address, and tell both that it changed."""
    allow_guess(client=client)
    actions.answer(purpose=Challenge.Purpose.NEW_EMAIL, token=token, email=email, code=code, now=now)
    old = user.email
    user = actions.change_email(user=user, email=email)
    for address in (old, email):
        mail.tell("email_was_changed", address, language=user.language, old=old, new=email)
    return user


def ask_to_erase(*, user: User, now: datetime) -> None:
    """Tell them at once what will happen, and how to stop it: it may have been somebody else who asked."""
    if actions.ask_to_erase(user=user, now=now):
        own = {"language": user.language, "zone": user.timezone}
        mail.tell("account_leaving", user.email, at=now + actions.ERASED_AFTER, **own)


# --- tokens for scripts -------------------------------------------------------------------------------------


def make_token(
    *, user: User, name: str, scope: str, now: datetime, expires_at: datetime | None = None
) -> tuple[AccessToken, str]:
    """Tell its owner, too: whoever sits at their browser for a minute could make one that stays."""
    limits.allow("tokens", limits.TOKENS, str(user.pk))
    token, secret = access.make_token(user=user, name=name, scope=scope, expires_at=expires_at, now=now)
    own = {"language": user.language, "zone": user.timezone}
    transaction.on_commit(lambda: mail.tell("access_token_made", user.email, token=token, **own))
    return token, secret


# --- limits -------------------------------------------------------------------------------------------------


def allow_code(*, email: str, client: str) -> None:
    limits.allow("codes-client", CODES_PER_CLIENT, limits.of_address(client))
    limits.allow("codes-address", CODES_PER_ADDRESS, codes.keyed(email))


def allow_guess(*, client: str) -> None:
    limits.allow("guesses-client", GUESSES_PER_CLIENT, limits.of_address(client))


@contextmanager
def even_time() -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, EVEN_SECONDS - (time.monotonic() - started)))


# --- the second step, for the app (pages use allauth's) -----------------------------------------------------


def demand_second_step(*, user: User, now: datetime) -> None:
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if not kinds - {Authenticator.Type.RECOVERY_CODES}:
        return
    asked = actions.ask(purpose=Challenge.Purpose.SECOND_STEP, email=user.email, user=user, now=now)
    raise SecondStepNeeded(token=asked.token, types=sorted(kinds - {Authenticator.Type.WEBAUTHN}))


def prove_second_step(*, token: str, code: str, client: str, now: datetime) -> User:
    allow_guess(client=client)
    challenge = actions.take_guess(purpose=Challenge.Purpose.SECOND_STEP, token=token, now=now)
    user = challenge.user
    if user is None or not user.is_active or not authenticator_shows(user=user, code=code):
        raise actions.WrongCode
    if not actions.use_up(challenge=challenge, now=now):
        raise actions.WrongCode
    return user


def authenticator_shows(*, user: User, code: str) -> bool:
    for authenticator in Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN):
        try:
            if authenticator.wrap().validate_code(code):
                authenticator.record_usage()
                return True
        except RedisError as error:
            # allauth remembers there which codes were used; without that, none may be.
            raise limits.Unavailable from error
    return False


# --- signed in ----------------------------------------------------------------------------------------------


def sign_in_app(*, user: User, client: str, user_agent: str, now: datetime) -> SignIn:
    sign_in = actions.open_app_session(user=user, address=client, user_agent=user_agent, now=now)
    notice_app(user=user, user_agent=user_agent, now=now)
    return sign_in


def notice_app(*, user: User, user_agent: str, now: datetime) -> None:
    name = labels.without_versions(user_agent)
    notice_device(user=user, fingerprint=f"app:{name}", user_agent=user_agent, now=now)


def notice_device(*, user: User, fingerprint: str, user_agent: str, now: datetime) -> None:
    """Log the sign-in, and mail its owner if the device is new."""
    logger.info("Signed in", extra={"user": str(user.pk)})
    if actions.recognise(user=user, fingerprint=fingerprint, now=now):
        mail.tell(
            "new_device",
            user.email,
            language=user.language,
            device=labels.device_name(user_agent),
            at=now,
            zone=user.timezone,
        )


def is_fresh(request: HttpRequest, *, now: datetime, began_at: datetime | None = None) -> bool:
    """Whoever sits there has proved who they are within the last quarter of an hour.

    `began_at` is when the app signed in, which has no session in its requests.
    """
    proved_at = began_at.timestamp() if began_at else float(request.session.get("proved_at", 0))
    return 0 <= now.timestamp() - proved_at < FRESH_FOR.total_seconds()


def mark_fresh(request: HttpRequest) -> None:
    request.session["proved_at"] = time.time()


@receiver(authentication_step_completed)
def _second_step_is_fresh(request: HttpRequest, **kwargs: Any) -> None:
    mark_fresh(request)


def client_of(request: HttpRequest) -> str:
    """The client's address, as the middleware has settled it; behind a socket there may be none."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 nothing is bound to it


def user_agent_of(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))[:200].replace("\0", "")
