"""The app's tokens: signed, short-lived, and worth nothing without the sign-in that they name."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import jwt
from allauth.headless.internal import sessionkit
from allauth.headless.tokens.strategies.base import AbstractTokenStrategy
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from accounts import actions
from accounts.models import SignIn, User
from kefir.asked_often import AskedOften, with_related

ACCESS_LASTS = timedelta(minutes=60)
ALGORITHM = "HS256"
ALIVE = AskedOften(
    lambda key, now: SignIn.objects.alive(now).filter(pk=key)[:1],
    key=UUID(int=0),
    now=datetime(1970, 1, 1, tzinfo=UTC),
)
CLAIMS = ["iat", "exp", "jti", "sub", "sid", "token_use"]


@dataclass(frozen=True, kw_only=True)
class Pair:
    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = int(ACCESS_LASTS.total_seconds())


@dataclass(frozen=True, kw_only=True)
class Claims:
    sign_in_id: UUID
    token_id: UUID


@dataclass(frozen=True, kw_only=True)
class Signed:
    """All that a token says; `since` and `until` in seconds, as RFC 7519 has them."""

    claims: Claims
    use: str
    since: int
    until: int


def pair(sign_in: SignIn, *, now: datetime) -> Pair:
    return Pair(
        access_token=_signed(sign_in, use="access", token_id=uuid4(), now=now, until=now + ACCESS_LASTS),
        refresh_token=_signed(
            sign_in, use="refresh", token_id=sign_in.refresh_id, now=now, until=sign_in.idle_until
        ),
    )


def _signed(sign_in: SignIn, *, use: str, token_id: UUID, now: datetime, until: datetime) -> str:
    claims = {
        "iat": now,
        "exp": until,
        "jti": str(token_id),
        "sub": str(sign_in.user_id),
        "sid": str(sign_in.pk),
        "token_use": use,
    }
    return jwt.encode(claims, settings.JWT_KEY, ALGORITHM)


def read(token: str, *, use: str) -> Claims | None:
    """What a token says, if it is ours, of this use and not over."""
    try:
        signed = read_signed(token, settings.JWT_KEY)
    except (jwt.PyJWTError, ValueError, AttributeError):
        return None
    return signed.claims if signed.use == use and signed.since <= time.time() < signed.until else None


@lru_cache(maxsize=1024)
def read_signed(token: str, key: str) -> Signed:
    """A token comes with every call of an hour, and what was signed stays so; only the clock goes on."""
    said = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        options={"require": CLAIMS, "verify_exp": False, "verify_iat": False},
    )
    claims = Claims(sign_in_id=UUID(said["sid"]), token_id=UUID(said["jti"]))
    return Signed(claims=claims, use=said["token_use"], since=int(said["iat"]), until=int(said["exp"]))


def holder(access_token: str, *, now: datetime) -> SignIn | None:
    """Whose access token this is, while their sign-in lives: one query."""
    claims = read(access_token, use="access")
    row = ALIVE.ask(key=claims.sign_in_id, now=now) if claims else None
    return with_related(SignIn, "user", row) if row else None


def refresh(refresh_token: str, *, now: datetime) -> Pair:
    claims = read(refresh_token, use="refresh")
    if claims is None:
        raise actions.StaleToken
    return pair(actions.refresh(sign_in_id=claims.sign_in_id, refresh_id=claims.token_id, now=now), now=now)


def sign_out(refresh_token: str) -> None:
    """End the sign-in of a token, even an old one; with a token that is not ours, nothing happens."""
    claims = read(refresh_token, use="refresh")
    sign_in = SignIn.objects.filter(pk=claims.sign_in_id).first() if claims else None
    if sign_in:
        actions.end_session(session_key=sign_in.session_key)


class TokenStrategy(AbstractTokenStrategy):
    """What allauth gives the app after a sign-in with Google, Facebook or Apple: the same tokens."""

    def create_session_token(self, request: HttpRequest) -> str:
        if not request.session.session_key:
            request.session.save()
        return str(request.session.session_key)

    def lookup_session(self, session_token: str) -> SessionBase | None:
        found: SessionBase | None = sessionkit.lookup_session(session_token)
        return found

    def create_access_token_payload(self, request: HttpRequest) -> dict[str, Any] | None:
        assert isinstance(request.user, User)  # noqa: S101
        now = timezone.now()
        key = self.create_session_token(request)
        tokens = pair(actions.begin_sign_in(user=request.user, session_key=key, now=now), now=now)
        return {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
