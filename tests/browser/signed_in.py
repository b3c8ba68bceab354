"""The cookies of somebody who is signed in already, or reads in another language."""

import time
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client

from accounts.models import User


def cookies(site: str, user: User | None, language: str = "") -> list[Any]:
    kept = {settings.LANGUAGE_COOKIE_NAME: language} if language else {}
    if user:
        kept[settings.SESSION_COOKIE_NAME] = signed_in_just_now(user)
    return [{"name": name, "value": value, "url": site} for name, value in kept.items()]


def signed_in_just_now(user: User) -> str:
    """So that no page asks whether it is still them; they are about to change their address."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["proved_at"] = time.time()
    session["new_email"] = {"token": "not looked at", "email": "ada@example.org"}
    session.save()
    UserSession.objects.create(
        user=user, session_key=session.session_key, ip="192.0.2.1", user_agent="Firefox on a phone", data={}
    )
    return str(session.session_key)
