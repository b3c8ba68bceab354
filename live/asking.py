"""The same question as the live process asks, for one person who cannot be told: their page asks now and then."""

from datetime import datetime
from typing import Any

from accounts.models import User
from kefir.postgres.base import prepared_cursor
from live import statements
from live.changes import COMMITTED_WITHIN, Change, later_than


def changed_since(user: User, since: datetime) -> tuple[set[Change], datetime]:
    """And until when that is true, by the database's clock."""
    asked: dict[str, Any] = {"owners": [user.pk], "since": [since], "at_least": COMMITTED_WITHIN}
    with prepared_cursor() as cursor:
        cursor.execute(statements.CHANGED, asked)
        rows = [Change(*row[1:]) for row in cursor.fetchall()]
    until = next(row.stamped_at for row in rows if not row.kind)
    return later_than(since, (row for row in rows if row.kind)), until
