"""The one signal of the project."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Model
from django.dispatch import Signal

from batches.stages import Place

UUID_LENGTH = 36


class What(StrEnum):
    STARTED = "started"
    EDITED = "edited"
    MOVED = "moved"
    ARCHIVED = "archived"
    RESTORED = "restored"
    SHARED = "shared"
    UNSHARED = "unshared"
    LOGGED = "logged"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    SENSED = "sensed"
    TAKEN_BACK = "taken_back"
    FORETOLD = "foretold"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happened to a batch, when, and where it stood before and after.

    Of what was taken back, `fields` are the ids of the rows that are again as they were.
    Of what was logged, sensed or withdrawn: its kind, the `fields` it gave a value, and when it was written down;
    and the `event` itself, for whoever tells others what happened.
    Of one that was made with other `grains` after all: those, and those before.
    """

    what: What
    before: Place
    after: Place
    happened_at: datetime
    now: datetime
    fields: frozenset[str] = frozenset()
    event_kind: str = ""
    written_at: datetime | None = None
    event: Model | None = None
    grains: frozenset[UUID] = frozenset()

    @property
    def again(self) -> list[str]:
        """Of what was taken back, the ids that are no batch's."""
        return [id_ for id_ in self.fields if len(id_) == UUID_LENGTH]


# Sent by batches.actions with batch= and change=, inside the transaction that made the change.
# Apps above listen, so that this one need not know them: events writes the timeline, reminders plans anew.
# send, not send_robust: a batch must not change while its timeline or its reminders do not.
batch_changed = Signal(use_caching=True)
