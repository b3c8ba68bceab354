"""The same question as the live process asks, for one person who cannot be told: their page asks now and then."""

from datetime import datetime
from typing import Any

from accounts.models import User
from kefir.api.sync import horizon
from kefir.postgres.base import prepared_cursor
from live import statements
from live.changes import Change, Name, news


def changed_since(user: User, since: datetime) -> tuple[set[Name], datetime]:
    """And from when on to ask next time."""
    until = horizon()
    asked: dict[str, Any] = {"owners": [user.pk], "since": [min(since, until)]}
    with prepared_cursor() as cursor:
        cursor.execute(statements.CHANGED, asked)
        changes = {Change(*row[1:]) for row in cursor.fetchall()}
    return news(changes), until
