"""What becomes of a batch's reminders when the batch changes. Facts in, verdicts out; no database, no clock."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from batches.care import SOON, Suggestion
from batches.kinds import Kind
from batches.signals import What
from events.kinds import Kind as EventKind

# What a keeper has done by writing it down: by the kind of the event, and by each value it gives.
SETTLED_BY_KIND = {
    EventKind.TASTE: {Kind.TASTE, Kind.CARBONATION},
    EventKind.BURPED: {Kind.BURP, Kind.CARBONATION},
    EventKind.OBSERVATION: {Kind.FIRST_LOOK, Kind.MOULD_LOOK},
}
SETTLED_BY_VALUE = {
    "ph": {Kind.CHECK_PH, Kind.NOT_ACID},
    "temperature_c": {Kind.SET_TEMPERATURE},
    "taste": {Kind.TASTE},
    "fizz": {Kind.CARBONATION},
}
MAY_BRING_BACK = {What.RESTORED, What.LOGGED, What.CORRECTED, What.WITHDRAWN}
# Who tastes two days early, out of curiosity, still wants to hear of it when it is time.
AT_HAND = timedelta(days=1)
MUTED_AFTER = 3
SAFETY, SAFETY_AT_HAND = 0, timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A reminder as it stands: told already, not to be told or still waiting, its own time or the plan's."""

    id: UUID
    kind: str
    due_at: datetime
    priority: int = 1
    follows_plan: bool = True
    is_sent: bool = False
    is_failed: bool = False
    cancelled_with_batch: bool = False

    @property
    def had_its_time(self) -> bool:
        """It was told, or could not be."""
        return self.is_sent or self.is_failed


class Fate(Enum):
    RETIME = "retime"
    CANCEL = "cancel"
    FINISH = "finish"
    REVIVE = "revive"


@dataclass(frozen=True)
class Verdict:
    """`sleeps`: what is cancelled comes back when the batch does."""

    id: UUID
    fate: Fate
    suggestion: Suggestion | None = None
    sleeps: bool = False


def muted(answered: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """The kinds of hint that were skipped each of the last times; of each answer, newest first, whether it was."""
    by_kind: dict[str, list[bool]] = {}
    for kind, was_skipped in answered:
        by_kind.setdefault(kind, []).append(was_skipped)
    return frozenset(
        kind for kind, said in by_kind.items() if len(said) >= MUTED_AFTER and all(said[:MUTED_AFTER])
    )


def settled_by(event_kind: str, values: Iterable[str]) -> frozenset[str]:
    """The kinds of reminder that ask for what such an event tells."""
    by_kind = SETTLED_BY_KIND.get(EventKind(event_kind), set()) if event_kind else set()
    return frozenset(by_kind.union(*(SETTLED_BY_VALUE.get(value, ()) for value in values)))


def verdicts(
    planned: Iterable[Planned],
    suggestions: Iterable[Suggestion],
    *,
    what: What,
    now: datetime,
    settled: Collection[str] = frozenset(),
    happened_at: datetime | None = None,
) -> Iterator[Verdict]:
    """What has been done is finished, and what is no longer asked for ends; what follows the plan gets its new
    time; the rest stays as it is.
    """
    by_kind = {suggestion.kind: suggestion for suggestion in suggestions}
    planned = list(planned)
    waiting = {one.kind for one in planned if not (one.had_its_time or one.cancelled_with_batch)}
    for reminder in planned:
        is_grave = is_still_grave(by_kind.get(reminder.kind))
        if reminder.kind in settled and is_at_hand(reminder, happened_at or now) and not is_grave:
            yield Verdict(reminder.id, Fate.FINISH)
            continue
        suggestion, is_mouldy = by_kind.get(reminder.kind), Kind.MOULD in by_kind
        if reminder.cancelled_with_batch:
            if comes_back(reminder, waiting, suggestion, what=what, now=now, is_mouldy=is_mouldy):
                waiting.add(reminder.kind)
                yield Verdict(reminder.id, Fate.REVIVE, suggestion if reminder.follows_plan else None)
            continue
        if is_mouldy and is_eaten(reminder, suggestion):
            yield Verdict(reminder.id, ending(reminder), sleeps=True)
            continue
        verdict = verdict_on(reminder, suggestion, what=what, now=now)
        if verdict:
            yield verdict


def comes_back(
    reminder: Planned,
    waiting: Collection[str],
    suggestion: Suggestion | None,
    *,
    what: What,
    now: datetime,
    is_mouldy: bool,
) -> bool:
    """With a batch that is out of the archive, or that has no mould after all; unless another one of its kind waits.

    The plan's own comes back when it is still asked for, however late; a keeper's own while its time is to come.
    """
    has_no_other = reminder.kind == Kind.CUSTOM or reminder.kind not in waiting
    is_wanted = suggestion is not None if reminder.follows_plan else reminder.due_at > now
    is_spoilt = is_mouldy and is_eaten(reminder, suggestion)
    return what in MAY_BRING_BACK and has_no_other and is_wanted and not is_spoilt


def is_eaten(reminder: Planned, suggestion: Suggestion | None) -> bool:
    """Nobody tastes, strains or feeds what has gone mouldy, at whatever hour they wanted to."""
    return suggestion is None and reminder.kind != Kind.CUSTOM and not reminder.is_failed


def verdict_on(
    reminder: Planned, suggestion: Suggestion | None, *, what: What, now: datetime
) -> Verdict | None:
    if what == What.RESTORED:
        return None
    if what == What.ARCHIVED:
        return Verdict(reminder.id, ending(reminder), sleeps=True)
    if reminder.kind == Kind.CUSTOM:
        return None
    if suggestion is None:
        return Verdict(reminder.id, ending(reminder)) if is_past(reminder, what, now) else None
    if reminder.had_its_time or not reminder.follows_plan or is_sooner_as_it_is(reminder, suggestion, now):
        return None
    return Verdict(reminder.id, Fate.RETIME, suggestion)


def is_still_grave(suggestion: Suggestion | None) -> bool:
    """A pH that was measured, and is too high, is no reason to fall silent."""
    return suggestion is not None and suggestion.priority == SAFETY


def is_at_hand(reminder: Planned, happened_at: datetime) -> bool:
    early = SAFETY_AT_HAND if reminder.priority == SAFETY else AT_HAND
    return not reminder.cancelled_with_batch and reminder.due_at <= happened_at + early


def is_sooner_as_it_is(reminder: Planned, suggestion: Suggestion, now: datetime) -> bool:
    """What is overdue is suggested for “in a moment”, however often one asks: that must not put it off.

    But what has become graver is held up by less: it must not wait for the morning.
    """
    if suggestion.priority < reminder.priority:
        return False
    return reminder.due_at == suggestion.due_at or reminder.due_at < suggestion.due_at <= now + SOON


def ending(reminder: Planned) -> Fate:
    """What was told has been taken care of by the change itself; what was not is told to nobody."""
    return Fate.FINISH if reminder.is_sent else Fate.CANCEL


def is_past(reminder: Planned, what: What, now: datetime) -> bool:
    """A move leaves behind what belonged to where the batch was; an edit or an event only what lies ahead.

    Even that stays where its keeper chose the time.
    """
    lies_ahead = not reminder.had_its_time and reminder.due_at > now
    return what == What.MOVED or (reminder.follows_plan and lies_ahead)
