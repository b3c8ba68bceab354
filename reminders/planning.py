"""What becomes of a batch's reminders when the batch changes. Facts in, verdicts out; no database, no clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from batches.care import SOON, Suggestion
from batches.kinds import Kind
from batches.signals import What


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A reminder as it stands: told already or still waiting, its own time or the plan's."""

    id: UUID
    kind: str
    due_at: datetime
    follows_plan: bool = True
    is_sent: bool = False
    cancelled_with_batch: bool = False


class Fate(Enum):
    RETIME = "retime"
    CANCEL = "cancel"
    FINISH = "finish"
    REVIVE = "revive"


@dataclass(frozen=True)
class Verdict:
    id: UUID
    fate: Fate
    suggestion: Suggestion | None = None


def verdicts(
    planned: Iterable[Planned], suggestions: Iterable[Suggestion], *, what: What, now: datetime
) -> Iterator[Verdict]:
    """What is no longer asked for ends; what follows the plan gets its new time; the rest stays as it is."""
    by_kind = {suggestion.kind: suggestion for suggestion in suggestions}
    for reminder in planned:
        verdict = verdict_on(reminder, by_kind.get(reminder.kind), what=what, now=now)
        if verdict:
            yield verdict


def verdict_on(
    reminder: Planned, suggestion: Suggestion | None, *, what: What, now: datetime
) -> Verdict | None:
    if what == What.RESTORED:
        revives = reminder.cancelled_with_batch and reminder.due_at > now
        return Verdict(reminder.id, Fate.REVIVE) if revives else None
    if reminder.cancelled_with_batch:
        return None
    if what == What.ARCHIVED:
        return Verdict(reminder.id, ending(reminder))
    if reminder.kind == Kind.CUSTOM:
        return None
    if suggestion is None:
        return Verdict(reminder.id, ending(reminder)) if is_past(reminder, what, now) else None
    if reminder.is_sent or not reminder.follows_plan or is_sooner_as_it_is(reminder, suggestion, now):
        return None
    return Verdict(reminder.id, Fate.RETIME, suggestion)


def is_sooner_as_it_is(reminder: Planned, suggestion: Suggestion, now: datetime) -> bool:
    """What is overdue is suggested for “in a moment”, however often one asks: that must not put it off."""
    return reminder.due_at == suggestion.due_at or reminder.due_at < suggestion.due_at <= now + SOON


def ending(reminder: Planned) -> Fate:
    """What was told has been taken care of by the change itself; what was not is told to nobody."""
    return Fate.FINISH if reminder.is_sent else Fate.CANCEL


def is_past(reminder: Planned, what: What, now: datetime) -> bool:
    """A move leaves behind what belonged to where the batch was; an edit only what lies ahead."""
    return what == What.MOVED or (not reminder.is_sent and reminder.due_at > now)
