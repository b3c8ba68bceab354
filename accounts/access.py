"""Tokens for scripts: when one may be made, what ends it, and whose it is."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import secrets
from accounts.models import AccessToken, User

logger = logging.getLogger("accounts")

PREFIX = "kefir_pat_"
MOST_TOKENS = 20
# To the hour is enough to see which one is still in use.
USE_IS_NOTED_EVERY = timedelta(hours=1)
# So long its owner sees that it has run out, and what it was for.
SHOWN_WHEN_OVER = timedelta(days=30)


class TooManyTokens(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("You have %(most)s access tokens. Revoke one that is not needed any more.")
            % {"most": MOST_TOKENS},
            code="too_many_tokens",
        )


class ExpiryHasPassed(ValidationError):
    def __init__(self) -> None:
        sentence = _("Choose a time that is still to come.")
        super().__init__({"expires_at": ValidationError(sentence, code="in_the_past")})


@transaction.atomic
def make_token(
    *, user: User, name: str, scope: str, now: datetime, expires_at: datetime | None = None
) -> tuple[AccessToken, str]:
    """The token's row, and the secret itself, which nobody can tell again."""
    if expires_at and expires_at <= now:
        raise ExpiryHasPassed
    user.refuse_if_demo()
    # Of many at once the twentieth is the last.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if AccessToken.objects.of(user).count() >= MOST_TOKENS:
        raise TooManyTokens
    secret = secrets.new_secret(PREFIX)
    token = AccessToken(user=user, name=name, scope=scope, created_at=now, expires_at=expires_at)
    token.token_hash, token.beginning = secrets.hash_of(secret), secrets.beginning_of(secret, PREFIX)
    token.full_clean(exclude=["user"])
    token.save(force_insert=True)
    logger.info("An access token was made", extra={"user": str(user.pk), "token": str(token.pk)})
    return token, secret


@transaction.atomic
def revoke_token(*, user: User, token_id: UUID) -> bool:
    """False when they have no such token (any more)."""
    revoked, _ = AccessToken.objects.of(user).filter(pk=token_id).delete()
    if revoked:
        logger.info("An access token was revoked", extra={"user": str(user.pk), "token": str(token_id)})
    return bool(revoked)


@transaction.atomic
def revoke_all_tokens(*, user: User) -> None:
    revoked, _ = AccessToken.objects.of(user).delete()
    if revoked:
        logger.info("%d access tokens were revoked", revoked, extra={"user": str(user.pk)})


def holder(secret: str, *, now: datetime) -> AccessToken | None:
    """Whose it is; None for what was revoked, has run out or never was: all alike."""
    asked = AccessToken.objects.alive(now).select_related("user")
    token = asked.filter(token_hash=secrets.hash_of(secret)).first()
    if token:
        note_use(token=token, now=now)
    return token


def note_use(*, token: AccessToken, now: datetime) -> None:
    """Noting each would be a write a request."""
    if token.last_used_at is None or token.last_used_at <= now - USE_IS_NOTED_EVERY:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def forget_what_is_over(*, now: datetime) -> None:
    AccessToken.objects.filter(expires_at__lte=now - SHOWN_WHEN_OVER).delete()
