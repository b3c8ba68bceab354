"""How long a browser stays signed in: 30 days after its last visit, and 90 after the sign-in at most."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import actions

Handler = Callable[[HttpRequest], HttpResponse]

HOUR = 3600


def session_life(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            keep_or_end(request, at=time.time())
        return get_response(request)

    return middleware


def keep_or_end(request: HttpRequest, *, at: float) -> None:
    """Noting each visit would be a write a page; once an hour is enough to see who was here."""
    session = request.session
    if at - session.setdefault("signed_in_at", at) > actions.SIGN_IN_LASTS.total_seconds():
        key = session.session_key or ""
        logout(request)
        actions.end_session(session_key=key)
    elif at - session.get("seen_at", 0) > HOUR:
        session["seen_at"] = at
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
