"""Who is there: a session, read as Django reads it, without loading its models."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare, salted_hmac

from live import statements
from live.database import Database

KEY = re.compile(r"[a-z0-9]{32}", re.ASCII)
SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"


class Visitor(NamedTuple):
    """Somebody at a browser they are signed in with."""

    owner_id: str
    session_key: str


class SessionStore(SessionBase):
    """Has the name of Django's own, which is part of what the sessions are signed with."""


async def visitor_of(key: str, database: Database) -> Visitor | None:
    """Of a session's key, as a browser brings it."""
    if not KEY.fullmatch(key):
        return None
    for (written,) in await database.rows(statements.SESSION, {"key": key}):
        session = SessionStore().decode(written)
        owner_id, sealed = session.get("_auth_user_id"), session.get("_auth_user_hash", "")
        # Null finds nobody: a session without a person in it.
        for (password,) in await database.rows(statements.PERSON, {"id": owner_id}):
            if is_sealed_with(password, sealed):
                return Visitor(str(owner_id), key)
    return None


def is_sealed_with(password: str, sealed: str) -> bool:
    """A session names the password it was opened under, so that a change of it ends the session."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    right = [salted_hmac(SALT, password, secret=one, algorithm="sha256").hexdigest() for one in secrets]
    return any(constant_time_compare(sealed, one) for one in right)


async def still_here(visitors: Iterable[Visitor], database: Database) -> set[str]:
    """The session keys of those who have not signed out, and whose account is still theirs to use."""
    known = set(visitors)
    asked = {"keys": [one.session_key for one in known], "owners": [one.owner_id for one in known]}
    return {key for (key,) in await database.rows(statements.STILL_HERE, asked)}
