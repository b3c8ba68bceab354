"""Who calls the API: the app or a script with a token, or a browser with its session."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts import access, tokens
from accounts.models import AccessToken, SignIn, User


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`; a token that is not good (any more) is refused, never taken for nobody."""

    def authenticate(self, request: Request) -> tuple[User, SignIn | AccessToken] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        proof = holder(token.strip(), now=timezone.now())
        if proof is None:
            raise exceptions.AuthenticationFailed
        return proof.user, proof

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kefir"'


def holder(token: str, *, now: datetime) -> SignIn | AccessToken | None:
    if token.startswith(access.PREFIX):
        return access.holder(token, now=now)
    return tokens.holder(token, now=now)


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's own session, with its CSRF token."""


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The app's access token, or one that somebody has made for a script: see /me/tokens.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = SessionAuthentication
    name = "cookieAuth"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        # As over https, so that the document is the same wherever it is written.
        return {"type": "apiKey", "in": "cookie", "name": "__Host-session"}
