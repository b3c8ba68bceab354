"""What has changed since, for an app that keeps a copy: in the order of the stamps, and nothing left out (adr/0012)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response

from kefir.api.lists import FastList
from kefir.api.paging import Keyset
from kefir.api.wire import Instant, Wire, query_of
from kefir.postgres.horizon import HORIZON


def horizon() -> datetime:
    """Ask before looking."""
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            # PostgreSQL shows a transaction always the same list unless told to look again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(HORIZON)
        until: datetime = cursor.fetchone()[0]
    return until


class SyncQuery(Wire):
    updated_since = Instant(
        required=False,
        help_text=(
            "Only what was written from then on, oldest change first. `syncedUntil` of the last answer says what to"
            " ask with next; what is gone stands in `/me/deletions`, to be asked first."
        ),
    )


class Synced(Keyset):
    """Pages that also say from when to ask next time."""

    synced_until: datetime | None = None

    def get_paginated_response(self, data: Any) -> Response:
        answer = super().get_paginated_response(data)
        if self.synced_until is not None:
            more = self.rows and answer.data["next"]
            answer.data["syncedUntil"] = self.rows[-1][-2] if more else self.synced_until
        return answer

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["properties"]["syncedUntil"] = {
            "type": "string",
            "format": "date-time",
            "description": "Where changes are asked for: what to ask with next time.",
        }
        return page


class SyncedList(FastList):
    """A list in its own order; and in that of its changes, when `updatedSince` is given."""

    pagination_class = Synced
    stamp = "stamped_at"
    query: type[Wire] = SyncQuery

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        since = query_of(self.query, request).get("updated_since")
        return super().list(request) if since is None else self.changes(since)

    def changes(self, since: datetime) -> Response:
        assert isinstance(self.paginator, Synced)  # noqa: S101 as said above
        self.paginator.synced_until = until = horizon()
        self.ordering: Sequence[str] = (self.stamp, "id")
        stamped = {f"{self.stamp}__gte": since, f"{self.stamp}__lt": until}
        return self.get_paginated_response(self.page(self.get_queryset().filter(**stamped)))
